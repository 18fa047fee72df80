"""Every error that the site raises on purpose; those of the archive itself are in `indexer.errors`.

ArchiveError                  str(error) is a French sentence that says what to do
├── AccountError              an account cannot be made or changed
├── StoreError                a file of the data folder cannot be used
├── JobError                  work in a process of its own cannot be asked for
└── UploadError               sent files cannot be kept
"""

from __future__ import annotations

from indexer.errors import ArchiveError


class AccountError(ArchiveError):
    """An account, a token or a sign-in is refused. Its message is for the person who asked."""


class StoreError(ArchiveError):
    """A file of the data folder cannot be used. Its message names the file: it is for the log and the terminal."""


class JobError(ArchiveError):
    """Work in a process of its own cannot be asked for, or looked up."""


class UploadError(ArchiveError):
    """Sent files cannot be kept, or are gone."""
