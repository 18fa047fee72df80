"""The page of one resource: its text, its neighbours in the search that led to it, citations and metadata.

Its publications are in `publications` (routes), `reading` (view models) and `files`. `create_app` registers `views` and
`publications`; `search_app.assistants` uses `reading` and `planning`.
"""
