"""Pages taken out of a container: their bytes, with the address that only the container may know.

The address is added as a comment, as browsers do when they save a page, so that each page of the corpus states its
origin.
"""

from __future__ import annotations

import codecs
import re
from urllib.parse import quote, urlsplit, urlunsplit

from indexer.parsing.hidden import HIDDEN_PAGE, is_hidden

_PROLOG = re.compile(rb"\A\s{0,400}(?:<\?xml[^>]{0,400}>\s{0,400})?(?:<!doctype[^>]{0,400}>)?", re.IGNORECASE)
_LATIN = frozenset({"ascii", "iso8859-1", "cp1252"})
"""Encodings in which the parser reads a page anyway if it is not UTF-8."""
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its first two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LONGEST = 2000
_KEPT = "%/:=&?~#+!$,;'@()*[]"


def saved_page(raw: bytes, *, charset: str | None, address: str | None, hidden: bool = False) -> bytes:
    """Return a page with a comment that gives the address it was saved from.

    Args:
        raw: the page's bytes in its container.
        charset: encoding that the container declares, or None; the page itself may not declare it.
        address: where the page came from; ignored if it is not a web address.
        hidden: whether all that the page shows is private, whatever it says itself.

    Returns:
        The page in an encoding that can be recognised from its bytes: unchanged, or converted to UTF-8 where only the
        container declares the encoding.
    """
    page = _self_contained(raw, charset)
    origin = web_address(address)
    if origin is None and not hidden:
        return page
    mark, body = (codecs.BOM_UTF8, page[3:]) if page.startswith(codecs.BOM_UTF8) else (b"", page)
    found = _PROLOG.match(body)
    start = found.end() if found else 0
    # The mark of a hidden page comes first: it is looked for only in the first kilobytes, and an address can be long.
    comments = [HIDDEN_PAGE] if hidden else []
    comments += [] if origin is None else [f"<!-- saved from url=({len(origin):04d}){origin} -->".encode("ascii")]
    return mark + body[:start] + b"\n" * bool(start) + b"\n".join(comments) + b"\n" + body[start:]


def hidden_page(raw: bytes) -> bytes:
    """Return a page of the corpus with the comment that makes all that it shows private."""
    return raw if is_hidden(raw) else saved_page(raw, charset=None, address=None, hidden=True)


def web_address(address: str | None) -> str | None:
    """Return an address in a form safe in a comment (http(s), ASCII, without credentials or fragment), or None."""
    text = "".join((address or "").split())
    if len(text) > _LONGEST:
        return None
    try:
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2]
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return None
    except ValueError:
        return None
    whole = urlunsplit((parts.scheme.lower(), host, parts.path, parts.query, ""))
    return quote(whole, safe=_KEPT, errors="replace")


def _self_contained(raw: bytes, charset: str | None) -> bytes:
    for mark, encoding in _WIDE:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace").encode("utf-8", "replace")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if raw.count(0) <= len(raw) // 4:  # UTF-16 of ASCII letters is valid UTF-8 too, but half zeros
            return raw
    try:
        name = codecs.lookup(charset or "ascii").name
        return raw if name in _LATIN else raw.decode(name).encode("utf-8")
    except (LookupError, ValueError, UnicodeError, TypeError, AssertionError):
        return raw  # the declaration is wrong; the parser will guess the encoding
