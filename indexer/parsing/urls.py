"""Normalise addresses, so that all spellings of a page's address compare equal."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

from indexer.parsing.captures import original

_TRACKING = re.compile(
    r"(?:utm|pk|mtm|piwik|matomo|hsa|_x_tr|oly|vero|trk|iterable|wt)_.*"
    r"|_ga|_gl|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh|mc_cid|mc_eid|xtor"
    r"|at_medium|at_campaign|_hsenc|_hsmi|mkt_tok|srsltid|ttclid|li_fat_id|epik|s_kwcid|ref_src|ref_url|__twitter_impression"
    r"|fb_(?:action_ids|action_types|source|ref|comment_id)|_openstat|ysclid|zanpid|cmpid|mc_tc",
    re.IGNORECASE,
)
_PAGING = re.compile(r"debut_.*", re.IGNORECASE)
_WEB = ("", "http", "https")
_PATH_SAFE = "!$&'()*+,;=:@-._~"
_QUERY_SAFE = "!$'()*,;:@/?-._~"
_HOST_SAFE = "-._~[]:!$'()*,;="
_UNSEEN = re.compile("[\x00-\x20\x7f]+")


def _requote(piece: str, safe: str) -> str:
    """Return a piece of an address in a single spelling, whatever its percent-encoding and Unicode form."""
    raw = unquote_to_bytes(piece.encode("utf-8", "surrogatepass"))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")  # as in addresses of the 2000s
    return quote(unicodedata.normalize("NFC", text), safe=safe)


def _host(netloc: str) -> str:
    host = netloc.rpartition("@")[2]
    name, colon, port = host.rpartition(":")
    if colon and (port in ("", "80", "443")):
        host = name
    elif colon and port.isdecimal() and port.isascii():
        host = f"{name}:{int(port[:9])}"
    host = host.casefold().strip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = unicodedata.normalize("NFKC", host)
    return _requote(host, _HOST_SAFE)


def _bare_host(netloc: str) -> str:
    # Repeat until nothing changes: removing one prefix or port can uncover another, and the result must be stable.
    host = netloc
    for _ in range(len(netloc) + 1):
        shorter = _host(host)
        while shorter.startswith("www.") and len(shorter) > len("www."):
            shorter = shorter.removeprefix("www.")
        if shorter == host:
            break
        host = shorter
    return host


def _path(path: str) -> str:
    kept: list[str] = []
    for piece in path.split("/"):
        segment = _requote(piece, _PATH_SAFE)
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    return "/".join(kept).rstrip("/")


def _query(query: str) -> str:
    pairs: set[tuple[str, str]] = set()
    for pair in query.split("&"):
        name, _, value = pair.replace("+", "%20").partition("=")
        name, value = _requote(name, _QUERY_SAFE), _requote(value, _QUERY_SAFE)
        if not (name or value) or _TRACKING.fullmatch(name) or _PAGING.fullmatch(name):
            continue
        if (name, value) == ("page", "0"):
            continue
        pairs.add((name, value))
    return "&".join(f"{name}={value}" if value else name for name, value in sorted(pairs))


def without_tracking(address: str) -> str:
    """Return an address without the parameters that only track where a reader came from, otherwise unchanged."""
    start, mark, rest = address.partition("?")
    if not mark:
        return address
    query, hash_mark, fragment = rest.partition("#")
    kept = [pair for pair in query.split("&") if not _TRACKING.fullmatch(unquote(pair.partition("=")[0]))]
    query = "&".join(kept)
    return start + ("?" + query if query else "") + hash_mark + fragment


def normalise(address: str) -> str:
    """Return the key of an address, which is the same for all spellings of one page's address.

    The key has https, no www., no default port, no fragment, no tracking or SPIP paging parameter, no `page=0`, a
    sorted query, no trailing slash, uniform percent-encoding and resolved dot segments; the address of a capture gives
    the key of the captured page.

    Args:
        address: an address as written; any text is accepted.

    Returns:
        The key; `normalise(normalise(x)) == normalise(x)`. A text that is not a web address gives a stable key too.
    """
    # Repeat until nothing changes: percent-encoding can hide the address of a capture, which may contain any spelling.
    while (inner := original(key := _normalise(address))) != key:
        address = inner
    return key


def _normalise(address: str) -> str:
    address = _UNSEEN.sub(" ", address).strip()
    try:
        parts = urlsplit(address)
    except ValueError:  # "https://[oops"
        return _requote(address, _PATH_SAFE + "/?#[]")
    if parts.scheme not in _WEB or (parts.scheme and not parts.netloc):
        return _requote(address.partition("#")[0], _PATH_SAFE + "/?[]")
    host = _bare_host(parts.netloc) if parts.netloc else ""
    if parts.netloc and not host:  # "https://:/"
        return _requote(address.partition("#")[0], _PATH_SAFE + "/?[]")
    path, query = _path(parts.path), _query(parts.query)
    return (f"https://{host}" if parts.netloc else "") + path + (f"?{query}" if query else "")


def site_of(address: str) -> str:
    """Return the site of an address, normalised or not: its host without www. and default port; "" if it has none."""
    try:
        return _bare_host(urlsplit(address.strip()).netloc)
    except ValueError:
        return ""
