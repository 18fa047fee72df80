"""Limits of what is read of one file, and of what the process that reads it may use."""

from __future__ import annotations

from dataclasses import dataclass

MAX_FILE_BYTES = 256 * 1024**2
MAX_PAGES = 5_000
MAX_PAGE_CHARACTERS = 4_000_000
"""Largest number of characters of one page; a text document (DOCX, ODT) counts as one page."""
MAX_CHARACTERS = 40_000_000
"""Largest number of characters of a whole document: twenty thousand pages of a book."""
MAX_LABEL = 40
MAX_TITLE = 500
MAX_XML_BYTES = 64 * 1024**2
"""Largest size of one XML part of an office document, unpacked; its pictures are never unpacked."""
MAX_IMAGE_BYTES = 3 * 1024**2
"""Largest size of the image of one page."""

MAX_SCAN_PIXELS = 9_000_000
"""Largest number of pixels of the image of a page whose text is recognised: A3 at 200 dots per inch."""
MAX_RECOGNISED = 200_000
"""Largest number of characters that are recognised on one page."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the process that reads one file may use.

    Attributes:
        memory: bytes of address space.
        cpu: seconds of computing.
        wall: seconds after its start until it is ended, whatever it does.
    """

    memory: int = 1024**3
    cpu: int = 20
    wall: float = 60.0


LIMITS = Limits()

DRAWING_LIMITS = Limits(cpu=10, wall=15.0)
"""Limits of the process that draws the image of one page, for which a person waits."""

SCAN_LIMITS = Limits(cpu=20, wall=60.0)
"""Limits of the process that draws a page whose text is to be recognised."""
RECOGNITION_LIMITS = Limits(cpu=60, wall=240.0)
"""Limits of the process that recognises the text of one page; a full page of A4 takes two seconds."""
