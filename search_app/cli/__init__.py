"""The command line. It alone wires settings, engine and site together.

The exceptions are tests and benches, which call `open_engine` and `search_app.create_app` for themselves, and gunicorn
workers, which make their site through a function that `serve` gives them.
"""

from search_app.cli.context import open_engine
from search_app.cli.main import main, make_parser

__all__ = ["main", "make_parser", "open_engine"]
