"""Decode the bytes of a page, whose declared encoding may be wrong."""

from __future__ import annotations

import codecs
import re
import unicodedata

from indexer.errors import PageError
from indexer.parsing.mojibake import repair
from indexer.parsing.text import clean

MAX_BYTES = 20_000_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its first two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"GIF87a",
    b"GIF89a",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0",
    b"7z\xbc\xaf",
    b"Rar!",
    b"ID3",
    b"\x00\x00\x01\x00",
)
_DECLARED = re.compile(
    rb"""<meta[^>]{0,400}?charset\s*=\s*["']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
# Encodings that a page may declare besides UTF-8. Latin-1 is read as Windows-1252, as in browsers.
_LATIN = frozenset({"ascii", "iso8859-1", "cp1252"})
_TRUSTED = frozenset({"iso8859-15", "iso8859-2", "iso8859-3", "iso8859-9", "mac-roman", "cp850", "cp1250", "cp1254"})


def _cp1252(raw: bytes) -> str:
    """Decode Windows-1252, with the five bytes that it does not define read as Latin-1, so it cannot fail."""
    return "".join(
        bytes([byte]).decode("latin-1") if byte in b"\x81\x8d\x8f\x90\x9d" else bytes([byte]).decode("cp1252")
        for byte in raw
    )


_CP1252_TABLE = _cp1252(bytes(range(256)))


def _as_cp1252(raw: bytes) -> str:
    return codecs.charmap_decode(raw, "strict", _CP1252_TABLE)[0]


def _stray_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):  # pragma: no cover - the handler is only named in decode()
        raise error
    return _as_cp1252(error.object[error.start : error.end]), error.end


codecs.register_error("indexer-stray-cp1252", _stray_byte)


def declared_encoding(raw: bytes) -> str | None:
    """Return the encoding that a page declares in its first bytes (`<meta charset>`, http-equiv, XML prolog).

    Args:
        raw: the page's bytes.

    Returns:
        Python's name of the encoding, or None if no known encoding is declared.
    """
    for match in _DECLARED.finditer(raw[:8192]):
        name = (match.group(1) or match.group(2)).decode("ascii", "ignore")
        try:
            return codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
    return None


def _without_mark(raw: bytes) -> str:
    """Decode a page that has no byte order mark."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    quarter = len(raw) // 4
    if raw[1::2].count(0) > quarter:
        return raw.decode("utf-16-le", "replace")
    if raw[0::2].count(0) > quarter:
        return raw.decode("utf-16-be", "replace")
    declared = declared_encoding(raw)
    if declared in _TRUSTED:
        return raw.decode(declared, "replace")
    # The page is not valid UTF-8. If it is mostly UTF-8 with some stray bytes (a pasted line, a cut end), it is read
    # sequence by sequence; otherwise its few valid sequences are Windows-1252 by accident, such as "É" before a
    # no-break space.
    sequences = _MULTIBYTE.findall(raw)
    strays = len(_HIGH.findall(raw)) - sum(map(len, sequences))
    if len(sequences) > strays and declared not in _LATIN:
        return raw.decode("utf-8", "indexer-stray-cp1252")
    return _as_cp1252(raw)


def decode(raw: bytes) -> str:
    r"""Return a page's bytes as text.

    Valid UTF-8 is read as such whatever is declared. Other bytes are read in the declared encoding if it is one that
    pages rarely declare by mistake (`_TRUSTED`), else as UTF-8 with stray bytes or as Windows-1252.

    Args:
        raw: the page's bytes.

    Returns:
        NFC text with "\n" line ends, without control characters.

    Raises:
        PageError: the page is empty, too big, not text, or has accents damaged beyond repair.
    """
    if len(raw) > MAX_BYTES:
        raise PageError(f"La page est trop volumineuse : plus de {MAX_BYTES // 1_000_000} Mo.")
    if raw.startswith(_SIGNATURES):
        raise PageError("Ce n’est pas une page : le contenu est binaire (document, image ou archive).")
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            # A wrong byte order mark must not make the page unreadable: stray bytes are accepted as in any other UTF-8.
            errors = "indexer-stray-cp1252" if encoding == "utf-8" else "replace"
            text = raw[len(mark) :].decode(encoding, errors)
            break
    else:
        text = _without_mark(raw)
    controls = sum(
        map(text.count, "\x00\x01\x02\x03\x04\x05\x06\x07\x0e\x0f\x10\x11\x12\x14\x15\x16\x17\x18\x1b\ufffd")
    )
    if controls > max(8, len(text) // 10):
        raise PageError("Ce n’est pas une page : le contenu est binaire.")
    text = repair(text)
    text = clean(unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")))
    if not text or text.isspace():
        raise PageError("La page est vide.")
    return text
