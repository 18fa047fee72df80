"""Every error that this project raises on purpose.

ArchiveError                  str(error) is a French sentence that says what to do
├── SettingsError             a setting cannot be used
├── SourceError               a path given to `import` does not exist or cannot be opened
├── PageError                 one page, or one entry of a zip, cannot be read: it is set aside alone
├── CorpusError               the corpus on disk cannot be read or written
├── CorrectionError           a correction makes no sense, or is of nothing
├── RequestError              a search was asked with an argument that makes no sense
├── AccountError              an account cannot be made or changed
│   └── StoreError            a file of the data folder cannot be used
├── BackupError               a back-up cannot be written or restored
├── JobError                  work in a process of its own cannot be asked for
├── SpoolError                sent files cannot be kept
└── EngineError               the index cannot answer
    ├── IndexMissingError     nothing was indexed yet
    ├── IndexDamagedError     a generation is incomplete or unreadable
    └── IndexBusyError        another run is writing
"""

from __future__ import annotations


class ArchiveError(Exception):
    """Base of all errors meant for people; its message is a French sentence."""


class SettingsError(ArchiveError):
    """A setting has a value that cannot be used."""


class SourceError(ArchiveError):
    """A path given to `import` does not exist or cannot be opened."""


class PageError(ArchiveError):
    """One page cannot be read; it is set aside with this reason and the run goes on."""


class CorpusError(ArchiveError):
    """The corpus on disk cannot be read or written."""


class CorrectionError(ArchiveError):
    """A correction makes no sense, or is of a resource that does not exist."""


class RequestError(ArchiveError):
    """A search argument is malformed.

    Args:
        message: French sentence for the person who asked.
        field: name of the request argument at fault, such as ``"page"``.
    """

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class AccountError(ArchiveError):
    """An account cannot be made or changed."""


class StoreError(AccountError):
    """A file of the data folder cannot be used. Its message names the file: it is for the log and the terminal."""


class BackupError(ArchiveError):
    """A back-up cannot be written or restored."""


class JobError(ArchiveError):
    """Work in a process of its own cannot be asked for, or looked up."""


class SpoolError(ArchiveError):
    """Sent files cannot be kept, or are gone."""


class EngineError(ArchiveError):
    """The index cannot answer."""


class IndexMissingError(EngineError):
    """Nothing was indexed yet."""


class IndexDamagedError(EngineError):
    """A generation is incomplete or unreadable."""


class IndexBusyError(EngineError):
    """Another run is writing the corpus or the index."""
