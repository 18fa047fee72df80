"""Turn the bytes of a file into a document, inside the limited process that reads the file."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.document.media_types import PDF
from indexer.document.pages import Page
from indexer.publications import reasons
from indexer.publications.limits import MAX_FILE_BYTES, MAX_PAGES
from indexer.publications.outcome import SetAsideError
from indexer.publications.paragraphs import build_pages
from indexer.publications.publication import Publication, Status
from indexer.publications.readable import is_readable
from indexer.publications.titles import own_title

_HEAD = 1024
_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of files of old office programs, and of new ones that a password protects."""
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


def extract(content: bytes) -> Publication:
    """Return what was read of a file, whatever it contains; of a file that is set aside, only the reason.

    Raises:
        MemoryError: reading needs more memory than the process may take.
    """
    try:
        return _extract(content)
    except SetAsideError as error:
        return Publication(error.media_type, error.status, error.reason)


def _extract(content: bytes) -> Publication:
    if not content:
        raise SetAsideError(Status.DAMAGED, reasons.EMPTY)
    if len(content) > MAX_FILE_BYTES:
        raise SetAsideError(Status.TOO_MUCH, reasons.TOO_LARGE)
    head = content[:_HEAD]
    if b"%PDF-" in head:
        return _read_pdf(content)
    if head.startswith(_ZIP):
        return _read_office(content)
    if head.startswith(_COMPOUND):
        if _ENCRYPTED_PACKAGE in content:
            raise SetAsideError(Status.PASSWORD, reasons.PASSWORD)
        raise SetAsideError(Status.OTHER_TYPE, reasons.OLD_OFFICE)
    start = head.lstrip(b"\xef\xbb\xbf\x00 \t\r\n").lower()
    if (
        start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<?xml"))
        and b"<html" in content[:4096].lower()
    ):
        raise SetAsideError(Status.OTHER_TYPE, reasons.HTML)
    raise SetAsideError(Status.OTHER_TYPE, reasons.NOT_READ)


def _read_pdf(content: bytes) -> Publication:
    from indexer.publications.pdf import PdfFile

    file = PdfFile(content)
    pages = build_pages(tuple(file.pages()))
    return _document(PDF, pages, file.title, complete=file.page_count <= MAX_PAGES)


def _read_office(content: bytes) -> Publication:
    from indexer.publications.office import OfficeFile

    file = OfficeFile(content)
    pages = tuple(file.pages())
    return _document(file.media_type, pages, file.title(), complete=len(pages) < MAX_PAGES)


def _document(media_type: str, pages: Sequence[Page], title: str | None, *, complete: bool) -> Publication:
    named = own_title(title)
    read = Publication(media_type, Status.READ, "", tuple(pages), named)
    if len(read.empty_pages) == len(read.pages):
        reason = reasons.NO_TEXT if media_type == PDF else reasons.NO_TEXT_IN_OFFICE
        return Publication(media_type, Status.NO_TEXT, reason, read.pages, named)
    if not is_readable(pages):
        blank = tuple(Page(page.number, page.label, "") for page in pages)  # noise is not kept
        return Publication(media_type, Status.UNREADABLE, reasons.UNREADABLE, blank, named)
    reason = "" if complete else reasons.cut_short(MAX_PAGES)
    if not reason and read.empty_pages:
        reason = reasons.without_text(read.empty_pages)
    return Publication(media_type, Status.READ, reason, read.pages, named)
