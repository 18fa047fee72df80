"""What robots.txt allows, read once for each host and run."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from protego import Protego

from indexer.gathering.fetching import Fetcher, FetchError
from indexer.parsing.urls import site_of

AGENT = "rtes-archive"
"""Name by which a robots.txt file addresses this program."""
_LARGEST = 512 * 1024
_LONGEST_LINE = 2000


class Robots:
    """The robots.txt of each host of a source.

    Args:
        fetcher: fetches the files, each once.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._read: dict[str, Protego] = {}

    def allows(self, address: str) -> bool:
        """Return whether an address may be fetched; a host without robots.txt allows all of its addresses.

        Raises:
            FetchError: the host does not answer, or cannot give its robots.txt now (RFC 9309).
        """
        return bool(self._of(address).can_fetch(address, AGENT))

    def crawl_delay(self, address: str) -> float | None:
        """Return the seconds that the host of an address wants between two requests, or None.

        Raises:
            FetchError: the host does not answer at all.
        """
        held = self._of(address)
        rate = held.request_rate(AGENT)
        delays = [held.crawl_delay(AGENT), rate.seconds / rate.requests if rate and rate.requests else None]
        return max((float(one) for one in delays if one is not None), default=None)

    def sitemaps(self, address: str) -> tuple[str, ...]:
        """Return the addresses of sitemaps that the host of an address names.

        Raises:
            FetchError: the host does not answer at all.
        """
        return tuple(urljoin(address, one) for one in self._of(address).sitemaps)

    def _of(self, address: str) -> Protego:
        host = site_of(address)
        if host not in self._read:
            parts = urlsplit(address)
            self._read[host] = self._fetch(f"{parts.scheme}://{parts.netloc}/robots.txt")
        return self._read[host]

    def _fetch(self, address: str) -> Protego:
        try:
            answer = self._fetcher.get(address, accept="text/plain,*/*;q=0.1", largest=_LARGEST)
        except FetchError as error:
            if error.passing:
                raise
            return Protego.parse("")  # redirected elsewhere, or endless: as if there were none
        if answer.status >= 500 or answer.status == 429:
            raise FetchError(f"robots.txt ne peut être lu (HTTP {answer.status})", passing=True)
        if answer.status != 200 or answer.body.lstrip()[:1] == b"<":
            return Protego.parse("")
        text = answer.body.decode("utf-8-sig", "replace")
        return Protego.parse("\n".join(line for line in text.splitlines() if len(line) <= _LONGEST_LINE))
