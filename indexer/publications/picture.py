"""Pictures of one page of a PDF. They are drawn in the process that reads one file, and by no other."""

from __future__ import annotations

import io
from math import sqrt

import pypdfium2

from indexer.publications.limits import MAX_IMAGE_BYTES, MAX_SCAN_PIXELS

_WIDTH = 1200.0
"""Width of an image in pixels, if no other limit makes it smaller: half a wide screen, at double density."""
_MOST_PIXELS = 4_000_000
_MOST_HEIGHT = 12_000.0
"""Largest height in pixels, for very long pages; less than WebP allows."""
_QUALITIES = (80, 50, 20)
_DPI = 200
"""Dots per inch of a page whose text is recognised."""
_POINTS_PER_INCH = 72
_ROUNDED = 0.99
"""Factor of `MAX_SCAN_PIXELS` that leaves room for sides that are rounded up."""
_SMALLEST = 48
"""Least width and height in pixels; nothing can be read on a smaller image."""


def draw(content: bytes, number: int) -> bytes:
    """Return a page of a PDF as a WebP image, empty if it cannot be drawn.

    Args:
        content: bytes of the PDF.
        number: number of the page, from 1.

    Raises:
        MemoryError: drawing needs more memory than the process may take.
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


def draw_scan(content: bytes, number: int) -> bytes:
    """Return a page of a PDF as an image for a program that recognises text: a line ``P5 WIDTH HEIGHT DPI 255``, then a
    byte for each pixel. It is empty if the page cannot be drawn, or is blank.

    Arguments and errors as for `draw`.
    """
    try:
        file = pypdfium2.PdfDocument(content)
        if not 1 <= number <= len(file):
            return b""
        page = file[number - 1]
        width, height = page.get_size()
        if not (width > 0 and height > 0):
            return b""
        scale = min(_DPI / _POINTS_PER_INCH, sqrt(_ROUNDED * MAX_SCAN_PIXELS / (width * height)))
        image = page.render(scale=scale, grayscale=True).to_pil().convert("L")
    except pypdfium2.PdfiumError:
        return b""
    darkest, lightest = image.getextrema()
    if darkest == lightest or min(image.size) < _SMALLEST or image.width * image.height > MAX_SCAN_PIXELS:
        return b""
    dpi = max(1, round(scale * _POINTS_PER_INCH))
    return f"P5 {image.width} {image.height} {dpi} 255\n".encode() + bytes(image.tobytes())
