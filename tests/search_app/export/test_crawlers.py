"""Crawlers find valid sitemaps, and no traps if they respect the rules of the site."""

from __future__ import annotations

import datetime
import re
import urllib.robotparser
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from lxml import etree

from search_app.export import discovery
from search_app.settings import SiteSettings
from search_app.web.text import short_name
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.site import make_app

HOME = "http://127.0.0.1:8000"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def schema(root: str, entry: str, most: int) -> etree.XMLSchema:
    """Return the schema of sitemaps.org 0.9, as far as it concerns this site, for a sitemap or an index of sitemaps.

    Args:
        root: the root element, "urlset" or "sitemapindex".
        entry: the element of each entry.
        most: largest number of entries.
    """
    return etree.XMLSchema(
        etree.fromstring(f"""
<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}" xmlns:s="{NAMESPACE}"
    elementFormDefault="qualified">
  <xsd:element name="{root}"><xsd:complexType><xsd:sequence>
    <xsd:element name="{entry}" minOccurs="0" maxOccurs="{most}"><xsd:complexType><xsd:all>
      <xsd:element name="loc"><xsd:simpleType><xsd:restriction base="xsd:anyURI">
        <xsd:minLength value="12"/><xsd:maxLength value="2048"/><xsd:pattern value="https?://.+"/>
      </xsd:restriction></xsd:simpleType></xsd:element>
      <xsd:element name="lastmod" minOccurs="0"><xsd:simpleType>
        <xsd:union memberTypes="xsd:date xsd:dateTime"/>
      </xsd:simpleType></xsd:element>
    </xsd:all></xsd:complexType></xsd:element>
  </xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema>""")
    )


URLSET, INDEX = schema("urlset", "url", 50_000), schema("sitemapindex", "sitemap", 50_000)


def valid(xml: bytes, rules: etree.XMLSchema) -> etree._Element:
    document = etree.fromstring(xml)
    assert rules.validate(document), rules.error_log
    return document


@pytest.fixture
def dated(settings: SiteSettings) -> FlaskClient:
    """A site whose resources have dates known to the year, the month or the day, or no date."""
    plain = next(one for one in demo_resources() if not one.private)
    dates = {"annee": "2019", "mois": "2021-11", "jour": "2024-02-16", "sans": None, "faux": "2023-02-30"}
    held = [replace(plain, id=name, date=date, year=None, year_source=None) for name, date in dates.items()]
    held.append(replace(plain, id="corrigee", date="2024-02-16", year=2020))
    address = "https://archives.example/a&b<c>'d\"/"
    return make_app(replace(settings, address=address), FakeEngine(held)).test_client()


def test_a_sitemap_fits_its_schema_and_dates_are_whole(dated: FlaskClient) -> None:
    document = valid(dated.get("/sitemap.xml").data, URLSET)
    found = {
        url.findtext(f"{{{NAMESPACE}}}loc").rpartition("/")[2]: url.findtext(f"{{{NAMESPACE}}}lastmod")
        for url in document
        if "/ressources/" in url.findtext(f"{{{NAMESPACE}}}loc")
    }
    assert found == {
        "annee": None, "corrigee": None, "faux": None, "jour": "2024-02-16", "mois": None, "sans": None
    }  # fmt: skip
    assert datetime.date.fromisoformat(found["jour"])


def test_sitemaps_and_their_list_fit_their_schemas(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    valid(client.get("/sitemap.xml").data, URLSET)
    monkeypatch.setattr(discovery, "MOST_IN_SITEMAP", 7)
    for part in valid(client.get("/sitemap.xml").data, INDEX).iter(f"{{{NAMESPACE}}}loc"):
        assert len(valid(client.get(part.text.removeprefix(HOME)).data, URLSET)) <= 7


def test_the_schema_sees_what_is_wrong() -> None:
    entry = f'<urlset xmlns="{NAMESPACE}"><url><loc>https://a.example/b</loc><lastmod>%s</lastmod></url></urlset>'
    for bad in ("2019", "2021-11", "2023-02-30", "hier"):
        assert not URLSET.validate(etree.fromstring(entry % bad))
    assert URLSET.validate(etree.fromstring(entry % "2024-02-16"))


# Crawlers that respect rules

Rules = Callable[[str], bool]


def by_prefix(robots: str) -> Rules:
    """Return the rules as Python's parser applies them: prefixes, and the first rule that matches."""
    parser = urllib.robotparser.RobotFileParser()
    parser.parse(robots.splitlines())
    return lambda url: parser.can_fetch("essai", url)


def by_standard(robots: str) -> Rules:
    """Return the rules according to RFC 9309: wildcards, and the longest rule that matches."""
    lines = [line.partition(":")[::2] for line in robots.splitlines() if line.startswith(("Allow:", "Disallow:"))]
    rules = [
        (len(path.strip()), verb == "Allow", re.compile(re.escape(path.strip()).replace(r"\*", ".*")))
        for verb, path in lines
    ]

    def may_fetch(url: str) -> bool:
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        fitting = [(size, allowed) for size, allowed, pattern in rules if pattern.match(path)]
        return max(fitting, default=(0, True))[1]

    return may_fetch


def crawl(client: FlaskClient, may_fetch: Rules, *, levels: int) -> set[str]:
    """Fetch all pages up to a number of links away from the home page, and return their addresses."""
    found, pending = {f"{HOME}/"}, deque([(f"{HOME}/", 0)])
    while pending:
        url, level = pending.popleft()
        answer = client.get(url.removeprefix(HOME))
        assert answer.status_code == 200, url
        if level == levels or answer.mimetype != "text/html":
            continue
        for link in BeautifulSoup(answer.text, "lxml").select("a[href]"):
            there = urljoin(url, link["href"]).partition("#")[0]
            if "nofollow" in link.get("rel", ()) or not there.startswith(HOME) or not may_fetch(there):
                continue
            if there not in found:
                found.add(there)
                pending.append((there, level + 1))
    return found


@pytest.mark.parametrize("read", [by_prefix, by_standard])
def test_a_polite_crawler_fetches_resources_and_a_few_pages(client: FlaskClient, read: Callable[[str], Rules]) -> None:
    fetched = crawl(client, read(client.get("/robots.txt").text), levels=3)
    resources = {url for url in fetched if url.startswith(f"{HOME}/ressources/")}
    assert len(resources) >= 10
    assert {urlsplit(url).query for url in fetched} == {""}
    others = fetched - resources
    assert {f"{HOME}/", f"{HOME}/themes", f"{HOME}/annees", f"{HOME}/aide", f"{HOME}/api"} <= others
    # There are as few pages of territories and themes as there are territories and themes.
    assert len([url for url in others if urlsplit(url).path.count("/") < 2]) <= 8
    public = {f"{HOME}/ressources/{one.id}" for one in demo_resources() if not one.private}
    assert resources <= public


@pytest.mark.parametrize("read", [by_prefix, by_standard])
def test_what_a_crawler_needs_is_allowed(client: FlaskClient, read: Callable[[str], Rules]) -> None:
    may_fetch = read(client.get("/robots.txt").text)
    page = BeautifulSoup(client.get("/").text, "lxml")
    files = [one[key] for one, key in ((page.select_one("link[rel=stylesheet]"), "href"), (page.script, "src"))]
    for path in ("/", "/themes", "/ressources/r-00", "/sitemap.xml", "/sitemap-2.xml", *files):
        assert may_fetch(HOME + path), path


@pytest.mark.parametrize(
    "path",
    [
        "/?q=eau", "/?theme=Eau", "/?year=2024&type=Guides", "/?page=2", "/?sort=title", "/?per_page=50",
        "/connexion?next=/", "/export.csv", "/flux.atom?q=eau", "/api/v1/search?q=eau", "/gestion/", "/selection",
    ],
)  # fmt: skip
def test_what_has_no_end_is_not_allowed(client: FlaskClient, path: str) -> None:
    robots = client.get("/robots.txt").text
    assert not by_prefix(robots)(HOME + path)
    assert not by_standard(robots)(HOME + path)


@pytest.mark.parametrize(
    "path", ["/?utm_source=x", "/themes?x=1", "/ressources/r-00?q=eau", "/ressources/a/citation.bib"]
)
def test_other_arguments_are_not_allowed_by_the_standard(client: FlaskClient, path: str) -> None:
    assert not by_standard(client.get("/robots.txt").text)(HOME + path)


# Canonical addresses


def canonical(client: FlaskClient, path: str) -> str:
    (link,) = BeautifulSoup(client.get(path).text, "lxml").select("link[rel=canonical]")
    return str(link["href"])


@pytest.mark.parametrize("path", ["/", "/themes", "/annees", "/aide", "/api"])
def test_every_list_has_its_own_address(client: FlaskClient, path: str) -> None:
    assert canonical(client, path) == HOME + path
    assert canonical(client, f"{path}?utm_source=lettre") == HOME + path


def test_searches_that_find_the_same_have_one_address(client: FlaskClient) -> None:
    asked = "/?q=eau&type=Guides&type=Actes&year=2024&year=2023"
    other = "/?year=2023&sort=title&type=Actes&type=Guides&type=Actes&per_page=50&year=2024&q=eau&inconnu=1"
    assert canonical(client, asked) == canonical(client, other)
    assert canonical(client, asked) == f"{HOME}/?q=eau&type=Actes&type=Guides&year=2023&year=2024"
    assert canonical(client, "/?page=2") == f"{HOME}/?page=2"


# The name of this search in browsers


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Archives du réseau", "Archives"),
        ("Archives d’essai", "Archives d’essai"),
        ("Ressources de l’économie sociale", "Ressources"),
        ("Ressources de l'", "Ressources de l'"),
        ("Le Réseau des territoires ruraux", "Le Réseau"),
        ("Mémoire à partager ensemble", "Mémoire"),
        ("Archives – Réseau national", "Archives"),
        ("Centre de ressources, en ligne", "Centre"),
        ("Base\u00a0documentaire commune", "Base"),
        ("Documentation\u00a0: tout", "Documentation"),
        ("Intercommunalités", "Intercommunalit…"),
        ("RTES", "RTES"),
        ("  Archives   RTES  ", "Archives RTES"),
        ("La documentation-des-territoires", "La documentatio…"),
    ],
)
def test_a_short_name_reads_well(name: str, short: str) -> None:
    assert short_name(name) == short
    assert len(short) <= 16


def test_the_short_name_is_the_same_in_the_description_and_in_pages(settings: SiteSettings) -> None:
    app = make_app(replace(settings, site_name="Archives du réseau"), FakeEngine(demo_resources()))
    client = app.test_client()
    description = etree.fromstring(client.get("/opensearch.xml").data)
    named = description.findtext("{http://a9.com/-/spec/opensearch/1.1/}ShortName")
    assert named == "Archives"
    for path in ("/", "/themes", "/ressources/r-00", "/connexion", "/nulle-part"):
        assert BeautifulSoup(client.get(path).text, "lxml").select_one("link[rel=search]")["title"] == named
