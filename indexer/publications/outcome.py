"""Why a file is not read: raised inside the process that reads it, where it becomes a document without pages."""

from __future__ import annotations

from indexer.publications.publication import UNKNOWN_TYPE, Status


class SetAsideError(Exception):
    """A file that is set aside.

    Args:
        status: what became of it.
        reason: one of `reasons`.
        media_type: what it is, as far as known.
    """

    def __init__(self, status: Status, reason: str, media_type: str = UNKNOWN_TYPE) -> None:
        super().__init__(reason)
        self.status, self.reason, self.media_type = status, reason, media_type
