"""The checklist of the archive: resources without a year, a theme or a type, possible duplicates, and dead links."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from indexer.corpus import Field
from indexer.pipeline import Alike, DeadLink, last_quality_report
from indexer.query import Hit
from search_app.staff.desk import blueprint, known_themes, known_types
from search_app.staff.lacking import lacking, request_for
from search_app.web.context import site

_PER_PAGE = 50


class CheckList(StrEnum):
    """The lists of the checklist; the values are used in addresses."""

    YEAR = "annee"
    THEME = "theme"
    TYPE = "type"
    ALIKE = "doublons"
    LINKS = "liens"


FIELDS_OF = {CheckList.YEAR: Field.YEAR, CheckList.THEME: Field.THEMES, CheckList.TYPE: Field.TYPE}
"""The field that the resources of a list lack."""
LISTS = {
    CheckList.YEAR: "Sans année",
    CheckList.THEME: "Sans thème",
    CheckList.TYPE: "Sans type",
    CheckList.ALIKE: "Doublons possibles",
    CheckList.LINKS: "Liens morts",
}


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list.

    Attributes:
        which: the list.
        hits, alike, links: the entries on this page; only one of the three is used.
        total: number of entries of the whole list; None if the archive was not assessed yet.
        left: number of resources that are corrected, and leave the list with the next indexing run.
        number, last: number of this page and of the last one.
    """

    which: CheckList
    hits: tuple[Hit, ...] = ()
    alike: tuple[Alike, ...] = ()
    links: tuple[DeadLink, ...] = ()
    everywhere: tuple[str, ...] = ()
    total: int | None = None
    left: int = 0
    number: int = 1
    last: int = 1


@blueprint.get("/a-verifier")
def checklist() -> ResponseReturnValue:
    """Show one list of the checklist."""
    wanted = request.args.get("quoi", CheckList.YEAR.value)
    if wanted not in set(CheckList):
        abort(404)
    given = request.args.get("page", "1")
    number = int(given) if given.isascii() and given.isdecimal() and 1 <= int(given[:6]) <= 200 else 1
    return render_template(
        "staff/checklist.html",
        view=_page(CheckList(wanted), number),
        found=request_for(FIELDS_OF[CheckList(wanted)]) if CheckList(wanted) in FIELDS_OF else None,
        lists=LISTS,
        themes=known_themes(),
        types=known_types(),
    )


def _page(which: CheckList, number: int) -> ListPage:
    if which in {CheckList.ALIKE, CheckList.LINKS}:
        return _surveyed(which, number)
    found = lacking(FIELDS_OF[which], page=number, per_page=_PER_PAGE)
    return ListPage(
        which,
        hits=found.hits,
        total=found.total,
        left=found.left,
        number=number,
        last=max(1, -(-found.total // _PER_PAGE)),
    )


def _surveyed(which: CheckList, number: int) -> ListPage:
    report = last_quality_report(site().settings)
    if report is None:
        return ListPage(which)
    first, end = (number - 1) * _PER_PAGE, number * _PER_PAGE
    total = len(report.alike) if which is CheckList.ALIKE else len(report.dead_links)
    return ListPage(
        which,
        alike=report.alike[first:end] if which is CheckList.ALIKE else (),
        links=report.dead_links[first:end] if which is CheckList.LINKS else (),
        everywhere=report.everywhere if which is CheckList.LINKS else (),
        total=total,
        number=number,
        last=max(1, -(-total // _PER_PAGE)),
    )
