"""Corrections of many resources at once: what is previewed is what is done, and one step undoes it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.corpus.corrections import Correction
from indexer.pipeline.correcting import corrections_of
from indexer.resource import Audience
from search_app.accounts.audit import Audit
from search_app.jobs.store import Job
from tests.support.archive import Archive, page
from tests.support.desk import post, said, text

EPICERIE, REGIE, CHARTE, FERME = (
    "Monter une épicerie solidaire",
    "Ouvrir une régie de quartier",
    "Charte des achats",
    "Reprendre une ferme",
)
Over = Callable[..., Job]


@pytest.fixture
def ids(archive: Archive) -> dict[str, str]:
    return archive.ids()


def digest(seen: TestResponse) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]+)"', seen.text)
    assert found, text(seen)
    return found[1]


def preview(staff: FlaskClient, **fields: object) -> TestResponse:
    return post(staff, "/gestion/lot", action="preview", **fields)


def apply(staff: FlaskClient, **fields: object) -> TestResponse:
    """Preview a correction of many resources, and apply it, as a person does; return the response to applying."""
    seen = preview(staff, **fields)
    assert seen.status_code == 200, text(seen)
    return post(staff, "/gestion/lot", action="apply", digest=digest(seen), **fields)


def test_chosen_resources_are_corrected_and_given_back_in_one_step(
    archive: Archive, staff: FlaskClient, over: Over, ids: dict[str, str]
) -> None:
    before = archive.resources()
    fields = {
        "resource": [ids[EPICERIE], ids[REGIE]],
        "type-do": "set",
        "type": "Fiche",
        "themes-do": "add",
        "themes": "Économie\n",
    }
    seen = preview(staff, **fields)
    assert "Ressources changées 2" in text(seen)
    assert "Guide → devient Fiche" in text(seen)
    assert corrections_of(archive.settings).all() == {}
    done = apply(staff, **fields)
    assert "sera publié" in said(staff, done)
    over()
    found = archive.resources()
    assert [found[ids[one]].type for one in (EPICERIE, REGIE)] == ["Fiche", "Fiche"]
    assert found[ids[REGIE]].themes == ("Économie", "Ruralité")
    assert EPICERIE in text(staff.get(done.location))
    assert "Lot 1" in text(staff.get("/gestion/corrections"))
    assert "est annulé" in said(staff, post(staff, f"{done.location}/annuler"))
    over()
    assert archive.resources() == before
    assert corrections_of(archive.settings).all() == {}
    assert "déjà annulé" in said(staff, post(staff, f"{done.location}/annuler"))
    actions = [entry.action for entry in Audit(archive.settings.data / "audit.sqlite", 30).entries()]
    assert {"bulk-correct", "bulk-undo"} <= set(actions)


def test_everything_that_a_search_finds(archive: Archive, staff: FlaskClient, over: Over) -> None:
    form = staff.get("/gestion/lot?theme=Ruralit%C3%A9")
    assert "3 ressources" in text(form)
    apply(
        staff,
        search="theme=Ruralité",
        **{"themes-do": "remove", "themes": "RURALITE", "year-do": "set", "year": "2020"},
    )
    over()
    assert archive.search(themes=("Ruralité",)).total == 0
    assert archive.search(years=(2020,)).total == 3


@pytest.mark.parametrize(
    ("fields", "themes"),
    [
        ({"themes-do": "replace", "themes": "Achats"}, ("Achats",)),
        ({"themes-do": "none"}, ()),
        ({"themes-do": "add", "themes": "Achats\nALIMENTATION"}, ("Achats", "ALIMENTATION")),
    ],
)
def test_themes(
    archive: Archive, staff: FlaskClient, ids: dict[str, str], fields: dict[str, str], themes: tuple[str, ...]
) -> None:
    apply(staff, resource=[ids[EPICERIE]], **fields)
    assert corrections_of(archive.settings).get(ids[EPICERIE]).themes == themes


def test_what_would_become_public_is_confirmed(
    archive: Archive, staff: FlaskClient, over: Over, ids: dict[str, str]
) -> None:
    fields = {"resource": list(ids.values()), "private": "non"}
    refused = apply(staff, **fields)
    assert (refused.status_code, "Deviendraient publiques 1" in text(refused)) == (400, True)
    assert corrections_of(archive.settings).all() == {}
    apply(staff, **fields, **{"confirm-public": "oui"})
    over()
    assert corrections_of(archive.settings).all() == {ids[CHARTE]: Correction(private=False)}
    assert CHARTE in archive.ids(Audience.VISITOR)


def test_withdrawn_together_and_put_back(archive: Archive, staff: FlaskClient, over: Over, ids: dict[str, str]) -> None:
    done = apply(staff, resource=[ids[EPICERIE], ids[REGIE]], withdrawn="oui")
    over()
    assert {EPICERIE, REGIE}.isdisjoint(archive.ids())
    post(staff, f"{done.location}/annuler")
    over()
    assert {EPICERIE, REGIE} <= archive.ids().keys()


def test_what_changed_since_the_preview_is_said_and_nothing_is_done(
    archive: Archive, staff: FlaskClient, ids: dict[str, str]
) -> None:
    fields = {"resource": [ids[EPICERIE], ids[REGIE]], "type-do": "set", "type": "Fiche"}
    seen = preview(staff, **fields)
    archive.correct(EPICERIE, year=2001)
    late = post(staff, "/gestion/lot", action="apply", digest=digest(seen), **fields)
    assert (late.status_code, "a changé" in text(late)) == (409, True)
    assert corrections_of(archive.settings).all() == {ids[EPICERIE]: Correction(year=2001)}
    assert post(staff, "/gestion/lot", action="apply", digest=digest(late), **fields).status_code == 303


def test_undoing_leaves_what_was_corrected_again(
    archive: Archive, staff: FlaskClient, over: Over, ids: dict[str, str]
) -> None:
    archive.correct(EPICERIE, type="Ancien")
    done = apply(staff, resource=[ids[EPICERIE], ids[REGIE]], **{"type-do": "set", "type": "Fiche"})
    archive.correct(REGIE, type="Autre")
    post(staff, f"{done.location}/annuler")
    held = corrections_of(archive.settings).all()
    assert held == {ids[EPICERIE]: Correction(type="Ancien"), ids[REGIE]: Correction(type="Autre")}
    shown = text(staff.get(done.location))
    assert f"l’annulation n’y a pas touché. {REGIE}" in shown
    over()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "au moins une chose"),
        ({"type-do": "set"}, "Écrivez le type"),
        ({"type-do": "set", "type": "x" * 200}, "120 caractères"),
        ({"year-do": "set", "year": "20l4"}, "n’est pas une année"),
        ({"year-do": "set", "year": "1066"}, "pas une année possible"),
        ({"themes-do": "add", "themes": "…"}, "Un thème s’écrit"),
        ({"themes-do": "add", "themes": " "}, "un par ligne"),
    ],
)
def test_what_makes_no_sense(
    archive: Archive, staff: FlaskClient, ids: dict[str, str], fields: dict[str, str], message: str
) -> None:
    refused = preview(staff, resource=[ids[EPICERIE]], **fields)
    assert (refused.status_code, message in text(refused)) == (400, True)
    assert 'role="alert"' in refused.text
    assert f'value="{ids[EPICERIE]}"' in refused.text  # what was chosen is kept


@pytest.mark.parametrize("fields", [{}, {"resource": "rien"}, {"search": "q=introuvable"}, {"search": "page=x"}])
def test_nothing_to_correct(staff: FlaskClient, fields: dict[str, str]) -> None:
    assert post(staff, "/gestion/lot", **fields).status_code == 400
    assert staff.get("/gestion/lots/9").status_code == 404
    assert post(staff, f"/gestion/lots/{2**70}/annuler").status_code == 404


def test_results_can_be_chosen_by_staff_alone(visitor: FlaskClient, member: FlaskClient, staff: FlaskClient) -> None:
    shown = [client.get("/?theme=Ruralit%C3%A9").text for client in (visitor, member, staff)]
    assert ['form="lot"' in page for page in shown] == [False, False, True]
    assert ["/gestion/lot?theme=Ruralit" in page for page in shown] == [False, False, True]


def test_a_preview_is_paged(archive: Archive, staff: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_app.staff.bulk._PER_PAGE", 2)
    fields = {"search": "sort=title", "year-do": "set", "year": "2020"}
    first, second = preview(staff, **fields), post(staff, "/gestion/lot", page="2", **fields)
    assert "Page 1 sur 3" in text(first)
    assert "Page 2 sur 3" in text(second)
    done = post(staff, "/gestion/lot", action="apply", digest=digest(second), **fields)
    assert "Page 3 sur 3" in text(staff.get(f"{done.location}?page=3"))


def test_suggestions_are_applied_together_by_staff(
    archive: Archive, staff: FlaskClient, over: Over, ids: dict[str, str]
) -> None:
    for n in range(5):
        title = f"Ouvrir une régie de quartier, retour {n}"
        archive.put(f"s/retour-{n}.html", page(title, type="Récit", theme="Régies", published=f"3 mars 202{n}"))
    archive.index()
    listed = staff.get("/gestion/a-verifier?quoi=type&suggestions=oui")
    assert f"Récit pour {REGIE} 5 des 5 ressources les plus proches qui en ont un" in text(listed)
    hidden = re.search(rf'name="(value-{ids[REGIE]})" value="([^"]+)"', listed.text)
    assert hidden
    fields = {"field": "type", "pick": ids[REGIE], hidden[1]: hidden[2]}
    seen = post(staff, "/gestion/lot", **fields)
    assert "Type : valeurs suggérées" in text(seen)
    assert "Sans type → devient Récit" in text(seen)
    assert corrections_of(archive.settings).all() == {}
    assert post(staff, "/gestion/lot", action="apply", digest=digest(seen), **fields).status_code == 303
    over()
    assert archive.resources()[ids[REGIE]].type == "Récit"
    assert "Suggérer des valeurs" not in text(staff.get("/gestion/a-verifier?quoi=type"))  # nothing is left there


def test_suggested_themes_are_added(archive: Archive, staff: FlaskClient, ids: dict[str, str]) -> None:
    apply(staff, field="theme", pick=[ids[CHARTE]], **{f"value-{ids[CHARTE]}": "Achats\nRuralité"})
    assert corrections_of(archive.settings).get(ids[CHARTE]).themes == ("Achats", "Ruralité")
    assert (
        post(staff, "/gestion/lot", field="year", pick=[ids[CHARTE]], **{f"value-{ids[CHARTE]}": "x"}).status_code
        == 400
    )
