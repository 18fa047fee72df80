"""Editing of the site's own synonyms: checked line by line, tried on recent searches, then applied at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.analysis import SYNONYMS_FILE, Synonyms, SynonymsError, default_analyzer
from indexer.engine import Engine, SupportsTrial
from indexer.errors import ArchiveError, SettingsError
from indexer.query import SearchRequest
from indexer.resource import Audience
from indexer.settings import OWN_SYNONYMS
from indexer.storage.files import write_atomically
from indexer.storage.os_errors import Reason, reason_of
from search_app.messages import typeset
from search_app.staff.desk import blueprint, record
from search_app.staff.search_stats import asked_lately
from search_app.web.context import site

MAX_BYTES = 32_000
_TOO_LONG = typeset(f"La liste dépasse {MAX_BYTES // 1000} ko : elle est trop longue pour être bien tenue.")
_MOVED = typeset(
    "Quelqu’un d’autre a changé les synonymes pendant que vous écriviez : votre texte est gardé ci-dessous, "
    "leur version est au-dessus. Reprenez ce qu’il faut, puis enregistrez."
)
_TRIED = 30
"""Number of expressions, and of recent searches, that a preview tries."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Number of resources that a search finds now, and would find with the new synonyms."""

    query: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Trial:
    """The effect of changed synonyms.

    Attributes:
        edited: effects on searches for the expressions on changed lines.
        lately: effects on searches of the last weeks; only those that would find more or fewer resources.
        tried: number of searches of the last weeks that were tried.
    """

    edited: tuple[Effect, ...]
    lately: tuple[Effect, ...]
    tried: int


@blueprint.get("/synonymes")
def synonym_list() -> ResponseReturnValue:
    """Show the list of synonyms; an expression in the arguments begins a new line."""
    text = _held()
    wanted = " ".join(re.sub(r"[=#!\s]+", " ", request.args.get("terme", "")[:120]).split())
    draft = text + ("" if not text or text.endswith("\n") else "\n") + f"{wanted} = " if wanted else text
    return _page(draft, base=text, begun=wanted)


@blueprint.post("/synonymes")
def edit_synonyms() -> ResponseReturnValue:
    """Check the edited list and show its effect; apply it once the effect has been shown."""
    draft = "\n".join(line.rstrip() for line in request.form.get("text", "").splitlines()).strip("\n")
    draft += "\n" if draft else ""
    held = _held()
    if len(draft.encode()) > MAX_BYTES:
        return _page(draft, base=held, faults=[_TOO_LONG]), 400
    if request.form.get("version") != _version(held):
        return _page(draft, base=held, faults=[_MOVED]), 409
    try:
        trial = _try(held, draft)
    except SynonymsError as error:
        return _page(draft, base=held, faults=[_faulty_line(*fault) for fault in error.faults]), 400
    if draft == held:
        flash(typeset("Rien n’a changé dans les synonymes."), "done")
        return redirect(url_for("staff.synonym_list"), 303)
    if request.form.get("action") != "save":
        return _page(draft, base=held, trial=trial)
    _save(draft)
    record("synonyms-edit", f"{len(draft.splitlines())} lignes")
    flash(typeset("Les synonymes sont enregistrés : ils valent dès la prochaine recherche."), "done")
    return redirect(url_for("staff.synonym_list"), 303)


def _page(draft: str, *, base: str, faults: Iterable[str] = (), trial: Trial | None = None, begun: str = "") -> str:
    return render_template(
        "staff/synonyms.html",
        draft=draft,
        held=base,
        version=_version(base),
        faults=tuple(faults),
        trial=trial,
        begun=begun,
        program=SYNONYMS_FILE.read_text("utf-8"),
    )


def _try(held: str, draft: str) -> Trial:
    """Return how a draft of the list of synonyms would change searches; `held` is the text of the current list.

    Raises:
        SynonymsError: some lines of the draft are wrong.
    """
    engine = site().engine
    if not isinstance(engine, SupportsTrial) or engine.status().generation is None:
        Synonyms.read(draft, default_analyzer(), _path())
        return Trial((), (), 0)
    other = engine.trial(draft)
    differing = {*held.splitlines()} ^ {*draft.splitlines()}
    expressions = dict.fromkeys(
        expression.strip().removeprefix("!")
        for line in (*draft.splitlines(), *held.splitlines())
        if line in differing
        for expression in re.split(r"=>|=", line.partition("#")[0])
        if expression.strip()
    )
    lately = asked_lately(_TRIED)
    return Trial(
        edited=tuple(_effect(query, engine, other) for query in list(expressions)[:_TRIED]),
        lately=tuple(e for e in (_effect(query, engine, other) for query in lately) if e.before != e.after),
        tried=len(lately),
    )


def _effect(query: str, engine: Engine, other: Engine) -> Effect:
    asked = SearchRequest(audience=Audience.STAFF, query=query, per_page=1, snippets=False)
    return Effect(query, engine.search(asked).total, other.search(asked).total)


def _path() -> Path:
    return site().settings.data / OWN_SYNONYMS


def _held() -> str:
    try:
        return _path().read_text("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else Reason("ce n’est pas de l’UTF-8")
        raise SettingsError(_unusable(reason)) from error


def _save(text: str) -> None:
    """Replace the file of synonyms atomically, so that engines read either the old list or the new one.

    Raises:
        ArchiveError: the file cannot be written.
    """
    try:
        write_atomically(_path(), text.encode(), own_draft=True)
    except OSError as error:
        raise ArchiveError(_unusable(reason_of(error))) from error


def _unusable(reason: Reason) -> str:
    return typeset(
        f"Les synonymes {_path()} ne peuvent être lus ou écrits "
        f"{reason.then('remettez à sa place un fichier de texte')}."
    )


def _faulty_line(number: int, what: str) -> str:
    return typeset(f"Ligne {number} : {what}" if number else what)


def _version(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
