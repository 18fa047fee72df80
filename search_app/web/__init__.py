"""What every page of the site needs.

Views import `context.site`, `templating.here`, `urls`, `text` and `error_pages`; `create_app` installs the rest. This
file imports nothing, so that jobs and the command line can use `text` and `logging` without Flask.
"""
