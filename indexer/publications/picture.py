"""The picture of one page of a PDF. It is drawn in the process that reads one file, and by no other."""

from __future__ import annotations

import io
from math import sqrt

import pypdfium2

from indexer.publications.limits import MAX_IMAGE_BYTES

_WIDTH = 1200.0
"""Pixels: an image of half a wide screen, on a screen with two pixels for one."""
_MOST_PIXELS = 4_000_000
_MOST_HEIGHT = 12_000.0
"""Less than WebP allows, for pages like ribbons."""
_QUALITIES = (80, 50, 20)


def draw(content: bytes, number: int) -> bytes:
    """Return a page of a PDF as a WebP image, empty if it cannot be drawn.

    Args:
        content: bytes of the PDF.
        number: number of the page, from 1.

    Raises:
        MemoryError: the process may not take as much memory as this needs.
    """
    try:
        file = pypdfium2.PdfDocument(content)
        if not 1 <= number <= len(file):
            return b""
        page = file[number - 1]
        width, height = page.get_size()
        if not (width > 0 and height > 0):
            return b""
        scale = min(_WIDTH / width, _MOST_HEIGHT / height, sqrt(_MOST_PIXELS / (width * height)))
        image = page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
    except pypdfium2.PdfiumError:
        return b""
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=4)
        if buffer.tell() <= MAX_IMAGE_BYTES:
            return buffer.getvalue()
    return b""
