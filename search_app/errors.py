"""Every error that the site raises on purpose; those of the archive itself are in `indexer.errors`.

ArchiveError                  str(error) is a French sentence that says what to do
├── AccountError              an account, a token or a sign-in is refused
├── StoreError                a file of the data folder cannot be used
├── JobError                  a background job cannot be started or looked up
├── MailError                 a mail cannot be sent
└── UploadError               uploaded files cannot be stored or found
"""

from __future__ import annotations

from indexer.errors import ArchiveError


class AccountError(ArchiveError):
    """An account, a token or a sign-in is refused. The message is for the person who made the request."""


class StoreError(ArchiveError):
    """A file of the data folder cannot be used. Its message names the file: it is for the log and the terminal."""


class JobError(ArchiveError):
    """A background job cannot be started, or looked up."""


class MailError(ArchiveError):
    """A mail cannot be sent."""


class UploadError(ArchiveError):
    """Uploaded files cannot be stored, or no longer exist."""
