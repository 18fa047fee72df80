"""Find a page's own address in that of a capture: a copy served by a web archive, a cache or Google Translate.

All captures of one page, from any archive and any time, are copies of one resource: if it is private in one, it is
private in all.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

_ARCHIVES = frozenset(
    [
        "archive.org",
        "archive.today",
        "archive.ph",
        "archive.is",
        "archive.li",
        "archive.md",
        "archive.vn",
        "archive.fo",
        "archive-it.org",
        "archive.wikiwix.com",
        "archivesinternet.bnf.fr",
        "arquivo.pt",
        "ghostarchive.org",
        "mementoweb.org",
        "nationalarchives.gov.uk",
        "webarchive.loc.gov",
        "webarchive.org.uk",
        "webarchive.parliament.uk",
        "webcitation.org",
        "webcache.googleusercontent.com",
        "yandexwebcache.net",
    ]
)
_WEB_ADDRESS = r"https?(?::|%3A)(?:/|%2F).+"
# The time of a capture, at most to the second, and the way in which the archive is asked to show it ("id_", "if_").
_TIMED = re.compile(rf"/\d{{4,14}}\*?(?:[a-z]{{2}}_)?/({_WEB_ADDRESS})", re.IGNORECASE | re.DOTALL)
_ANY = re.compile(rf"[/=]({_WEB_ADDRESS})", re.IGNORECASE | re.DOTALL)
_BARE = re.compile(r"/(?:\d{4,14}\*?(?:[a-z]{2}_)?|\*)/((?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?].*)?)", re.IGNORECASE)
_CACHED = re.compile(r"cache:(?:[\w-]+:(?!/))?(\S+)", re.IGNORECASE)
_TRANSLATED = ".translate.goog"
_PORT = re.compile(r"\A(http://[^/?:]+):80(?![\d])")
_SCHEME = re.compile(r"(https?):/*", re.IGNORECASE)


def original(address: str) -> str:
    """Return the address of the page that a capture shows.

    Args:
        address: an absolute web address.

    Returns:
        The page's own address, as the archive writes it; `address` unchanged if it is not that of a capture.
    """
    # For captures of captures: each iteration removes one prefix.
    while (inner := _unwrapped(address)) is not None:
        address = inner
    return address


def _unwrapped(address: str) -> str | None:
    # Nearly every address ends here, so the test must be cheap.
    lowered = address.lower()
    if lowered.rfind("http") < 8 and not any(word in lowered for word in ("archive", "cache", "arquivo", "translate")):
        return None
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    if host.endswith(_TRANSLATED):
        return _untranslated(host, parts)
    tail = address[address.find("//") + 2 + len(parts.netloc) :].partition("#")[0]
    found = _TIMED.search(tail)
    if found is None and host.startswith("translate.google.") and parts.path.startswith("/translate"):
        queries = dict(parse_qsl(parts.query))
        return _absolute(queries["u"], address) if queries.get("u") else None
    if found is None and any(host == name or host.endswith("." + name) for name in _ARCHIVES):
        queries = dict(parse_qsl(parts.query))
        if cached := _CACHED.match(queries.get("q", "")):
            return _absolute(cached.group(1), address)
        if queries.get("url"):
            return _absolute(queries["url"], address)
        found = _ANY.search(tail) or _BARE.search(tail)
    return None if found is None else _absolute(found.group(1), address)


def _untranslated(host: str, parts: SplitResult) -> str | None:
    """Return the address of the page that Google translated, None if `host` is not valid.

    `host`, that of the translation, has "-" for "." and "--" for "-"; `parts` is the whole address, split.
    """
    name = host.removesuffix(_TRANSLATED)
    name = name.replace("--", "\0").replace("-", ".").replace("\0", "-")
    if "." not in name:
        return None
    query = "&".join(pair for pair in parts.query.split("&") if not pair.startswith("_x_tr_"))
    return urlunsplit((parts.scheme, name, parts.path, query, ""))


def _absolute(inner: str, outer: str) -> str | None:
    """Return `inner`, an address found inside the address `outer`, as an absolute address.

    None if the result is not shorter than `outer`, so that unwrapping captures of captures comes to an end.
    """
    scheme = _SCHEME.match(unquote(inner[:16]))
    if scheme is None:
        inner = "https://" + inner
    else:
        if not inner[scheme.end(1) :].startswith(":/"):
            inner = unquote(inner)
        inner = f"{scheme.group(1).lower()}://{inner[scheme.end(1) :].lstrip(':/')}"
        inner = _PORT.sub(r"\1", inner)
    return inner if len(inner) < len(outer) else None
