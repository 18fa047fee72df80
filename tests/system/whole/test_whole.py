"""The site with the real engine and the demonstration archive, to find faults that fakes would hide."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from flask.testing import FlaskClient

from indexer.analysis.analyzer import default_analyzer
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.pipeline.indexing import index_corpus
from indexer.progress import Silent
from indexer.query.request import SearchRequest
from indexer.resource import Audience
from search_app import create_app
from search_app.accounts.store import Accounts
from search_app.settings import SiteSettings
from tests.support.places import EXAMPLE

EMAIL, PASSWORD = "membre@exemple.fr", "un mot de passe solide"


class Site:
    """A site with its own archive."""

    def __init__(self, place: Path, corpus: Path) -> None:
        self.settings = SiteSettings(corpus=corpus, index=place / "index", data=place / "data")
        self.engine = EmbeddedEngine(self.settings.index, default_analyzer())
        index_corpus(self.settings, self.engine, full=True, progress=Silent())
        self.app = create_app(self.settings, self.engine)

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def private(self) -> list[str]:
        """Return titles and ids of private resources."""
        found = self.engine.search(SearchRequest(Audience.STAFF, private=(True,), per_page=100, snippets=False))
        return [text for hit in found.hits for text in (hit.id, hit.title)]

    def ids(self) -> list[str]:
        """Return ids of public resources."""
        return [h.id for h in self.engine.search(SearchRequest(Audience.VISITOR, per_page=100)).hits]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    """Sites with the demonstration archive, and with the same without pages that contain only private resources."""
    place = tmp_path_factory.mktemp("whole")
    copytree(EXAMPLE, place / "full" / "exemple")
    full = Site(place / "a", place / "full")
    copytree(EXAMPLE, place / "public" / "exemple")
    for page in (place / "public" / "exemple").iterdir():
        raw = page.read_bytes()
        single = raw.count(b"<article") <= 1 and not page.name.startswith(("insertion-et-emploi", "alimentation-et"))
        found = full.engine.search(SearchRequest(Audience.STAFF, private=(True,), per_page=100, snippets=False))
        sources = {r.source for r in (full.engine.get(h.id, audience=Audience.STAFF) for h in found.hits) if r}
        if single and f"exemple/{page.name}" in sources:
            page.unlink()
    public = Site(place / "b", place / "public")
    yield full, public
    full.engine.close()
    public.engine.close()


def test_a_visitor_is_told_nothing_private(sites: tuple[Site, Site]) -> None:
    site, _ = sites
    client, secrets = site.client(), site.private()
    assert len(secrets) == 20
    addresses = ["/", "/?per_page=100", "/themes", "/aide", "/?q=commission", "/?q=fse", "/?q=zzzz"]
    addresses += [f"/ressources/{resource_id}" for resource_id in site.ids()]
    for address in addresses:
        page = client.get(address, buffered=True).get_data(as_text=True)
        assert [secret for secret in secrets if secret in page] == [], address


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?per_page=100&sort=title",
        "/?q=commission+ess",
        "/?q=foncier&theme=Insertion+et+emploi",
        "/?q=gouvernanse",
        "/?private=oui",
        "/themes",
        "/ressources/fse-2021-2027",
        "/api/v1/search?q=fse",
        "/api/v1/search?q=commission&per_page=100",
        "/api/v1/search?private=oui",
        "/api/v1/suggest?q=comm",
        "/api/v1/suggest?q=webinaire",
        "/api/v1/resources/rien",
        "/healthz",
    ],
)
def test_a_visitor_reads_the_same_bytes_without_private_resources(sites: tuple[Site, Site], address: str) -> None:
    def read(site: Site) -> tuple[int, str]:
        answer = site.client().get(address, buffered=True)
        return answer.status_code, re.sub(r'"took_ms": ?[\d.]+', "", answer.get_data(as_text=True))

    full, public = sites
    assert full.private() != public.private()
    assert read(full) == read(public)


def test_members_find_them(sites: tuple[Site, Site]) -> None:
    site, _ = sites
    Accounts(site.settings.data / "accounts.sqlite").add(EMAIL, "member", PASSWORD)
    client = site.client()
    form = client.get("/connexion", buffered=True).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    answer = client.post("/connexion", data={"email": EMAIL, "password": PASSWORD, "csrf_token": token.group(1)})
    assert answer.status_code == 303
    found = json.loads(client.get("/api/v1/search?private=oui&per_page=100").data)
    assert found["total"] == 10
    assert [value["value"] for value in found["facets"]["private"]] == ["non", "oui"]


def test_related_resources(sites: tuple[Site, Site]) -> None:
    site, _ = sites
    address = next(i for i in site.ids() if i.startswith("tzcld"))
    page = site.client().get(f"/ressources/{address}", buffered=True).get_data(as_text=True)
    related = page.partition("Ressources voisines")[2]
    assert "territoires-zero-chomeur" in related
    assert address not in related.partition("</section>")[0]


def test_corrections_and_most_words_are_said(sites: tuple[Site, Site]) -> None:
    client = sites[0].client()
    corrected = client.get("/?q=subvension", buffered=True).get_data(as_text=True)
    assert "Rien ne correspond à «\u00a0subvension\u00a0»" in corrected.replace("&nbsp;", "\u00a0")
    most = client.get("/?q=budget+cantine+bretagne", buffered=True).get_data(as_text=True)
    assert "Aucune ressource ne contient tous ces mots" in most


def test_completion(sites: tuple[Site, Site]) -> None:
    found = json.loads(sites[0].client().get("/api/v1/suggest?q=economie").data)["suggestions"]
    assert found[0].casefold().startswith("économie")
    assert len(found) <= 8
