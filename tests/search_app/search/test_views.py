"""The pages of the search, in every state."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from indexer.errors import IndexMissingError
from indexer.resource import Audience
from search_app.settings import SiteSettings
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine, broken
from tests.support.site import make_app


def page(client: FlaskClient, path: str, status: int = 200) -> BeautifulSoup:
    response = client.get(path)
    assert response.status_code == status
    assert response.content_type == "text/html; charset=utf-8"
    return BeautifulSoup(response.text, "lxml")


def text(soup: BeautifulSoup, selector: str) -> str:
    found = soup.select_one(selector)
    assert found is not None, selector
    return " ".join(found.get_text().replace("\u202f", " ").split())


def links(soup: BeautifulSoup, selector: str = "a") -> dict[str, str]:
    return {" ".join(a.get_text().split()): a["href"] for a in soup.select(selector)}


def test_home_lists_everything(client: FlaskClient) -> None:
    soup = page(client, "/")
    assert text(soup, "h1") == "Chercher dans les archives"
    assert text(soup, ".tally") == "29 ressources, page 1 sur 3"
    assert len(soup.select(".hit")) == 10
    assert text(soup, ".sorts [aria-current]") == "Plus récentes"
    assert "Pertinence" not in links(soup, ".sorts a")
    assert soup.select_one("meta[name=robots]") is None
    assert soup.title.get_text() == "Chercher dans les archives – Archives d’essai"


def test_results(client: FlaskClient) -> None:
    soup = page(client, "/?q=commande+publique")
    assert text(soup, "h1") == "Résultats pour « commande publique »"
    assert text(soup, ".tally") == "2 ressources sur 29"
    assert soup.select_one("#q")["value"] == "commande publique"
    assert text(soup, ".sorts [aria-current]") == "Pertinence"
    hit = soup.select(".hit")[1]
    assert text(hit, ".hit-title") == "Guide de la restauration collective de proximité"
    assert text(hit, ".hit-year") == "2023, d’après le texte"
    assert text(hit, ".hit-type") == "Guides"
    assert text(hit, ".hit-themes") == "Thèmes : Alimentation durable · Achats publics responsables"
    assert [mark.get_text() for mark in hit.select(".snippet mark")] == ["commande", "publique"]
    assert hit.select_one(".hit-title a")["href"] == "/ressources/r-00?q=commande+publique"
    assert soup.select_one("meta[name=robots]")["content"].startswith("noindex")


def test_one_and_none(client: FlaskClient) -> None:
    assert text(page(client, "/?q=atlas"), ".tally") == "1 ressource sur 29"
    hit = page(client, "/?q=atlas")
    assert text(hit, ".hit-year") == "Sans année"
    assert text(hit, ".hit-type") == "Sans type"
    assert text(hit, ".hit-themes").endswith("Sans thème")


def test_facets_keep_several_values(client: FlaskClient) -> None:
    soup = page(client, "/?q=coop*&year=2023&year=none&type=Guides&sort=title&per_page=25")
    checked = {(box["name"], box["value"]) for box in soup.select("input[type=checkbox][checked]")}
    assert checked == {("year", "2023"), ("year", "none"), ("type", "Guides")}
    assert all(box["form"] == "recherche" for box in soup.select("input[type=checkbox]"))
    hidden = {(box["name"], box["value"]) for box in soup.select("#recherche input[type=hidden]")}
    assert hidden == {("sort", "title"), ("per_page", "25")}
    assert not soup.select("input[name=private]")
    ids = [tag["id"] for tag in soup.select("[id]")]
    assert len(ids) == len(set(ids))
    for label in soup.select("label"):
        assert label["for"] in ids


def test_selected_values_never_hide_in_a_fold(client: FlaskClient) -> None:
    soup = page(client, "/?year=2013")
    assert soup.select_one("details.more input[name=year]") is not None
    assert soup.select_one("details.more input[checked]") is None
    assert soup.select_one("details.more input[value=none]") is None


def test_chips_remove_one_filter_each(client: FlaskClient) -> None:
    soup = page(client, "/?q=coop*&year=2023&type=Autres&theme=Inconnu&year_from=2000&page=1")
    chips = links(soup, ".chips a")
    assert chips == {
        "Retirer le filtre Type : Autres×": "/?q=coop%2A&year=2023&year_from=2000&theme=Inconnu",
        "Retirer le filtre Thème : Inconnu×": "/?q=coop%2A&type=Autres&year=2023&year_from=2000",
        "Retirer le filtre Année : 2023×": "/?q=coop%2A&type=Autres&year_from=2000&theme=Inconnu",
        "Retirer le filtre Année : depuis 2000×": "/?q=coop%2A&type=Autres&year=2023&theme=Inconnu",
        "Tout retirer": "/?q=coop%2A",
    }


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/?theme=Mobilit%C3%A9s+solidaires", "Thème : Mobilités solidaires"),
        ("/?year=none", "Année : Sans année"),
        ("/?type=none", "Type : Sans type"),
        ("/?year_from=2020&year_to=2022", "Année : de 2020 à 2022"),
        ("/?year=2020&type=Autres", "Autres, 2020"),
        (
            "/?year=2020&type=Autres&year=2021&theme=none&year=2022&year=2023",
            "Autres, Sans thème, 2020, 2021 et 2 autres filtres",
        ),
        ("/?sort=title", "Chercher dans les archives"),
    ],
)
def test_headings(client: FlaskClient, path: str, heading: str) -> None:
    assert text(page(client, path), "h1") == heading


def test_titles_name_the_filters(client: FlaskClient) -> None:
    for path, title in {
        "/?q=coop*": "Résultats pour « coop* »",
        "/?q=coop*&type=Guides": "Résultats pour « coop* », Guides",
        "/?q=coop*&type=Guides&year_from=2020": "Résultats pour « coop* », Guides, depuis 2020",
        "/?type=Guides&type=Autres&page=2&per_page=2": "Guides, Autres, page 2",
        "/?type=Guides&type=Autres&type=none&year=2020&year=none": "Guides, Autres, Sans type, 2020 et 1 autre filtre",
    }.items():
        assert text(page(client, path), "title") == f"{title} – Archives d’essai"


def test_one_can_skip_to_the_results(client: FlaskClient) -> None:
    for path in ("/", "/?q=coop*", "/?q=xylophone"):
        soup = page(client, path)
        assert links(soup, ".skip") == {"Aller au contenu": "#contenu", "Aller aux résultats": "#resultats-titre"}
        assert soup.select_one("#resultats-titre")["tabindex"] == "-1"
    assert links(page(client, "/themes"), ".skip") == {"Aller au contenu": "#contenu"}


def test_facets_without_anything_to_choose_are_left_out(client: FlaskClient) -> None:
    def facets(path: str, status: int = 200) -> list[str]:
        return [one["id"] for one in page(client, path, status).select(".facet")]

    assert facets("/?q=xylophone") == []
    assert facets("/?q=xylophone&type=Guides") == ["facette-type"]
    assert facets("/?q=xylophone&year_from=2020") == ["facette-year"]  # to change the bound
    assert facets("/?q=xylophone&year_to=20l4", 400) == ["facette-year"]
    assert facets("/?q=coop*") == ["facette-type", "facette-theme", "facette-territory", "facette-year"]


def test_an_archive_without_resources_says_so(settings: SiteSettings) -> None:
    """Visitors read the same sentence if all resources of the archive are private."""
    private = tuple(resource for resource in demo_resources() if resource.private)
    for resources in ((), private):
        client = make_app(settings, FakeEngine(resources)).test_client()
        for path in ("/", "/?q=coop*", "/?type=Guides"):
            shown = text(page(client, path), "main")
            assert "L’archive ne contient encore aucune ressource. Revenez dans quelque temps." in shown
            assert "run.py" not in shown
            assert "Chercher autrement" not in shown


def test_an_archive_that_was_never_indexed_says_so(client: FlaskClient, staff: FlaskClient, engine: FakeEngine) -> None:
    engine.failure = IndexMissingError("Lancez run.py index dans /srv.")
    soup = page(client, "/", 503)
    assert text(soup, "h1") == "L’archive n’est pas encore ouverte"
    assert text(soup, ".page > :not(h1)") == (
        "Aucune ressource n’est encore publiée dans l’archive. Revenez dans quelque temps."
    )
    assert len(soup.select(".page > *")) == 2
    assert "Gestion" not in soup.get_text()
    assert "à la page « Gestion », importez des pages" in text(page(staff, "/", 503), "main")
    assert "run.py" not in client.get("/api/v1/search").text


def test_an_archive_that_was_never_indexed_is_logged_once(
    client: FlaskClient, engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    engine.failure = IndexMissingError("Lancez run.py index dans /srv.")
    for path in ("/", "/?q=coop", "/themes", "/healthz", "/api/v1/search", "/healthz"):
        assert client.get(path).status_code == 503
    (line,) = caplog.records
    assert (line.levelname, line.exc_info) == ("WARNING", None)
    assert "rien n’est encore indexé" in line.message


def test_sorts_go_back_to_the_first_page(client: FlaskClient) -> None:
    soup = page(client, "/?q=coop*&sort=title&page=2&per_page=2")
    assert links(soup, ".sorts a") == {
        "Pertinence": "/?q=coop%2A&per_page=2",
        "Plus récentes": "/?q=coop%2A&sort=-date&per_page=2",
        "Plus anciennes": "/?q=coop%2A&sort=date&per_page=2",
        "Titre": "/?q=coop%2A&sort=title&per_page=2",
    }
    assert text(soup, ".sorts [aria-current=true]") == "Titre"


def test_pager(client: FlaskClient) -> None:
    soup = page(client, "/?per_page=2&page=6")
    assert text(soup, ".pager") == "← Précédente Page 1 … Page 4 Page 5 Page 6 Page 7 Page 8 … Page 15 Suivante →"
    assert text(soup, ".pager [aria-current=page]") == "Page 6"
    assert soup.select_one(".pager [rel=prev]")["href"] == "/?page=5&per_page=2"
    assert soup.select_one(".pager [rel=next]")["href"] == "/?page=7&per_page=2"
    first = page(client, "/?per_page=2")
    assert first.select_one("[rel=prev]") is None
    assert page(client, "/?per_page=2&page=15").select_one("[rel=next]") is None
    assert page(client, "/?q=atlas").select_one(".pager") is None
    assert text(page(client, "/?per_page=6&page=1"), ".pager").startswith("Page 1 Page 2 Page 3 Page 4 Page 5")


def test_page_past_the_end(client: FlaskClient) -> None:
    soup = page(client, "/?q=coop*&page=50")
    assert "au-delà" in text(soup, ".empty")
    assert links(soup, ".empty a") == {"Revenir à la première page": "/?q=coop%2A"}


def test_empty_result_helps(client: FlaskClient) -> None:
    soup = page(client, "/?q=xylophone&year=2023&type=Autres")
    assert text(soup, ".empty-title") == "Aucune ressource ne correspond à « xylophone » avec ces filtres."
    offered = links(soup, ".empty a")
    assert offered["Alimentation durable"] == "/?theme=Alimentation+durable"
    assert offered["Tous les thèmes"] == "/themes"
    assert offered["toutes les ressources"] == "/"
    # No suggestion leads to an empty result.
    assert "Ce qui donnerait des résultats" not in text(soup, ".empty")


def test_empty_archive(client: FlaskClient, engine: FakeEngine) -> None:
    engine.resources = ()
    assert "encore aucune ressource" in text(page(client, "/"), ".empty")
    assert "Aucun thème" in text(page(client, "/themes"), "main")


def test_corrections_and_messages(client: FlaskClient) -> None:
    soup = page(client, "/?q=monaie")
    assert text(soup, ".notice") == "Rien ne correspond à « monaie » : voici les résultats pour « monnaie »."
    assert soup.select_one(".notice a")["href"] == "/?q=monnaie"
    assert soup.select_one("#q")["value"] == "monaie"
    soup = page(client, "/?q=vélo+xylophone+harpe")
    assert "Aucune ressource ne contient tous ces mots" in text(soup, ".notice")
    assert "guillemet" in text(page(client, '/?q="vélo'), ".notice")


def test_suggestion_without_correction(
    client: FlaskClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeEngine, "_better", staticmethod(lambda world, asked: "monnaies" if asked else None))
    assert text(page(client, "/?q=monnaie&page=1"), ".notice") == "Vouliez-vous dire « monnaies » ?"


def test_malformed_arguments_are_named_and_the_form_kept(client: FlaskClient) -> None:
    soup = page(client, "/?q=coop*&year_from=20l4&year=2023&sort=y", 400)
    assert "« 20l4 » n’est pas une année" in text(soup, "[role=alert]")
    assert "« y » n’est pas un tri" in text(soup, "[role=alert]")
    assert soup.select_one("#q")["value"] == "coop*"
    box = soup.select_one("#year_from")
    assert (box["value"], box["aria-invalid"]) == ("20l4", "true")
    assert soup.select_one(f"#{box['aria-describedby']}") is not None
    assert soup.select_one("input[name=year][value='2023']").has_attr("checked")
    assert soup.select(".hit")


def test_resource(client: FlaskClient) -> None:
    soup = page(client, "/ressources/r-02?q=scic&page=2")
    assert text(soup, "h1") == "Créer une SCIC avec sa commune"
    facts = {text(div, "dt"): text(div, "dd") for div in soup.select(".facts > div")}
    assert facts == {
        "Type": "Guides",
        "Année": "2021, d’après le texte",
        "Date": "novembre 2021",
        "Auteurs": "Léa Roux, Réseau d’essai",
        "Thème": "Coopérations, PTCE et SCIC",
        "Original": "Lire sur reseau.example",
    }
    assert [li.get_text() for li in soup.select(".prose section:not(.related) > ul li")] == [
        "Choisir l’objet social", "Réunir les associés", "Rédiger les statuts",
    ]  # fmt: skip
    assert links(soup, ".back a") == {"← Retour aux résultats": "/?q=scic#ressource-r-02"}  # it is on the first page
    assert soup.select_one("#q")["value"] == "scic"
    assert soup.select_one("link[rel=canonical]")["href"] == "http://127.0.0.1:8000/ressources/r-02"
    original = soup.select_one(".facts a[rel]")
    assert original["href"] == "https://reseau.example/ressources/2"
    assert set(original["rel"]) >= {"noopener", "noreferrer"}
    rows = [
        [" ".join(c.get_text(" ").split()) for c in row.select("th, td")] for row in soup.select(".documents tbody tr")
    ]
    assert rows == [
        ["Le guide complet (24 pages)", "PDF", "reseau.example"],
        ["Fiche pratique", "Page", "autre.example"],
        ["Document piégé", "–", "adresse inutilisable"],
    ]


def test_back_leads_to_the_hit(client: FlaskClient) -> None:
    for path in ("/?sort=title", "/?sort=title&page=2", "/?q=coop%2A&page=2&per_page=2"):
        hit = page(client, path).select(".hit-title a")[1]
        back = page(client, hit["href"]).select_one(".back a")["href"]
        address, _, fragment = back.partition("#")
        assert address == path
        (there,) = page(client, address).select(f"[id='{fragment}']")
        assert there["href"] == hit["href"]
    gone = page(client, "/ressources/r-02?q=xylophone&year=1987")
    assert links(gone, ".back a") == {"← Retour aux résultats": "/?q=xylophone&year=1987"}


def test_every_page_has_one_search_box(client: FlaskClient, staff: FlaskClient, engine: FakeEngine) -> None:
    everyone = ("/", "/?q=coop*", "/?q=xylophone", "/ressources/r-02", "/themes", "/annees", "/aide", "/api", "/rien")
    signed_in = ("/compte", "/selection", "/recherches", "/gestion/", "/gestion/imports", "/gestion/journal/9")
    pages = [client.get(path) for path in (*everyone, "/connexion")] + [staff.get(path) for path in signed_in]
    engine.failure = broken()
    pages += [client.get("/themes"), client.post("/themes")]
    assert {answer.status_code for answer in pages} >= {200, 404, 405, 503}
    for answer in pages:
        soup = BeautifulSoup(answer.text, "lxml")
        ids = [one["id"] for one in soup.select("[id]")]
        assert len(ids) == len(set(ids)), answer.request.path
        (box,) = soup.select("form[role=search]")
        assert (box["action"], box["method"]) == ("/", "get")
        assert box.select_one("input[name=q]")["id"] == "q" == box.select_one("label")["for"]
        assert box.select_one("button[type=submit]")


def test_resource_with_little_known(client: FlaskClient) -> None:
    soup = page(client, "/ressources/r-31")
    assert text(soup, ".facts").startswith("TypeAutres AnnéeSans année")
    assert "n’a pas de texte" in text(soup, ".prose")
    assert links(soup, ".back a") == {"← Toutes les ressources": "/"}
    soup = page(client, "/ressources/r-27?page=x&sort=y")
    assert "Sans thème" in text(soup, ".facts")
    assert "Sans type" in text(soup, ".facts")


def test_what_to_check_is_told_to_staff_alone(client: FlaskClient, member: FlaskClient, staff: FlaskClient) -> None:
    told = text(page(staff, "/ressources/r-10"), ".prose")
    assert "La date manque." in told
    assert "Page importée : theme/page-10.html" in told
    for who in (client, member):
        shown = page(who, "/ressources/r-10").get_text()
        assert "La date manque" not in shown
        assert "page-10.html" not in shown


def test_hostile_content_stays_text(client: FlaskClient) -> None:
    for path in ("/ressources/r-hostile", "/?q=piégée", "/themes", '/?q=<script>alert(1)</script>&type="><script>'):
        soup = page(client, path)
        assert not soup.select("script:not([src], [type='application/ld+json']), img, [onerror]")
        assert not [a["href"] for a in soup.select("[href]") if a["href"].startswith("javascript")]
    assert "{{ 7 * 7 }}" in text(page(client, "/ressources/r-hostile"), ".prose")
    assert text(page(client, "/ressources/r-hostile"), "h1") == '<script>alert("titre")</script> & "guillemets"'


def test_themes(client: FlaskClient, engine: FakeEngine) -> None:
    soup = page(client, "/themes")
    entries = [" ".join(li.get_text().split()) for li in soup.select(".index li")]
    assert entries[0] == "Alimentation durable5 ressources"
    assert entries[-1] == "Sans thème3 ressources"
    assert soup.select_one(".index li a")["href"] == "/themes/alimentation-durable"
    for a in soup.select(".index a"):
        total = int(re.match(r"\d+", a.parent.select_one(".count").get_text())[0])
        theme = "none" if "none" in a["href"] else a.get_text()
        assert client.get("/api/v1/search", query_string={"theme": theme}).json["total"] == total
        assert client.get(a["href"]).status_code == 200


def test_help_examples_are_live(client: FlaskClient) -> None:
    soup = page(client, "/aide")
    examples = {a.get_text(): a["href"] for a in soup.select("a.try")}
    for sign in ('"', "coop*", " OU ", " ET ", " SAUF ", " -", "titre:", "type:", "theme:", "annee:2020..2024"):
        assert any(sign in example for example in examples), sign
    for href in examples.values():
        assert client.get(href).status_code == 200


@pytest.mark.parametrize(
    ("failure", "title"),
    [
        (IndexMissingError("Lancez run.py index dans /srv."), "L’archive n’est pas encore ouverte"),
        (broken(), "Recherche indisponible"),
    ],
)
def test_unavailable(client: FlaskClient, engine: FakeEngine, failure: Exception, title: str) -> None:
    engine.failure = failure
    for path in ("/", "/?q=a&page=x", "/themes", "/annees", "/ressources/r-00"):
        soup = page(client, path, 503)
        assert text(soup, "h1") == title
        assert "/srv" not in soup.get_text()
    assert page(client, "/aide")


def test_error_pages(client: FlaskClient, engine: FakeEngine, app: Flask) -> None:
    assert text(page(client, "/rien", 404), "h1") == "Page introuvable"
    response = client.post("/themes")
    assert response.status_code == 405
    assert "Action impossible" in response.text
    assert "GET" in response.headers["Allow"]
    large = client.post("/connexion", data={"email": "x" * 100_000})
    assert large.status_code == 413
    assert "Envoi trop lourd" in large.text
    engine.failure = ZeroDivisionError("détail interne")
    soup = page(client, "/", 500)
    assert text(soup, "h1") == "Erreur de notre côté"
    assert "interne" not in soup.get_text()


def test_every_engine_call_names_the_audience(
    client: FlaskClient, member: FlaskClient, staff: FlaskClient, engine: FakeEngine
) -> None:
    paths = (
        "/",
        "/ressources/r-00",
        "/themes",
        "/annees",
        "/api/v1/search",
        "/api/v1/resources/r-00",
        "/api/v1/suggest?q=a",
    )
    for who, expected in ((client, Audience.VISITOR), (member, Audience.MEMBER), (staff, Audience.STAFF)):
        engine.audiences.clear()
        for path in paths:
            assert who.get(path).status_code == 200
        assert set(engine.audiences) == {expected}
        assert len(engine.audiences) >= len(paths)


def test_thousands_are_set_apart(client: FlaskClient, engine: FakeEngine) -> None:
    one = engine.resources[0]
    engine.resources = tuple(replace(one, id=f"x-{n}") for n in range(1234))
    assert "1\u202f234 ressources" in client.get("/").text


PAGES = ("/", "/?q=coop*&year=2023&type=Autres", "/?q=xylophone", "/themes", "/annees", "/aide", "/connexion", "/rien")


@pytest.mark.parametrize("path", PAGES)
def test_french_typography(client: FlaskClient, engine: FakeEngine, path: str) -> None:
    engine.resources = engine.resources[24:25]  # only text of the site itself
    soup = BeautifulSoup(client.get(path).text, "lxml")
    for example in soup.select("a.try"):
        example.extract()
    shown = soup.get_text()
    assert not re.search(r" [:;?!»]|« |'|(?<![ \u00a0\u202f])[;?!](?=\s)", shown)
    assert not re.search(r"(?<=\w):(?=\s)", shown)


@pytest.mark.parametrize("path", PAGES)
def test_structure(client: FlaskClient, path: str) -> None:
    soup = BeautifulSoup(client.get(path).text, "lxml")
    assert soup.html["lang"] == "fr"
    assert [len(soup.select(tag)) for tag in ("h1", "main", "header.masthead", "footer.footer")] == [1, 1, 1, 1]
    levels = [int(h.name[1]) for h in soup.select("h1, h2, h3, h4")]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert soup.select_one(".skip")["href"] == "#contenu"
    # No inline code, and nothing from other hosts.
    assert not soup.select("script:not([src]), style, [style], [onclick]")
    for tag in soup.select("link[href]:not([rel=canonical]), img[src]"):
        assert tag.get("href", tag.get("src")).startswith("/")
    assert len(client.get(path).data) < 60_000
