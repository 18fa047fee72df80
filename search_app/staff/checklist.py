"""The checklist of the archive: resources without a year, a theme or a type, possible duplicates, and dead links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from indexer.analysis import default_analyzer
from indexer.corpus import Field
from indexer.pipeline import Alike, DeadLink, last_quality_report
from indexer.query import Hit
from indexer.query.suggestion import suggest_values
from indexer.resource import Audience
from search_app.staff.desk import blueprint, known_themes, known_types, page_number
from search_app.staff.lacking import lacking, request_for
from search_app.web.context import site

_PER_PAGE = 50
_MOST_PAGES = 200
"""Number of the last page of a list that can be asked for."""
_PER_SUGGESTED_PAGE = 20
"""Number of resources on a page with suggestions: fewer than elsewhere, since each suggestion takes a search."""
_A = {Field.TYPE: "un", Field.YEAR: "une", Field.THEMES: "un"}


class CheckList(StrEnum):
    """The lists of the checklist; the values are used in addresses."""

    YEAR = "annee"
    THEME = "theme"
    TYPE = "type"
    ALIKE = "doublons"
    LINKS = "liens"


FIELDS_OF = {CheckList.YEAR: Field.YEAR, CheckList.THEME: Field.THEMES, CheckList.TYPE: Field.TYPE}
"""The field that resources lack, by list of the checklist; lists about other faults are left out."""
LISTS = {
    CheckList.YEAR: "Sans année",
    CheckList.THEME: "Sans thème",
    CheckList.TYPE: "Sans type",
    CheckList.ALIKE: "Doublons possibles",
    CheckList.LINKS: "Liens morts",
}


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion for the field that a resource lacks.

    Attributes:
        values: the suggested values; several only for themes.
        reason: why they are suggested, in French words.
    """

    values: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list of the checklist.

    Attributes:
        which: the list.
        hits, alike, links: the entries on this page (resources, groups of duplicates, or dead links); only one of the
            three is used.
        everywhere: for dead links, addresses left out because very many resources link to them.
        total: number of entries of the whole list; None if no job has looked for such faults yet.
        left: number of resources that are no longer listed, since a correction is waiting for the next indexing run.
        number, last: number of this page and of the last one.
        suggesting: whether values are suggested.
        suggested: the suggestion for each resource that has one, by id.
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
    suggesting: bool = False
    suggested: Mapping[str, Suggested] = field(default_factory=dict)


@blueprint.get("/a-verifier")
def checklist() -> ResponseReturnValue:
    """Show one list of the checklist."""
    wanted = request.args.get("quoi", CheckList.YEAR.value)
    if wanted not in set(CheckList):
        abort(404)
    number = page_number(_MOST_PAGES)
    return render_template(
        "staff/checklist.html",
        view=_page(CheckList(wanted), number, suggesting="suggestions" in request.args),
        found=request_for(FIELDS_OF[CheckList(wanted)]) if CheckList(wanted) in FIELDS_OF else None,
        lists=LISTS,
        themes=known_themes(),
        types=known_types(),
    )


def _page(which: CheckList, number: int, *, suggesting: bool) -> ListPage:
    if which in {CheckList.ALIKE, CheckList.LINKS}:
        return _surveyed(which, number)
    per_page = _PER_SUGGESTED_PAGE if suggesting else _PER_PAGE
    found = lacking(FIELDS_OF[which], page=number, per_page=per_page)
    return ListPage(
        which,
        hits=found.hits,
        total=found.total,
        left=found.left,
        number=number,
        last=max(1, -(-found.total // per_page)),
        suggesting=suggesting,
        suggested=_suggestions(FIELDS_OF[which], found.hits) if suggesting else {},
    )


def _suggestions(lacked: Field, hits: Iterable[Hit]) -> dict[str, Suggested]:
    engine = site().engine
    found: dict[str, Suggested] = {}
    for hit in hits:
        resource = engine.get(hit.id, audience=Audience.STAFF)
        if resource is None:
            continue
        seen = suggest_values(resource, engine.search, default_analyzer(), audience=Audience.STAFF)
        one = {Field.TYPE: seen.type, Field.YEAR: seen.year}.get(lacked)
        values = seen.themes if lacked is Field.THEMES else () if one is None else (one,)
        if values:
            least = min(values, key=lambda each: each.agreeing)
            reason = f"{least.agreeing} des {least.of} ressources les plus proches qui en ont {_A[lacked]}"
            found[hit.id] = Suggested(tuple(each.value for each in values), reason)
    return found


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
