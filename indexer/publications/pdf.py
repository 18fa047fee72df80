"""Read PDF with PDFium. Only the process that reads one file imports this module: PDFium is C++, and files are not
trusted.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pypdfium2
from pypdfium2 import raw as pdfium

from indexer.document.media_types import PDF
from indexer.publications import reasons
from indexer.publications.columns import GAP, Segment, gutter_of, in_reading_order, join_boxes
from indexer.publications.limits import MAX_CHARACTERS, MAX_LABEL, MAX_PAGE_CHARACTERS, MAX_PAGES
from indexer.publications.lines import MARKED
from indexer.publications.outcome import SetAsideError
from indexer.publications.paragraphs import RawPage
from indexer.publications.publication import Status

_CLOSED = {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}
_FEW_BOXES = 12


class PdfFile:
    """A PDF. A file that only its owner may change or print is read like any other.

    Args:
        content: its bytes.

    Raises:
        SetAsideError: the file needs a password, or is damaged.
    """

    def __init__(self, content: bytes) -> None:
        try:
            self._pdf = pypdfium2.PdfDocument(content)
            self.page_count = len(self._pdf)
        except pypdfium2.PdfiumError as error:
            if error.err_code in _CLOSED:
                raise SetAsideError(Status.PASSWORD, reasons.PASSWORD, PDF) from error
            raise SetAsideError(Status.DAMAGED, reasons.DAMAGED, PDF) from error
        if self.page_count < 1:
            raise SetAsideError(Status.DAMAGED, reasons.DAMAGED, PDF)

    @property
    def title(self) -> str | None:
        """The title in the properties of the file, or None."""
        return self._pdf.get_metadata_value("Title") or None

    def pages(self) -> Iterator[RawPage]:
        """Yield its pages, `MAX_PAGES` at most.

        Raises:
            SetAsideError: the pages have more text than is read.
        """
        size = 0
        for index in range(min(self.page_count, MAX_PAGES)):
            text = self._text(index)
            size += len(text)
            if size > MAX_CHARACTERS or len(text) > MAX_PAGE_CHARACTERS:
                raise SetAsideError(Status.TOO_MUCH, reasons.TOO_MUCH_TEXT, PDF)
            yield RawPage(text, self._label(index))

    def _label(self, index: int) -> str | None:
        label = self._pdf.get_page_label(index).strip()
        return None if label == str(index + 1) or len(label) > MAX_LABEL else label or None

    def _text(self, index: int) -> str:
        try:
            page = self._pdf[index]
        except pypdfium2.PdfiumError:
            return ""  # one damaged page does not take the others with it
        try:
            text = page.get_textpage()
        except pypdfium2.PdfiumError:
            page.close()
            return ""
        try:
            gutter = gutter_of(join_boxes(_boxes(text)), page.get_width())
            return text.get_text_range() if gutter is None else in_reading_order(_segments(text), gutter)
        finally:
            text.close()
            page.close()


def _boxes(text: pypdfium2.PdfTextPage) -> list[Segment]:
    """Return the boxes of the texts of a page, as they are drawn; none if they are too few for two columns."""
    count = text.count_rects()
    if count < _FEW_BOXES:
        return []
    return [Segment(*text.get_rect(number)) for number in range(count)]


def _segments(text: pypdfium2.PdfTextPage) -> Iterator[Segment]:
    """Yield the texts of a page, cut at ends of lines and at wide gaps."""
    box = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = box
    held: list[str] = []
    bounds = (0.0, 0.0, 0.0, 0.0)

    def whole() -> Iterator[Segment]:
        words = "".join(held)
        if words.strip():
            yield Segment(*bounds, words)
        held.clear()

    for number in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text.raw, number)
        char = "" if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)
        if char in {"\r", "\n"}:
            yield from whole()
        elif char == MARKED or pdfium.FPDFText_IsHyphen(text.raw, number) == 1:
            held.append("-")
            yield from whole()
        elif pdfium.FPDFText_IsGenerated(text.raw, number) == 1:
            held.append(char)
        elif char and pdfium.FPDFText_GetCharBox(text.raw, number, *(ctypes.byref(side) for side in box)):
            if held and not -GAP < left.value - bounds[2] < GAP:
                yield from whole()
            if held:
                bounds = (
                    min(bounds[0], left.value),
                    min(bounds[1], bottom.value),
                    max(bounds[2], right.value),
                    max(bounds[3], top.value),
                )
            else:
                bounds = (left.value, bottom.value, right.value, top.value)
            held.append(char)
    yield from whole()
