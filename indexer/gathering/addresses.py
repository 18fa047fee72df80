"""Addresses of pages to fetch: one spelling for each page, and whether the settings of a site let it be fetched."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from indexer.gathering.source import Source
from indexer.parsing.urls import normalise, site_of, without_tracking

LONGEST = 1000
"""Largest number of characters of an address: a longer one is taken for a crawler trap and not fetched."""
_SESSION = re.compile(
    r"phpsessid|jsessionid|aspsessionid\w*|sess(?:ion)?_?id|sid|s?ess[0-9a-f]{32}|cftoken|cfid|zenid|oscsid|osid",
    re.IGNORECASE,
)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)
_ENTITY_IN_NAME = re.compile(r"(?:amp|#0*38|#x0*26);", re.IGNORECASE)
_REPEATED = re.compile(r"((?:/[^/]+){1,4}?)\1{2}(?=/|\Z)")
_FILES = re.compile(
    r"\.(?:css|m?js|map|png|jpe?g|gif|svg|webp|avif|ico|bmp|tiff?|woff2?|ttf|otf|eot|mp[34]|m4[av]|og[gv]|wav|webm|avi|mov"
    r"|zip|gz|tar|rar|7z|exe|dmg|iso|ics|vcf|rss|atom|xml|json|csv|pdf|docx?|odt|pptx?|odp|xlsx?|ods|epub)\Z",
    re.IGNORECASE,
)


def canonical(address: str, *, base: str = "") -> str | None:
    """Return the address to fetch for a link, or None if it leads to no web page.

    Fragments, parameters that only track a reader or name a session, and entities left in a link by a faulty template
    are removed, so that all spellings of a page's address become one.

    Args:
        address: the link as written.
        base: absolute address of the page that has the link; empty if the link is absolute itself.
    """
    text = "".join(address.split("\n")).strip()
    while (plain := _ENTITY.sub("&", text)) != text:
        text = plain
    try:
        parts = urlsplit(urljoin(base, text))
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
            return None
    except ValueError:
        return None
    query = "&".join(filter(None, (_pair(pair) for pair in parts.query.split("&"))))
    path = _SESSION_IN_PATH.sub("", parts.path) or "/"
    host = parts.netloc.rpartition("@")[2].lower()
    found = without_tracking(urlunsplit((parts.scheme, host, path.replace(" ", "%20"), query.replace(" ", "%20"), "")))
    return found if len(found) <= LONGEST else None


def _pair(pair: str) -> str:
    while found := _ENTITY_IN_NAME.match(pair):
        pair = pair[found.end() :]
    name = unquote(pair.partition("=")[0])
    return "" if _SESSION.fullmatch(name) else pair.replace("#", "%23")


def key_of(address: str) -> str:
    """Return the key of an address: addresses of the same page have the same key."""
    return normalise(address)


def is_within(source: Source, address: str) -> bool:
    """Return whether an address is on a host of a source (site to gather); no other host is sent a request."""
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        return False
    return scheme in {"http", "https"} and site_of(address) in source.hosts


def is_page_of(source: Source, address: str) -> bool:
    """Return whether the settings of a source allow the host, path and query parameters of a page's address."""
    if not is_within(source, address):
        return False
    parts = urlsplit(address)
    path = unquote(parts.path) or "/"
    if _FILES.search(path) or _REPEATED.search(path):
        return False
    if any(fnmatchcase(path, pattern) for pattern in source.excluded):
        return False
    if not _has_path(source, path):
        return False
    return all(name in source.parameters for name in parameters_of(parts))


def _has_path(source: Source, path: str) -> bool:
    if source.paths:
        return any(fnmatchcase(path, pattern) for pattern in source.paths)
    below = unquote(urlsplit(source.address).path).rpartition("/")[0] + "/"
    return f"{path}/".startswith(below)


def parameters_of(parts: SplitResult) -> tuple[str, ...]:
    """Return the names of the query parameters of an address, each once."""
    names = (unquote(pair.partition("=")[0]) for pair in parts.query.split("&") if pair)
    return tuple(dict.fromkeys(names))
