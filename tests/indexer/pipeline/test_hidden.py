"""An earlier generation that is used again, after a rollback or damage, shows visitors nothing that was hidden since,
even if the id of the resource has changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from indexer.errors import IndexDamagedError
from indexer.pipeline.rollback import roll_back
from indexer.resource import Audience
from tests.support.archive import SITE, Archive, Models, page

EPICERIE, REGIE, CHARTE = "Monter une épicerie solidaire", "Ouvrir une régie de quartier", "Charte des achats"


def write(archive: Archive, name: str, title: str, private: str = "Non") -> None:
    archive.write(f"{name}.html", page(title, address=f"{SITE}/{name}", private=private))


def _three(archive: Archive) -> None:
    for name, title in (("epicerie", EPICERIE), ("regie", REGIE), ("charte", CHARTE)):
        write(archive, name, title)
    archive.import_()
    archive.index()


@pytest.fixture
def three(archive: Archive, models: Models) -> Archive:
    """Three public resources, indexed."""
    return models.copy(_three, archive)


def become_one(archive: Archive) -> None:
    """Import a private page that shows that two public resources are the same."""
    bridge = page("Tout un autre titre", address=f"{SITE}/regie", private="Oui")
    archive.write("pont.html", bridge.replace("<head>", f'<head><link rel="shortlink" href="{SITE}/epicerie">'))
    archive.import_()


def become_one_by_a_run(archive: Archive) -> None:
    bridge = page("Tout un autre titre", address=f"{SITE}/regie", private="Oui")
    archive.put("s/pont.html", bridge.replace("<head>", f'<head><link rel="shortlink" href="{SITE}/epicerie">'))
    archive.index()


def become_one_by_a_full_run(archive: Archive) -> None:
    bridge = page("Tout un autre titre", address=f"{SITE}/regie", private="Oui")
    archive.put("s/pont.html", bridge.replace("<head>", f'<head><link rel="shortlink" href="{SITE}/epicerie">'))
    archive.index(full=True)


def are_withdrawn(archive: Archive) -> None:
    for title in (EPICERIE, REGIE):
        archive.correct(title, withdrawn=True)
    archive.index()


HIDING = (become_one, become_one_by_a_run, become_one_by_a_full_run, are_withdrawn)


def visible(archive: Archive) -> set[str]:
    return set(archive.ids(Audience.VISITOR))


def damage_the_newest(archive: Archive) -> None:
    manifest = sorted((archive.settings.index / "generations").glob("*/manifest.json"))[-1]
    os.truncate(manifest, 10)


@pytest.mark.parametrize("hide", HIDING)
def test_going_back_does_not_show_it(three: Archive, hide: Callable[[Archive], None]) -> None:
    hide(three)
    assert visible(three) == {CHARTE}
    with three.engine() as engine:
        roll_back(three.settings, engine)
    assert visible(three) == {CHARTE}
    three.index()
    assert visible(three) == {CHARTE}


@pytest.mark.parametrize("hide", HIDING)
def test_a_damaged_generation_is_not_answered_for_by_one_that_shows_it(
    three: Archive, hide: Callable[[Archive], None]
) -> None:
    hide(three)
    damage_the_newest(three)
    with pytest.raises(IndexDamagedError):
        visible(three)
    three.index()
    assert visible(three) == {CHARTE}


def test_what_was_removed_alone_may_be_shown_again(three: Archive) -> None:
    """After a rollback or damage, a resource whose page was removed, but that nobody hid, is visible again: a rollback
    is meant to bring lost pages back.
    """
    (three.settings.corpus / "pages" / "regie.html").unlink()
    three.index()
    damage_the_newest(three)
    assert visible(three) == {EPICERIE, REGIE, CHARTE}
    three.index()
    three.index()
    (three.settings.corpus / "pages" / "epicerie.html").unlink()
    three.index()
    with three.engine() as engine:
        roll_back(three.settings, engine)
    assert visible(three) == {EPICERIE, CHARTE}


def test_the_list_of_what_is_hidden_is_not_believed_when_damaged(three: Archive) -> None:
    """If a letter of an id in the index's list of ids was changed on disk, searches raise an error and show nothing."""
    write(three, "regie", REGIE, "Oui")
    three.import_()
    damage_the_newest(three)
    ids = sorted((three.settings.index / "generations").glob("*/ids.json"))[-1]
    ids.write_text(ids.read_text("utf-8").replace("ouvrir-une-regie", "ouvrir-une-rugie"), "utf-8")
    with pytest.raises(IndexDamagedError):
        visible(three)


def test_what_went_back_as_private_is_gone_once_it_is_withdrawn(three: Archive) -> None:
    three.correct(REGIE, private=True)
    three.index()
    with three.engine() as engine:
        roll_back(three.settings, engine)
    assert set(three.ids()) == {EPICERIE, REGIE, CHARTE}
    three.correct(REGIE, withdrawn=True)
    three.index()
    assert set(three.ids()) == {EPICERIE, CHARTE}
