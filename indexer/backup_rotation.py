"""Rotating back-ups: each run adds one to a folder, where one a day is kept for some days, and one a week for some
weeks.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from indexer.backup import BackupReport, back_up, verify_backup
from indexer.corpus import locked
from indexer.errors import BackupError
from indexer.settings import Settings
from indexer.storage.files import draft_of
from indexer.storage.os_errors import reason_of

_NAME = re.compile(r"archive-(\d{4}-\d{2}-\d{2}T\d{6}Z)\.tar\.gz")
_STAMP = "%Y-%m-%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class RotationReport:
    """A back-up that was made and verified, and the earlier ones that were deleted.

    Attributes:
        made: file of the new back-up.
        report: what the new back-up contains.
        deleted: names of the back-ups that were deleted.
        kept: number of back-ups in the folder, including the new one.
    """

    made: Path
    report: BackupReport
    deleted: tuple[str, ...]
    kept: int


def back_up_in_turn(
    settings: Settings,
    folder: Path,
    *,
    daily: int,
    weekly: int,
    with_index: bool,
    with_publications: bool = True,
    now: datetime.datetime | None = None,
) -> RotationReport:
    """Write one more back-up into a folder, read it again to verify it, then delete the earlier ones that are not kept.

    Nothing is deleted unless the new back-up is sound, so a good one is always left. Files with names of another form
    are never touched.

    Args:
        settings: settings of the archive, which name its folders.
        folder: the folder of the back-ups; created if it does not exist.
        daily: number of days of which the last back-up is kept, at least 1.
        weekly: number of weeks of which the last back-up is kept.
        with_index: as for `back_up`.
        with_publications: as for `back_up`.
        now: the time that names the file; None means the current time.

    Raises:
        BackupError: the back-up cannot be made, or what was written is not sound; earlier ones are left.
        IndexBusyError: another import or indexing run holds the corpus.
    """
    moment = (now or datetime.datetime.now(datetime.UTC)).astimezone(datetime.UTC)
    target = folder / f"archive-{moment.strftime(_STAMP)}.tar.gz"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unusable(folder, error) from error
    report = back_up(settings, target, with_index=with_index, with_publications=with_publications)
    verify_backup(target)
    deleted = []
    try:
        # Under the lock, since no other back-up is then being written into the folder.
        with locked(settings.corpus):
            names = {path.name for path in folder.iterdir()}
            kept = kept_names(names, daily=daily, weekly=weekly) | {target.name}
            for name in sorted(names):
                if _time_of(name) is not None and name not in kept:
                    (folder / name).unlink()
                    deleted.append(name)
                elif _is_left_over(folder, name):
                    (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error
    return RotationReport(target, report, tuple(deleted), len(kept))


def kept_names(names: Iterable[str], *, daily: int, weekly: int) -> set[str]:
    """Return the back-ups to keep: the last one of each of the latest `daily` days and `weekly` weeks that have any."""
    days: dict[datetime.date, str] = {}
    weeks: dict[tuple[int, int], str] = {}
    for name in sorted(names, reverse=True):
        moment = _time_of(name)
        if moment is not None:
            days.setdefault(moment.date(), name)
            weeks.setdefault(moment.isocalendar()[:2], name)
    return {*list(days.values())[:daily], *list(weeks.values())[:weekly]}


def _time_of(name: str) -> datetime.datetime | None:
    """Return when a back-up was made, by its name; None for any other file."""
    found = _NAME.fullmatch(name)
    try:
        return None if found is None else datetime.datetime.strptime(found[1], _STAMP).replace(tzinfo=datetime.UTC)
    except ValueError:  # a day that does not exist
        return None


def _is_left_over(folder: Path, name: str) -> bool:
    """Return whether a file is the draft of a back-up that was killed."""
    inner = name.removeprefix(".").split(".tar.gz")[0] + ".tar.gz"
    if not _NAME.fullmatch(inner):
        return False
    return name in {draft_of(folder / one).name for one in (inner, f"{inner}.sqlite")}


def _unusable(folder: Path, error: OSError) -> BackupError:
    return BackupError(
        f"Le dossier des sauvegardes « {folder} » ne peut être lu ou écrit "
        f"{reason_of(error).then('vérifiez ses droits')}."
    )
