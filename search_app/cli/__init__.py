"""The command line, the only place that wires settings, engine and site together.

Each `cmd_…` function runs one command and returns its exit status.

The exceptions are tests and benches, which call `open_engine` and `search_app.create_app` directly, and gunicorn
workers, which create the site with a function that `serve` passes to them.
"""

from search_app.cli.context import open_engine
from search_app.cli.main import main

__all__ = ["main", "open_engine"]
