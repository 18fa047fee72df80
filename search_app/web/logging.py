"""Logs that say where the site failed and never on what: an exception's message may hold the text of a resource.

An address may name a private resource too, so the log has the route in its place. What is not ours (the server, other
libraries) writes the addresses of clients, paths and headers into its own sentences: of these the log keeps the
logger's name, the place in the code, and the type of the exception.
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
"""Packages whose sentences are written as they are: they hold nothing that a client sent."""

_log = logging.getLogger(__name__)


def known_method(given: str) -> str:
    """Return the method of a request, or a word for all that clients may make up."""
    return given if given in METHODS else OTHER_METHOD


class RedactingFilter(logging.Filter):
    """A filter that keeps of an exception its type and the lines of code it passed through."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; it is always kept."""
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = describe_exception(record.exc_info[1])
            record.exc_info = None
        return True


def describe_exception(error: BaseException) -> str:
    """Return what may be logged of an exception: for each of its causes, the first first, lines of code and type."""
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
    """A formatter of records that keeps out what a client sent. A record is one line, exceptions apart."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s [%(process)d] [%(levelname)s] %(message)s", "%Y-%m-%d %H:%M:%S %z")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and those of the exception."""
        text = escape_controls(record.getMessage()) if _is_ours(record.name) else _place_of(record)
        # A copy: other handlers may want the record as it is.
        shown = logging.makeLogRecord({**record.__dict__, "msg": text, "args": None, "exc_info": None})
        if record.exc_info and record.exc_info[1] is not None:
            shown.exc_text = describe_exception(record.exc_info[1])
        elif not _is_ours(record.name):
            shown.exc_text = None
        shown.stack_info = None
        return super().format(shown)


def escape_controls(text: str) -> str:
    """Return a text with its line ends, escape codes and marks of direction spelled out, so that it is one line."""
    return "".join(
        char if unicodedata.category(char)[0] != "C" and char not in "\u2028\u2029" else ascii(char)[1:-1]
        for char in text
    )


def configure_logging(stream: TextIO | None = None) -> None:
    """Send the log of the whole process to one stream, each record as `RedactingFormatter` has it.

    Warnings, and exceptions that end a thread or that nobody can catch, go the same way: Python would print their
    messages.

    Args:
        stream: where to; standard error if not given.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(RedactingFormatter())
    logging.raiseExceptions = False  # else a log that cannot be written prints the record, arguments and all
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
    """Return what is written in place of the sentence of a library."""
    place = f"{os.sep.join(record.pathname.split(os.sep)[-3:])}:{record.lineno} {record.funcName}"
    error = sys.exc_info()[1]
    kind = "" if error is None or record.exc_info else f" ({type(error).__module__}.{type(error).__qualname__})"
    return f"{record.name} : {place}{kind}"
