"""Infrastructure of the site that every page needs.

Views use `context.site`, `templating.here`, `urls`, `text` and `error_pages`; `create_app` installs the others. This
file imports nothing, so that jobs and the command line can use `text` and `logging` without Flask.
"""
