"""Logs that say where the site failed and never on what: an exception's message may hold the text of a resource.

An address may name a private resource too, so the log has the route in its place.
"""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

from flask import Flask, request

ExcInfo = tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]


class QuietFlask(Flask):
    """A Flask app that keeps what it answers with out of its log."""

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        if not any(isinstance(one, WithoutMessages) for one in self.logger.filters):
            self.logger.addFilter(WithoutMessages())

    def log_exception(self, exc_info: ExcInfo) -> None:
        """Note an exception that no handler took."""
        rule = request.url_rule
        self.logger.error("incident sur %s [%s]", "?" if rule is None else rule.rule, request.method, exc_info=exc_info)


class WithoutMessages(logging.Filter):
    """Leaves of an exception its type and the lines of code it passed through."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; it is always kept."""
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = told(record.exc_info[1])
            record.exc_info = None
        return True


def told(error: BaseException) -> str:
    """What may be said of an exception: for each of its causes, the first first, the lines of code and its type."""
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
