"""Reports of jobs, stored as JSON by the job's process for the pages that show them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from indexer.pipeline import (
    Holder,
    ImportReport,
    IndexReport,
    Named,
    Notice,
    PlannedChange,
    PlannedPublication,
    Preview,
    RollbackReport,
    WrittenResource,
)
from indexer.sources import SetAside


@dataclass(frozen=True, slots=True)
class Report:
    """What a job did; only the fields of its kind are set.

    Attributes:
        preview, imported, index, rolled_back: reports of a preview, an import, an indexing run, or a return to the
            previous generation of the index.
        note: French sentence on what was left for a later run, or empty.
    """

    preview: Preview | None = None
    imported: ImportReport | None = None
    index: IndexReport | None = None
    rolled_back: RollbackReport | None = None
    note: str = ""

    def as_json(self) -> str:
        """Return the report as JSON."""
        held = asdict(self)
        held["back"] = held.pop("rolled_back")  # the name that earlier versions used
        return json.dumps(held)


def read_report(text: str) -> Report:
    """Return the report of a text that `Report.as_json` returned."""
    held = json.loads(text)
    preview, imported, index, back = (held[name] for name in ("preview", "imported", "index", "back"))
    return Report(
        preview=None if preview is None else _previewed(preview),
        imported=None if imported is None else _imported(imported),
        index=None
        if index is None
        else IndexReport(
            **{
                **index,
                **_lists(index),
                "written": tuple(WrittenResource(**one) for one in index.get("written", ())),
            }
        ),
        rolled_back=None if back is None else _rolled_back(back),
        note=held.get("note", ""),
    )


def _previewed(held: dict[str, Any]) -> Preview:
    return Preview(
        _imported(held["pages"]),
        tuple(_planned(one) for one in held["resources"]),
        tuple(
            PlannedPublication(one["path"], tuple(Holder(**holder) for holder in one["holders"]))
            for one in held.get("publications", ())
        ),
    )


def _planned(held: dict[str, Any]) -> PlannedChange:
    # Earlier versions kept fewer fields.
    lists = {name: tuple(held.get(name, ())) for name in ("themes", "changes")}
    return PlannedChange(**{**held, **lists})


def _rolled_back(held: dict[str, Any]) -> RollbackReport:
    # Earlier versions kept no titles.
    kept = tuple(Named(**one) for one in held.get("kept") or ({"id": one, "title": one} for one in held["kept_back"]))
    return RollbackReport(**{**held, "kept_back": tuple(held["kept_back"]), "kept": kept})


def _imported(held: dict[str, Any]) -> ImportReport:
    return ImportReport(**{**held, **_lists(held), "failures": tuple(held["failures"])})


def _lists(held: dict[str, Sequence[dict[str, Any]]]) -> dict[str, tuple[SetAside, ...] | tuple[Notice, ...]]:
    return {
        "set_aside": tuple(SetAside(**one) for one in held["set_aside"]),
        "warnings": tuple(Notice(**one) for one in held["warnings"]),
    }
