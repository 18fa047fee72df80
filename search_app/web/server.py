"""The server of the site: gunicorn manages the processes, and `connections` answers requests in each."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn import glogging
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker as BaseWorker

from indexer.errors import ArchiveError
from indexer.storage.os_errors import because
from search_app.web.connections import Connections
from search_app.web.draining import Draining
from search_app.web.request_limits import body_limit

_log = logging.getLogger(__name__)

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable that `prometheus_client` reads when it is imported. This module sets the variable, so it must
not import that library.
"""


class Worker(BaseWorker):  # type: ignore[misc]
    """A worker process of the site, which gunicorn starts, monitors and stops."""

    _connections: Connections | None = None

    def init_process(self) -> None:
        """Start the worker and run it until it is stopped."""
        try:
            super().init_process()
        except Exception as error:
            # gunicorn would print the message of any error, whatever data it contains.
            if isinstance(error, ArchiveError):
                _log.error("le site ne démarre pas : %s", error)
            elif isinstance(error, OSError | MemoryError):
                _log.error("le site ne démarre pas : le système refuse (%s)", because(error), exc_info=error)
            else:
                _log.error("un processus du serveur s’arrête", exc_info=error)
            sys.exit(-1 if self.booted else Arbiter.WORKER_BOOT_ERROR)

    def run(self) -> None:
        """Answer requests until told to stop, then finish those already received."""
        listeners = [listener.sock for listener in self.sockets]
        self._connections = Connections(listeners, self.wsgi, partial(body_limit, self.wsgi))
        while self.alive and self.ppid == os.getppid():
            self.notify()
            self._connections.turn(1.0)
        self._connections.leave(self.app.draining)
        self._connections.finish(self.cfg.graceful_timeout - 2, self.notify)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle a signal to stop: `run` ends its loop."""
        super().handle_exit(sig, frame)
        if self._connections is not None:
            self._connections.wake()


class Master(Arbiter):  # type: ignore[misc]
    """A gunicorn arbiter that loses no connections when it stops."""

    def stop(self, graceful: bool = True) -> None:
        """Stop the server, letting workers finish their requests if `graceful`."""
        if graceful and not self.systemd:  # systemd keeps its socket open, with the queue, for the next server
            self.app.draining.begin(listener.sock for listener in self.LISTENERS)
        super().stop(graceful)


SENTENCES = {
    "WORKER TIMEOUT (pid:%s)": "le processus %s ne répond plus : il est arrêté",
    "Worker (pid:%s) was sent %s!": "le processus %s a reçu %s",
    "Worker (pid:%s) was sent %s! Perhaps out of memory?": "le processus %s a reçu %s : mémoire insuffisante ?",
    "Worker (pid:%s) exited with code %s.": "le processus %s s’est terminé avec le code %s",
}
"""French texts for the log messages of gunicorn whose only arguments are process numbers, exit codes and names of
signals, by the English message.
"""


class ServerLog(glogging.Logger):  # type: ignore[misc]
    """A logger for gunicorn that leaves out data from clients; gunicorn's own writes addresses, paths and headers.

    Records go to the log of the whole process (`logging.configure_logging`); `access_log` logs requests.
    """

    def setup(self, cfg: Any) -> None:
        """Pass all records to the handlers of the process."""
        self.cfg = cfg
        self.error_log.setLevel(self.LOG_LEVELS.get(cfg.loglevel.lower(), logging.INFO))
        self.error_log.propagate = True

    @property
    def access_log_enabled(self) -> bool:
        """Return False, since `search_app.web.access_log` logs requests."""
        return False

    def access(self, *_: object) -> None:
        """Do nothing, since `search_app.web.access_log` logs requests."""

    def critical(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a critical error without data from clients."""
        self._pass_on(logging.CRITICAL, msg, args, kwargs)

    def error(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log an error without data from clients."""
        self._pass_on(logging.ERROR, msg, args, kwargs)

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a warning without data from clients."""
        self._pass_on(logging.WARNING, msg, args, kwargs)

    def info(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a message of level INFO without data from clients."""
        self._pass_on(logging.INFO, msg, args, kwargs)

    def debug(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a message of level DEBUG without data from clients."""
        self._pass_on(logging.DEBUG, msg, args, kwargs)

    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log an error with the exception being handled, without data from clients."""
        self._pass_on(logging.ERROR, msg, args, {"exc_info": True, **kwargs})

    def log(self, lvl: int | str, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a message of the given level (a number or a name) without data from clients."""
        level = self.LOG_LEVELS.get(lvl.lower(), logging.INFO) if isinstance(lvl, str) else lvl
        self._pass_on(level, msg, args, kwargs)

    def _pass_on(self, level: int, msg: object, args: tuple[object, ...], kwargs: dict[str, Any]) -> None:
        if not self.error_log.isEnabledFor(level):
            return
        sentence = SENTENCES.get(str(msg))
        if sentence is not None:
            _log.log(level, sentence, *args, **kwargs)
        else:  # log the location of the caller, three frames up
            self.error_log.log(level, "%s", msg, stacklevel=3, exc_info=kwargs.get("exc_info"))


class Server(BaseApplication):  # type: ignore[misc]
    """A gunicorn server, with an app created in each worker.

    Args:
        make_app: creates the app; called once in each worker after the fork, so that files and locks are not shared.
        options: gunicorn settings by name.
    """

    def __init__(self, make_app: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        self.draining = Draining()
        super().__init__()

    def load_config(self) -> None:
        """Use only the given settings, none from the command line or the environment."""
        for name, value in {
            "worker_class": Worker,
            "logger_class": ServerLog,
            "control_socket_disable": True,  # the server is controlled by signals only
            **self._options,
        }.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until the server is stopped."""
        Master(self).run()

    def load(self) -> Flask:
        """Create and return the app of this worker."""
        return self._make_app()


@contextmanager
def shared_metrics() -> Iterator[None]:
    """Return a context manager around a new folder for the request counts of all workers, deleted at the end."""
    folder, master = tempfile.mkdtemp(prefix="rtes-metrics-"), os.getpid()
    os.environ[METRICS_FOLDER] = folder
    try:
        yield
    finally:
        if os.getpid() == master:  # workers also exit through here
            del os.environ[METRICS_FOLDER]
            shutil.rmtree(folder, ignore_errors=True)
