"""The protocol between the process that reads a file and the one that started it: frames of JSON, none of which is
trusted.

    document: {"media_type", "title"}        once, first
    page:     [number, label, text, running] for each page, in order
    end:      {"status", "reason"}           once, last

A frame is four bytes, its length, then that many bytes of UTF-8. Whoever made the file may have taken control of the
process that reads it, so lengths, types, order and sizes are all checked here, and texts are cleaned again.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from indexer.document.pages import Page, Span
from indexer.publications.limits import MAX_CHARACTERS, MAX_LABEL, MAX_PAGE_CHARACTERS, MAX_PAGES, MAX_TITLE
from indexer.publications.publication import MEDIA_TYPES, UNKNOWN_TYPE, Publication, Status
from indexer.publications.reasons import ALL, cut_short, without_text

MAX_FRAME = 6 * MAX_PAGE_CHARACTERS
"""Largest size of a frame in bytes: a page whose letters take two or three bytes each, and places of running lines."""
_LENGTH = struct.Struct(">I")
HEADER = _LENGTH.size


class ProtocolError(Exception):
    """The output of the process does not follow the protocol."""


def write_document(stream: BinaryIO, document: Publication) -> None:
    """Write a document to a pipe.

    Raises:
        OSError: the other end is closed.
    """
    _write(stream, {"media_type": document.media_type, "title": document.title})
    for page in document.pages:
        _write(stream, [page.number, page.label, page.text, [list(span) for span in page.running]])
    _write(stream, {"status": document.status.value, "reason": document.reason})
    stream.flush()


def _write(stream: BinaryIO, value: Any) -> None:
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    stream.write(_LENGTH.pack(len(content)) + content)


class Receiver:
    """Puts a document together from the bytes of a pipe."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._head: tuple[str, str | None] | None = None
        self._pages: list[Page] = []
        self._size = 0
        self._document: Publication | None = None

    def feed(self, content: bytes) -> None:
        """Take more bytes of the pipe.

        Raises:
            ProtocolError: the bytes do not follow the protocol.
        """
        self._held += content
        place = 0
        while len(self._held) - place >= HEADER:
            (size,) = _LENGTH.unpack_from(self._held, place)
            if size > MAX_FRAME:
                raise ProtocolError("a frame is too long")
            if len(self._held) - place - HEADER < size:
                break
            self._take(bytes(self._held[place + HEADER : place + HEADER + size]))
            place += HEADER + size
        del self._held[:place]

    @property
    def document(self) -> Publication:
        """The whole document.

        Raises:
            ProtocolError: the document is not complete, or something follows it.
        """
        if self._document is None or self._held:
            raise ProtocolError("the document does not end")
        return self._document

    def _take(self, frame: bytes) -> None:
        if self._document is not None:
            raise ProtocolError("something follows the end")
        try:
            value = json.loads(frame)
        except (ValueError, RecursionError) as error:
            raise ProtocolError("a frame is no JSON") from error
        if self._head is None:
            self._head = _read_head(value)
        elif isinstance(value, list):
            page = _read_page(value, len(self._pages) + 1)
            self._size += len(page.text)
            if self._size > MAX_CHARACTERS or page.number > MAX_PAGES:
                raise ProtocolError("the document is too long")
            self._pages.append(page)
        else:
            self._document = self._read_end(value)

    def _read_end(self, value: Any) -> Publication:
        match value:
            case {"status": str(status), "reason": str(reason)} if len(value) == 2 and self._head is not None:
                media_type, title = self._head
            case _:
                raise ProtocolError("the end is malformed")
        if status not in {one.value for one in Status}:
            raise ProtocolError("the status is unknown")
        document = Publication(media_type, Status(status), reason, tuple(self._pages), title)
        said = {"", *ALL, cut_short(MAX_PAGES), without_text(document.empty_pages) if document.empty_pages else ""}
        if reason not in said:  # only our own sentences reach a person
            raise ProtocolError("the reason is unknown")
        return document


def _read_head(value: Any) -> tuple[str, str | None]:
    match value:
        case {"media_type": str(media_type), "title": str() | None as title} if len(value) == 2:
            if media_type in MEDIA_TYPES | {UNKNOWN_TYPE} and _is_line(title, MAX_TITLE):
                return media_type, title
    raise ProtocolError("the head is malformed")


def _read_page(value: list[Any], expected: int) -> Page:
    match value:
        case [int(number), str() | None as label, str(text), list(running)] if (
            number == expected and not isinstance(number, bool) and _is_line(label, MAX_LABEL) and _is_text(text)
        ):
            return Page(number, label, text, tuple(_read_spans(running, len(text))))
    raise ProtocolError("a page is malformed")


def _read_spans(value: list[Any], size: int) -> Iterator[Span]:
    place = 0
    for one in value:
        match one:
            case [int(start), int(end)] if place <= start < end <= size:
                yield Span(start, end)
                place = end
            case _:
                raise ProtocolError("a running line is malformed")


def _is_line(text: str | None, most: int) -> bool:
    return text is None or (0 < len(text) <= most and "\n" not in text and _is_text(text))


def _is_text(text: str) -> bool:
    """Return whether a text has only characters that can be shown: no surrogates, no controls but line feeds."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return not any(char < " " and char != "\n" for char in set(text))
