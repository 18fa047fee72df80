"""WARC, the archive format of crawlers: thousands of HTTP exchanges in one file, read one at a time; pages are kept.

A page's path within the source comes from its address, so that a later capture replaces an earlier one even if they are
in different files of a crawl.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from io import StringIO
from itertools import chain
from pathlib import PurePosixPath
from typing import IO, Any, Union
from urllib.parse import urlsplit

from warcio.archiveiterator import WARCIterator
from warcio.bufferedreaders import ChunkedDataReader, DecompressingBufferedReader
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser

from indexer.document.media_types import DOCX, ODT, PDF, PPTX
from indexer.errors import PageError
from indexer.parsing.encoding import MAX_BYTES
from indexer.parsing.page import sniff
from indexer.parsing.urls import normalise
from indexer.sources.place import place_of
from indexer.sources.publication_files import (
    MAX_PUBLICATION_BYTES,
    PUBLICATION_TOO_LARGE,
    is_named_as_publication,
    publication_type,
)
from indexer.sources.saved_page import saved_page, web_address

MAX_PAGES = 500_000
MAX_LINE = 64 * 1024
MAX_HEADERS = 1024 * 1024
"""Largest size in bytes of the headers of one record, with the blank lines around it."""
MAX_RATIO = 200
RATIO_FROM = 64 * 1024**2
"""Number of decompressed bytes above which the ratio is checked: a file that compresses more than `MAX_RATIO` times is
then refused as a decompression bomb. HTML rarely compresses more than thirtyfold.
"""
_NAMES = re.compile(r"\.warc(?:\.gz)?\Z", re.IGNORECASE)
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_PUBLICATIONS = frozenset(
    {PDF, DOCX, ODT, PPTX, "application/octet-stream", "application/x-pdf", "application/download"}
)
_BLOCK = 16 * 1024
_LEFT_OUT = "la suite de cette archive WARC est laissée de côté"


@dataclass(frozen=True, slots=True)
class CapturedPage:
    """A page of a WARC.

    Attributes:
        address: address of the captured page.
        place: its path within the source, which depends only on its address.
        raw: its bytes after HTTP decoding, with its address written into them.
        at: time of capture, UTC, ISO 8601; empty if the record does not give it.
    """

    address: str
    place: PurePosixPath
    raw: bytes
    at: str


@dataclass(frozen=True, slots=True)
class CapturedPublication:
    """A publication of a WARC.

    Attributes:
        address: its address.
        place: its path within the source: the host and the path of its address.
        media_type: by its first bytes.
        pieces: its content after HTTP decoding, to be read before the next record; raises `PageError` if it is damaged.
        at: time of capture, UTC, ISO 8601; empty if the record does not give it.
    """

    address: str
    place: PurePosixPath
    media_type: str
    pieces: Iterator[bytes]
    at: str


Record = Union["CapturedPage", "CapturedPublication", "UnreadRecord", "OtherRecord"]
"""What `read_warc` yields for a record of a WARC."""


@dataclass(frozen=True, slots=True)
class UnreadRecord:
    """A record that could not be read, and why (French); `address` is None if the whole file is at fault."""

    address: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """A record of something other than a page or a publication: an image, a redirection, a repeated capture."""

    address: str


def is_warc(name: str, head: bytes) -> bool:
    """Return whether a file is a WARC, compressed or not, by its first bytes or else by its name.

    Args:
        name: its name or path.
        head: its first few thousand bytes.
    """
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, 64)
        except zlib.error:
            head = b""
    return head.startswith(b"WARC/") or _NAMES.search(name) is not None


def read_warc(file: IO[bytes]) -> Iterator[Record]:
    """Yield the records of a WARC in file order, except those about the crawl itself, with one in memory at a time.

    Args:
        file: the open file, at its beginning.
    """
    source = _Source(file)
    archive = WARCIterator(source, no_record_parse=True)
    archive.reader = reader = _BoundedReader(source, block_size=_BLOCK)
    records, pages = iter(archive), 0
    while True:
        entry: Record | None
        reader.header_bytes = 0
        try:
            with redirect_stderr(StringIO()):  # the library writes messages there
                record = next(records, None)
                if record is None:
                    break
                entry = _read_record(record)
        except _HostileError as error:
            yield UnreadRecord(None, f"{error} : {_LEFT_OUT}.")
            return
        except Exception:  # the library lets any exception through and cannot continue after one
            yield UnreadRecord(None, f"archive WARC abîmée : {_LEFT_OUT}.")
            return
        if entry is None:
            continue
        pages += isinstance(entry, CapturedPage | CapturedPublication)
        if pages > MAX_PAGES:
            yield UnreadRecord(None, f"plus de {MAX_PAGES} pages : {_LEFT_OUT}, importez-la en plusieurs fichiers.")
            return
        yield entry
    if reader.num_read == 0:
        yield UnreadRecord(None, "archive WARC vide.")


class _HostileError(Exception):
    """Raised for a file that is damaged or exceeds the limits of a genuine archive."""


class _Source:
    """The content of a WARC, decompressed if necessary, whether or not each record is a gzip member of its own."""

    def __init__(self, file: IO[bytes]) -> None:
        compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        self._file = file
        self._content: IO[bytes] = gzip.GzipFile(fileobj=file, mode="rb") if compressed else file  # type: ignore[assignment]
        self._count = 0

    def read(self, size: int) -> bytes:
        try:
            raw = self._content.read(size)
        except (OSError, EOFError, zlib.error) as error:
            # The library would take an EOFError for the regular end of the file.
            raise _HostileError("archive WARC abîmée ou incomplète") from error
        self._count += len(raw)
        if self._count > RATIO_FROM and self._count > MAX_RATIO * self._file.tell():
            raise _HostileError("compression anormale")
        return raw

    def tell(self) -> int:
        return self._count


class _BoundedReader(DecompressingBufferedReader):  # type: ignore[misc]
    """The reader of warcio, with limits on the length of lines and headers."""

    header_bytes = 0

    def readline(self, length: int | None = None) -> bytes:
        line: bytes = super().readline(MAX_LINE if length is None else min(length, MAX_LINE))
        self.header_bytes += len(line)
        # The library may return a little less than the requested length.
        if (len(line) > MAX_LINE // 4 and not line.endswith(b"\n")) or self.header_bytes > MAX_HEADERS:
            raise _HostileError("en-têtes démesurés")
        return line


def _read_record(record: ArcWarcRecord) -> Record | None:
    """Return the content of a record; None for records about the crawl itself."""
    headers = record.rec_headers
    length = headers.get_header("Content-Length") or ""
    if not (length.isascii() and length.isdecimal() and len(length) < 16):
        raise _HostileError("enregistrement sans longueur lisible")
    if record.rec_type not in ("response", "resource", "revisit"):
        return None
    address = web_address(headers.get_header("WARC-Target-URI"))
    if address is None:
        return None
    if record.rec_type == "revisit":
        return OtherRecord(address)
    try:
        return _read_page(record, address)
    except PageError as error:
        return UnreadRecord(address, str(error))


def _read_page(record: ArcWarcRecord, address: str) -> CapturedPage | CapturedPublication | OtherRecord:
    stream, sent = record.raw_stream, None
    content_type: str | None = record.content_type
    if record.rec_type == "response":
        sent = _http_headers(stream)
        if sent.get_statuscode() != "200":
            return OtherRecord(address)
        content_type = sent.get_header("Content-Type")
    kind, charset = _media_type(content_type)
    if content_type and kind not in _PAGES:
        return _read_publication(record, address, kind, sent)
    if record.length > MAX_BYTES + MAX_HEADERS:
        raise PageError(f"plus de {MAX_BYTES // 1_000_000} Mo : ce n’est pas une page.")
    body = _body(stream, sent)
    while stream.read(_BLOCK):
        pass
    if stream.limit or record.rec_headers.get_header("WARC-Truncated"):
        raise PageError("capture tronquée : capturez de nouveau cette page.")
    if not body.strip() or (not content_type and sniff("", body[:4096]) is None):
        return OtherRecord(address)
    if len(body) > MAX_BYTES:
        raise PageError(f"plus de {MAX_BYTES // 1_000_000} Mo : ce n’est pas une page.")
    at = _time(record.rec_headers.get_header("WARC-Date"))
    return CapturedPage(address, place_of(address), saved_page(body, charset=charset, address=address), at)


def _read_publication(
    record: ArcWarcRecord, address: str, kind: str, sent: StatusAndHeaders | None
) -> CapturedPublication | OtherRecord:
    if kind not in _PUBLICATIONS and not is_named_as_publication(urlsplit(address).path):
        return OtherRecord(address)
    if record.length > MAX_PUBLICATION_BYTES:
        raise PageError(PUBLICATION_TOO_LARGE)
    pieces = _pieces(record, sent)
    head = next(pieces, b"")
    place = PurePosixPath(*filter(None, normalise(address).partition("?")[0].removeprefix("https://").split("/")))
    media_type = publication_type(place.name, head[:4096])
    if media_type is None:
        return OtherRecord(address)
    at = _time(record.rec_headers.get_header("WARC-Date"))
    return CapturedPublication(address, place, media_type, chain((head,), pieces), at)


def _pieces(record: ArcWarcRecord, sent: StatusAndHeaders | None) -> Iterator[bytes]:
    """Yield the decoded body of a record.

    Args:
        record: the record.
        sent: status and headers of the HTTP response in it; None if it holds a file without them.

    Raises:
        PageError: it is damaged, incomplete or too large.
    """
    stream, inflater = record.raw_stream, None
    if sent is not None:
        if (sent.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
            stream = ChunkedDataReader(stream)
        if (sent.get_header("Content-Encoding") or "").strip().lower() in ("gzip", "x-gzip"):
            inflater = zlib.decompressobj(32 + zlib.MAX_WBITS)
    size = 0
    try:
        for piece in _inflated(stream, inflater):
            size += len(piece)
            if size > MAX_PUBLICATION_BYTES:
                raise PageError(PUBLICATION_TOO_LARGE)
            yield piece
    except PageError:
        raise
    except Exception as error:  # the library lets any exception through
        raise PageError("capture abîmée : capturez de nouveau ce document.") from error
    while record.raw_stream.read(_BLOCK):
        pass
    cut = record.raw_stream.limit or record.rec_headers.get_header("WARC-Truncated")
    if cut or (inflater is not None and not inflater.eof):
        raise PageError("capture tronquée : capturez de nouveau ce document.")


def _inflated(stream: Any, inflater: Any) -> Iterator[bytes]:
    """Yield the content of a stream in pieces of limited size.

    Args:
        stream: the stream.
        inflater: a zlib object that decompresses the content, or None to leave the content as it is.
    """
    while raw := stream.read(_BLOCK):
        if inflater is None:
            yield raw
            continue
        while raw:
            yield inflater.decompress(raw, _BLOCK)
            raw = inflater.unconsumed_tail
    while inflater is not None and (piece := inflater.decompress(b"", _BLOCK)):
        yield piece


def _http_headers(stream: Any) -> StatusAndHeaders:
    try:
        return StatusAndHeadersParser(["HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/3"], verify=False).parse(stream)
    except EOFError as error:
        raise PageError("capture tronquée : capturez de nouveau cette page.") from error


def _media_type(content_type: str | None) -> tuple[str, str | None]:
    message = Message()
    message["Content-Type"] = "".join(char for char in content_type or "" if char.isprintable())
    return message.get_content_type(), message.get_content_charset()


def _body(stream: Any, sent: StatusAndHeaders | None) -> bytes:
    """Return the decoded body of an HTTP response with headers `sent`, cut to one byte more than a page may have."""
    if sent is None:
        raw: bytes = stream.read(MAX_BYTES + 1)
        return raw
    if (sent.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
        stream = ChunkedDataReader(stream)
    raw = stream.read(MAX_BYTES + 1)
    for coding in reversed((sent.get_header("Content-Encoding") or "").lower().split(",")[:3]):
        raw = _decoded(raw, coding.strip())
    return raw


def _decoded(raw: bytes, coding: str) -> bytes:
    if coding in ("", "identity"):
        return raw
    if coding in ("gzip", "x-gzip", "deflate"):
        for bits in (32 + zlib.MAX_WBITS, -zlib.MAX_WBITS):
            inflater = zlib.decompressobj(bits)
            try:
                unfolded = inflater.decompress(raw, MAX_BYTES + 1)
            except zlib.error:
                continue
            if not inflater.eof and len(unfolded) <= MAX_BYTES:
                raise PageError("capture tronquée : capturez de nouveau cette page.")
            return unfolded
    # Some crawlers keep the Content-Encoding header but store the decoded body.
    if sniff("", raw[:4096]) is not None:
        return raw
    raise PageError(
        f"page compressée en « {coding[:20]} », qui n’est pas lu : capturez de nouveau sans cette compression."
    )


def _time(written: str | None) -> str:
    try:
        read = datetime.fromisoformat((written or "").strip())
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return ""
