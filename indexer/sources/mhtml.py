"""MHTML, the single-file pages saved by Chrome and Edge: a mail message whose parts are the page and its resources."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import (
    CloseBoundaryNotFoundDefect,
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
    MessageDefect,
    MessageError,
)
from email.header import decode_header, make_header
from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from indexer.errors import PageError
from indexer.sources.publication_files import publication_type
from indexer.sources.saved_page import saved_page, web_address

SUFFIXES = frozenset({".mht", ".mhtml"})
MAX_PARTS = 20_000
_HEADERS = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\r\n]{0,998}(?:\r?\n[ \t][^\r\n]{0,998}){0,20}\r?\n){1,40}"
)
_TYPE = re.compile(
    rb"^content-type:\s*(?:multipart/(?:related|alternative|mixed)|text/html)\b", re.IGNORECASE | re.MULTILINE
)
_VERSION = re.compile(rb"^(?:mime-version|snapshot-content-location):", re.IGNORECASE | re.MULTILINE)
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_ELSE = "enregistrez la page en « page web complète »."
_BAD_BASE64 = (InvalidBase64CharactersDefect, InvalidBase64LengthDefect, InvalidBase64PaddingDefect)


_MAY_HOLD_PUBLICATIONS = re.compile(rb"^content-type:\s*application/", re.IGNORECASE | re.MULTILINE)
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class PublicationPart:
    """A publication that was saved in one MHTML file with a page.

    Attributes:
        name: name of the file.
        address: where it was published, if the file says so.
        media_type: by its first bytes.
        content: its bytes.
    """

    name: str
    address: str | None
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class DamagedPart:
    """A publication of which not all was saved: the name of the file, and the reason (French)."""

    name: str
    reason: str


def is_mhtml(name: str, head: bytes) -> bool:
    """Return whether a file is MHTML, by its first bytes or else by its name.

    Args:
        name: its name or path.
        head: its first few thousand bytes.
    """
    if PurePosixPath(name).suffix.lower() in SUFFIXES:
        return not head.lstrip()[:64].lower().startswith((b"<!doctype", b"<html"))
    found = _HEADERS.match(head)
    return found is not None and bool(_TYPE.search(found.group()) and _VERSION.search(found.group()))


def read_mhtml(raw: bytes) -> bytes:
    """Return the HTML page in an MHTML file, with its address added to it as a comment.

    Args:
        raw: the whole file.

    Raises:
        PageError: the file is damaged or contains no page; the message says what to do, in French.
    """
    if raw.count(b"\n--") > MAX_PARTS:
        raise PageError(f"page MHTML de plus de {MAX_PARTS} parties : {_ELSE}")
    try:
        message = _parsed(raw)
        leaves = list(_leaves(message))
        root = _root(message, leaves)
        if root is None:
            raise PageError(f"page MHTML abîmée, ou sans page HTML : {_ELSE}")
        payload = root.get_payload(decode=True)
        # A file cut after the page lacks only images; one cut within the page may lack the field that makes it private.
        cut = root is leaves[-1] and any(isinstance(d, CloseBoundaryNotFoundDefect) for d in _defects(message))
        if cut or not isinstance(payload, bytes) or any(isinstance(d, _BAD_BASE64) for d in root.defects):
            raise PageError(f"page MHTML abîmée ou incomplète : {_ELSE}")
        if not payload.strip():
            raise PageError(f"page MHTML vide : {_ELSE}")
        return saved_page(payload, charset=root.get_content_charset(), address=_address(message, root))
    except RecursionError as error:
        raise PageError(f"page MHTML trop imbriquée pour être lue : {_ELSE}") from error
    # A hostile header can make the library raise exceptions that it does not document.
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        raise PageError(f"page MHTML abîmée : {_ELSE}") from error


def publications_in(raw: bytes) -> Iterator[PublicationPart | DamagedPart]:
    """Yield the publications that were saved with the page in an MHTML file, such as a PDF that it showed in a frame.

    Args:
        raw: the whole file, of which `read_mhtml` read the page.
    """
    if not _MAY_HOLD_PUBLICATIONS.search(raw):
        return
    message = _parsed(raw)
    leaves = list(_leaves(message))
    cut = any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in _defects(message))
    for number, part in enumerate(leaves, 1):
        try:
            found = _publication(part, number, complete=not (cut and part is leaves[-1]))
        except (MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError):
            continue  # a hostile header, as above: it names no publication
        if found is not None:
            yield found


def _publication(part: Message, number: int, *, complete: bool) -> PublicationPart | DamagedPart | None:
    location = _text(part, "Content-Location") or ""
    named = unquote(urlsplit(location).path).rpartition("/")[2] or part.get_filename() or ""
    name = PurePosixPath(named.replace("\\", "/")).name.lstrip(".") or f"document-{number}"
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or part.get_content_type() in _PAGES:
        return None
    media_type = publication_type(name, content[:_HEAD])
    if media_type is None:
        return None
    if not complete or any(isinstance(defect, _BAD_BASE64) for defect in part.defects):
        return DamagedPart(name, "partie abîmée ou incomplète : téléchargez ce document, puis importez-le.")
    return PublicationPart(name, web_address(location), media_type, content)


def _parsed(raw: bytes) -> Message:
    return email.message_from_bytes(raw.lstrip(b"\xef\xbb\xbf \t\r\n"))


def _leaves(message: Message) -> Iterator[Message]:
    return (part for part in message.walk() if not part.is_multipart())


def _defects(message: Message) -> Iterator[MessageDefect]:
    for part in message.walk():
        yield from part.defects


def _root(message: Message, leaves: list[Message]) -> Message | None:
    """Return the main page among the HTML parts of a file, the others being frames; None if there is none."""
    pages = [part for part in leaves if part.get_content_type() in _PAGES]
    start = _id(message.get_param("start"))
    named = [part for part in pages if start and _id(part.get("Content-ID")) == start]
    saved = message.get("Snapshot-Content-Location")
    named += [part for part in pages if saved and part.get("Content-Location") == saved]
    return next(iter((*named, *pages)), None)


def _id(value: object) -> str:
    return str(value or "").strip().strip("<>").strip()


def _address(message: Message, root: Message) -> str | None:
    wanted = (
        (message, "Snapshot-Content-Location"),
        (root, "Content-Location"),
        (message, "Content-Location"),
        (root, "Content-Base"),
    )
    for part, header in wanted:
        if (address := web_address(_text(part, header))) is not None:
            return address
    return None


def _text(part: Message, header: str) -> str | None:
    """Return the text of a header, which may hold raw UTF-8; None if it is missing."""
    for name, value in part.raw_items():
        if name.lower() == header.lower():
            text = str(value).encode("ascii", "surrogateescape").decode("utf-8", "replace")
            return str(make_header(decode_header(text))) if "=?" in text else text
    return None
