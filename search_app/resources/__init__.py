"""The page of one resource: its text, its neighbours in the search that led to it, citations and metadata.

`create_app` registers `views`; nothing else imports this package.
"""
