"""Importing from the browser: files are kept aside, looked at, then imported or dropped."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.errors import ArchiveError, SpoolError
from indexer.query.request import SearchRequest
from indexer.resource import Audience
from search_app.accounts.sessions import audience
from search_app.jobs.launcher import start
from search_app.jobs.store import Job, Kind, State
from search_app.jobs.uploads import MAX_FILES, MAX_SENT, Sent, Spool
from search_app.messages import staff as said
from search_app.search.params import NONE
from search_app.staff.desk import actor, blueprint, jobs, record
from search_app.web.context import site
from search_app.web.request_limits import takes

_FORM_BYTES = 1024 * 1024
"""What a form adds to the files that it sends."""


def _from_staff() -> bool:
    return audience() is Audience.STAFF


@blueprint.get("/import")
def send_form() -> ResponseReturnValue:
    """Where files are chosen or dropped."""
    return render_template(
        "staff/import.html", themes=known_themes(), most=MAX_SENT // 1024**2, files=MAX_FILES, error=None, theme=""
    )


@blueprint.post("/import")
@takes(size=MAX_SENT + _FORM_BYTES, parts=MAX_FILES + 10, granted=_from_staff)
def send() -> ResponseReturnValue:
    """Keep what was sent, and start to look at it."""
    theme = request.form.get("theme", "").strip()
    spool = Spool(site().settings.data)
    try:
        kept = spool.keep(Sent(file.filename or "", file.stream) for file in request.files.getlist("files"))
    except SpoolError as error:
        page = render_template(
            "staff/import.html",
            themes=known_themes(),
            most=MAX_SENT // 1024**2,
            files=MAX_FILES,
            error=str(error),
            theme=theme,
        )
        return page, 400
    note = said.also_refused([f"{one.path} : {one.reason}" for one in kept.refused])
    try:
        job = start(site().settings, Kind.PREVIEW, actor(), spool=kept.name, theme=theme or None, note=note)
    except ArchiveError as error:
        spool.drop(kept.name)
        flash(str(error), "error")
        return redirect(url_for("staff.send_form"), 303)
    record("import-preview", f"travail {job.number}, fichiers {kept.files}")
    return redirect(url_for("staff.job", number=job.number), 303)


@blueprint.post("/travaux/<int:number>/importer")
def confirm_import(number: int) -> ResponseReturnValue:
    """Import what was looked at."""
    seen = _preview(number)
    if seen.spool is None or not Spool(site().settings.data).holds(seen.spool):
        flash(said.SENDING_GONE, "error")
        return redirect(url_for("staff.send_form"), 303)
    if any(job.spool == seen.spool for job in jobs().at_work()):
        flash(said.ONE_AT_A_TIME, "error")
        return redirect(url_for("staff.job_list"), 303)
    try:
        job = start(site().settings, Kind.IMPORT, actor(), spool=seen.spool, theme=seen.theme)
    except ArchiveError as error:
        flash(str(error), "error")
        return redirect(url_for("staff.job", number=number), 303)
    record("import", f"travail {job.number}")
    return redirect(url_for("staff.job", number=job.number), 303)


@blueprint.post("/travaux/<int:number>/abandonner")
def drop_import(number: int) -> ResponseReturnValue:
    """Forget what was sent."""
    seen = _preview(number)
    if seen.spool is not None:
        Spool(site().settings.data).drop(seen.spool)
    record("import-dropped", f"travail {number}")
    flash(said.SENDING_DROPPED, "done")
    return redirect(url_for("staff.send_form"), 303)


def known_themes() -> list[str]:
    """Themes that resources have, to choose from."""
    if site().engine.status().generation is None:
        return []
    facets = site().engine.search(SearchRequest(audience=Audience.STAFF, per_page=1, snippets=False)).facets
    return [value.label for value in facets.theme if value.value != NONE]


def _preview(number: int) -> Job:
    found = jobs().get(number) if number < 2**31 else None
    if found is None or found.kind is not Kind.PREVIEW or found.state is not State.DONE:
        abort(404)
    return found
