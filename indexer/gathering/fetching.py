"""Fetch one address: redirects are followed within the source alone, and size and time are bounded while reading."""

from __future__ import annotations

import http.client
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3.exceptions import HTTPError

from indexer.gathering.addresses import is_within
from indexer.gathering.credentials import Credentials
from indexer.gathering.network import PrivateAddressError, Sockets, adapter
from indexer.gathering.politeness import Clock, Pace
from indexer.gathering.source import Source
from indexer.parsing.encoding import MAX_BYTES
from indexer.parsing.urls import site_of

MAX_REDIRECTS = 5
CONNECT, READ = 10.0, 30.0
"""Seconds to wait for a connection, and for the next bytes."""
WHOLE = 120.0
"""Seconds that one answer may take in all."""
LARGEST = MAX_BYTES
"""Largest number of bytes of a page, after decompression."""
_CHUNK = 64 * 1024
_MOVED = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_FRAMED = frozenset({"content-length", "transfer-encoding"})
"""Headers by which an answer says where it ends."""
_KEPT = ("etag", "last-modified", "content-type", "retry-after", "content-length", "location", "date")


class FetchError(Exception):
    """An address gave no answer that could be used.

    Args:
        reason: why (French, beginning with a small letter).
        passing: whether the cause may pass by itself: the address is asked again later.
    """

    def __init__(self, reason: str, *, passing: bool) -> None:
        super().__init__(reason)
        self.reason, self.passing = reason, passing


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer to a request.

    Attributes:
        asked: address that was asked for.
        address: address that answered, after redirects.
        status: HTTP status.
        headers: those that matter, with lower-case names.
        body: decompressed body; empty for a status without one, and if it was given to a callback (`sink`).
        at: time when it came (UTC, ISO 8601).
        requests: number of requests that it took, redirects included.
        permanent: whether there were redirects, and all of them were permanent (301, 308).
    """

    asked: str
    address: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    at: str
    requests: int = 1
    permanent: bool = False

    @property
    def media_type(self) -> str:
        """Return the media type, in lower case; empty if the answer does not give it."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """Return the encoding that the answer declares, or None."""
        declared = self.headers.get("content-type", "")
        return (
            get_encoding_from_headers(CaseInsensitiveDict({"content-type": declared}))
            if "charset" in declared.lower()
            else None
        )

    @property
    def moved(self) -> bool:
        """Return whether the answer came from another address than the one asked for."""
        return self.asked != self.address


class Fetcher:
    """A session with one source: one request at a time, at its pace, never outside of its hosts.

    Args:
        source: the source.
        pace: the pauses between requests.
        clock: gives the time of each answer.
        agent: value of the header `User-Agent`.
        credentials: sent to the hosts of the source, or None.
        limit: seconds that one answer may take in all.
    """

    def __init__(
        self,
        source: Source,
        pace: Pace,
        clock: Clock,
        *,
        agent: str,
        credentials: Credentials | None = None,
        limit: float = WHOLE,
    ) -> None:
        self._source, self._pace, self._clock, self._limit = source, pace, clock, limit
        self._home = site_of(source.address)  # other hosts of the source never see the credentials
        self._sockets = Sockets()
        self._session = _Session()
        self._session.trust_env = False  # neither .netrc nor proxies of the environment
        self._session.headers = {  # type: ignore[assignment]
            "User-Agent": agent,
            "Accept-Encoding": "gzip, deflate",
            "Accept-Language": "fr",
        }
        self._credentials = {} if credentials is None else credentials.headers
        self._session.mount("http://", adapter(self._sockets, local=source.local))
        self._session.mount("https://", adapter(self._sockets, local=source.local))
        self.count = 0

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def get(
        self,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        accept: str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
        largest: int = LARGEST,
        sink: Callable[[bytes], None] | None = None,
        allowed: Callable[[str], bool] = lambda _: True,
        limit: float | None = None,
    ) -> Fetched:
        """Return the answer of an address, whatever its status.

        Args:
            address: an address of the source.
            headers: headers to send besides the session's, such as validators.
            accept: value of the header `Accept`.
            largest: largest number of bytes of the body, decompressed.
            sink: takes the body piece by piece, if the status is 200.
            allowed: whether an address that a redirect leads to may be asked too.
            limit: seconds that the answer may take in all, if not those of the session.

        Raises:
            FetchError: there is no answer, it is from outside the source, or it is too large or too slow.
        """
        before, seen = self.count, {address}
        here, permanent = address, True
        for _ in range(MAX_REDIRECTS + 1):
            sent = {**(headers or {}), "Accept": accept}
            answer = self._exchange(address, here, sent, largest, sink, before, limit=limit or self._limit)
            target = answer.headers.get("location")
            if answer.status not in _MOVED or not target:
                return replace(answer, permanent=permanent and answer.moved)
            permanent = permanent and answer.status in _FOR_GOOD
            here = self._followed(here, target, seen, allowed)
            seen.add(here)
        raise FetchError(f"plus de {MAX_REDIRECTS} redirections", passing=False)

    def post(self, address: str, fields: Mapping[str, str]) -> Fetched:
        """Send a form to an address and return the answer, following no redirect.

        Args:
            address: an address of the source.
            fields: values of the form, by name.

        Raises:
            FetchError: as for `get`.
        """
        return self._exchange(
            address, address, {"Accept": "application/json"}, LARGEST, None, self.count, fields, limit=self._limit
        )

    def authorize(self, authorization: str) -> None:
        """Send a value of the header `Authorization` with all further requests to the source's own site."""
        self._credentials = {**self._credentials, "Authorization": authorization}

    def _may_know(self, here: str) -> bool:
        """Return whether credentials may be sent to an address: it is on the source's own site, and uses
        HTTPS if the address of the source does.
        """
        plain = urlsplit(here).scheme == "http" and urlsplit(self._source.address).scheme == "https"
        return not plain and site_of(here) == self._home

    def _followed(self, here: str, target: str, seen: set[str], allowed: Callable[[str], bool]) -> str:
        try:
            there = urljoin(here, target)
            fine = is_within(self._source, there) and urlsplit(there).username is None
        except ValueError:
            fine = False
        if not fine:
            raise FetchError("redirection hors du site", passing=False)
        if urlsplit(here).scheme == "https" and urlsplit(there).scheme == "http":
            raise FetchError("redirection vers une adresse sans chiffrement", passing=False)
        if there in seen:
            raise FetchError("redirections sans fin", passing=False)
        if not allowed(there):
            raise FetchError(
                "redirection vers une page que robots.txt ou les réglages de la source excluent", passing=False
            )
        return there

    def _exchange(
        self,
        asked: str,
        here: str,
        headers: Mapping[str, str],
        largest: int,
        sink: Callable[[bytes], None] | None,
        before: int,
        fields: Mapping[str, str] | None = None,
        *,
        limit: float,
    ) -> Fetched:
        if not is_within(self._source, here):
            raise FetchError("adresse hors du site", passing=False)
        self._pace.wait()
        self.count += 1
        expired = threading.Event()

        def expire() -> None:
            expired.set()  # first: the reader takes the end of the connection for the end of the answer
            self._sockets.end()

        watch = threading.Timer(limit, expire)
        watch.daemon = True
        watch.start()
        try:
            with self._session.request(
                "GET" if fields is None else "POST",
                here,
                data=fields,
                headers={**(self._credentials if self._may_know(here) else {}), **headers},
                timeout=(CONNECT, READ),
                allow_redirects=False,
                stream=True,
            ) as answer:
                held = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
                self._session.cookies.clear()  # a site must not follow the gatherer around
                body = b""
                if answer.status_code not in _MOVED and answer.status_code != 304:
                    take = sink if answer.status_code == 200 else None
                    body = _body(answer, largest, take)
                if expired.is_set():
                    raise _too_slow(limit)
                at = self._clock.now().isoformat(timespec="microseconds")
                return Fetched(asked, here, answer.status_code, held, body, at, self.count - before)
        except FetchError as error:
            if expired.is_set() and error.passing:
                raise _too_slow(limit) from error
            raise
        except (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            if expired.is_set():
                raise _too_slow(limit) from error
            raise _described(error) from error
        finally:
            watch.cancel()


class _Session(requests.Session):
    """A session that looks at no redirect: the library reads the whole body of one, however long, even if it does not
    follow it.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None for every answer: no redirect is looked at."""


def _body(answer: requests.Response, largest: int, sink: Callable[[bytes], None] | None) -> bytes:
    """Return the decompressed body of an answer; it is empty if a sink takes it. The size is measured, since headers
    may be wrong.

    Raises:
        FetchError: the body is too large, ends too early, or cannot be decompressed.
    """
    codings = [one.strip().lower() for one in answer.headers.get("Content-Encoding", "").split(",") if one.strip()]
    codings = [one for one in codings if one != "identity"]
    if len(codings) > 1 or any(one not in {"gzip", "x-gzip", "deflate"} for one in codings):
        raise FetchError("compression inconnue", passing=False)
    decode = _Inflater() if codings else None
    kept: list[bytes] = []
    take = kept.append if sink is None else sink
    received = size = 0
    while chunk := answer.raw.read(_CHUNK, decode_content=False):
        received += len(chunk)
        for piece in (chunk,) if decode is None else decode.pieces(chunk):
            size += len(piece)
            if size > largest or received > largest:
                raise FetchError(f"réponse de plus de {largest // 1_000_000} Mo", passing=False)
            take(piece)
    if decode is not None and not decode.complete:
        raise FetchError("réponse interrompue", passing=True)
    if not received and answer.status_code == 200 and not _FRAMED & {name.lower() for name in answer.headers}:
        raise FetchError("réponse interrompue", passing=True)  # also where the connection was cut within the headers
    return b"".join(kept)


class _Inflater:
    """Decompresses gzip or deflate, with or without its header, at most `_CHUNK` bytes at a time."""

    def __init__(self) -> None:
        self._object = zlib.decompressobj(32 + zlib.MAX_WBITS)
        self._raw = False
        self._some = False

    @property
    def complete(self) -> bool:
        """Return whether the compressed data came to its end, or none came at all."""
        return self._object.eof or not self._some

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what a chunk decompresses to.

        Raises:
            FetchError: the chunk is neither gzip nor deflate.
        """
        while chunk and not self._object.eof:
            try:
                piece = self._object.decompress(chunk, _CHUNK)
            except zlib.error as error:
                if self._some or self._raw:
                    raise FetchError("réponse mal compressée", passing=True) from error
                self._object, self._raw = zlib.decompressobj(-zlib.MAX_WBITS), True
                continue
            self._some = True
            chunk = self._object.unconsumed_tail
            yield piece


def _too_slow(limit: float) -> FetchError:
    return FetchError(f"réponse de plus de {limit:.0f} secondes", passing=True)


def _described(error: Exception) -> FetchError:
    """Return the error, in French, for an exception of a library, whose own message is never shown to people."""
    cause: BaseException | None = error
    for _ in range(8):
        if cause is None:
            break
        if isinstance(cause, PrivateAddressError):
            return FetchError(
                "ce nom mène à une adresse du réseau interne : donnez --local à la source si c’est voulu", passing=False
            )
        inner = cause.__cause__ or cause.__context__ or getattr(cause, "reason", None)
        if inner is None and cause.args and isinstance(cause.args[-1], BaseException):
            inner = cause.args[-1]
        cause = inner if isinstance(inner, BaseException) else None
    if isinstance(error, requests.exceptions.SSLError):
        return FetchError("le certificat du site n’est pas valable", passing=True)
    if isinstance(error, requests.exceptions.Timeout):
        return FetchError("le site ne répond pas à temps", passing=True)
    if isinstance(
        error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema | ValueError
    ) and not isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return FetchError("adresse ou réponse mal formée", passing=False)
    if isinstance(error, requests.exceptions.ConnectionError):
        return FetchError("le site ne répond pas, ou coupe la connexion", passing=True)
    return FetchError("réponse interrompue ou mal formée", passing=True)
