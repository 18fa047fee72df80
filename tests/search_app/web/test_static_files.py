"""Static files: compressed for clients that accept it, cached for ever at addresses that change with the content."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from indexer.errors import SettingsError
from search_app import colours
from search_app.settings import ACCENT, SiteSettings, read_settings
from tests.support.fake_engine import FakeEngine
from tests.support.places import STATIC
from tests.support.site import make_app

SHEET = (STATIC / "style.css").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "mimetype"),
    [("style.css", "text/css"), ("search.js", "text/javascript"), ("favicon.svg", "image/svg+xml")],
)
def test_files_are_served_as_they_are(client: FlaskClient, name: str, mimetype: str) -> None:
    response = client.get(f"/static/{name}")
    assert response.mimetype == mimetype
    assert response.data == (STATIC / name).read_bytes()
    assert "Content-Encoding" not in response.headers
    assert "Accept-Encoding" in response.vary


def test_files_are_compressed_for_those_who_take_it(client: FlaskClient) -> None:
    plain = client.get("/static/style.css")
    packed = client.get("/static/style.css", headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    assert packed.headers["ETag"] != plain.headers["ETag"]
    refused = client.get("/static/style.css", headers={"Accept-Encoding": "gzip;q=0"})
    assert refused.data == plain.data


def test_what_a_browser_has_is_not_sent_again(client: FlaskClient) -> None:
    tag = client.get("/static/style.css").headers["ETag"]
    again = client.get("/static/style.css", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["rien.css", "../pages.py", "%2e%2e/pages.py", ""])
def test_only_files_of_the_folder(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_usual_accent_needs_no_sheet(client: FlaskClient) -> None:
    assert "couleurs.css" not in client.get("/").text


def test_own_accent(settings: SiteSettings, engine: FakeEngine) -> None:
    client = make_app(replace(settings, accent="#0a5c7d", welcome="Bonjour & <b>bienvenue</b>"), engine).test_client()
    page = client.get("/").text
    assert "Bonjour &amp; &lt;b&gt;bienvenue&lt;/b&gt;" in page
    address = re.search(r'href="(/couleurs\.css\?v=[0-9a-f]+)"', page)
    assert address is not None
    sheet = client.get(address[1])
    assert sheet.mimetype == "text/css"
    assert "immutable" in sheet.headers["Cache-Control"]
    light, dark = re.findall(r"--accent: (#\w+)", sheet.text)
    assert light == "#0a5c7d"
    assert colours.contrast(dark, colours.DARK_RAISED) >= colours.BRIGHT


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, expected: float) -> None:
    assert colours.contrast(one, other) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("value", ["#8a2f1b", "#1b5fb4", "#000000", "#0A7D4F", "#6b2fa0", "#5d5850", "#757000"])
def test_every_tone_of_an_accent_can_be_read(value: str) -> None:
    accent = colours.read_accent(value)
    for tones, paper, soft in (
        (accent.light, colours.PAPER, colours.SOFT),
        (accent.dark, colours.DARK_PAPER, colours.DARK_SOFT),
    ):
        for text, ground in (
            (tones.accent, paper),
            (tones.accent_ink, tones.accent),
            (tones.accent, tones.accent_wash),
            (soft, tones.accent_wash),
        ):
            assert colours.contrast(text, ground) >= colours.ENOUGH, (text, ground)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("#e0a030", "trop pâle"),
        ("#fff", "qui n’est pas une couleur"),
        ("rouge", "six chiffres"),
        ("#8a2f1b;", "couleur"),
    ],
)
def test_an_accent_that_cannot_be_used_is_refused(value: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        read_settings({"RTES_ACCENT": value})


def test_accents_are_judged_on_the_colours_of_the_sheet() -> None:
    light, dark = SHEET.split("@media (prefers-color-scheme: dark)", 1)
    for sheet, name, value in (
        (light, "paper", colours.PAPER),
        (light, "soft", colours.SOFT),
        (light, "accent", ACCENT.fallback),
        (dark, "paper", colours.DARK_PAPER),
        (dark, "raised", colours.DARK_RAISED),
        (dark, "soft", colours.DARK_SOFT),
    ):
        found = re.search(rf"--{name}: (#\w+);", sheet)
        assert found is not None
        assert found[1] == value


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_series_of_plots_stand_out(theme: str) -> None:
    """Each colour of a series has a contrast of at least 3 to 1 with the background (WCAG 1.4.11)."""
    light, dark = SHEET.split("@media (prefers-color-scheme: dark)", 1)
    sheet, paper = (light, colours.PAPER) if theme == "light" else (dark, colours.DARK_PAPER)
    series = re.findall(r"--series-[1-5]: (#\w+);", sheet)
    assert len(series) == 5
    assert all(colours.contrast(one, paper) >= 3 for one in series)
