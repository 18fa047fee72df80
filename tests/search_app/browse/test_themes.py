"""Pages of themes, and of what is new: what they show, who writes them, and that they tell nothing private."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from indexer.pipeline import corrections_of
from search_app.browse.addresses import theme_slug
from search_app.browse.store import ThemeText, ThemeTexts
from search_app.errors import StoreError
from search_app.settings import SiteSettings
from tests.support.desk import post, said, text

MONEY = "/themes/monnaies-locales"


def page(client: FlaskClient, path: str, status: int = 200) -> BeautifulSoup:
    answer = client.get(path)
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "lxml")


@pytest.mark.parametrize(
    ("theme", "slug"),
    [
        ("Monnaies locales", "monnaies-locales"),
        ("Coopérations, PTCE et SCIC", "cooperations-ptce-et-scic"),
        ("Œuvres", "oeuvres"),
    ],
)
def test_the_address_of_a_theme_is_its_words(theme: str, slug: str) -> None:
    assert theme_slug(theme) == slug


def test_no_two_themes_have_one_address() -> None:
    themes = ["Ελλάδα", "Россия", "a" * 90, "a" * 91, "Eau", "eaux", "x y", "xy", '"><script>']
    assert len({theme_slug(theme) for theme in themes}) == len(themes)
    assert theme_slug("ÉNERGIE !") == theme_slug("énergie")


def test_a_theme_shows_its_counts_and_the_newest(client: FlaskClient) -> None:
    shown = page(client, MONEY)
    assert shown.h1.get_text() == "Monnaies locales"
    assert [a.get_text() for a in shown.select(".kept a")] == [
        "Monnaie locale : dix ans d’une expérience basque",
        "Monnaies locales et collectivités : questions juridiques",
    ]
    assert shown.find("a", href="/?type=Guides&theme=Monnaies+locales") is not None
    assert shown.find("link", rel="alternate")["href"] == "/flux.atom?theme=Monnaies+locales"
    assert MONEY in {a["href"] for a in page(client, "/themes").select(".index a")}


def test_staff_write_an_introduction_and_pick_resources(staff: FlaskClient, client: FlaskClient) -> None:
    written = {"text": "Une **monnaie**.\n\n## Lire\n\n<b>gras</b> [x](javascript:alert(1))", "version": version(staff)}
    picks = "http://127.0.0.1/ressources/r-26\nr-04"
    shown = post(staff, "/gestion" + MONEY, **written, resources=picks)
    assert "Aperçu" in shown.text
    assert "introduction" not in client.get(MONEY).text
    saved = post(staff, "/gestion" + MONEY, **written, resources=picks, action="save")
    assert saved.location == MONEY
    assert "en ligne" in said(staff, staff.get("/gestion/themes")) if saved.status_code != 303 else True
    seen = page(client, MONEY)
    assert seen.select_one(".text strong").get_text() == "monnaie"
    assert seen.select_one(".text h2").get_text() == "Lire"
    assert "&lt;b&gt;gras&lt;/b&gt;" in client.get(MONEY).text
    assert "javascript:" not in {a.get("href", "")[:11] for a in seen.find_all("a")}
    picked = seen.find(id="choisies").find_next("ul")
    assert [a.get_text() for a in picked.select("a")] == ["Monnaies locales et collectivités : questions juridiques"]
    removed = post(staff, "/gestion" + MONEY, version=version(staff), action="remove")
    assert removed.status_code == 303
    assert page(client, MONEY).select_one(".text") is None


def version(staff: FlaskClient) -> str:
    return str(page(staff, "/gestion" + MONEY).find("input", {"name": "version"})["value"])


def test_only_members_read_of_a_picked_private_resource(
    settings: SiteSettings, client: FlaskClient, member: FlaskClient
) -> None:
    ThemeTexts(settings.data).write("monnaies-locales", ThemeText("Bonjour.", ("r-04", "inconnue")))
    assert "Convention de coopération entre" not in client.get(MONEY).text
    assert page(client, MONEY).find(id="choisies") is None
    assert "Convention de coopération entre" in member.get(MONEY).text


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"resources": "nulle-part"}, 400, "n’est pas une ressource"),
        ({"resources": "\n".join(f"r-{n:02}" for n in range(13))}, 400, "12 ressources au plus"),
        ({"text": "é" * 9_000}, 400, "raccourcissez"),
        ({"version": "ancienne", "action": "save"}, 409, "Quelqu’un d’autre"),
    ],
)
def test_what_is_wrong_is_said(staff: FlaskClient, fields: dict[str, str], status: int, words: str) -> None:
    answer = post(
        staff, "/gestion" + MONEY, **{"text": "Bonjour.", "version": version(staff), "action": "save", **fields}
    )
    assert answer.status_code == status
    assert words in text(answer)


def test_a_renamed_theme_keeps_its_page(
    settings: SiteSettings, client: FlaskClient, member: FlaskClient, staff: FlaskClient
) -> None:
    ThemeTexts(settings.data).write("monnaies", ThemeText("L’ancienne introduction."))
    corrections_of(settings).rename_theme("Monnaies", "Monnaies locales", actor="essai")
    assert "L’ancienne introduction." in client.get(MONEY).text
    # Visitors cannot tell whether the former name was that of private resources alone.
    assert client.get("/themes/monnaies").status_code == 404
    answer = member.get("/themes/monnaies")
    assert (answer.status_code, answer.location) == (301, MONEY)


def test_a_theme_of_private_resources_is_unknown_to_visitors(client: FlaskClient) -> None:
    unknown = client.get("/themes/nulle-part")
    assert unknown.status_code == 404
    answer = client.get("/themes/essai-prive")
    assert answer.text.replace("essai-prive", "nulle-part") == unknown.text


def test_a_damaged_page_stops_no_reader(settings: SiteSettings, client: FlaskClient, tmp_path: Path) -> None:
    texts = ThemeTexts(settings.data)
    texts.write("monnaies-locales", ThemeText("Bonjour."))
    (settings.data / "themes" / "monnaies-locales.json").write_text("{")
    assert page(client, MONEY).select_one(".text") is None
    with pytest.raises(StoreError, match="abîmé"):
        texts.read("monnaies-locales")
    for slug in ("../accounts", "a/b", "", "A"):
        assert texts.read(slug) == ThemeText()
        with pytest.raises(ValueError, match=slug or "^$"):
            texts.write(slug, ThemeText("x"))


def test_what_is_new_by_month(client: FlaskClient) -> None:
    shown = page(client, "/nouveautes")
    months = [h2.get_text() for h2 in shown.main.find_all("h2")]
    assert months[1:3] == ["Avril 2025", "Juin 2024"]
    assert "Rencontre des adhérents" not in shown.get_text()
    assert shown.find("a", href="/flux.atom") is not None


def test_the_sitemap_has_the_pages_of_themes_and_territories(client: FlaskClient) -> None:
    sitemap = client.get("/sitemap.xml").text
    for path in (MONEY, "/territoires/r53-bretagne", "/territoires/35238-rennes"):
        assert f"{path}</loc>" in sitemap
    assert "23096" not in sitemap
