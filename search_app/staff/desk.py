"""Who may enter the staff desk, its first page, and what its other pages share."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.errors import JobError
from indexer.pipeline.correcting import corrections_of
from indexer.query.request import SearchRequest
from indexer.resource import Audience
from search_app.accounts.sessions import audience, current_account, safe_next
from search_app.jobs.launcher import start_index
from search_app.jobs.store import Job, Jobs
from search_app.messages import NO_BREAK
from search_app.messages import staff as said
from search_app.search.params import NONE
from search_app.web import error_pages
from search_app.web import text as texts
from search_app.web.context import site
from search_app.web.templating import here

blueprint = Blueprint("staff", __name__, url_prefix="/gestion")


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the desk's own navigation.

    Attributes:
        endpoint: its page.
        label: its name.
        within: other endpoints whose pages belong to it.
    """

    endpoint: str
    label: str
    within: frozenset[str] = frozenset()


_SECTIONS = (
    Section("staff.desk", "Vue d’ensemble"),
    Section("staff.send_form", "Importer", frozenset({"staff.send"})),
    Section("staff.job_list", "Travaux", frozenset({"staff.job"})),
    Section("staff.care", "À vérifier"),
    Section("staff.correction_list", "Corrections", frozenset({"staff.correction", "staff.make_correction"})),
    Section("staff.theme_list", "Thèmes", frozenset({"staff.rename_theme"})),
    Section("staff.vocabulary", "Synonymes", frozenset({"staff.edit_vocabulary"})),
    Section("staff.watch", "Recherches"),
    Section("staff.account_list", "Comptes", frozenset({"staff.add_account", "staff.change_account"})),
)


@dataclass(frozen=True, slots=True)
class Lacks:
    """How many resources lack a year, a theme, a type."""

    year: int
    theme: int
    type: int


@blueprint.before_request
def staff_only() -> ResponseReturnValue | None:
    """Visitors are asked to sign in; members are told that this is not for them."""
    reader = audience()
    if reader is Audience.STAFF:
        return None
    if reader is Audience.VISITOR and request.method in {"GET", "HEAD"}:
        return redirect(url_for("auth.sign_in", next=here()), 303)
    return error_pages.answer(403, said.FORBIDDEN)


@blueprint.context_processor
def every_page() -> dict[str, object]:
    """What every page of the desk shows."""
    return {
        "sections": _SECTIONS,
        "at_work": jobs().at_work(),
        "KINDS": said.KINDS,
        "STATES": said.STATES,
        "FIELDS": said.FIELDS,
        "when": when,
    }


@blueprint.get("/")
def desk() -> ResponseReturnValue:
    """The state of the archive, and what waits for someone."""
    engine = site().engine
    status = engine.status()
    return render_template(
        "staff/desk.html",
        status=status,
        lacks=None if status.generation is None else _lacks(),
        latest=jobs().latest(5),
        history=corrections_of(site().settings).history(limit=8),
    )


def jobs() -> Jobs:
    """The jobs of this site."""
    return Jobs(site().settings.data)


def actor() -> str:
    """The address of who is asking."""
    account = current_account()
    return account.email if account is not None else ""


def record(action: str, detail: str = "") -> None:
    """Note what staff did, for those who answer for it.

    Args:
        action: what was done: a few words with hyphens.
        detail: ids and counts, never a text of the archive.
    """
    site().audit.record(action, actor(), detail)


def publish() -> Job | None:
    """Start what puts corrections before readers, or say that it could not be."""
    try:
        return start_index(site().settings, actor())
    except JobError as error:
        current_app.logger.error("publication impossible: %s", error)
        flash(said.NOT_PUBLISHED, "error")
        return None


def back_to(default: str) -> ResponseReturnValue:
    """On to the page that a form names, if it is one of ours."""
    wanted = request.form.get("next")
    return redirect(safe_next(wanted) if wanted else default, 303)


def when(moment: str | None) -> str:
    """« 24 novembre 2026 à 8 h 05 », in the time of the machine."""
    if moment is None:
        return ""
    try:
        local = datetime.datetime.fromisoformat(moment).astimezone()
    except ValueError:
        return moment
    return f"{texts.date_in_words(local.date().isoformat())} à{NO_BREAK}{local.hour}{NO_BREAK}h{NO_BREAK}{local:%M}"


def _lacks() -> Lacks:
    facets = site().engine.search(SearchRequest(audience=Audience.STAFF, per_page=1, snippets=False)).facets
    counts = [
        next((value.count for value in values if value.value == NONE), 0)
        for values in (facets.year, facets.theme, facets.type)
    ]
    return Lacks(*counts)
