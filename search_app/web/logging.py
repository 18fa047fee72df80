"""Logs that show where the site failed, but never the data it failed on: messages of exceptions may contain private
text.

Addresses may name private resources too, so the log contains the route instead. The server and other libraries log
client addresses, paths and headers in their messages; of their records, only the logger's name, the place in the code
and the type of the exception are written.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
import unicodedata
import warnings
from typing import TextIO

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "OTHER"
OURS = frozenset({"indexer", "search_app"})
"""Packages whose messages are written unchanged, since they contain no data from clients."""

_log = logging.getLogger(__name__)


def known_method(given: str) -> str:
    """Return the method of a request, or a fixed word for methods that clients made up."""
    return given if given in METHODS else OTHER_METHOD


class RedactingFilter(logging.Filter):
    """A logging filter that replaces exceptions by their type and the lines of code that they passed through."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record, and return True."""
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = describe_exception(record.exc_info[1])
            record.exc_info = None
        return True


def describe_exception(error: BaseException) -> str:
    """Return the parts of an exception that may be logged: lines of code and type, for each of its causes from the
    first on.
    """
    chain: list[BaseException] = []
    here: BaseException | None = error
    while here is not None and here not in chain:
        chain.append(here)
        here = here.__cause__ or (None if here.__suppress_context__ else here.__context__)
    lines = []
    for one in reversed(chain):
        frames = traceback.extract_tb(one.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        lines.append(f"{type(one).__module__}.{type(one).__qualname__}")
    return "\n".join(lines)


class RedactingFormatter(logging.Formatter):
    """A logging formatter that leaves out data from clients. A record is one line, followed by its exception."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s [%(process)d] [%(levelname)s] %(message)s", "%Y-%m-%d %H:%M:%S %z")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, and the lines of its exception."""
        text = escape_controls(record.getMessage()) if _is_ours(record.name) else _place_of(record)
        # A copy, since other handlers may need the original record.
        shown = logging.makeLogRecord({**record.__dict__, "msg": text, "args": None, "exc_info": None})
        if record.exc_info and record.exc_info[1] is not None:
            shown.exc_text = describe_exception(record.exc_info[1])
        elif not _is_ours(record.name):
            shown.exc_text = None
        shown.stack_info = None
        return super().format(shown)


def escape_controls(text: str) -> str:
    """Return a text on one line, with line ends, control characters and marks of direction escaped."""
    return "".join(
        char if unicodedata.category(char)[0] != "C" and char not in "\u2028\u2029" else ascii(char)[1:-1]
        for char in text
    )


def configure_logging(stream: TextIO | None = None) -> None:
    """Send all logs of the process to one stream, formatted by `RedactingFormatter`.

    This includes warnings and unhandled exceptions of threads, whose messages Python would otherwise print.

    Args:
        stream: the stream to write to; standard error by default.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(RedactingFormatter())
    logging.raiseExceptions = False  # otherwise, a record that cannot be written would be printed with its arguments
    logging.basicConfig(handlers=[handler], force=True)
    sys.excepthook = lambda kind, error, trace: _log.critical("le processus s’arrête", exc_info=(kind, error, trace))
    sys.unraisablehook = lambda found: _unhandled("erreur sans suite", found.exc_value)
    threading.excepthook = lambda found: _unhandled("un fil d’exécution s’arrête", found.exc_value)
    warnings.showwarning = lambda message, category, filename, lineno, file=None, line=None: _log.warning(
        "avertissement %s en %s:%s", category.__name__, filename, lineno
    )


def _unhandled(text: str, error: BaseException | None) -> None:
    _log.error(text, exc_info=error)


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in OURS


def _place_of(record: logging.LogRecord) -> str:
    """Return the text that replaces the message of a library: the place in the code."""
    place = f"{os.sep.join(record.pathname.split(os.sep)[-3:])}:{record.lineno} {record.funcName}"
    error = sys.exc_info()[1]
    kind = "" if error is None or record.exc_info else f" ({type(error).__module__}.{type(error).__qualname__})"
    return f"{record.name} : {place}{kind}"
