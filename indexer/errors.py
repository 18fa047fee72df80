"""Every error that the archive raises on purpose; those of the site are in `search_app.errors`.

ArchiveError                  str(error) is a French sentence that says what to do
├── SettingsError             a setting cannot be used
├── SourceError               a path given to `import` does not exist or cannot be opened
├── PageError                 one page, or one entry of a zip, cannot be read: it is set aside alone
│   └── NoResourceError       it was read, and holds no resource
├── PublicationError          a publication cannot be opened, or images of its pages not drawn or deleted
│   └── PublicationBusyError  too many pages of publications are being drawn at once
├── RecognitionError          the text of images of pages cannot be recognised on this machine
├── ProfileError              an import profile cannot be used
├── GatheringError            a site cannot be gathered, or its state cannot be read or written
├── CorpusError               the corpus on disk cannot be read or written
├── CorrectionError           a correction is invalid, or its resource does not exist
│   └── StaleCorrectionError  what it would correct has changed since it was planned
├── RequestError              an argument of a search is malformed
├── BackupError               a back-up cannot be written or restored
└── EngineError               the index cannot be read or written
    ├── IndexMissingError     nothing was indexed yet
    ├── IndexVersionError     another version of the program wrote a generation
    ├── IndexDamagedError     a generation is incomplete or unreadable
    ├── IndexRefusedError     the system refuses to read the index, which may be sound
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
    """One page cannot be read; it is set aside with the message as the reason, and the run goes on."""


class PublicationError(ArchiveError):
    """A publication (a PDF, an office document) cannot be opened, or images of its pages cannot be drawn or deleted.

    A file that opens but cannot be read is no error: `indexer.publications.Publication` gives the reason.
    """


class PublicationBusyError(PublicationError):
    """A page of a publication cannot be drawn now, since others are being drawn."""


class RecognitionError(ArchiveError):
    """The program that recognises the text of images is not installed, or does not work."""


class NoResourceError(PageError):
    """A page was read to its end and holds no resource; it is set aside like one that cannot be read."""


class ProfileError(ArchiveError):
    """An import profile (how to read the pages of a site) cannot be used; the message names the line and the key."""


class GatheringError(ArchiveError):
    """A site cannot be gathered (its pages fetched) as it is set up, or its stored state cannot be read or written."""


class CorpusError(ArchiveError):
    """The corpus on disk cannot be read or written."""


class CorrectionError(ArchiveError):
    """A correction is invalid, or its resource does not exist."""


class StaleCorrectionError(CorrectionError):
    """Resources were changed by somebody else since their correction was planned; nothing was corrected."""


class RequestError(ArchiveError):
    """A search argument is malformed.

    Args:
        message: French sentence for the person who asked.
        field: name of the request argument at fault, such as ``"page"``.
    """

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class BackupError(ArchiveError):
    """A back-up cannot be written or restored."""


class EngineError(ArchiveError):
    """The index, or a file that belongs to it, cannot be read or written."""


class IndexMissingError(EngineError):
    """Nothing was indexed yet."""


class IndexVersionError(EngineError):
    """Another version of the program wrote the previous or the current generation, so a rollback is impossible."""


class IndexDamagedError(EngineError):
    """A generation (one complete version of the index) is incomplete or unreadable."""


class IndexRefusedError(EngineError):
    """The system refuses to read the index: rights, memory or file descriptors are missing.

    The index may be sound, so no older generation replaces it and nothing rebuilds it.
    """


class IndexBusyError(EngineError):
    """Another run is writing the corpus or the index."""
