"""Access to the staff desk, its first page, and code that its other pages share."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from indexer.analysis import alphabetical
from indexer.corpus import Field
from indexer.pipeline import corrections_of
from indexer.query import Facets, SearchRequest
from indexer.resource import Audience
from search_app.accounts.sessions import audience, current_account, safe_next
from search_app.errors import JobError
from search_app.jobs import Job, JobKind, Jobs, start_index
from search_app.messages import NO_BREAK, typeset
from search_app.search.params import NONE
from search_app.staff.lacking import lacking
from search_app.staff.sentences import FIELDS, KINDS, STATES
from search_app.web import error_pages
from search_app.web import text as texts
from search_app.web.context import site
from search_app.web.templating import here

blueprint = Blueprint("staff", __name__, url_prefix="/gestion")

_FORBIDDEN = (
    "Page réservée à l’équipe",
    "Votre compte est celui d’un membre : il ouvre les ressources réservées, non la gestion des archives. "
    "Si vous faites partie de l’équipe, demandez qu’on change votre rôle.",
)


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the desk's navigation.

    Attributes:
        endpoint: endpoint of its page.
        label: its name (French).
        within: endpoints of other pages that belong to it.
    """

    endpoint: str
    label: str
    within: frozenset[str] = frozenset()


_SECTIONS = (
    Section("staff.desk", "Vue d’ensemble"),
    Section("staff.send_form", "Importer", frozenset({"staff.send"})),
    Section("staff.source_list", "Sources"),
    Section("staff.job_list", "Travaux", frozenset({"staff.job", "staff.rollback", "staff.previewed_resource"})),
    Section("staff.checklist", "À vérifier"),
    Section("staff.publication_list", "Publications", frozenset({"staff.attach_publication"})),
    Section(
        "staff.correction_list",
        "Corrections",
        frozenset({"staff.correction", "staff.make_correction", "staff.bulk", "staff.bulk_search", "staff.batch"}),
    ),
    Section("staff.message_list", "Messages"),
    Section(
        "staff.theme_list", "Thèmes", frozenset({"staff.theme_page", "staff.edit_theme_page", "staff.rename_theme"})
    ),
    Section("staff.synonym_list", "Synonymes", frozenset({"staff.edit_synonyms"})),
    Section("staff.curated_list", "Sélections", frozenset({"staff.choose_curated"})),
    Section("staff.search_stats", "Recherches"),
    Section("staff.text_list", "Textes du site", frozenset({"staff.site_text", "staff.edit_site_text"})),
    Section("staff.account_list", "Comptes", frozenset({"staff.add_account", "staff.change_account"})),
)


@dataclass(frozen=True, slots=True)
class Lacks:
    """Numbers of resources without a year, a theme or a type."""

    year: int
    theme: int
    type: int


@blueprint.before_request
def staff_only() -> ResponseReturnValue | None:
    """Redirect visitors to the sign-in page, and respond to members with 403."""
    reader = audience()
    if reader is Audience.STAFF:
        return None
    if reader is Audience.VISITOR and request.method in {"GET", "HEAD"}:
        return redirect(url_for("auth.sign_in", next=here()), 303)
    return error_pages.answer(403, _FORBIDDEN)


@blueprint.context_processor
def every_page() -> dict[str, object]:
    """Return the template variables that every page of the desk needs."""
    return {
        "sections": _SECTIONS,
        "unfinished": jobs().unfinished(),
        "KINDS": KINDS,
        "STATES": STATES,
        "FIELDS": FIELDS,
        "when": when,
    }


@blueprint.get("/")
def desk() -> ResponseReturnValue:
    """Show the state of the archive, and pending tasks."""
    engine = site().engine
    status = engine.status()
    return render_template(
        "staff/desk.html",
        status=status,
        lacks=None if status.generation is None else _lacks(),
        latest=jobs().latest(5),
        messages=site().stores.inbox.open_count(),
        history=corrections_of(site().settings).history(limit=8),
    )


def jobs() -> Jobs:
    """Return the store of this site's background jobs."""
    return site().stores.jobs


def is_in_the_way(kind: JobKind) -> bool:
    """Return whether an unfinished job prevents starting a job of a kind.

    Recognising the text of scanned pages takes hours and locks nothing, so it only prevents another recognition.
    """
    return any(job.kind is not JobKind.RECOGNISE or kind is job.kind for job in jobs().unfinished())


def actor() -> str:
    """Return the e-mail address of the signed-in account, as the actor of an action; empty if nobody is signed in."""
    account = current_account()
    return account.email if account is not None else ""


def record(action: str, detail: str = "") -> None:
    """Record an action of staff in the audit log.

    Args:
        action: what was done, as a fixed name of a few words joined by hyphens.
        detail: ids and counts, never a text of the archive.
    """
    site().audit.record(action, actor(), detail)


def publish() -> Job | None:
    """Start an indexing job to publish corrections; if it cannot be started, flash a message and return None."""
    try:
        return start_index(site().settings, actor())
    except JobError as error:
        current_app.logger.error("publication impossible: %s", error)
        flash(
            typeset(
                "C’est noté, mais la publication n’a pas pu être lancée : lancez l’indexation pour que ce soit pris en "
                "compte."
            ),
            "error",
        )
        return None


def archive_facets() -> Facets:
    """Return the facets of the whole archive; they are empty if nothing was indexed yet."""
    engine = site().engine
    if engine.status().generation is None:
        return Facets()
    return engine.search(SearchRequest(audience=Audience.STAFF, per_page=1, snippets=False)).facets


def known_themes() -> list[str]:
    """Return the names of existing themes in alphabetical order, for suggestions in forms."""
    return alphabetical(value.label for value in archive_facets().theme if value.value != NONE)


def known_types() -> list[str]:
    """Return the names of existing types in alphabetical order, for suggestions in forms."""
    return alphabetical(value.label for value in archive_facets().type if value.value != NONE)


def page_number(last: int, given: MultiDict[str, str] | None = None) -> int:
    """Return the page of a list that the request's arguments, or a form, ask for: 1 to `last`."""
    text = (request.args if given is None else given).get("page", "1")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else 1
    return min(max(number, 1), max(last, 1))


def back_to(default: str) -> ResponseReturnValue:
    """Redirect to the page that a form names if it is on this site, else to `default`."""
    wanted = request.form.get("next")
    return redirect(safe_next(wanted) if wanted else default, 303)


def when(moment: str | None) -> str:
    """Return a time given in ISO 8601 in French words, « 24 novembre 2026 à 8 h 05 », in local time; "" for None."""
    if moment is None:
        return ""
    try:
        local = datetime.datetime.fromisoformat(moment).astimezone()
    except ValueError:
        return moment
    return f"{texts.date_in_words(local.date().isoformat())} à{NO_BREAK}{local.hour}{NO_BREAK}h{NO_BREAK}{local:%M}"


def _lacks() -> Lacks:
    return Lacks(*(lacking(field).total for field in (Field.YEAR, Field.THEMES, Field.TYPE)))
