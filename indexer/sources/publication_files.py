"""Recognises the files of publications (PDF, DOCX, ODT, PPTX) by their first bytes."""

from __future__ import annotations

from pathlib import PurePosixPath

from indexer.document.media_types import DOCX, ODT, PDF, PPTX

MAX_PUBLICATION_BYTES = 256 * 1024**2
"""Largest size of a publication: nothing larger is read."""
PUBLICATION_TOO_LARGE = f"plus de {MAX_PUBLICATION_BYTES // 1024**2} Mo : publiez ce document en plusieurs parties."

_PDF_MARK, _ZIP_MARK, _COMPOUND_MARK = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF_WITHIN = 1024
"""Number of bytes at the beginning of a file among which the mark of a PDF may stand: readers accept other bytes before
it.
"""
_BY_SUFFIX = {
    **dict.fromkeys((".docx", ".docm", ".dotx"), DOCX),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx"), PPTX),
    **dict.fromkeys((".odt", ".ott"), ODT),
}
_BY_PART = ((b"word/document", DOCX), (b"ppt/presentation", PPTX), (ODT.encode(), ODT))
_SUFFIXES = frozenset({".pdf", ".doc", ".ppt", ".xls", *_BY_SUFFIX})


def is_named_as_publication(name: str) -> bool:
    """Return whether a name or path ends as that of a publication does."""
    return PurePosixPath(name).suffix.lower() in _SUFFIXES


def publication_type(name: str, head: bytes) -> str | None:
    """Return the media type of a publication, or None for any other file.

    Args:
        name: its name or path, which decides where the first bytes leave doubt.
        head: its first few thousand bytes.
    """
    if head.startswith(_PDF_MARK):
        return PDF
    suffix = PurePosixPath(name).suffix.lower()
    if _PDF_MARK in head[:_PDF_WITHIN] and suffix not in {".html", ".htm", ".xhtml", ".txt", ".mht", ".mhtml"}:
        return PDF
    if head.startswith(_ZIP_MARK) and suffix != ".zip":
        return next((found for part, found in _BY_PART if part in head), _BY_SUFFIX.get(suffix))
    return None


def describe_no_publication(name: str, head: bytes) -> str | None:
    """Return why a file that is named as a publication is not one (French); None for files of other names.

    Args:
        name: its name or path.
        head: its first few thousand bytes.
    """
    if not is_named_as_publication(name):
        return None
    if not head:
        return "fichier vide : téléchargez-le de nouveau, puis importez-le."
    if head.startswith(_COMPOUND_MARK):
        if PurePosixPath(name).suffix.lower() in _BY_SUFFIX:
            return "protégé par un mot de passe : enregistrez-le sans mot de passe, puis importez-le de nouveau."
        return "ancien format de bureautique (.doc, .xls, .ppt) : enregistrez-le en PDF, puis importez-le."
    if (
        head.lstrip(b"\xef\xbb\xbf\x00 \t\r\n")[:14]
        .lower()
        .startswith((b"<!doctype html", b"<html", b"<head", b"<?xml"))
    ):
        return (
            "c’est une page HTML sous le nom d’un document, souvent une page d’erreur : téléchargez de nouveau le "
            "document."
        )
    return "ce n’est pas un document lisible ici : on lit les formats PDF, DOCX, ODT et PPTX."
