"""Sends the same requests to two sites as a visitor, and compares every byte of the responses."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from unittest import mock
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.engine.protocol import Engine
from indexer.query.request import SearchRequest
from indexer.resource import Audience
from indexer.storage.files import create_atomically, make_folder
from search_app import cli, create_app
from search_app.about import SiteTexts
from search_app.accounts.secret_key import SECRET_FILE
from search_app.browse.store import ThemeText, ThemeTexts
from search_app.members import Frequency
from search_app.settings import EMBEDDED, OPENSEARCH, ClusterSettings, MailServer, SiteSettings
from tests.support.privacy_archive import Places
from tests.support.privacy_routes import EMBEDDING, SECRET, SHARED, TOKEN, Asked

_TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')
_TOOK = re.compile(rb'"took_ms": ?[0-9.]+')
_LINK = re.compile(r"""(?:href|src|action|data-source)="([^"]*)"|<(?:loc|id|link|guid[^>]*)>([^<]+)<""")
_RECORD = re.compile(rb"<record>.*?</record>\s*|<header[ >](?:(?!</?record>).)*?</header>\s*", re.DOTALL)
_NO_RECORD = re.compile(rb"<(ListRecords|ListIdentifiers)>\s*</\1>|<error code=\"noRecordsMatch\">[^<]*</error>")
_WHEN = re.compile(rb"<(responseDate|datestamp|earliestDatestamp)>[^<]+<")
_COOKIE = re.compile(r"^([^=]+)=[^;]*")


@dataclass(frozen=True)
class Answer:
    """A response without the parts that may differ: the Date header, tokens, `took_ms`."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def answer_of(response: TestResponse) -> Answer:
    """Return a response with the parts that may differ normalised."""
    raw = response.get_data()
    body = _TOOK.sub(b'"took_ms": 0', _TOKEN.sub(b'name="csrf_token" value=""', raw))
    if response.request.path == "/oai":
        body = _harvested(body)
    headers = []
    for name, value in response.headers:
        if name == "Date":
            continue
        if name == "Set-Cookie":
            value = _COOKIE.sub(r"\1=", value)  # noqa: PLW2901
        elif name == "Content-Length" and response.request.method != "HEAD" and raw:
            assert int(value) == len(raw)
            value = str(len(body))  # noqa: PLW2901
        elif name == "Content-Length" and response.request.path.startswith("/api/"):
            value = ""  # noqa: PLW2901 - of a HEAD whose took_ms is as long as it likes
        headers.append((name, value))
    return Answer(response.status_code, tuple(sorted(headers)), body)


def _harvested(body: bytes) -> bytes:
    """Return a response to a harvester without times and deleted records, the other records sorted.

    `test_harvest` shows that visitors saw each deleted record before.
    """
    undated = _WHEN.sub(rb"<\1><", body)
    kept = sorted(one for one in _RECORD.findall(undated) if b'status="deleted"' not in one)
    return _NO_RECORD.sub(b"", _RECORD.sub(b"", undated)) + b"".join(kept)


class Site:
    """A site as run.py serves it, and a client for a visitor.

    Args:
        places: the folders of its archive.
        wrap: returns the engine that the site uses, from that of the archive.
        titles: whether visitors see the titles of private resources.
        cluster: the OpenSearch cluster that answers, in place of the embedded engine.
    """

    def __init__(
        self,
        places: Places,
        wrap: Callable[[Engine], Engine] = lambda engine: engine,
        *,
        titles: bool = False,
        cluster: ClusterSettings | None = None,
    ) -> None:
        folder = places.folder
        settings = SiteSettings(
            corpus=folder / "corpus",
            index=folder / "index",
            data=folder / "data",
            private_titles=titles,
            embed=(EMBEDDING,),
            mail=MailServer("127.0.0.1", "archives@exemple.fr"),
            mail_visitors=True,
            assistants=True,
            engine=EMBEDDED if cluster is None else OPENSEARCH,
            cluster=cluster or ClusterSettings(),
        )
        make_folder(settings.data, 0o700)
        create_atomically(settings.data / SECRET_FILE, SECRET)
        SiteTexts(settings.data).write("accessibilite", "## Conformité\n\nPartielle.\n")
        # A theme that public resources have, and one that only private ones have, with a private resource picked.
        for slug in ("alimentation-durable", "arbitrages-budgetaires"):
            ThemeTexts(settings.data).write(slug, ThemeText("Une **introduction**.", ("fiche-0", "note-0", "inconnue")))
        self.engine: Engine = cli.open_engine(settings)
        self.app: Flask = create_app(settings, wrap(self.engine))
        self.app.config["PROPAGATE_EXCEPTIONS"] = False
        self.client: FlaskClient = self.app.test_client()

    def ask(self, asked: Asked) -> Answer:
        form = None if asked.form is None else dict(asked.form)
        if form is not None and TOKEN in form.values():
            found = _TOKEN.search(self.client.get("/connexion", buffered=True).get_data())
            token = found[1].decode() if found else ""
            form = {name: token if value == TOKEN else value for name, value in form.items()}
        response = self.client.open(
            asked.path,
            method=asked.method,
            data=form if asked.body is None else asked.body,
            content_type=None if asked.body is None else "application/json",
            headers=dict(asked.headers),
            buffered=True,
        )
        return answer_of(response)

    def ids(self, *, private: bool) -> tuple[str, ...]:
        """Return the ids of public or of private resources, as members see them."""
        request = SearchRequest(Audience.MEMBER, private=(private,), per_page=100, snippets=False)
        return tuple(hit.id for hit in self.engine.search(request).hits)

    def share(self) -> None:
        """Create what the tokens of `privacy_routes` give access to: a shared list of every second resource of the
        archive, with a note on each, and a visitor's request to follow a search.
        """
        stores = self.app.extensions["archive"].stores
        if stores.lists.by_share(SHARED) is not None:
            return
        account = stores.accounts.add_invited("partage@exemple.fr", "member")
        for private in (True, False):
            for resource_id in self.ids(private=private)[::2]:
                stores.lists.select(account.key, resource_id)
                note = "Note privée : zanzibar" if private else "Note publique"
                stores.lists.note(stores.lists.current(account.key), resource_id, note)
        with mock.patch("secrets.token_urlsafe", return_value=SHARED):
            stores.lists.share(stores.lists.current(account.key))
            key = stores.followers.ask("zoe@exemple.fr", "q=note&theme=Arbitrages", Frequency.DAILY)
            stores.followers.token(stores.followers.get(key))

    def close(self) -> None:
        self.engine.close()


class Pair:
    """A site whose archive holds private resources, and one whose archive never held any."""

    def __init__(self, full: Site, public: Site) -> None:
        self.full, self.public = full, public
        for site in (full, public):
            site.client = site.app.test_client()  # without earlier cookies
        self.asked: dict[Asked, Answer] = {}
        self.differences: list[str] = []

    def ask(self, asked: Asked) -> Answer:
        """Send a request to both sites, record it if the responses differ, and return that of the first site."""
        if asked in self.asked:
            return self.asked[asked]
        one, other = self.full.ask(asked), self.public.ask(asked)
        if one != other:
            self.differences.append(f"{asked.method} {asked.path} {asked.form or ''}\n{first_difference(one, other)}")
        self.asked[asked] = one
        self._ask_again(asked, one)
        return one

    def _ask_again(self, asked: Asked, answer: Answer) -> None:
        """Send the request again with the response's ETag and date: both sites must respond in the same way."""
        told = dict(answer.headers)
        tags = {"If-None-Match": told.get("ETag"), "If-Modified-Since": told.get("Last-Modified")}
        for name, value in tags.items():
            if value is not None and not asked.headers:
                self.ask(Asked(asked.path, asked.method, asked.form, ((name, value),)))

    def crawl(self, starts: Iterable[str], limit: int) -> int:
        """Follow all links of the site from some addresses, breadth first, and return the number of addresses
        requested.
        """
        waiting, seen = deque(dict.fromkeys(starts)), set(starts)
        count = 0
        while waiting and count < limit:
            path = waiting.popleft()
            count += 1
            for link in links(path, self.ask(Asked(path))):
                if link not in seen:
                    seen.add(link)
                    waiting.append(link)
        return count

    def reached(self) -> dict[str, set[int]]:
        """Return the statuses of the responses, by endpoint."""
        adapter = self.full.app.url_map.bind("localhost")
        statuses: dict[str, set[int]] = {}
        for asked, answer in self.asked.items():
            if asked.method == "OPTIONS":
                continue
            try:
                endpoint, _ = adapter.match(urlsplit(asked.path).path, method=asked.method)
            except Exception:
                continue
            statuses.setdefault(endpoint, set()).add(answer.status)
        return statuses


def links(path: str, answer: Answer) -> list[str]:
    """Return the addresses of this site that a response contains."""
    text = answer.body.decode(errors="replace")
    found = [html.unescape(one or other) for one, other in _LINK.findall(text)]
    if dict(answer.headers).get("Content-Type", "").startswith("application/json"):
        try:
            hits = json.loads(text).get("hits", [])
        except (ValueError, AttributeError):
            hits = []
        found += [f"/api/v1/resources/{hit['id']}" for hit in hits]
    addresses = []
    for link in found:
        parts = urlsplit(urljoin(f"http://localhost{path}", link))
        if parts.scheme == "http" and parts.netloc == "localhost":
            addresses.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return addresses


def first_difference(one: Answer, other: Answer) -> str:
    """Return a description of the first difference of two responses."""
    if one.status != other.status:
        return f"status {one.status} with private resources, {other.status} without"
    if one.headers != other.headers:
        return f"headers {sorted(set(one.headers) ^ set(other.headers))}"
    place = next((n for n, (a, b) in enumerate(zip(one.body, other.body, strict=False)) if a != b), None)
    start = max(0, (min(len(one.body), len(other.body)) if place is None else place) - 120)
    return f"with:    {one.body[start : start + 300]!r}\nwithout: {other.body[start : start + 300]!r}"
