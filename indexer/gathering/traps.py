"""How to recognise addresses that a site makes up without end: calendars, empty pages of listings, paths that repeat.

A page is *barren* if it shows no resource and links to none. Barren pages are counted along a chain: a page found only
from a barren page of its own family of addresses counts one more than that page. At `LONGEST_CHAIN`, the crawl goes
no further that way.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from indexer.gathering.addresses import parameters_of

LONGEST_CHAIN = 3
"""Number of barren pages in a row after which the next one is not read, unless a sitemap names it."""
_DIGITS = re.compile(r"\d+")
_HEX = re.compile(r"[0-9a-f]{8,}")


def family_of(address: str) -> str:
    """Return the family of an address: its host and the first segment of its path, with numbers left out; empty for an
    address with neither digits nor a query, since a site does not make up such addresses without end.
    """
    parts = urlsplit(address)
    path = parts.path.strip("/")
    if not (parts.query or _DIGITS.search(path)):
        return ""
    return f"{parts.netloc}/{_DIGITS.sub('#', _HEX.sub('#', path.partition('/')[0]))}"


def template_of(address: str) -> str:
    """Return an address with its numbers and the values of its parameters left out."""
    parts = urlsplit(address)
    names = "&".join(sorted(parameters_of(parts)))
    return f"{parts.netloc}{_DIGITS.sub('#', parts.path)}?{names}"


def order_of(address: str) -> str:
    """Return a sort key: addresses that differ only in numbers sort by these numbers."""
    return _DIGITS.sub(lambda found: found.group().lstrip("0").zfill(20), address)


def signature_of(links: Iterable[str], text: str) -> str:
    """Return a digest of what a page shows, with numbers left out. Pages that repeat each other have the same digest,
    such as those of a listing that shows its last page again for every higher page number.

    Args:
        links: links of the page to addresses of another pattern than its own, such as from a listing to resources.
        text: text of the page.
    """
    parts = "\n".join([*sorted(links), _DIGITS.sub("#", text)])
    return hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
