"""The preview of a rollback says what the rollback then does; and what another version wrote is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pytest

from indexer.engine.embedded.checksums import seal, unseal
from indexer.engine.embedded.generations import Generations
from indexer.errors import EngineError, IndexMissingError, IndexVersionError
from indexer.pipeline.rollback import RollbackChange, RollbackPreview, preview_rollback, roll_back
from indexer.resource import Audience
from tests.support.archive import Archive, Models, page

EPICERIE, REGIE, CHARTE, FERME = "Monter une épicerie", "Ouvrir une régie", "Charte des achats", "Reprendre une ferme"


def _changed(archive: Archive) -> None:
    """Write two generations, whose resources differ in every way that a rollback tells apart."""
    archive.put("s/epicerie.html", page(EPICERIE))
    archive.put("s/regie.html", page(REGIE))
    archive.put("s/charte.html", page(CHARTE, private="Oui"))
    archive.put("s/note.html", page("Une note"))
    archive.put("s/ancienne.html", page("Une ancienne fiche"))
    archive.index()
    archive.put("s/regie.html", page(REGIE, body="Un tout autre texte."))
    archive.put("s/charte.html", page(CHARTE, private="Non"))
    archive.put("s/ferme.html", page(FERME))
    archive.correct("Une note", private=True)
    (archive.settings.corpus / "s" / "ancienne.html").unlink()
    archive.index()


@pytest.fixture
def changed(archive: Archive, models: Models) -> Archive:
    return models.copy(_changed, archive)


def preview(archive: Archive, which: RollbackChange | None = None) -> RollbackPreview:
    with archive.engine() as engine:
        return preview_rollback(archive.settings, engine, which=which)


def go_back(archive: Archive, expected: str | None = None) -> None:
    with archive.engine() as engine:
        roll_back(archive.settings, engine, expected=expected)


def test_it_says_what_would_change_and_changes_nothing(changed: Archive) -> None:
    before = changed.resources()
    titles = {which: [one.title for one in preview(changed, which).listed] for which in RollbackChange}
    assert titles == {
        RollbackChange.ADDED: ["Une ancienne fiche"],
        RollbackChange.REMOVED: [FERME],
        RollbackChange.PUBLIC: [],
        RollbackChange.PRIVATE: [CHARTE],
        RollbackChange.CHANGED: [CHARTE, REGIE],
        RollbackChange.KEPT: ["Une note"],
    }
    seen = preview(changed)
    assert (seen.generation, seen.current, seen.resources, seen.public) == ("000001", "000002", 5, 3)
    assert changed.resources() == before
    written = (changed.settings.index / "generations" / "000001" / "manifest.json").stat().st_mtime
    assert seen.written == written


def test_the_rollback_does_what_the_preview_says(changed: Archive) -> None:
    def private() -> dict[str, bool]:
        return {resource.id: resource.private for resource in changed.resources().values()}

    seen = {which: {one.id for one in preview(changed, which).listed} for which in RollbackChange}
    before, whole = private(), preview(changed)
    go_back(changed, expected=whole.generation)
    after = private()
    assert after.keys() - before.keys() == seen[RollbackChange.ADDED]
    assert before.keys() - after.keys() == seen[RollbackChange.REMOVED]
    turned = {one for one in after.keys() & before.keys() if after[one] != before[one]}
    assert turned == seen[RollbackChange.PUBLIC] | seen[RollbackChange.PRIVATE]
    assert (len(after), len(changed.ids(Audience.VISITOR))) == (whole.resources, whole.public)


def test_a_generation_that_nobody_has_seen_is_not_gone_back_to(changed: Archive) -> None:
    seen = preview(changed)
    changed.put("s/autre.html", page("Une autre"))
    changed.index()
    before = changed.ids()
    with pytest.raises(EngineError, match="n’est plus la 000001"):
        go_back(changed, expected=seen.generation)
    assert changed.ids() == before


def test_without_provenance_it_says_less(changed: Archive) -> None:
    (changed.settings.index / "built.sqlite").unlink()
    counts = preview(changed).counts
    assert RollbackChange.CHANGED not in counts
    assert counts[RollbackChange.REMOVED] == 1


def test_there_may_be_nothing_to_go_back_to(archive: Archive) -> None:
    archive.put("s/ferme.html", page(FERME))
    archive.index()
    with pytest.raises(IndexMissingError, match="antérieure"):
        preview(archive)


# Versions


def newer_constants(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Index as a later version of the program would, whose segments have a format unknown to this one."""
    with monkeypatch.context() as patch:
        patch.setattr("indexer.engine.embedded.engine.SEGMENT_VERSION", 10_000)
        archive.index()


def newer_manifest(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Index with a version that writes something into manifests that this one does not know."""
    newer_constants(archive, monkeypatch)
    path = sorted((archive.settings.index / "generations").glob("*/manifest.json"))[-1]
    held = unseal(path.read_text("utf-8"))
    path.write_text(seal({**held, "codec": "neuf"}), "utf-8")


@pytest.mark.parametrize("upgrade", [newer_constants, newer_manifest])
def test_older_code_does_not_go_back_from_what_newer_code_wrote(
    changed: Archive, monkeypatch: pytest.MonkeyPatch, upgrade: Callable[[Archive, pytest.MonkeyPatch], None]
) -> None:
    upgrade(changed, monkeypatch)
    current = changed.settings.index / "current.json"
    before = current.read_bytes()
    for way in (preview, go_back):
        with pytest.raises(IndexVersionError, match="version plus récente du programme"):
            way(changed)
    assert current.read_bytes() == before


def test_newer_code_does_not_go_back_to_what_older_code_wrote(
    changed: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.engine.embedded.engine.SEGMENT_VERSION", 10_000)
    changed.index()
    with pytest.raises(IndexVersionError, match="vient d’une autre version"):
        go_back(changed)


def test_the_fingerprint_of_a_damaged_manifest_is_not_that_of_a_newer_one(changed: Archive) -> None:
    generations = Generations(changed.settings.index)
    path = generations.path("000002") / "manifest.json"
    assert generations.fingerprint("000002") == json.loads(path.read_text("utf-8"))["fingerprint"]
    os.truncate(path, 10)
    with pytest.raises(EngineError):
        generations.fingerprint("000002")
