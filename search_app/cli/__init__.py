"""The command line, the only place that wires settings, engine and site together.

Each `cmd_…` function runs one command and returns its exit status.

Only tests and benches wire these themselves, with `open_engine` and `search_app.create_app`; gunicorn workers create
the site with a function that `serve` passes to them.
"""

from search_app.cli.context import open_engine
from search_app.cli.main import main

__all__ = ["main", "open_engine"]
