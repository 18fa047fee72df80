"""Searching: the results page, its parameters, the log of searches."""
