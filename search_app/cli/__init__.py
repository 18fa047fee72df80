"""The command line. It alone wires settings, engine and site together.

The exceptions are tests and benches, which call `open_engine` and `search_app.create_app` for themselves, and gunicorn
workers, which make their site through a function that `serve` gives them.
"""

from search_app.cli.context import open_engine
from search_app.cli.main import main

__all__ = ["main", "open_engine"]
