"""Corrections of territories at the desk."""

from __future__ import annotations

from flask.testing import FlaskClient

from indexer.pipeline import corrections_of
from tests.support.archive import Archive
from tests.support.desk import post, text


def correct(archive: Archive, staff: FlaskClient, **fields: str) -> tuple[int, str]:
    path = f"/gestion/ressources/{archive.ids()['Reprendre une ferme']}"
    answer = post(staff, path, **fields)
    return answer.status_code, text(answer)


def test_staff_correct_territories_by_name_or_code(archive: Archive, staff: FlaskClient) -> None:
    status, _ = correct(archive, staff, territories="Bretagne\nrennes métropole\n\nD29")
    assert status == 303
    held = corrections_of(archive.settings).get(archive.ids()["Reprendre une ferme"])
    assert held.territories == ("243500139", "D29", "R53")
    form = staff.get(f"/gestion/ressources/{archive.ids()['Reprendre une ferme']}").text
    assert "Rennes Métropole\nFinistère\nBretagne</textarea>" in form
    assert "corrigé par l’équipe" in form


def test_a_name_that_is_no_territory_is_refused_with_what_was_typed(archive: Archive, staff: FlaskClient) -> None:
    status, said = correct(archive, staff, territories="Pays de Nulle-Part")
    assert status == 400
    assert "n’est pas un territoire connu" in said
    assert "Pays de Nulle-Part" in said


def test_an_unchanged_form_corrects_nothing(archive: Archive, staff: FlaskClient) -> None:
    correct(archive, staff, territories="Saint-Denis (La Réunion)")
    status, _ = correct(archive, staff, territories="97411")
    assert status == 303
    before = corrections_of(archive.settings).get(archive.ids()["Reprendre une ferme"]).territories
    correct(archive, staff, territories="Saint-Denis (La Réunion)")
    assert (
        corrections_of(archive.settings).get(archive.ids()["Reprendre une ferme"]).territories == before == ("97411",)
    )
