"""The error that says why a file is not read; in the process that reads files, it becomes a document without pages."""

from __future__ import annotations

from indexer.publications.publication import UNKNOWN_TYPE, Status


class SetAsideError(Exception):
    """A file that is set aside.

    Args:
        status: the outcome.
        reason: one of `reasons`.
        media_type: what it is, as far as known.
    """

    def __init__(self, status: Status, reason: str, media_type: str = UNKNOWN_TYPE) -> None:
        super().__init__(reason)
        self.status, self.reason, self.media_type = status, reason, media_type
