"""The text of pages that are images, recognised by Tesseract.

Tesseract is an optional program of the machine, not a library. It runs in a process of its own within limits, like
the reading of a file: it sees one image at a time, which was checked to be an image, and only its answer comes back.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol

from indexer.document.pages import Page
from indexer.errors import PublicationError, RecognitionError
from indexer.publications import reasons
from indexer.publications.limits import MAX_RECOGNISED, RECOGNITION_LIMITS, Limits
from indexer.publications.paragraphs import RawPage, build_pages
from indexer.publications.processes import FROM_OUTSIDE, Processes
from indexer.publications.protocol import ProtocolError
from indexer.publications.publication import Publication, Scan, Status
from indexer.publications.readable import is_readable
from indexer.publications.reader import scan_page
from indexer.storage.os_errors import because

RECOGNITION_VERSION = 1
"""Increment with every change to how pages are drawn for Tesseract, or to what is taken of its answer: pages are then
recognised again."""

LANGUAGE = "fra"
_MISSING = (
    "La reconnaissance du texte demande le programme Tesseract et ses données du français : installez les paquets "
    "Debian tesseract-ocr et tesseract-ocr-fra, puis relancez."
)
_CHANGED = "Tesseract a changé ou ne répond plus pendant la reconnaissance : vérifiez-le, puis relancez."
_PATIENCE = 30.0
_NAME = re.compile(r"tesseract\s+v?(\S{1,60})")
_DATA = re.compile(r'"([^"]+)"')

_MOST_ANSWER = 8 * 1024**2
_WORD_ROW = re.compile(
    r"^5\t\d+\t(?P<block>\d+)\t(?P<paragraph>\d+)\t(?P<line>\d+)\t(?:\d+\t){5}(?P<confidence>\d+(?:\.\d+)?)\t(?P<word>.*)$",
    re.MULTILINE,
)
"""Matches a word's row in Tesseract's TSV answer: six numbers that place it, its box, its confidence, the word."""
_SURE_WORD, _SURE_PAGE = 25.0, 60.0
"""Confidence, of 100, below which a word, or a whole page, is taken for noise: logos and photographs give some."""
_ANY_WORD = re.compile(r"[^\W\d_]{2,}")


class Recogniser(Protocol):
    """Recognises the text of an image."""

    @property
    def version(self) -> str:
        """A version that changes with everything that affects what it recognises."""
        ...

    def recognise(self, scan: Scan, processes: Processes, /) -> str | None:
        """Return the lines of a page, empty if nothing in it is sure, or None if the machine interrupted it.

        Raises:
            RecognitionError: nothing can be recognised on this machine.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tesseract:
    """Tesseract, as it is installed.

    Attributes:
        program: its path.
        version: its version, with that of its data.
        limits: what its process may use for one page.
    """

    program: str
    version: str
    limits: Limits = RECOGNITION_LIMITS

    def recognise(self, scan: Scan, processes: Processes, /) -> str | None:
        """Implement `Recogniser.recognise`; a page that needs more than the limits has no text."""
        answer = _Answer()
        what = (
            *("run", self.program, "stdin", "stdout", "-l", LANGUAGE, "--dpi", str(scan.dpi), "--psm", "3"),
            *("-c", "tessedit_create_tsv=1"),
        )
        try:
            # A file in memory: standard input that nobody needs to write while somebody reads the answer.
            with open(os.memfd_create("scan"), "w+b") as image:
                image.write(b"P5 %d %d 255\n" % (scan.width, scan.height))
                image.write(scan.pixels)
                image.seek(0)
                status = processes.run(what, image, answer, self.limits, threads=1)
        except OSError as error:
            raise RecognitionError(
                f"Le programme « {self.program} » n’a pas pu être lancé : {because(error)}. Vérifiez-le, puis relancez."
            ) from error
        except ProtocolError:
            return ""
        if status is None or status in FROM_OUTSIDE:
            return None
        if status > 0 and find_tesseract().version != self.version:
            raise RecognitionError(_CHANGED)  # the program is at fault, not the page
        return text_of(answer.content.decode("utf-8", "replace")) if status == 0 else ""


class _Answer:
    def __init__(self) -> None:
        self.content = bytearray()

    def feed(self, content: bytes) -> None:
        self.content += content
        if len(self.content) > _MOST_ANSWER:
            raise ProtocolError("the answer is too long")


def find_tesseract() -> Tesseract:
    """Return the Tesseract of this machine.

    Raises:
        RecognitionError: it is not installed, or has no data for French.
    """
    program = shutil.which("tesseract")
    if program is None:
        raise RecognitionError(_MISSING)
    first, _, _ = _said(program, "--version").partition("\n")
    languages = _said(program, "--list-langs").splitlines()
    name, data = _NAME.match(first), _DATA.search(languages[0] if languages else "")
    if name is None or LANGUAGE not in languages:
        raise RecognitionError(_MISSING)
    return Tesseract(program, f"{RECOGNITION_VERSION} tesseract {name[1]} {LANGUAGE} {_digest_of_data(data)}")


def _said(program: str, option: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a program of the machine, without a word of a file
            [program, option], capture_output=True, timeout=_PATIENCE, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RecognitionError(_MISSING) from error
    return (done.stdout or done.stderr).decode("utf-8", "replace")


def _digest_of_data(folder: re.Match[str] | None) -> str:
    """Return a digest of Tesseract's data for French, "?" if it cannot be read; group 1 of `folder` is their folder."""
    if folder is None:
        return "?"
    try:
        content = Path(folder[1], f"{LANGUAGE}.traineddata").read_bytes()
    except OSError:
        return "?"
    return hashlib.blake2b(content, digest_size=6).hexdigest()


def recognise_page(file: BinaryIO, number: int, recogniser: Recogniser, processes: Processes) -> str | None:
    """Return the lines of a page of a PDF, as `Recogniser.recognise` does; empty if the page cannot be drawn.

    Args:
        file: the PDF, at its beginning; its content never enters this process.
        number: number of the page, from 1.
        recogniser: recognises text.
        processes: the processes of the run.

    Raises:
        RecognitionError: nothing can be recognised on this machine.
    """
    try:
        scan = scan_page(file, number, processes=processes)
    except PublicationError:
        return None
    return "" if scan is None else recogniser.recognise(scan, processes)


def text_of(answer: str) -> str:
    """Return the lines that Tesseract is sure of, empty if they are noise.

    Args:
        answer: the answer of Tesseract in its TSV format: a row for each word, with its place and how sure it is.
    """
    lines: dict[tuple[str, ...], list[str]] = {}
    weighed = letters = 0.0
    for match in _WORD_ROW.finditer(answer):
        word, confidence = match["word"].strip(), float(match["confidence"])
        weighed += confidence * len(word)
        letters += len(word)
        if word and confidence >= _SURE_WORD:
            lines.setdefault(match.group("block", "paragraph", "line"), []).append(word)
    if not letters or weighed < _SURE_PAGE * letters:
        return ""
    text = "\n".join(" ".join(words) for words in lines.values() if any(map(_ANY_WORD.search, words)))[:MAX_RECOGNISED]
    return text if is_readable([Page(1, None, text)]) else ""


def with_recognised(document: Publication, texts: Mapping[int, str]) -> Publication:
    """Return a document with the recognised text of pages that have none; its other pages stay as they were read.

    Args:
        document: as it was read.
        texts: the lines of pages, by number; empty where nothing is sure.
    """
    if document.status not in {Status.READ, Status.NO_TEXT, Status.UNREADABLE} or not texts:
        return document
    found = [page.number for page in document.pages if page.is_empty and texts.get(page.number)]
    built = build_pages([RawPage(texts[number], document.labels[number - 1]) for number in found])
    seen = {number: replace(page, number=number) for number, page in zip(found, built, strict=True)}
    pages = tuple(seen.get(page.number, page) for page in document.pages)
    recognised = tuple(number for number in found if not seen[number].is_empty)
    if not recognised:
        reason = reasons.NOTHING_RECOGNISED if document.status is Status.NO_TEXT else document.reason
        return replace(document, reason=reason)
    return replace(
        document,
        status=Status.READ,
        reason=_reason(document, pages),
        pages=pages,
        recognised_pages=recognised,
    )


def _reason(document: Publication, pages: Sequence[Page]) -> str:
    """Return what is still not read (French) of a document in which pages were recognised; empty if all is read."""
    empty = [page.number for page in pages if page.is_empty]
    if document.reason == reasons.cut_short(len(pages)):
        return document.reason
    return reasons.without_text(empty) if empty else ""
