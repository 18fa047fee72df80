"""The site under gunicorn, in the foreground."""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import socket
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from gunicorn import glogging
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.sync import SyncWorker

from indexer.errors import ArchiveError
from search_app.web.request_limits import SERVER_LIMITS

_log = logging.getLogger(__name__)

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Variable that `prometheus_client` reads when it is imported, which is why this module does not import it."""

_SO_ATTACH_FILTER = 26
_LAST = 128
"""Connections that a stopping worker still answers; a healthy one answers them in a second or two."""


class Worker(SyncWorker):  # type: ignore[misc]
    """A worker that drains the accept queue before exiting: gunicorn's own drops those connections."""

    def init_process(self) -> None:
        """Start the worker and run it until told to stop."""
        try:
            super().init_process()
        except Exception as error:
            # gunicorn would print the message, whatever it holds.
            if isinstance(error, ArchiveError):
                _log.error("le site ne démarre pas : %s", error)
            else:
                _log.error("un processus du serveur s’arrête", exc_info=error)
            sys.exit(-1 if self.booted else Arbiter.WORKER_BOOT_ERROR)

    def run(self) -> None:
        """Run until told to stop, then drain the queue."""
        super().run()
        for listener in self.sockets:
            for _ in range(_LAST):
                try:
                    self.accept(listener)
                except OSError:
                    break  # nobody is left
            listener.close()  # now, and not when the interpreter ends


class Master(Arbiter):  # type: ignore[misc]
    """An arbiter that stops accepting connections before it stops, so that those accepted are answered."""

    def stop(self, graceful: bool = True) -> None:
        """Stop the server, letting workers finish their requests if `graceful`."""
        for listener in self.LISTENERS:
            _close_door(listener.sock)
        super().stop(graceful)


def _close_door(listener: socket.socket) -> None:
    """Keep new connections out of the queue of a listening socket, whichever processes share it.

    A filter drops the first packet of whoever knocks: they knock again a second later, and are refused by then.
    """
    if sys.platform == "linux":
        drop = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # classic BPF: return 0
        program = struct.pack("HL", 1, ctypes.addressof(drop))
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


SENTENCES = {
    "WORKER TIMEOUT (pid:%s)": "le processus %s ne répond plus : il est arrêté",
    "Worker (pid:%s) was sent %s!": "le processus %s a reçu %s",
    "Worker (pid:%s) was sent %s! Perhaps out of memory?": "le processus %s a reçu %s : mémoire insuffisante ?",
    "Worker (pid:%s) exited with code %s.": "le processus %s s’est terminé avec le code %s",
    "Error handling request": "incident pendant l’envoi d’une réponse",
}
"""What we say in place of gunicorn's sentences, whose arguments are numbers of processes and names of signals."""


class ServerLog(glogging.Logger):  # type: ignore[misc]
    """A logger for gunicorn that leaves out what clients sent: its own writes addresses, paths and headers.

    Records go to the log of the whole process, see `logging.configure_logging`. Requests are noted by `access_log`.
    """

    def setup(self, cfg: Any) -> None:
        """Pass everything on to the handlers of the process."""
        self.cfg = cfg
        self.error_log.setLevel(self.LOG_LEVELS.get(cfg.loglevel.lower(), logging.INFO))
        self.error_log.propagate = True

    @property
    def access_log_enabled(self) -> bool:
        """Return False: see `access_log`."""
        return False

    def access(self, *_: object) -> None:
        """Log nothing."""

    def critical(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a record."""
        self._pass_on(logging.CRITICAL, msg, args, kwargs)

    def error(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a record."""
        self._pass_on(logging.ERROR, msg, args, kwargs)

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a record."""
        self._pass_on(logging.WARNING, msg, args, kwargs)

    def info(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a record."""
        self._pass_on(logging.INFO, msg, args, kwargs)

    def debug(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a record."""
        self._pass_on(logging.DEBUG, msg, args, kwargs)

    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a record with the exception that is handled."""
        self._pass_on(logging.ERROR, msg, args, {"exc_info": True, **kwargs})

    def log(self, lvl: int | str, msg: object, *args: object, **kwargs: Any) -> None:
        """Log a record."""
        level = self.LOG_LEVELS.get(lvl.lower(), logging.INFO) if isinstance(lvl, str) else lvl
        self._pass_on(level, msg, args, kwargs)

    def _pass_on(self, level: int, msg: object, args: tuple[object, ...], kwargs: dict[str, Any]) -> None:
        if not self.error_log.isEnabledFor(level):
            return
        sentence = SENTENCES.get(str(msg))
        if sentence is not None:
            _log.log(level, sentence, *args, **kwargs)
        elif str(msg).startswith("Invalid request from "):
            _log.log(level, "demande illisible refusée (%s)", type(sys.exc_info()[1]).__name__)
        else:  # the place in the code that says it, three frames above
            self.error_log.log(level, "%s", msg, stacklevel=3, exc_info=kwargs.get("exc_info"))


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
        for name, value in {
            "worker_class": Worker,
            "logger_class": ServerLog,
            **SERVER_LIMITS,
            **self._options,
        }.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until told to stop."""
        Master(self).run()

    def load(self) -> Flask:
        """Return the app of this worker."""
        return self._make_app()


@contextmanager
def shared_metrics() -> Iterator[None]:
    """Give the workers started inside one new folder to count requests in; it is deleted when the server stops."""
    folder, master = tempfile.mkdtemp(prefix="rtes-metrics-"), os.getpid()
    os.environ[METRICS_FOLDER] = folder
    try:
        yield
    finally:
        if os.getpid() == master:  # workers leave through here too
            del os.environ[METRICS_FOLDER]
            shutil.rmtree(folder, ignore_errors=True)
