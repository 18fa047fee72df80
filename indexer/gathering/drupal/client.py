"""Requests to JSON:API: documents, sign-in, and walks over collections that lose nothing while nodes come and go."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin

from indexer.errors import GatheringError
from indexer.gathering.addresses import is_within
from indexer.gathering.fetching import Fetched, Fetcher, FetchError
from indexer.gathering.politeness import LONGEST_PAUSE
from indexer.gathering.registry import StoppedError
from indexer.gathering.session import Session

PAGE = 50
"""Number of resources to ask for in one answer: Drupal core silently gives no more."""
NID = "drupal_internal__nid"
_ACCEPT = "application/vnd.api+json"
_ATTEMPTS = 5
_MAX_EMPTY = 10_000
"""Number of answers in a row without any resource, all of them denied, after which a walk ends."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource object of JSON:API.

    Attributes:
        type: such as ``node--article``.
        id: its UUID.
        attributes: values by public field name.
        relationships: types and ids of what it refers to, by public field name.
    """

    type: str
    id: str
    attributes: Mapping[str, Any]
    relationships: Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Document:
    """An answer of JSON:API.

    Attributes:
        data: its resources, in order.
        included: other resources that came with it, by type and id.
        next: address of the next part of the collection, or None at the end.
        links: its other links, by name.
        date: the server's time (the header `Date`), or empty.
    """

    data: tuple[Resource, ...]
    included: Mapping[tuple[str, str], Resource]
    next: str | None
    links: Mapping[str, str] = field(default_factory=dict)
    date: str = ""


class DeniedError(FetchError):
    """The site refuses what was asked for (401 or 403)."""


class AbsentError(FetchError):
    """The site does not have what was asked for (404 or 410)."""

    def __init__(self, answer: Fetched) -> None:
        super().__init__(f"HTTP {answer.status}", passing=False)
        self.status = answer.status


class Client:
    """The JSON:API of one site, as it answers requests with credentials or without.

    Args:
        session: the connections to the site.
        fetcher: the one of the session to use: with credentials, or without.
    """

    def __init__(self, session: Session, fetcher: Fetcher) -> None:
        self._session, self._fetcher = session, fetcher
        self._home = session.source.address

    def sign_in(self) -> None:
        """Exchange client credentials for a token, if the source has some.

        Raises:
            GatheringError: the site refuses them.
        """
        held = self._session.credentials
        if held is None or not held.client_id or self._fetcher is self._session.open:
            return
        fields = {"grant_type": "client_credentials", "client_id": held.client_id, "client_secret": held.client_secret}
        try:
            answer = self._fetcher.post(urljoin(self._home, "/oauth/token"), fields)
            token = json.loads(answer.body)["access_token"] if answer.status == 200 else ""
        except (FetchError, ValueError, KeyError, TypeError):
            token = ""
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise GatheringError(
                "Le site refuse d’ouvrir son interface (/oauth/token) : vérifiez client_id et client_secret dans le "
                "fichier du jeton, et le module simple_oauth du site."
            )
        self._fetcher.authorize(f"Bearer {token}")

    def get(self, address: str, query: Mapping[str, str] | None = None) -> Document:
        """Return the document at an address.

        Args:
            address: absolute, or relative to the root of the site.
            query: query parameters.

        Raises:
            AbsentError: the site has no such document.
            DeniedError: the site refuses to show it.
            FetchError: there is no usable answer.
            StoppedError: the site asks to wait for long.
            GatheringError: the sign-in fails.
        """
        whole = urljoin(self._home, address) + (f"?{urlencode(query)}" if query else "")
        renewed = False
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = self._fetcher.get(whole, accept=_ACCEPT)
            except FetchError as error:
                if not error.passing or attempt == _ATTEMPTS:
                    raise
                self._session.pace.back_off(None)
                continue
            if answer.status == 401 and not renewed and self._session.credentials is not None:
                renewed = True  # a token lasts some minutes, a walk hours
                self.sign_in()
                continue
            if answer.status in {429, 500, 502, 503, 504} and attempt < _ATTEMPTS:
                pause = self._session.pace.back_off(answer.headers.get("retry-after"))
                if pause > LONGEST_PAUSE:
                    raise StoppedError(
                        f"Le site demande d’attendre {pause / 60:.0f} minutes : la prochaine récupération continuera."
                    )
                continue
            self._session.pace.answered()
            return _document(answer)
        raise FetchError("le site est occupé", passing=True)

    def walk(self, collection: str, query: Mapping[str, str], *, after: int = 0) -> Iterator[Document]:
        """Yield a collection of nodes in the order of their numbers, one answer at a time.

        Each answer is asked for by the number of the last node, never by an offset: nodes that are deleted meanwhile
        would move the others. Answers may be short or empty, since denied nodes are left out of them.

        Args:
            collection: its address.
            query: parameters, such as sparse fieldsets and further filters.
            after: number of the node to begin after.

        Raises:
            GatheringError, FetchError: as for `get`.
        """
        empty = 0
        following: str | None = None
        while True:
            if following is None:
                keyset = {
                    "filter[after][condition][path]": NID,
                    "filter[after][condition][operator]": ">",
                    "filter[after][condition][value]": str(after),
                    "sort": NID,
                    "page[limit]": str(PAGE),
                }
                document = self.get(collection, {**query, **keyset})
            else:
                document = self.get(following)
            yield document
            numbers = [nid for one in document.data if (nid := number_of(one)) is not None]
            if document.next is None:
                return
            if numbers and max(numbers) > after:
                after, following, empty = max(numbers), None, 0
            else:
                # Everything here was denied: what follows is known by its offset alone.
                following = document.next if is_within(self._session.source, document.next) else None
                empty += 1
                if following is None or empty > _MAX_EMPTY:
                    return


def number_of(node: Resource) -> int | None:
    """Return the number of a node (nid), or None."""
    found = node.attributes.get(NID)
    return found if isinstance(found, int) and found > 0 else None


def _document(answer: Fetched) -> Document:
    if answer.status in {401, 403}:
        raise DeniedError(f"le site refuse l’accès (HTTP {answer.status})", passing=False)
    if answer.status in {404, 410}:
        raise AbsentError(answer)
    if answer.status != 200:
        raise FetchError(f"le site répond par le statut {answer.status}", passing=answer.status >= 500)
    try:
        held = json.loads(answer.body)
        if not isinstance(held, dict):
            raise TypeError
        data = held.get("data")
        found = [data] if isinstance(data, dict) else data or []
        included = [_resource(one) for one in held.get("included") or []]
        links = {name: href for name, link in (held.get("links") or {}).items() if (href := _href(link))}
        following = links.pop("next", None)
        return Document(
            tuple(_resource(one) for one in found),
            {(one.type, one.id): one for one in included},
            None if following is None else urljoin(answer.address, following),
            links,
            answer.headers.get("date", ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FetchError("la réponse n’est pas du JSON:API", passing=False) from error


def _resource(held: Mapping[str, Any]) -> Resource:
    relationships = {}
    for name, value in (held.get("relationships") or {}).items():
        data = value.get("data")
        every = [data] if isinstance(data, dict) else data or []
        relationships[name] = tuple((str(one["type"]), str(one["id"])) for one in every)
    return Resource(str(held["type"]), str(held["id"]), dict(held.get("attributes") or {}), relationships)


def _href(link: Any) -> str | None:
    href = link.get("href") if isinstance(link, dict) else link
    return href if isinstance(href, str) else None
