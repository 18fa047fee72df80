"""The texts about the site: staff complete a draft (model) at the desk, and every page links to them at its foot."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search_app.about.models import model_of
from search_app.about.store import BY_SLUG, MAX_BYTES, SiteTexts
from search_app.settings import SiteSettings
from tests.support.site import Auth

TEXT = "## Éditeur\n\nLe réseau, place de la Mairie.\n"


def edit(staff: FlaskClient, slug: str, text: str, action: str = "save", version: str | None = None) -> TestResponse:
    path = f"/gestion/textes/{slug}"
    page = BeautifulSoup(staff.get(path).text, "lxml")
    held = page.select_one("input[name=version]")
    assert held is not None
    token = Auth(staff).token(path)
    return staff.post(
        path, data={"csrf_token": token, "version": version or held["value"], "text": text, "action": action}
    )


def test_a_text_is_written_shown_and_removed(staff: FlaskClient, client: FlaskClient) -> None:
    assert client.get("/mentions-legales").status_code == 404
    assert "Mentions légales" not in client.get("/").text
    assert "<h3>Éditeur</h3>" in edit(staff, "mentions-legales", TEXT, "preview").text
    assert client.get("/mentions-legales").status_code == 404
    assert edit(staff, "mentions-legales", TEXT).status_code == 303
    page = client.get("/mentions-legales").text
    assert "<h2>Éditeur</h2>" in page
    assert "<title>Mentions légales" in page
    assert '<a href="/mentions-legales">Mentions légales</a>' in client.get("/aide").text
    assert edit(staff, "mentions-legales", "", "remove").status_code == 303
    assert client.get("/mentions-legales").status_code == 404


def test_contact_stands_above_its_form(staff: FlaskClient, client: FlaskClient) -> None:
    edit(staff, "contact", "Nous répondons **en deux jours**.")
    page = client.get("/contact").text
    assert "<strong>en deux jours</strong>" in page
    assert 'name="message"' in page


@pytest.mark.parametrize("slug", list(BY_SLUG))
def test_a_model_is_completed_before_it_is_published(staff: FlaskClient, client: FlaskClient, slug: str) -> None:
    form = BeautifulSoup(staff.get(f"/gestion/textes/{slug}").text, "lxml").select_one("textarea")
    assert form is not None
    answer = edit(staff, slug, form.get_text())
    assert answer.status_code == 400
    assert "entre crochets à compléter" in answer.text


def test_the_model_on_personal_data_says_what_this_site_keeps(settings: SiteSettings) -> None:
    text = model_of("donnees-personnelles", settings).replace("\u00a0", " ")
    assert "pendant 90 jours" in text
    assert "gardé 365 jours" in text
    assert "effacé 180 jours" in text
    assert "{" not in text


def test_whoever_writes_second_loses_nothing(staff: FlaskClient, settings: SiteSettings) -> None:
    SiteTexts(settings.data).write("accessibilite", "La première version.\n")
    answer = edit(staff, "accessibilite", "La seconde.\n", version="0" * 16)
    assert answer.status_code == 409
    assert "La seconde." in answer.text
    assert SiteTexts(settings.data).read("accessibilite") == "La première version.\n"


def test_a_text_has_an_end(staff: FlaskClient) -> None:
    assert edit(staff, "accessibilite", "x" * (MAX_BYTES + 1)).status_code == 400


def test_an_unknown_text_is_not_found(staff: FlaskClient) -> None:
    assert staff.get("/gestion/textes/autre").status_code == 404


def test_a_file_that_is_no_text_is_named_to_the_log_alone(client: FlaskClient, settings: SiteSettings) -> None:
    (settings.data / "textes").mkdir()
    (settings.data / "textes" / "accessibilite.md").write_bytes(b"\xff\xfe\xff")
    answer = client.get("/accessibilite")
    assert answer.status_code == 503
    assert "textes" not in answer.text
