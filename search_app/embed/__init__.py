"""Searching the archive from pages of other sites: a script that defines `<archive-search>`, and a page for an iframe.

Both exist only if `RTES_EMBED` names sites, and answer as visitors' pages do, whoever is signed in.
"""
