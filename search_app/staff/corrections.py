"""Corrections by staff: the form of a resource, current corrections, and their history."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.analysis import collation_key, theme_key
from indexer.corpus import UNSET, Correction, Field, HistoryEntry, check_correction
from indexer.errors import CorrectionError
from indexer.pipeline import also_at, correct, corrections_of, names_of_files, title_of
from indexer.resource import Audience, Resource
from indexer.territories import gazetteer
from search_app.messages import TERRITORY_SOURCES, THIN, quoted, said, typeset
from search_app.staff.desk import actor, back_to, blueprint, known_themes, known_types, publish, record
from search_app.staff.publications import attached_to
from search_app.staff.sentences import FIELDS, value_in_words
from search_app.web.context import site

_NAMES = {
    Field.TYPE: "type",
    Field.YEAR: "year",
    Field.THEMES: "themes",
    Field.TERRITORIES: "territories",
    Field.PRIVATE: "private",
    Field.TITLE: "title",
    Field.SUMMARY: "summary",
    Field.DATE: "date",
    Field.ADDRESS: "address",
}
"""Names of the fields of the form, by the field of a resource that each corrects."""

_FRENCH_DATE = re.compile(r"(?:([0-9]{1,2})[/.])?([0-9]{1,2})[/.]([0-9]{4})")

_CORRECTED = typeset("La correction est notée ; elle est en cours de publication.")
_RESTORED = typeset("Les pages ont de nouveau la parole ; c’est en cours de publication.")
_SAME_ADDRESS = typeset(
    "Une autre ressource a déjà cette adresse : {title}. Si c’est la même, retirez l’une des deux ; sinon, vérifiez "
    "l’adresse."
)
_WITHDRAWN = typeset("La ressource est retirée ; elle quitte les recherches dans un instant.")
_PUT_BACK = typeset("La ressource revient ; elle sera dans les recherches dans un instant.")
_NOTHING_CHANGED = typeset("Rien n’a changé : c’était déjà ainsi.")


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An entry of the history of corrections, with the values before and after it in French words."""

    entry: HistoryEntry
    before: str
    after: str


def corrected_fields(resource_id: str) -> list[str]:
    """Return the names of a resource's corrected fields (French), for its page."""
    return [FIELDS[field] for field in corrections_of(site().settings).get(resource_id).fields]


@blueprint.get("/corrections")
def correction_list() -> ResponseReturnValue:
    """Show all current corrections, and the latest changes."""
    corrections = corrections_of(site().settings)
    held = [(i, corrections.title(i) or i, correction) for i, correction in corrections.all().items()]
    return render_template(
        "staff/corrections.html",
        held=sorted(held, key=lambda row: collation_key(row[1])),
        withdrawn=Field.WITHDRAWN,
        batches=corrections.batches(),
        changes=in_words(corrections.history(limit=50)),
    )


@blueprint.get("/ressources/<resource_id>")
def correction(resource_id: str) -> ResponseReturnValue:
    """Show the correction form of one resource."""
    return _form(resource_id)


@blueprint.post("/ressources/<resource_id>")
def make_correction(resource_id: str) -> ResponseReturnValue:
    """Correct the fields of a resource whose values in the sent form differ from those that the form showed."""
    shown = _shown(resource_id)
    if shown is None:
        abort(404)
    try:
        wanted, clear = _asked(shown)
        changed = correct(site().settings, site().engine, resource_id, wanted, clear=clear, actor=actor())
    except CorrectionError as error:
        return _form(resource_id, error=said(error)), 400
    if Field.ADDRESS in changed and isinstance(wanted.address, str):
        other = also_at(site().settings, site().engine, wanted.address, resource_id)
        if other is not None:
            flash(_SAME_ADDRESS.format(title=quoted(other)), "error")
    return _done(resource_id, changed, _CORRECTED if wanted.fields else _RESTORED)


@blueprint.post("/ressources/<resource_id>/retirer")
def withdraw(resource_id: str) -> ResponseReturnValue:
    """Withdraw a resource from the index."""
    _exists(resource_id)
    changed = correct(site().settings, site().engine, resource_id, Correction(withdrawn=True), actor=actor())
    return _done(resource_id, changed, _WITHDRAWN)


@blueprint.post("/ressources/<resource_id>/remettre")
def put_back(resource_id: str) -> ResponseReturnValue:
    """Put a withdrawn resource back into the index."""
    _exists(resource_id)
    changed = correct(
        site().settings, site().engine, resource_id, Correction(), clear=(Field.WITHDRAWN,), actor=actor()
    )
    return _done(resource_id, changed, _PUT_BACK)


def _done(resource_id: str, changed: tuple[Field, ...], text: str) -> ResponseReturnValue:
    if changed:
        record("correct", f"{resource_id} : {', '.join(changed)}")
        flash(text, "done")
        publish()
    else:
        flash(_NOTHING_CHANGED, "done")
    return back_to(url_for("staff.correction", resource_id=resource_id))


def _form(resource_id: str, error: str | None = None) -> str:
    title = _exists(resource_id)
    corrections = corrections_of(site().settings)
    held = corrections.get(resource_id)
    shown = _shown(resource_id)
    return render_template(
        "staff/correction.html",
        resource_id=resource_id,
        title=title,
        resource=shown,
        held=held,
        corrected={field.value for field in held.fields},
        territory_names=[gazetteer().label(code) for code in shown.territories] if shown is not None else [],
        TERRITORY_SOURCES=TERRITORY_SOURCES,
        themes=known_themes(),
        types=known_types(),
        changes=in_words(corrections.history(resource_id)),
        attached=attached_to(resource_id),
        error=error,
        sent=request.form if error is not None else None,
    )


def _shown(resource_id: str) -> Resource | None:
    """Return the resource as it will be after the next indexing run; None if it is not in the index."""
    found = site().engine.get(resource_id, audience=Audience.STAFF)
    return None if found is None else corrections_of(site().settings).get(resource_id).apply(found)


def _exists(resource_id: str) -> str:
    """Return the title of a resource that is or was in the archive; respond with 404 if there is none."""
    try:
        return title_of(site().settings, site().engine, resource_id)
    except CorrectionError:
        abort(404)


def _asked(shown: Resource) -> tuple[Correction, tuple[Field, ...]]:
    """Return the corrections that the submitted form makes, and the fields to reset to the imported value.

    Fields that are not in the form are not changed.

    Raises:
        CorrectionError: a value is invalid, or a private resource would become public without confirmation.
    """
    form = request.form
    clear = tuple(field for field in Field if field is not Field.WITHDRAWN and f"clear-{field}" in form)
    asked = {field for field in _NAMES if _NAMES[field] in form and field not in clear}
    type_ = form["type"].strip() or None if Field.TYPE in asked else shown.type
    year = read_year(form["year"].strip()) if Field.YEAR in asked else shown.year
    themes = lines_of(form["themes"]) if Field.THEMES in asked else shown.themes
    territories = _territories(shown) if Field.TERRITORIES in asked else shown.territories
    private = form["private"] != "non" if Field.PRIVATE in asked else shown.private
    title = form["title"].strip() if Field.TITLE in asked else shown.title
    summary = _text(form["summary"]) if Field.SUMMARY in asked else shown.summary
    date = _date(form["date"].strip()) if Field.DATE in asked else shown.date
    address = form["address"].strip() or None if Field.ADDRESS in asked else shown.url
    # The imported value of a reset field may be public.
    may_open = not private or Field.PRIVATE in clear
    if shown.private and may_open and "confirm-public" not in form:
        raise CorrectionError(
            typeset(
                "Cette ressource est réservée aux adhérents : pour la rendre publique, cochez aussi la case de "
                "confirmation."
            )
        )
    wanted = Correction(
        type=UNSET if type_ == shown.type else type_,
        year=UNSET if year == shown.year else year,
        themes=UNSET if {*map(theme_key, themes)} == {*map(theme_key, shown.themes)} else themes,
        territories=UNSET if territories == shown.territories else territories,
        private=UNSET if private == shown.private else private,
        title=UNSET if title == shown.title else title,
        # Browsers send line breaks in a form of their own, so only the words are compared.
        summary=UNSET if (summary or "").split() == (shown.summary or "").split() else summary,
        date=UNSET if date == shown.date else date,
        address=UNSET if address == shown.url else address,
    )
    return wanted, clear


def _territories(shown: Resource) -> tuple[str, ...]:
    """Return the codes of the territories named in the form; `shown` is the resource that the form was filled with.

    Raises:
        CorrectionError: a name is unknown, or belongs to several territories.
    """
    # Several communes may share a name: a name that the form showed keeps the code that it was shown for.
    known = {gazetteer().label(code): code for code in shown.territories}
    asked = Correction(territories=tuple(known.get(line, line) for line in lines_of(request.form["territories"])))
    checked = check_correction(asked).territories
    return () if checked is UNSET else checked


def _text(typed: str) -> str | None:
    return typed.strip() or None


def _date(typed: str) -> str | None:
    """Return a typed date: 16/02/2024 or 02/2024 converted to ISO 8601, other text unchanged, None if it is empty."""
    parts = _FRENCH_DATE.fullmatch(typed)
    if parts is None:
        return typed or None
    day, month, year = parts.groups()
    return f"{year}-{month:0>2}" + (f"-{day:0>2}" if day else "")


def read_year(text: str) -> int | None:
    """Return a typed year, or None if nothing was typed.

    Raises:
        CorrectionError: the text is not a number of four digits.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) == 4):
        raise CorrectionError(
            f"{quoted(text)} " + typeset("n’est pas une année : écrivez quatre chiffres, ou laissez vide.")
        )
    return int(text)


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a text field that are not blank, without spaces around them."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def in_words(entries: Iterable[HistoryEntry]) -> list[HistoryLine]:
    """Return entries of the history of corrections, with their values in French words."""
    return [
        HistoryLine(entry, _words(entry.field, entry.before), _words(entry.field, entry.after)) for entry in entries
    ]


def _words(field: str, value: str | None) -> str:
    """Return a value in the history of corrections in French words.

    Args:
        field: name of the corrected field.
        value: its value as JSON; None if the field was not corrected.
    """
    if value is None:
        return "ce que disent les pages"
    held = json.loads(value)
    if field == Field.DOCUMENTS:
        names = names_of_files(site().settings)
        return f"{THIN}; ".join(names.get(digest, "fichier effacé") for digest in held) or "aucune"
    return value_in_words(field, held)
