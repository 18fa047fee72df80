"""The folder in which the workers of one server count together, see `search_app.web.metrics`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Variable that names it. The library that counts reads it when it is imported: this module does not import it."""


@contextmanager
def counted_together() -> Iterator[None]:
    """Give the workers that are started inside a folder, new and empty, as counters begin anew with the server."""
    folder, master = tempfile.mkdtemp(prefix="rtes-metrics-"), os.getpid()
    os.environ[FOLDER] = folder
    try:
        yield
    finally:
        if os.getpid() == master:  # workers leave through here too
            del os.environ[FOLDER]
            shutil.rmtree(folder, ignore_errors=True)
