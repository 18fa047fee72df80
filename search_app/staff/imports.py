"""Imports from the browser: files are uploaded, previewed, then imported or deleted."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.errors import ArchiveError
from indexer.resource import Audience
from search_app.accounts.sessions import audience
from search_app.errors import UploadError
from search_app.jobs import MAX_FILES, MAX_SENT, UPLOAD_GONE, Job, JobKind, JobState, SentFile, Uploads, start
from search_app.messages import said, typeset
from search_app.staff.desk import actor, blueprint, jobs, known_themes, record
from search_app.staff.sentences import ONE_AT_A_TIME
from search_app.web.context import site
from search_app.web.request_limits import takes

_FORM_BYTES = 1024 * 1024
"""Allowance for the form data around the uploaded files, in bytes."""


def _from_staff() -> bool:
    return audience() is Audience.STAFF


@blueprint.get("/import")
def send_form() -> ResponseReturnValue:
    """Show the form to which files are uploaded."""
    return render_template(
        "staff/import.html", themes=known_themes(), most=MAX_SENT // 1024**2, files=MAX_FILES, error=None, theme=""
    )


@blueprint.post("/import")
@takes(size=MAX_SENT + _FORM_BYTES, parts=MAX_FILES + 10, granted=_from_staff)
def send() -> ResponseReturnValue:
    """Store the uploaded files, and start a job that previews their import."""
    theme = request.form.get("theme", "").strip()
    uploads = Uploads(site().settings.data)
    try:
        kept = uploads.keep(SentFile(file.filename or "", file.stream) for file in request.files.getlist("files"))
    except UploadError as error:
        page = render_template(
            "staff/import.html",
            themes=known_themes(),
            most=MAX_SENT // 1024**2,
            files=MAX_FILES,
            error=said(error),
            theme=theme,
        )
        return page, 400
    reasons = " ".join(f"{one.path} : {one.reason}" for one in kept.refused)
    note = typeset("Laissés de côté : ") + reasons if reasons else ""
    try:
        job = start(site().settings, JobKind.PREVIEW, actor(), upload=kept.name, theme=theme or None, note=note)
    except ArchiveError as error:
        uploads.drop(kept.name)
        flash(said(error), "error")
        return redirect(url_for("staff.send_form"), 303)
    record("import-preview", f"travail {job.number}, fichiers {kept.files}")
    return redirect(url_for("staff.job", number=job.number), 303)


@blueprint.post("/travaux/<int:number>/importer")
def confirm_import(number: int) -> ResponseReturnValue:
    """Start a job that imports a previewed upload."""
    seen = _preview(number)
    if seen.upload is None or not Uploads(site().settings.data).holds(seen.upload):
        flash(UPLOAD_GONE, "error")
        return redirect(url_for("staff.send_form"), 303)
    if any(job.upload == seen.upload for job in jobs().unfinished()):
        flash(ONE_AT_A_TIME, "error")
        return redirect(url_for("staff.job_list"), 303)
    try:
        job = start(site().settings, JobKind.IMPORT, actor(), upload=seen.upload, theme=seen.theme)
    except ArchiveError as error:
        flash(said(error), "error")
        return redirect(url_for("staff.job", number=number), 303)
    record("import", f"travail {job.number}")
    return redirect(url_for("staff.job", number=job.number), 303)


@blueprint.post("/travaux/<int:number>/abandonner")
def drop_import(number: int) -> ResponseReturnValue:
    """Delete a previewed upload without importing it."""
    seen = _preview(number)
    if seen.upload is not None:
        Uploads(site().settings.data).drop(seen.upload)
    record("import-dropped", f"travail {number}")
    flash(typeset("L’envoi est abandonné : rien n’a été importé."), "done")
    return redirect(url_for("staff.send_form"), 303)


def _preview(number: int) -> Job:
    found = jobs().get(number) if number < 2**31 else None
    if found is None or found.kind is not JobKind.PREVIEW or found.state is not JobState.DONE:
        abort(404)
    return found
