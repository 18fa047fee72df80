"""The site under gunicorn, in the foreground."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from search_app.intake import SERVER_LIMITS


class Server(BaseApplication):  # type: ignore[misc]
    """A gunicorn server over an app made in each worker.

    Args:
        make_app: called once in each worker, after the fork: files and locks are not shared between them.
        options: gunicorn settings by name.
    """

    def __init__(self, make_app: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Take the settings given, and nothing from the command line or the environment."""
        for name, value in {**SERVER_LIMITS, **self._options}.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The app of this worker."""
        return self._make_app()
