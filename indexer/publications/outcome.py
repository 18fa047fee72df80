"""The error that says why a file is not read; in the process that reads files, it becomes a document without pages."""

from __future__ import annotations

from indexer.publications.publication import UNKNOWN_TYPE, Status


class SetAsideError(Exception):
    """A file is not read, and is set aside with a reason.

    Args:
        status: the outcome.
        reason: a French sentence of `indexer.publications.reasons`.
        media_type: media type of the file, as far as known.
    """

    def __init__(self, status: Status, reason: str, media_type: str = UNKNOWN_TYPE) -> None:
        super().__init__(reason)
        self.status, self.reason, self.media_type = status, reason, media_type
