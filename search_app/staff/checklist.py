"""What needs care, and the corrections that staff make."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.analysis.theme_key import theme_key
from indexer.corpus.corrections import UNSET, Correction, Field, HistoryEntry
from indexer.errors import CorrectionError
from indexer.pipeline.correcting import correct, corrections_of, title_of
from indexer.pipeline.quality import Alike, DeadLink, last_quality_report
from indexer.query.request import Hit, SearchRequest, Sort
from indexer.resource import Audience, Resource
from search_app.messages import NO_VALUE, PRIVATE_FILTER, THIN
from search_app.messages import staff as said
from search_app.search.params import NONE
from search_app.staff.desk import actor, back_to, blueprint, publish, record
from search_app.staff.imports import known_themes
from search_app.web.context import site

_PER_PAGE = 50
_NAMES = {Field.TYPE: "type", Field.YEAR: "year", Field.THEMES: "themes", Field.PRIVATE: "private"}
"""Fields of the form."""


class Lack(StrEnum):
    """What may need care; the values stand in addresses."""

    YEAR = "annee"
    THEME = "theme"
    TYPE = "type"
    ALIKE = "doublons"
    LINKS = "liens"


LACKS = {
    Lack.YEAR: "Sans année",
    Lack.THEME: "Sans thème",
    Lack.TYPE: "Sans type",
    Lack.ALIKE: "Doublons possibles",
    Lack.LINKS: "Liens morts",
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Attributes:
        lack: which list.
        hits, alike, links: what the page shows of it.
        total: of the whole list, None where no survey was made yet.
        number, last: this page, and the last one.
    """

    lack: Lack
    hits: tuple[Hit, ...] = ()
    alike: tuple[Alike, ...] = ()
    links: tuple[DeadLink, ...] = ()
    everywhere: tuple[str, ...] = ()
    total: int | None = None
    number: int = 1
    last: int = 1


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the history, in words."""

    entry: HistoryEntry
    before: str
    after: str


def corrected_fields(resource_id: str) -> list[str]:
    """What staff corrected of a resource, in words, for its page."""
    return [said.FIELDS[field] for field in corrections_of(site().settings).get(resource_id).fields]


@blueprint.get("/a-verifier")
def care() -> ResponseReturnValue:
    """One list of what may need care."""
    wanted = request.args.get("quoi", Lack.YEAR.value)
    if wanted not in set(Lack):
        abort(404)
    given = request.args.get("page", "1")
    number = int(given) if given.isascii() and given.isdecimal() and 1 <= int(given[:6]) <= 200 else 1
    return render_template(
        "staff/checklist.html",
        view=_page(Lack(wanted), number),
        lacks=LACKS,
        themes=known_themes(),
        types=_known_types(),
    )


@blueprint.get("/corrections")
def correction_list() -> ResponseReturnValue:
    """All corrections in force, and the latest changes."""
    corrections = corrections_of(site().settings)
    held = [(i, corrections.title(i) or i, correction) for i, correction in corrections.all().items()]
    return render_template(
        "staff/corrections.html",
        held=sorted(held, key=lambda row: theme_key(row[1])),
        withdrawn=Field.WITHDRAWN,
        changes=_changes(corrections.history(limit=50)),
    )


@blueprint.get("/ressources/<resource_id>")
def correction(resource_id: str) -> ResponseReturnValue:
    """The form of one resource."""
    return _form(resource_id)


@blueprint.post("/ressources/<resource_id>")
def make_correction(resource_id: str) -> ResponseReturnValue:
    """Correct what differs from what the form showed."""
    shown = _shown(resource_id)
    if shown is None:
        abort(404)
    try:
        wanted, clear = _asked(shown)
        changed = correct(site().settings, site().engine, resource_id, wanted, clear=clear, actor=actor())
    except CorrectionError as error:
        return _form(resource_id, error=str(error)), 400
    return _done(resource_id, changed, said.CORRECTED if wanted.fields else said.RESTORED)


@blueprint.post("/ressources/<resource_id>/retirer")
def withdraw(resource_id: str) -> ResponseReturnValue:
    """Take a resource out of the searches."""
    _exists(resource_id)
    changed = correct(site().settings, site().engine, resource_id, Correction(withdrawn=True), actor=actor())
    return _done(resource_id, changed, said.WITHDRAWN)


@blueprint.post("/ressources/<resource_id>/remettre")
def put_back(resource_id: str) -> ResponseReturnValue:
    """Let a withdrawn resource come back."""
    _exists(resource_id)
    changed = correct(
        site().settings, site().engine, resource_id, Correction(), clear=(Field.WITHDRAWN,), actor=actor()
    )
    return _done(resource_id, changed, said.PUT_BACK)


def _done(resource_id: str, changed: tuple[Field, ...], text: str) -> ResponseReturnValue:
    if changed:
        record("correct", f"{resource_id} : {', '.join(changed)}")
        flash(text, "done")
        publish()
    else:
        flash(said.NOTHING_CHANGED, "done")
    return back_to(url_for("staff.correction", resource_id=resource_id))


def _form(resource_id: str, error: str | None = None) -> str:
    title = _exists(resource_id)
    corrections = corrections_of(site().settings)
    held = corrections.get(resource_id)
    return render_template(
        "staff/correction.html",
        resource_id=resource_id,
        title=title,
        resource=_shown(resource_id),
        held=held,
        corrected={field.value for field in held.fields},
        themes=known_themes(),
        types=_known_types(),
        changes=_changes(corrections.history(resource_id)),
        error=error,
        sent=request.form if error is not None else None,
    )


def _shown(resource_id: str) -> Resource | None:
    """The resource as it will be once all corrections are published; None for one that is in no index."""
    found = site().engine.get(resource_id, audience=Audience.STAFF)
    return None if found is None else corrections_of(site().settings).get(resource_id).apply(found)


def _exists(resource_id: str) -> str:
    """The title of a resource that is or was in the archive."""
    try:
        return title_of(site().settings, site().engine, resource_id)
    except CorrectionError:
        abort(404)


def _asked(shown: Resource) -> tuple[Correction, tuple[Field, ...]]:
    """What the form changes of the resource that it showed; fields that it does not have stay as they are.

    Raises:
        CorrectionError: a value makes no sense, or a private resource would become public without a word.
    """
    form = request.form
    clear = tuple(field for field in Field if field is not Field.WITHDRAWN and f"clear-{field}" in form)
    asked = {field for field in _NAMES if _NAMES[field] in form and field not in clear}
    type_ = form["type"].strip() or None if Field.TYPE in asked else shown.type
    year = _year(form["year"].strip()) if Field.YEAR in asked else shown.year
    themes = _lines(form["themes"]) if Field.THEMES in asked else shown.themes
    private = form["private"] != "non" if Field.PRIVATE in asked else shown.private
    # Pages that have the word again may say that it is public.
    may_open = not private or Field.PRIVATE in clear
    if shown.private and may_open and "confirm-public" not in form:
        raise CorrectionError(said.CONFIRM_PUBLIC)
    wanted = Correction(
        type=UNSET if type_ == shown.type else type_,
        year=UNSET if year == shown.year else year,
        themes=UNSET if {*map(theme_key, themes)} == {*map(theme_key, shown.themes)} else themes,
        private=UNSET if private == shown.private else private,
    )
    return wanted, clear


def _year(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) == 4):
        raise CorrectionError(said.not_a_year(text))
    return int(text)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _page(lack: Lack, number: int) -> Page:
    if lack in {Lack.ALIKE, Lack.LINKS}:
        return _surveyed(lack, number)
    asked = SearchRequest(
        audience=Audience.STAFF,
        years=(None,) if lack is Lack.YEAR else (),
        themes=(None,) if lack is Lack.THEME else (),
        types=(None,) if lack is Lack.TYPE else (),
        sort=Sort.TITLE,
        page=number,
        per_page=_PER_PAGE,
        snippets=False,
    )
    found = site().engine.search(asked)
    return Page(lack, hits=found.hits, total=found.total, number=number, last=max(1, -(-found.total // _PER_PAGE)))


def _surveyed(lack: Lack, number: int) -> Page:
    assess_quality = last_quality_report(site().settings)
    if assess_quality is None:
        return Page(lack)
    first, end = (number - 1) * _PER_PAGE, number * _PER_PAGE
    total = len(assess_quality.alike) if lack is Lack.ALIKE else len(assess_quality.dead_links)
    return Page(
        lack,
        alike=assess_quality.alike[first:end] if lack is Lack.ALIKE else (),
        links=assess_quality.dead_links[first:end] if lack is Lack.LINKS else (),
        everywhere=assess_quality.everywhere if lack is Lack.LINKS else (),
        total=total,
        number=number,
        last=max(1, -(-total // _PER_PAGE)),
    )


def _known_types() -> list[str]:
    if site().engine.status().generation is None:
        return []
    facets = site().engine.search(SearchRequest(audience=Audience.STAFF, per_page=1, snippets=False)).facets
    return [value.label for value in facets.type if value.value != NONE]


def _changes(entries: list[HistoryEntry]) -> list[Change]:
    return [Change(entry, _words(entry.field, entry.before), _words(entry.field, entry.after)) for entry in entries]


def _words(field: str, value: str | None) -> str:
    """A value of the history in words."""
    if value is None:
        return "ce que disent les pages"
    held = json.loads(value)
    if field == Field.PRIVATE:
        return PRIVATE_FILTER[held]
    if field == Field.WITHDRAWN:
        return "retirée" if held else "présente"
    if isinstance(held, list):
        return f"{THIN}; ".join(held) or NO_VALUE["theme"]
    return NO_VALUE.get(field, "aucun") if held is None else str(held)
