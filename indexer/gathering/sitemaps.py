"""Addresses that the sitemaps of a site name: files, indexes of files, compressed or not, read piece by piece."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from indexer.gathering.fetching import Fetcher, FetchError

MAX_FILES = 300
"""Number of sitemap files that are read in a run."""
MAX_BARREN = 20
"""Number of files in a row that name no new page, after which no other is read."""
MAX_ADDRESSES = 50_000
"""Number of addresses in one file that the sitemap protocol allows."""
MAX_IN_ALL = 300_000
"""Number of pages of all sitemaps together, after which reading ends."""
_LARGEST = 52_428_800
_ACCEPT = "application/xml,text/xml,*/*;q=0.1"


@dataclass(frozen=True, slots=True)
class Listed:
    """A page that a sitemap names.

    Attributes:
        address: its address, which `read_sitemaps` makes absolute.
        changed: time of its last change as the sitemap has it, or empty.
    """

    address: str
    changed: str


def read_sitemaps(
    fetcher: Fetcher, first: Iterable[str], allowed: Callable[[str], bool], told: Callable[[str], None]
) -> Iterator[Listed]:
    """Yield the pages that sitemaps list, following sitemaps that list other sitemaps.

    Args:
        fetcher: fetches the files.
        first: addresses of the sitemaps to begin with.
        allowed: whether a file may be fetched.
        told: is given a French sentence about each file that could not be read.
    """
    waiting = deque(dict.fromkeys(first))
    met, pages = set(waiting), set[int]()  # hashes, since a site may name hundreds of thousands
    files = barren = 0
    while waiting:
        if files >= MAX_FILES or barren >= MAX_BARREN:
            told(f"plans du site : {len(waiting)} fichiers laissés de côté, ils n’apportaient plus rien.")
            return
        address = waiting.popleft()
        if not allowed(address):
            continue
        files += 1
        new = 0
        try:
            read = _read(fetcher, address, allowed)
        except FetchError as error:
            told(f"plan du site « {address} » : {error.reason}.")
            barren += 1
            continue
        for inner in read.files:
            if inner not in met:
                met.add(inner)
                waiting.append(inner)
        for page in read.pages:
            if len(pages) >= MAX_IN_ALL:
                told(f"plans du site : plus de {MAX_IN_ALL} pages, le reste est laissé de côté.")
                return
            if hash(page.address) not in pages:
                pages.add(hash(page.address))
                new += 1
                yield page
        barren = 0 if new else barren + 1


@dataclass(slots=True)
class _File:
    pages: list[Listed]
    files: list[str]


def _read(fetcher: Fetcher, address: str, allowed: Callable[[str], bool]) -> _File:
    reader = _Reader()
    answer = fetcher.get(address, accept=_ACCEPT, largest=_LARGEST, sink=reader.feed, allowed=allowed)
    if answer.status in {404, 410}:
        return _File([], [])
    if answer.status != 200:
        raise FetchError(f"HTTP {answer.status}", passing=True)
    found = reader.close()
    base = answer.address
    pages = [Listed(urljoin(base, page.address), page.changed) for page in found.pages[:MAX_ADDRESSES]]
    return _File(pages, [urljoin(base, one) for one in found.files[:MAX_ADDRESSES]])


class _Reader:
    """Parses a sitemap while its bytes come; entities are not expanded, and elements are dropped once they are read."""

    def __init__(self) -> None:
        self._parser = etree.XMLPullParser(
            events=("end",), resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
        )
        self._inflater: Any = None  # zlib does not name its type
        self._begun = False
        self._size = 0
        self._found = _File([], [])

    def feed(self, chunk: bytes) -> None:
        """Parse the next bytes.

        Raises:
            FetchError: the bytes are no sitemap, or the sitemap is too large.
        """
        if not self._begun:
            self._begun = True
            if chunk.startswith(b"\x1f\x8b"):  # a file that is compressed itself, not only on its way
                self._inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            if self._inflater is None:
                self._parse(chunk)
            while self._inflater is not None and chunk and not self._inflater.eof:
                self._parse(self._inflater.decompress(chunk, 64 * 1024))
                chunk = self._inflater.unconsumed_tail
        except (etree.XMLSyntaxError, zlib.error) as error:
            raise FetchError("ce n’est pas un plan de site", passing=False) from error

    def _parse(self, text: bytes) -> None:
        self._size += len(text)
        if self._size > _LARGEST or len(self._found.pages) > MAX_ADDRESSES or len(self._found.files) > MAX_ADDRESSES:
            raise FetchError("plan de site trop grand", passing=False)
        self._parser.feed(text)
        for _, element in self._parser.read_events():
            name = _local(element)
            if name in {"url", "sitemap"}:
                held = {_local(child): (child.text or "").strip() for child in element}
                if address := held.get("loc"):
                    if name == "url":
                        self._found.pages.append(Listed(address, held.get("lastmod", "")))
                    else:
                        self._found.files.append(address)
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]

    def close(self) -> _File:
        """Return what was read.

        Raises:
            FetchError: the file is empty, no XML, or ends too early.
        """
        try:
            self._parser.close()
        except etree.XMLSyntaxError as error:
            raise FetchError("ce n’est pas un plan de site", passing=False) from error
        return self._found


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
