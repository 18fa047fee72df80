"""Feeds, OpenSearch, sitemaps and robots.txt are valid, and the same for every request."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import feedparser
import pytest
from flask.testing import FlaskClient

from indexer.query.request import MAX_REACH, SearchRequest, SearchResponse
from search_app.export import discovery
from search_app.settings import SiteSettings
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.site import make_app

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT00:00:00Z")


HOME = "http://127.0.0.1:8000"


def tree(client: FlaskClient, path: str) -> ET.Element:
    answer = client.get(path)
    assert answer.status_code == 200
    return ET.fromstring(answer.data)


def read(client: FlaskClient, path: str) -> Any:
    parsed = feedparser.parse(client.get(path).data)
    assert not parsed.bozo
    return parsed


def test_a_feed_has_all_that_atom_requires(client: FlaskClient) -> None:
    answer = client.get("/flux.atom?q=coop*&sort=title&page=2&per_page=2")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(answer.data)
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{ATOM}id", ""))
        assert INSTANT.fullmatch(element.findtext(f"{ATOM}updated", ""))
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Archives d’essai"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {
        "self": f"{HOME}/flux.atom?q=coop%2A",
        "alternate": f"{HOME}/?q=coop%2A&sort=-date",
    }


def test_entries_are_the_newest_first(client: FlaskClient) -> None:
    hits = client.get("/api/v1/search?q=coop*&sort=-date&per_page=100").json["hits"]
    feed = read(client, "/flux.atom?q=coop*")
    assert [entry.title for entry in feed.entries] == [hit["title"] for hit in hits]
    assert [entry.link for entry in feed.entries] == [f"{HOME}/ressources/{hit['id']}" for hit in hits]
    updated = [entry.updated for entry in feed.entries]
    assert updated == sorted(updated, reverse=True)
    assert feed.feed.updated == updated[0]
    assert feed.feed.title == "Archives d’essai – coop*"


def test_what_has_no_date_says_none(client: FlaskClient) -> None:
    (entry,) = read(client, "/flux.atom?q=consigne").entries
    assert entry.updated == "1970-01-01T00:00:00Z"
    assert "published" not in entry


def test_ids_are_stable(client: FlaskClient, settings: SiteSettings) -> None:
    whole = read(client, "/flux.atom").entries
    some = read(client, "/flux.atom?q=scic").entries
    assert {entry.id for entry in some} <= {entry.id for entry in whole}
    assert len({entry.id for entry in whole}) == len(whole)
    elsewhere = client.get("/flux.atom?q=scic", base_url="http://autre.example/")
    assert [entry.id for entry in feedparser.parse(elsewhere.data).entries] == [entry.id for entry in some]
    assert read(client, "/flux.atom?q=scic").feed.id != read(client, "/flux.atom?q=vélo").feed.id


def test_hostile_and_unprintable_text_stays_text(settings: SiteSettings, client: FlaskClient) -> None:
    assert '<script>alert("titre")</script> & "guillemets"' in [entry.title for entry in feedparser.parse(
        client.get("/flux.atom?q=piégée").data, sanitize_html=False).entries]  # fmt: skip
    odd = replace(demo_resources()[0], title="Titre \x00\x0b\ufffe\ud800 fin", themes=("th\x08ème",))
    odd_client = make_app(settings, FakeEngine((odd,))).test_client()
    assert tree(odd_client, "/flux.atom").findtext(f"{ATOM}entry/{ATOM}title") == "Titre  fin"


def test_an_empty_feed_is_valid(client: FlaskClient) -> None:
    feed = read(client, "/flux.atom?q=xylophone")
    assert feed.entries == []
    assert feed.feed.updated == "1970-01-01T00:00:00Z"


def test_malformed_arguments_are_named(client: FlaskClient) -> None:
    assert client.get("/flux.atom?year=20l4").status_code == 400


def test_opensearch(client: FlaskClient) -> None:
    answer = client.get("/opensearch.xml")
    assert answer.content_type == "application/opensearchdescription+xml; charset=utf-8"
    description = ET.fromstring(answer.data)
    assert len(description.findtext(f"{OPENSEARCH}ShortName", "")) <= 16
    urls = {url.get("type"): url.get("template", "") for url in description.findall(f"{OPENSEARCH}Url")}
    page = urls["text/html"].replace("{searchTerms}", "v%C3%A9lo").removeprefix(f"{HOME}")
    assert client.get(page).data == client.get("/?q=v%C3%A9lo").data
    suggestions = urls["application/x-suggestions+json"].replace("{searchTerms}", "mon").removeprefix(f"{HOME}")
    answer = client.get(suggestions)
    assert answer.content_type == "application/x-suggestions+json; charset=utf-8"
    assert answer.json == ["mon", client.get("/api/v1/suggest?q=mon").json["suggestions"]]
    assert client.get("/opensearch/suggestions").json == ["", []]


def test_addresses_are_those_of_the_settings_whatever_the_host_header_says(settings: SiteSettings) -> None:
    public = replace(settings, address="https://archives.example/")
    client = make_app(public, FakeEngine(demo_resources())).test_client()
    for path in ("/robots.txt", "/sitemap.xml", "/opensearch.xml", "/flux.atom", "/export.csv", "/ressources/r-00"):
        text = client.get(path, headers={"Host": "evil.example"}).text
        assert "https://archives.example/" in text, path
        assert "evil" not in text


def test_robots_and_sitemap(client: FlaskClient, member: FlaskClient) -> None:
    robots = client.get("/robots.txt")
    assert robots.content_type == "text/plain; charset=utf-8"
    assert f"Sitemap: {HOME}/sitemap.xml\n" in robots.text
    for who in (client, member):
        sitemap = tree(who, "/sitemap.xml")
        found = [(url.findtext(f"{SITEMAP}loc", ""), url.findtext(f"{SITEMAP}lastmod")) for url in sitemap]
        public = sorted(resource.id for resource in demo_resources() if not resource.private)
        resources = [address for address, _ in found if address.startswith(f"{HOME}/ressources/")]
        assert resources == [f"{HOME}/ressources/{one}" for one in public]
        others = {address.removeprefix(HOME).split("/")[1] for address, _ in found[len(resources) :]}
        assert others == {"themes", "territoires"} or others == {"themes"}
        assert (f"{HOME}/ressources/r-02", None) in found  # of its date, year and month are known
        assert (f"{HOME}/ressources/r-10", None) in found
    assert client.get("/sitemap-1.xml").data == client.get("/sitemap.xml").data
    assert client.get("/sitemap-2.xml").status_code == 404


def test_a_long_sitemap_is_split(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [url.findtext(f"{SITEMAP}loc") for url in tree(client, "/sitemap.xml")]
    monkeypatch.setattr(discovery, "MOST_IN_SITEMAP", 10)
    index = tree(client, "/sitemap.xml")
    assert index.tag == f"{SITEMAP}sitemapindex"
    parts = [loc.text or "" for loc in index.iter(f"{SITEMAP}loc")]
    count = -(-len(whole) // 10)
    assert count > 2
    assert parts == [f"{HOME}/sitemap-{number}.xml" for number in range(1, count + 1)]
    listed = []
    for part in parts:
        listed += [url.findtext(f"{SITEMAP}loc") for url in tree(client, part.removeprefix(f"{HOME}"))]
    assert listed == whole
    for beyond in ("/sitemap-0.xml", f"/sitemap-{count + 1}.xml"):
        assert client.get(beyond).status_code == 404


def test_the_sitemap_holds_more_than_a_search_reaches(client: FlaskClient, engine: FakeEngine) -> None:
    """If a search returns only some of its hits, the sitemap finds all resources by year, type and sort order."""
    real = engine.search
    whole = client.get("/sitemap.xml").data

    def search(request: SearchRequest) -> SearchResponse:
        response = real(request)
        # Totals are larger than the number of hits that can be reached, as in a large archive.
        beyond = MAX_REACH + response.total if response.total > 3 else response.total
        return replace(response, hits=response.hits[:3], total=beyond)

    engine.search = search  # type: ignore[method-assign]
    assert client.get("/sitemap.xml").data == whole


def test_twice_the_same(client: FlaskClient) -> None:
    for path in ("/flux.atom?q=coop*", "/sitemap.xml", "/opensearch.xml", "/robots.txt", "/export.bib"):
        assert client.get(path).data == client.get(path).data
