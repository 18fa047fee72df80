"""Searching: the search page, themes, years and help, and the log of searches.

Other packages read and write addresses of searches with `params`, link to the search page with `views.search_path`, and
note searches with `log`. This file imports nothing, so that the command line can use `params` without Flask.
"""
