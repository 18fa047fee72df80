"""The embedded engine: Whoosh as index of record, numpy arrays beside it for fast answers.

`record` is the only module that imports Whoosh. docs/ENGINE.md draws the arrays.
"""
