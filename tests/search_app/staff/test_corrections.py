"""Corrections, themes and the checklist at the staff desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from indexer.corpus.corrections import Correction
from indexer.pipeline.correcting import corrections_of
from indexer.pipeline.quality import assess_quality
from indexer.resource import Audience
from search_app.jobs.store import Job, Jobs
from tests.support.archive import Archive
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


def form(archive: Archive, title: str, **changes: str) -> dict[str, str]:
    """Return the values in the form of a resource, with some fields changed."""
    shown = archive.resources()[archive.ids()[title]]
    return {
        "type": shown.type or "",
        "year": "" if shown.year is None else str(shown.year),
        "themes": "\n".join(shown.themes),
        "private": "oui" if shown.private else "non",
        **changes,
    }


def test_a_correction_is_published(archive: Archive, staff: FlaskClient, over: Over, ids: dict[str, str]) -> None:
    fields = form(archive, EPICERIE, type="Fiche", year="2019", themes="Économie\nAlimentation\n")
    assert "notée" in said(staff, post(staff, f"/gestion/ressources/{ids[EPICERIE]}", **fields))
    over()
    found = archive.resources()[ids[EPICERIE]]
    assert (found.type, found.year, found.themes) == ("Fiche", 2019, ("Alimentation", "Économie"))
    assert "Corrigé par l’équipe : type, année, thèmes" in text(staff.get(f"/ressources/{ids[EPICERIE]}"))
    assert "equipe@exemple.fr" in text(staff.get("/gestion/corrections"))


def test_only_what_differs_is_corrected(archive: Archive, staff: FlaskClient, ids: dict[str, str], jobs: Jobs) -> None:
    fields = form(archive, EPICERIE)
    assert "Rien n’a changé" in said(staff, post(staff, f"/gestion/ressources/{ids[EPICERIE]}", **fields))
    assert corrections_of(archive.settings).all() == {}
    assert jobs.latest() == ()
    post(staff, f"/gestion/ressources/{ids[EPICERIE]}", **form(archive, EPICERIE, year=""))
    assert corrections_of(archive.settings).get(ids[EPICERIE]) == Correction(year=None)


def test_pages_have_the_word_again(archive: Archive, staff: FlaskClient, over: Over, ids: dict[str, str]) -> None:
    archive.correct(EPICERIE, type="Fiche", year=2019)
    archive.index()
    fields = form(archive, EPICERIE) | {"clear-type": "oui"}
    assert "de nouveau la parole" in said(staff, post(staff, f"/gestion/ressources/{ids[EPICERIE]}", **fields))
    over()
    assert corrections_of(archive.settings).get(ids[EPICERIE]) == Correction(year=2019)
    assert archive.resources()[ids[EPICERIE]].type == "Guide"


def test_private_becomes_public_only_when_confirmed(
    archive: Archive, staff: FlaskClient, over: Over, ids: dict[str, str]
) -> None:
    path = f"/gestion/ressources/{ids[CHARTE]}"
    refused = post(staff, path, **form(archive, CHARTE, private="non", type="Modèle"))
    assert (refused.status_code, "confirmation" in text(refused)) == (400, True)
    assert 'value="Modèle"' in refused.text
    assert corrections_of(archive.settings).all() == {}
    post(staff, path, **form(archive, CHARTE, private="non"), **{"confirm-public": "oui"})
    over()
    assert CHARTE in archive.ids(Audience.VISITOR)


def test_public_becomes_private_at_once(
    archive: Archive, staff: FlaskClient, visitor: FlaskClient, over: Over, ids: dict[str, str]
) -> None:
    path = f"/gestion/ressources/{ids[EPICERIE]}"
    post(staff, path, **form(archive, EPICERIE, private="oui"))
    over()
    assert visitor.get(f"/ressources/{ids[EPICERIE]}").status_code == 404
    undone = post(staff, path, **form(archive, EPICERIE), **{"clear-private": "oui"})
    assert undone.status_code == 400  # its page says that it is public, so undoing must be confirmed too


def test_withdrawn_and_put_back(archive: Archive, staff: FlaskClient, over: Over, ids: dict[str, str]) -> None:
    path = f"/gestion/ressources/{ids[EPICERIE]}"
    assert "retirée" in said(staff, post(staff, f"{path}/retirer"))
    over()
    assert EPICERIE not in archive.ids()
    assert EPICERIE in text(staff.get(path))
    assert EPICERIE in text(staff.get("/gestion/corrections"))
    assert staff.get(f"/ressources/{ids[EPICERIE]}").status_code == 404
    assert "revient" in said(staff, post(staff, f"{path}/remettre"))
    over()
    assert EPICERIE in archive.ids(Audience.VISITOR)


@pytest.mark.parametrize(("field", "value"), [("year", "20l4"), ("year", "1066"), ("type", "x" * 200), ("themes", "…")])
def test_a_value_that_makes_no_sense(
    archive: Archive, staff: FlaskClient, ids: dict[str, str], field: str, value: str
) -> None:
    refused = post(staff, f"/gestion/ressources/{ids[EPICERIE]}", **form(archive, EPICERIE, **{field: value}))
    assert refused.status_code == 400
    assert 'role="alert"' in refused.text
    assert value in refused.text
    assert corrections_of(archive.settings).all() == {}


@pytest.mark.parametrize("way", ["", "/retirer", "/remettre"])
def test_what_does_not_exist(staff: FlaskClient, way: str) -> None:
    assert staff.get("/gestion/ressources/rien-de-tel").status_code == 404
    assert post(staff, f"/gestion/ressources/rien-de-tel{way}", type="x").status_code == 404


# Checklist


def test_lists_of_what_lacks(archive: Archive, staff: FlaskClient, over: Over, ids: dict[str, str]) -> None:
    listed = "/gestion/a-verifier?quoi=type"
    assert REGIE in text(staff.get(listed))
    assert EPICERIE not in text(staff.get(listed))
    assert CHARTE in text(staff.get("/gestion/a-verifier?quoi=theme"))
    fixed = post(staff, f"/gestion/ressources/{ids[REGIE]}", type="Fiche", next=listed)
    assert fixed.location == listed
    over()
    assert REGIE not in text(staff.get(listed))
    assert archive.resources()[ids[REGIE]].themes == (
        "Ruralité",
    )  # fields that are not in the short form are unchanged


def test_a_corrected_row_leaves_its_list_at_once(
    archive: Archive, staff: FlaskClient, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search_app.staff.corrections.publish", lambda: None)
    listed = "/gestion/a-verifier?quoi=type"
    shown = said(staff, post(staff, f"/gestion/ressources/{ids[REGIE]}", type="Fiche", next=listed))
    assert REGIE not in shown
    assert "Sans type (0)" in shown
    assert "elle sera publiée à la prochaine mise à jour de l’index" in shown
    assert "Sans type : 0" in text(staff.get("/gestion/"))
    archive.index()
    after = text(staff.get(listed))
    assert ("Sans type (0)" in after, "prochaine mise à jour" in after) == (True, False)


def test_title_summary_date_and_address(
    archive: Archive, staff: FlaskClient, visitor: FlaskClient, over: Over, ids: dict[str, str]
) -> None:
    fields = {
        "title": "Une épicerie à soi",
        "summary": "Premier alinéa.\r\n\r\nSecond.",
        "date": "16/02/2019",
        "address": "https://ailleurs.example/epicerie?utm_source=x",
    }
    assert "notée" in said(staff, post(staff, f"/gestion/ressources/{ids[EPICERIE]}", **fields))
    over()
    found = archive.resources()[ids[EPICERIE]]
    assert (found.title, found.summary) == (fields["title"], "Premier alinéa.\n\nSecond.")
    assert (found.date, found.year, found.year_source) == ("2019-02-16", 2019, "staff")
    assert found.url == "https://ailleurs.example/epicerie"
    assert [hit.id for hit in archive.search("titre:soi alinéa").hits] == [ids[EPICERIE]]
    shown = visitor.get(f"/ressources/{ids[EPICERIE]}").text
    api = visitor.get(f"/api/v1/resources/{ids[EPICERIE]}").json
    assert api is not None
    assert (api["title"], api["date"], api["url"]) == (fields["title"], "2019-02-16", found.url)
    exported = visitor.get("/export.jsonl?q=soi").text
    for text_of in (shown, exported):
        assert all(value in text_of for value in (fields["title"], "2019-02-16", "https://ailleurs.example/epicerie"))
    assert "Monter une épicerie" not in shown
    assert archive.ids()[fields["title"]] == ids[EPICERIE]


def test_an_address_that_another_resource_has_is_told(
    archive: Archive, staff: FlaskClient, ids: dict[str, str]
) -> None:
    address = archive.resources()[ids[REGIE]].url
    assert address
    done = said(staff, post(staff, f"/gestion/ressources/{ids[EPICERIE]}", address=f"{address}?utm_source=x"))
    assert f"Une autre ressource a déjà cette adresse : « {REGIE} »." in done
    assert "notée" in done
    # An address that only a correction has given is found as well.
    again = said(staff, post(staff, f"/gestion/ressources/{ids[EPICERIE]}", address="https://ailleurs.example/seule"))
    assert "déjà cette adresse" not in again
    other = next(one for title, one in ids.items() if title not in (REGIE, EPICERIE))
    assert f"« {EPICERIE} »" in said(
        staff, post(staff, f"/gestion/ressources/{other}", address="https://ailleurs.example/seule")
    )


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", " ", "au moins un mot"),
        ("title", "x" * 301, "300 caractères"),
        ("summary", "x" * 5001, "5000 caractères"),
        ("date", "31/02/2019", "n’est pas une date"),
        ("date", "hier", "n’est pas une date"),
        ("date", "1066-01-01", "pas une année possible"),
        ("address", "javascript:alert(1)", "commence par https://"),
        ("address", "https://a b.example/", "sans espace"),
        ("address", "https://moi:secret@a.example/", "nom d’utilisateur"),
        ("address", "https://a.example:0x/", "commence par https://"),
    ],
)
def test_what_no_title_summary_date_or_address_is(
    archive: Archive, staff: FlaskClient, ids: dict[str, str], field: str, value: str, message: str
) -> None:
    refused = post(staff, f"/gestion/ressources/{ids[EPICERIE]}", **{field: value})
    assert (refused.status_code, message in text(refused)) == (400, True)
    assert corrections_of(archive.settings).all() == {}


def test_duplicates_and_dead_links(archive: Archive, staff: FlaskClient) -> None:
    assert "pas encore été fait" in text(staff.get("/gestion/a-verifier?quoi=doublons"))
    assess_quality(archive.settings)
    assert "Même titre" in text(staff.get("/gestion/a-verifier?quoi=doublons"))
    assert "https://reseau.example/perdue" in text(staff.get("/gestion/a-verifier?quoi=liens"))


@pytest.mark.parametrize("asked", ["0", "x", "²", "999", "9" * 30])
def test_pages_of_a_list(staff: FlaskClient, asked: str) -> None:
    assert staff.get(f"/gestion/a-verifier?quoi=annee&page={asked}").status_code == 200


def test_a_list_that_does_not_exist(staff: FlaskClient) -> None:
    assert staff.get("/gestion/a-verifier?quoi=tout").status_code == 404


# Themes


def test_a_theme_is_renamed_after_a_look(archive: Archive, staff: FlaskClient, over: Over, jobs: Jobs) -> None:
    seen = post(staff, "/gestion/themes", theme="Alimentation", name="Ruralité")
    assert "1 ressource passerait de « Alimentation » à « Ruralité », où 3 se trouvent déjà" in text(seen)
    assert jobs.latest() == ()
    done = post(staff, "/gestion/themes", theme="Alimentation", name="Ruralité", confirm="oui")
    assert "renommé" in said(staff, done)
    over()
    assert archive.hits()[EPICERIE].themes == ("Ruralité",)
    assert "rétabli" not in text(staff.get("/themes"))
    assert "reprend" in said(staff, post(staff, "/gestion/themes/retablir", key="alimentation"))
    over()
    assert archive.hits()[EPICERIE].themes == ("Alimentation",)


@pytest.mark.parametrize(("theme", "name"), [("", "x"), ("Alimentation", " … "), ("Inconnu", "x"), ("Ruralité", "")])
def test_a_theme_needs_both_names(staff: FlaskClient, theme: str, name: str) -> None:
    refused = post(staff, "/gestion/themes", theme=theme, name=name, confirm="oui")
    assert refused.status_code == 400
    assert 'role="alert"' in refused.text
