"""Rotation of back-ups: which ones are kept and which deleted, and that a good one is always left."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from indexer import backup_rotation
from indexer.backup import restore, verify_backup
from indexer.backup_rotation import RotationReport, back_up_in_turn, kept_names
from indexer.errors import BackupError
from tests.support.archive import Archive, Models, page

FIRST = datetime.datetime(2026, 1, 1, 5, 30, tzinfo=datetime.UTC)


def _small(archive: Archive) -> None:
    archive.put("s/ferme.html", page("Reprendre une ferme"))
    archive.index()


@pytest.fixture
def small(archive: Archive, models: Models) -> Archive:
    return models.copy(_small, archive)


def name(day: int, hour: int = 5) -> str:
    moment = FIRST + datetime.timedelta(days=day, hours=hour - 5)
    return moment.strftime("archive-%Y-%m-%dT%H%M%SZ.tar.gz")


def turn(archive: Archive, folder: Path, day: int, *, daily: int = 2, weekly: int = 0) -> RotationReport:
    now = FIRST + datetime.timedelta(days=day)
    return back_up_in_turn(archive.settings, folder, daily=daily, weekly=weekly, with_index=False, now=now)


def test_one_of_each_day_and_of_each_week() -> None:
    names = {name(day, hour) for day in range(60) for hour in (5, 12)}
    kept = kept_names(names, daily=7, weekly=5)
    # The 1st of January 2026 is a Thursday, and so is day 56; the last Sundays are days 52, 45, 38 and 31.
    assert kept == {*(name(day, 12) for day in range(53, 60)), *(name(day, 12) for day in (52, 45, 38, 31))}


def test_days_without_a_backup_do_not_count() -> None:
    names = {name(day) for day in (0, 10, 20, 30, 300)}
    assert kept_names(names, daily=3, weekly=0) == {name(20), name(30), name(300)}


def test_old_ones_go_and_the_rest_of_the_folder_stays(small: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "sauvegardes"
    for day in range(4):
        report = turn(small, folder, day)
    others = ("latest.tar.gz", "archive-2025-02-31T053000Z.tar.gz", "notes.txt", "archive-1.tar.gz")
    for other in others:
        (folder / other).write_text("à moi", "utf-8")
    (folder / f".{name(1)}.new").write_text("le brouillon d’une sauvegarde tuée", "utf-8")
    assert (report.deleted, report.kept) == ((name(1),), 2)
    report = turn(small, folder, 4)
    assert {path.name for path in folder.iterdir()} == {name(3), name(4), *others}
    assert report.made == folder / name(4)
    assert restore(small.settings, report.made, force=True).files == report.report.files


def test_nothing_is_deleted_for_a_backup_that_is_not_sound(
    small: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sauvegardes"
    turn(small, folder, 0, daily=1)

    def damage(path: Path) -> None:
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 0xFF
        path.write_bytes(raw)
        verify_backup(path)

    monkeypatch.setattr(backup_rotation, "verify_backup", damage)
    with pytest.raises(BackupError, match="abîmé"):
        turn(small, folder, 1, daily=1)
    verify_backup(folder / name(0))


def test_a_clock_that_went_back_does_not_delete_the_new_one(small: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "sauvegardes"
    for day in (10, 11, 0):
        turn(small, folder, day)
    assert {path.name for path in folder.iterdir()} == {name(day) for day in (0, 10, 11)}


@pytest.mark.parametrize("place", range(0, 100, 9))
def test_any_damage_is_seen(small: Archive, tmp_path: Path, place: int) -> None:
    made = turn(small, tmp_path / "sauvegardes", 0).made
    raw = bytearray(made.read_bytes())
    raw[len(raw) * place // 100] ^= 0xFF
    made.write_bytes(raw)
    with pytest.raises(BackupError, match="abîmé"):
        verify_backup(made)


def test_a_folder_that_cannot_be_used(small: Archive, tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("", "utf-8")
    with pytest.raises(BackupError, match="dossier des sauvegardes"):
        turn(small, tmp_path / "fichier", 0)
