"""References for Zotero and others: COinS in lists, metadata of a resource's page, its JSON-LD."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from indexer.publications import PDF
from indexer.resource import PublishedDocument
from search_app.export import Kind, kind_of
from search_app.export.coins import context_object
from search_app.resources import metadata
from tests.support.awkward_records import AWKWARD, MEMBER, VISITOR, record
from tests.support.fake_engine import FakeEngine
from tests.support.schema_org import faults


def zotero_type_of_page(soup: BeautifulSoup) -> str | None:
    """Return the type of item that Zotero's translator "Embedded Metadata" gives a page, by the order of its rules:
    the type of Dublin Core, then that of Open Graph, then the Highwire tags (`citation_…`); None if it finds no item.
    """
    tags = {tag.get("name") or tag.get("property"): tag["content"] for tag in soup.select("head meta[content]")}
    if tags.get("DC.type") in {"report", "webpage", "journalArticle", "book", "thesis"}:
        return tags["DC.type"]
    if tags.get("og:type") == "article":
        return "journalArticle"
    if "citation_technical_report_institution" in tags:
        return "report"
    return "journalArticle" if "citation_title" in tags else None


def zotero_item(title: str) -> dict[str, list[str]]:
    """Return the fields and the type of item that Zotero's translator "COinS" reads from a context object."""
    pairs: dict[str, list[str]] = {}
    for name, value in parse_qsl(title, strict_parsing=True):
        pairs.setdefault(name, []).append(value)
    assert pairs["ctx_ver"] == ["Z39.88-2004"]
    (form,) = pairs["rft_val_fmt"]
    kinds = {
        "info:ofi/fmt:kev:mtx:journal": "journalArticle",
        "info:ofi/fmt:kev:mtx:dc": "webpage",
        "info:ofi/fmt:kev:mtx:book": {"report": "report"}.get(pairs.get("rft.genre", [""])[0], "book"),
    }
    fields = {
        "title": "rft.btitle" if "rft.btitle" in pairs else "rft.title",
        "date": "rft.date",
        "creator": "rft.au" if "rft.au" in pairs else "rft.creator",
        "publisher": "rft.pub" if "rft.pub" in pairs else "rft.publisher",
        "url": "rft_id" if "rft_id" in pairs else "rft.identifier",
    }
    return {"type": [kinds[form]], **{name: pairs[key] for name, key in fields.items() if key in pairs}}


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Guide", Kind.REPORT),
        ("Guides", Kind.REPORT),
        ("Compte rendu", Kind.REPORT),
        ("Compte-rendu", Kind.REPORT),
        ("Étude", Kind.REPORT),
        ("RAPPORT D’ACTIVITÉ", Kind.REPORT),
        ("Communiqué de presse", Kind.WEB_PAGE),
        ("Webinaire", Kind.WEB_PAGE),
        ("Autres", Kind.WEB_PAGE),
        ("Article", Kind.WEB_PAGE),
        ("Revue", Kind.WEB_PAGE),
        ("s", Kind.WEB_PAGE),
        ("  ", Kind.WEB_PAGE),
        (None, Kind.WEB_PAGE),
    ],
)
def test_kinds(written: str | None, kind: Kind) -> None:
    assert kind_of(record(type=written).resource) is kind


@pytest.mark.parametrize("one", AWKWARD)
def test_a_reference_survives_awkward_values(one: object) -> None:
    item = zotero_item(context_object(one, MEMBER))  # type: ignore[arg-type]
    resource = one.resource  # type: ignore[attr-defined]
    assert item["type"] == [kind_of(resource).value]
    assert item["title"] == [" ".join(resource.title.split())]
    assert item.get("creator", []) == list(resource.authors)
    assert item["url"] == [one.original or one.address]  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/?q=coop*", "/?theme=none", "/?type=Guides&sort=title&per_page=50"])
def test_each_hit_of_a_list_has_its_reference(client: FlaskClient, path: str) -> None:
    soup = BeautifulSoup(client.get(path).text, "lxml")
    hits = soup.select("li.hit")
    assert hits
    for hit in hits:
        (held,) = hit.select("span.Z3988")
        item = zotero_item(held["title"])
        assert item["title"] == [" ".join(hit.select_one("h3").get_text().split())]
        # A screen reader, and a person, find nothing there.
        assert held.get_text() == ""
        alone = BeautifulSoup(client.get(hit.select_one("h3 a")["href"]).text, "lxml")
        assert item["type"] == [zotero_type_of_page(alone)]


def test_members_lists_have_references_too(member: FlaskClient) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', member.get("/").text)
    form = {"csrf_token": token[1], "action": "add", "resource": "r-04"}
    member.post("/selection", data=form)
    (held,) = BeautifulSoup(member.get("/selection").text, "lxml").select("ul.kept span.Z3988")
    assert zotero_item(held["title"])["title"] == ["Convention de coopération entre métropole et campagnes"]


def test_references_of_a_list_are_of_the_reader_s_world(client: FlaskClient) -> None:
    for path in ("/?per_page=50", "/?q=zanzibar", "/?private=oui"):
        assert "Convention+de+coop%C3%A9ration" not in client.get(path).text


def test_no_page_of_a_resource_is_a_journal_article(client: FlaskClient, engine: FakeEngine) -> None:
    kinds = set()
    for one in engine.resources:
        if not one.private:
            soup = BeautifulSoup(client.get(f"/ressources/{one.id}").text, "lxml")
            kinds.add(kind := zotero_type_of_page(soup))
            assert kind == kind_of(one).value
            assert soup.select_one('meta[property="og:type"]')["content"] == "website"
            assert not soup.select('meta[property^="article:"], meta[name="citation_journal_title"]')
    assert kinds == {"report", "webpage"}


FILE = PublishedDocument(1, "guide.pdf", "a" * 32, "t", PDF, 1200, "read", labels=(None,))


def test_a_reference_leads_to_the_pdf() -> None:
    files = [metadata.OwnFile(FILE, "https://archives.example/ressources/guide/documents/1")]
    tags = dict(metadata.highwire(record(type="Guide"), VISITOR, files))
    assert tags["citation_pdf_url"] == files[0].address
    assert tags["citation_technical_report_institution"] == tags["citation_publisher"] == "reseau.example"
    office = metadata.OwnFile(replace(FILE, media_type="application/msword"), files[0].address)
    assert "citation_pdf_url" not in dict(metadata.highwire(record(), VISITOR, [office]))


def test_json_ld_is_valid(client: FlaskClient, engine: FakeEngine) -> None:
    files = [metadata.OwnFile(FILE, "https://archives.example/ressources/guide/documents/1")]
    for one in AWKWARD:
        assert faults(metadata.schema_org(one, MEMBER, "https://archives.example/", files)) == []
    types = set()
    for one in engine.resources:
        if not one.private:
            soup = BeautifulSoup(client.get(f"/ressources/{one.id}").text, "lxml")
            said = json.loads(soup.select_one('script[type="application/ld+json"]').string)
            assert faults(said) == [], one.id
            types.add(said["@type"])
    assert types == {"Report", "WebPage"}


@pytest.mark.parametrize(
    "change",
    [
        {"@context": "http://schema.org/x"},
        {"@type": "JournalArticle"},
        {"contentSize": "12 B"},
        {"datePublished": "16/02/2024"},
        {"isAccessibleForFree": "oui"},
        {"isPartOf": {"@type": "Person", "name": "Zoé"}},
        {"isPartOf": {"@type": "Collection", "titre": "x"}},
        {"sameAs": "guide.pdf"},
        {"keywords": [""]},
        {"invented": "x"},
    ],
)
def test_the_check_of_json_ld_finds_faults(change: dict[str, object]) -> None:
    said = metadata.schema_org(AWKWARD[0], MEMBER, "https://archives.example/")
    assert faults({**said, **change}) != []
