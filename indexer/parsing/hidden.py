"""Pages that are private as a whole, whatever they say themselves: those that their site does not show to everyone.

A comment at the beginning of the page says so, so that the corpus alone tells what is private.
"""

from __future__ import annotations

HIDDEN_PAGE = b"<!-- archive: not shown to visitors of its site -->"
_WITHIN = 8192


def is_hidden(raw: bytes) -> bool:
    """Return whether a page is marked as private as a whole."""
    return HIDDEN_PAGE in raw[:_WITHIN]
