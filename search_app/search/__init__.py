"""Search: the search page, the lists of themes and years, the help, and the log of searches.

Other packages parse and build addresses of searches with `params`, link to the search page with `views.search_path`,
and log searches with `log`. This file imports nothing, so that the command line can use `params` without Flask.
"""
