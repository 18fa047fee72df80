"""Every error that the archive raises on purpose; those of the site are in `search_app.errors`.

ArchiveError                  str(error) is a French sentence that says what to do
├── SettingsError             a setting cannot be used
├── SourceError               a path given to `import` does not exist or cannot be opened
├── PageError                 one page, or one entry of a zip, cannot be read: it is set aside alone
│   └── NoResourceError       it was read, and holds no resource
├── PublicationError          a publication cannot be opened
│   └── PublicationBusyError  too many pages of publications are being drawn at once
├── RecognitionError          the text of images of pages cannot be recognised on this machine
├── ProfileError              an import profile cannot be used
├── GatheringError            a site cannot be gathered, or its state cannot be read or written
├── CorpusError               the corpus on disk cannot be read or written
├── CorrectionError           a correction is invalid, or its resource does not exist
│   └── StaleCorrectionError  what it was made for has changed since
├── RequestError              an argument of a search is malformed
├── BackupError               a back-up cannot be written or restored
└── EngineError               the index cannot answer
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
    """One page cannot be read; it is set aside with this reason and the run goes on."""


class PublicationError(ArchiveError):
    """A publication (a PDF, an office document) cannot be opened at all; what can be opened gives a reason instead."""


class PublicationBusyError(PublicationError):
    """A page of a publication cannot be drawn now, since others are being drawn."""


class RecognitionError(ArchiveError):
    """The program that recognises the text of images is not there, or does not work."""


class NoResourceError(PageError):
    """A page was read to its end and holds no resource; it is set aside like one that cannot be read."""


class ProfileError(ArchiveError):
    """An import profile cannot be used; the message names the line and the key."""


class GatheringError(ArchiveError):
    """A site cannot be gathered as it is set up, or what is known of it cannot be read or written."""


class CorpusError(ArchiveError):
    """The corpus on disk cannot be read or written."""


class CorrectionError(ArchiveError):
    """A correction is invalid, or its resource does not exist."""


class StaleCorrectionError(CorrectionError):
    """What a correction was planned for was changed by somebody else meanwhile; nothing was corrected."""


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
    """The index cannot answer."""


class IndexMissingError(EngineError):
    """Nothing was indexed yet."""


class IndexVersionError(EngineError):
    """Another version of the program wrote a generation, so that this one cannot go back to it or from it."""


class IndexDamagedError(EngineError):
    """A generation is incomplete or unreadable."""


class IndexRefusedError(EngineError):
    """The system refuses to read the index: rights, memory or file descriptors are missing.

    The index may be sound, so no older generation replaces it and nothing rebuilds it.
    """


class IndexBusyError(EngineError):
    """Another run is writing the corpus or the index."""
