"""Corrections of many resources at once: pages to choose the changes, preview them, see the batch made, and undo it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from indexer.corpus import UNSET, Field
from indexer.errors import CorrectionError, StaleCorrectionError
from indexer.pipeline import (
    MAX_BATCH,
    BulkPlan,
    PlannedCorrection,
    Wish,
    apply_bulk,
    corrections_of,
    plan_bulk,
    resource_of,
)
from indexer.resource import Audience, Resource
from search_app.export.all_hits import all_hits
from search_app.messages import NO_VALUE, THIN, said, typeset
from search_app.search import params
from search_app.staff.corrections import lines_of, read_year
from search_app.staff.desk import actor, blueprint, known_themes, known_types, page_number, publish, record
from search_app.staff.sentences import FIELDS, value_in_words
from search_app.web.context import site

MAX_CHOSEN = 100
"""Largest number of resources that are chosen one by one: as many as one page of results shows."""
_PER_PAGE = 50
_MOST_ARGUMENTS = 4000
_OWN = {"csrf_token", "action", "page", "digest", "confirm-public"}
"""Fields of the form that its next step (form, preview, change) does not repeat as hidden fields."""

NOTHING_CHOSEN = typeset("Choisissez au moins une ressource : cochez-la dans la liste.")
_NOTHING_WISHED = typeset("Choisissez au moins une chose à changer.")
_TOO_MANY = (
    f"Cette recherche trouve plus de {MAX_BATCH // 1000} 000 ressources, et un lot en corrige {MAX_BATCH // 1000} 000 "
    "au plus : précisez la recherche."
)
_CONFIRM = "Des ressources réservées deviendraient publiques : pour le faire, cochez la case de confirmation."


@dataclass(frozen=True, slots=True)
class Choice:
    """The resources of a batch, and what to change of each.

    Attributes:
        wanted: the resources, each with its change.
        label: how they were chosen (French).
        suggested: whether the program suggested the changes, which then differ from resource to resource.
    """

    wanted: tuple[tuple[Resource, Wish], ...]
    label: str
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change of a field by a batch: name of the field, value before and value after, in French words."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A resource of a batch, as its pages show it.

    Attributes:
        id, title: id and title of the resource.
        changes: what changes.
        turns_public: whether the resource is private and would become public.
        kept: whether undoing the batch left a field of it alone, since it had been corrected again.
    """

    id: str
    title: str
    changes: tuple[ShownChange, ...]
    turns_public: bool = False
    kept: bool = False


@blueprint.get("/lot")
def bulk_search() -> ResponseReturnValue:
    """Show the form that corrects all results of the search in the request's arguments."""
    asked, _ = params.salvage(request.args, Audience.STAFF)
    arguments = params.query_string(params.without_page(asked)).removeprefix("?")
    try:
        choice = _of_search(arguments, Wish())
    except CorrectionError as error:
        return render_template("staff/bulk.html", choice=None, error=said(error)), 400
    return _form(choice, [("search", arguments)])


@blueprint.post("/lot")
def bulk() -> ResponseReturnValue:
    """Show the form for the chosen resources, preview the changes or make them.

    The field `action` of the form says which: choose, preview or apply. Without it, the form for the
    resources is shown or, if `page` is sent, that page of the preview.
    """
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in _OWN]
    # The buttons that turn the pages of the preview carry no action.
    action = request.form.get("action", "preview" if "page" in request.form else "choose")
    try:
        wish = _wish() if action != "choose" else Wish()
        error = None
    except CorrectionError as found:
        wish, error = Wish(), said(found)
    try:
        choice = _choice(wish)
    except CorrectionError as found:
        return render_template("staff/bulk.html", choice=None, error=said(found)), 400
    if action == "choose" and not choice.suggested:
        return _form(choice, carried)
    if error is None and wish.is_empty and not choice.suggested:
        error = _NOTHING_WISHED
    if error is not None:
        return _form(choice, carried, error=error), 400
    try:
        plan = plan_bulk(site().settings, choice.wanted)
    except CorrectionError as found:
        return _form(choice, carried, error=said(found)), 400
    if action != "apply":
        return _preview(choice, plan, wish, carried)
    if any(line.turns_public for line in plan.lines) and "confirm-public" not in request.form:
        return _preview(choice, plan, wish, carried, error=typeset(_CONFIRM)), 400
    what = f"{_what(wish, choice)} ({choice.label})"
    try:
        number = apply_bulk(site().settings, plan, seen=request.form.get("digest", ""), what=what, actor=actor())
    except StaleCorrectionError as found:
        return _preview(choice, plan_bulk(site().settings, choice.wanted), wish, carried, error=said(found)), 409
    fields = {field.value for line in plan.lines for field in line.correction.fields}
    record("bulk-correct", f"lot {number} : {len(plan.lines)} ressources, {', '.join(sorted(fields))}")
    flash(
        typeset(
            f"{_resources(len(plan.lines))} : ce sera publié à la prochaine mise à jour de l’index, qui est lancée."
        ),
        "done",
    )
    publish()
    return redirect(url_for("staff.batch", number=number), 303)


@blueprint.get("/lots/<int:number>")
def batch(number: int) -> ResponseReturnValue:
    """Show a batch: who made it, what it changed and, once it is undone, which resources the undoing left alone."""
    corrections = corrections_of(site().settings)
    found = corrections.batch(number) if number < 2**31 else None
    if found is None:
        abort(404)
    page = page_number(-(-found.resources // _PER_PAGE))
    changes = corrections.batch_changes(number, first=(page - 1) * _PER_PAGE, limit=_PER_PAGE)
    kept = corrections.batch_changes(number, limit=MAX_CHOSEN, kept=True) if found.undone_at else []
    lines: dict[str, ShownLine] = {}
    for change in changes:
        shown = ShownChange(
            FIELDS[change.field], _stored(change.field, change.before), _stored(change.field, change.after)
        )
        line = lines.setdefault(change.id, ShownLine(change.id, change.title, ()))
        lines[change.id] = replace(line, changes=(*line.changes, shown), kept=line.kept or change.kept)
    return render_template(
        "staff/batch.html",
        batch=found,
        lines=lines.values(),
        kept={change.id: change.title for change in kept},
        number=page,
        last=max(1, -(-found.resources // _PER_PAGE)),
    )


@blueprint.post("/lots/<int:number>/annuler")
def undo_batch(number: int) -> ResponseReturnValue:
    """Undo the corrections of a batch, except for fields that were corrected again since."""
    corrections = corrections_of(site().settings)
    if number >= 2**31 or corrections.batch(number) is None:
        abort(404)
    try:
        restored = corrections.undo_batch(number, actor=actor())
    except CorrectionError as error:
        flash(said(error), "error")
        return redirect(url_for("staff.batch", number=number), 303)
    record("bulk-undo", f"lot {number} : {restored} corrections")
    flash(typeset("Le lot est annulé : ce sera publié à la prochaine mise à jour de l’index, qui est lancée."), "done")
    publish()
    return redirect(url_for("staff.batch", number=number), 303)


# The form


def _wish() -> Wish:
    """Return the changes that the form asks for.

    Raises:
        CorrectionError: a value is missing or invalid.
    """
    form = request.form
    kind: str | None = form.get("type", "").strip()
    themes = lines_of(form.get("themes", ""))
    wish = Wish()
    match form.get("type-do"):
        case "set":
            if not kind:
                raise CorrectionError(typeset("Écrivez le type à donner, ou choisissez « aucun »."))
            wish = replace(wish, type=kind)
        case "none":
            wish = replace(wish, type=None)
    match form.get("year-do"):
        case "set":
            year = read_year(form.get("year", "").strip())
            if year is None:
                raise CorrectionError(typeset("Écrivez l’année à donner, ou choisissez « aucune »."))
            wish = replace(wish, year=year)
        case "none":
            wish = replace(wish, year=None)
    doing = form.get("themes-do")
    if doing in {"add", "remove", "replace"} and not themes:
        raise CorrectionError(typeset("Écrivez les thèmes, un par ligne, ou choisissez « aucun »."))
    match doing:
        case "add":
            wish = replace(wish, add=themes)
        case "remove":
            wish = replace(wish, remove=themes)
        case "replace":
            wish = replace(wish, themes=themes)
        case "none":
            wish = replace(wish, themes=())
    if form.get("private") in {"oui", "non"}:
        wish = replace(wish, private=form["private"] == "oui")
    return replace(wish, withdrawn=True) if "withdrawn" in form else wish


def _choice(wish: Wish) -> Choice:
    """Return the resources that the form names, and their changes.

    Raises:
        CorrectionError: the form names no resource, or a search that finds none or too many.
    """
    form = request.form
    if "search" in form:
        return _of_search(form["search"], wish)
    if "pick" in form:
        picked = form.getlist("pick")[:MAX_CHOSEN]
        wanted = tuple((found, _suggested(found.id)) for found in _found(picked))
        return Choice(wanted, "suggestions acceptées", suggested=True)
    chosen = tuple((found, wish) for found in _found(form.getlist("resource")[:MAX_CHOSEN]))
    if not chosen:
        raise CorrectionError(NOTHING_CHOSEN)
    return Choice(chosen, "choisies dans une liste")


def _of_search(arguments: str, wish: Wish) -> Choice:
    if len(arguments) > _MOST_ARGUMENTS:
        abort(400)
    pairs = parse_qsl(arguments, keep_blank_values=True)
    asked, errors = params.salvage(MultiDict(pairs), Audience.STAFF)
    if errors:
        raise CorrectionError(str(errors[0]))
    found = all_hits(site().engine, replace(asked, page=1))
    if found.total > len(found.hits):
        raise CorrectionError(typeset(_TOO_MANY))
    if not found.hits:
        raise CorrectionError(typeset("Cette recherche ne trouve plus rien : il n’y a rien à corriger."))
    label = f"toutes celles de la recherche « {params.title_of(asked)} »" if params.build(asked) else "toute l’archive"
    return Choice(tuple((resource_of(hit), wish) for hit in found.hits), typeset(label))


def _found(ids: Iterable[str]) -> Iterator[Resource]:
    for resource_id in dict.fromkeys(ids):
        resource = site().engine.get(resource_id, audience=Audience.STAFF)
        if resource is not None:
            yield replace(resource, body=None, documents=())


def _suggested(resource_id: str) -> Wish:
    """Return the change that was suggested for a resource; staff may have edited its value in the form.

    Raises:
        CorrectionError: the value is to be a year, but is none.
    """
    value = request.form.get(f"value-{resource_id}", "")
    field = request.form.get("field")
    if field == "type":
        return Wish(type=value.strip() or UNSET)
    if field == "year":
        year = read_year(value.strip())
        return Wish(year=UNSET if year is None else year)
    return Wish(add=lines_of(value))


def _form(choice: Choice, carried: list[tuple[str, str]], *, error: str | None = None) -> str:
    shown = {name: request.form.get(name, "") for name in ("type-do", "type", "year-do", "year", "themes-do", "themes")}
    named = {"search", "resource", "pick", "field", *(name for name, _ in carried if name.startswith("value-"))}
    return render_template(
        "staff/bulk.html",
        choice=choice,
        plan=None,
        carried=[pair for pair in carried if pair[0] in named],
        sent={**shown, "private": request.form.get("private", ""), "withdrawn": "withdrawn" in request.form},
        titles=[resource for resource, _ in choice.wanted[:_PER_PAGE]],
        themes=known_themes(),
        types=known_types(),
        error=error,
    )


def _preview(
    choice: Choice, plan: BulkPlan, wish: Wish, carried: list[tuple[str, str]], *, error: str | None = None
) -> str:
    last = max(1, -(-len(plan.lines) // _PER_PAGE))
    page = page_number(last, request.form)
    # What becomes public comes first: these are the ones to look at.
    lines = sorted(plan.lines, key=lambda line: not line.turns_public)
    return render_template(
        "staff/bulk.html",
        choice=choice,
        plan=plan,
        what=_what(wish, choice),
        counts=[(FIELDS[field], plan.count(field)) for field in Field if plan.count(field)],
        opened=sum(line.turns_public for line in plan.lines),
        lines=[_shown(line) for line in lines[(page - 1) * _PER_PAGE : page * _PER_PAGE]],
        number=page,
        last=last,
        carried=carried,
        error=error,
    )


def _shown(line: PlannedCorrection) -> ShownLine:
    shown, after = line.shown, line.correction
    before: dict[Field, object] = {
        Field.TYPE: shown.type,
        Field.YEAR: shown.year,
        Field.THEMES: shown.themes,
        Field.PRIVATE: shown.private,
        Field.WITHDRAWN: line.held.withdrawn is True,
    }
    values = after.as_json()
    changes = tuple(
        ShownChange(FIELDS[field], value_in_words(field, before[field]), value_in_words(field, values[field]))
        for field in after.fields
    )
    return ShownLine(shown.id, shown.title, changes, line.turns_public)


def _what(wish: Wish, choice: Choice) -> str:
    """Return a description of a batch in French words."""
    if choice.suggested:
        field = {"type": Field.TYPE, "year": Field.YEAR}.get(request.form.get("field", ""), Field.THEMES)
        return f"{FIELDS[field]}{THIN}: valeurs suggérées"
    parts = []
    if wish.type is not UNSET:
        parts.append(typeset(f"type : {wish.type or NO_VALUE['type']}"))
    if wish.year is not UNSET:
        parts.append(typeset(f"année : {wish.year or NO_VALUE['year']}"))
    if wish.themes is not UNSET:
        parts.append(typeset(f"thèmes : {', '.join(wish.themes) or NO_VALUE['theme']}"))
    if wish.add:
        parts.append(typeset(f"thèmes ajoutés : {', '.join(wish.add)}"))
    if wish.remove:
        parts.append(typeset(f"thèmes ôtés : {', '.join(wish.remove)}"))
    if wish.private is not UNSET:
        parts.append("réservées aux adhérents" if wish.private else "publiques")
    if wish.withdrawn is not UNSET:
        parts.append("retirées des recherches")
    said_so = ", ".join(parts)
    return said_so[:1].upper() + said_so[1:]


def _stored(field: str, value: str | None) -> str:
    return "ce que disent les pages" if value is None else value_in_words(field, json.loads(value))


def _resources(count: int) -> str:
    return f"{count} ressource{'s' if count > 1 else ''}"
