"""Pages of background jobs: their progress and their results."""

from __future__ import annotations

import datetime

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.engine import ShowsPrevious
from indexer.errors import ArchiveError, EngineError, IndexMissingError
from indexer.pipeline import RollbackChange, preview_rollback
from search_app.jobs import Job, JobKind, JobState, Uploads, start
from search_app.messages import said, typeset
from search_app.staff.desk import actor, blueprint, is_in_the_way, jobs, page_number, record
from search_app.staff.import_preview import CHANGED_FIELDS, PER_PAGE, preview_page
from search_app.staff.sentences import ONE_AT_A_TIME, STATES, UNITS
from search_app.web.context import site

LISTED = 100
"""Number of entries of each kind that a report shows; further ones are only counted."""

CHANGES = {
    RollbackChange.ADDED: "Reviendraient",
    RollbackChange.REMOVED: "Partiraient",
    RollbackChange.PUBLIC: "Deviendraient publiques",
    RollbackChange.PRIVATE: "Deviendraient réservées",
    RollbackChange.CHANGED: "Retrouveraient leur contenu d’avant",
    RollbackChange.KEPT: "Resteraient retirées ou réservées",
}
_KEEPS_NONE = typeset("Ce moteur ne garde pas de génération antérieure : il n’y a rien à retrouver.")
_ASKED = {
    kind.value: kind for kind in (JobKind.INDEX, JobKind.FULL, JobKind.PREVIOUS, JobKind.SURVEY, JobKind.RECOGNISE)
}


@blueprint.get("/travaux")
def job_list() -> ResponseReturnValue:
    """Show the latest jobs, and those that can be started."""
    return render_template("staff/jobs.html", jobs=jobs().latest(50), status=site().engine.status())


@blueprint.post("/travaux")
def start_job() -> ResponseReturnValue:
    """Start a job of the `kind` that the form names; going back to the previous generation is first previewed."""
    kind = _ASKED.get(request.form.get("kind", ""))
    if kind is None:
        abort(400)
    generation = request.form.get("generation") or None
    if kind is JobKind.PREVIOUS and generation is None:
        return redirect(url_for("staff.rollback"), 303)  # nobody goes back without having seen what that changes
    if is_in_the_way(kind):
        flash(ONE_AT_A_TIME, "error")
        return redirect(url_for("staff.job_list"), 303)
    try:
        started = start(site().settings, kind, actor(), generation=generation)
    except ArchiveError as error:
        flash(said(error), "error")
        return redirect(url_for("staff.job_list"), 303)
    record(f"job-{kind.value}", f"travail {started.number}")
    return redirect(url_for("staff.job", number=started.number), 303)


@blueprint.get("/travaux/retour")
def rollback() -> ResponseReturnValue:
    """Show what going back to the previous generation of the index would change."""
    engine, wanted = site().engine, request.args.get("quoi", "")
    which = RollbackChange(wanted) if wanted in set(RollbackChange) else None
    if wanted and which is None:
        abort(404)
    try:
        if not isinstance(engine, ShowsPrevious):
            raise IndexMissingError(_KEEPS_NONE)
        page = page_number(10_000)
        seen = preview_rollback(site().settings, engine, which=which, first=(page - 1) * LISTED, limit=LISTED)
    except EngineError as error:
        return render_template("staff/rollback.html", seen=None, error=said(error))
    return render_template(
        "staff/rollback.html",
        seen=seen,
        error=None,
        which=which,
        changes=CHANGES,
        number=page,
        last=max(1, -(-seen.counts.get(which, 0) // LISTED)) if which is not None else 1,
        written=datetime.datetime.fromtimestamp(seen.written, datetime.UTC).isoformat(timespec="seconds"),
    )


@blueprint.get("/travaux/<int:number>")
def job(number: int) -> ResponseReturnValue:
    """Show one job: its progress while it runs, its report when it is over."""
    found = _job(number)
    ready = found.kind is JobKind.PREVIEW and found.state is JobState.DONE
    report = found.report
    written = report.index.written if report is not None and report.index is not None else ()
    last = max(1, -(-len(written) // PER_PAGE))
    number = page_number(last)
    return render_template(
        "staff/job.html",
        job=found,
        listed=LISTED,
        view=preview_page(report.preview) if report is not None and report.preview is not None else None,
        CHANGED=CHANGED_FIELDS,
        written=written[(number - 1) * PER_PAGE : number * PER_PAGE],
        number=number,
        last=last,
        unit=UNITS.get(found.stage or "", ""),
        confirmable=ready and found.upload is not None and Uploads(site().settings.data).holds(found.upload),
    )


@blueprint.get("/travaux/<int:number>.json")
def job_state(number: int) -> ResponseReturnValue:
    """Return the progress of a job as JSON, for its page."""
    found = _job(number)
    return jsonify(
        {
            "state": found.state.value,
            "label": STATES[found.state.value],
            "stage": found.stage or "",
            "unit": UNITS.get(found.stage or "", ""),
            "done": found.done,
            "total": found.total,
            "over": found.state.is_over,
        }
    )


@blueprint.post("/travaux/<int:number>/annuler")
def cancel_job(number: int) -> ResponseReturnValue:
    """Ask a waiting or running job to stop."""
    if jobs().cancel(number):
        record("job-cancel", f"travail {number}")
        flash(typeset("L’annulation est demandée : le travail s’arrête."), "done")
    else:
        flash(typeset("Ce travail n’est plus en cours : il n’y a rien à annuler."), "error")
    return redirect(url_for("staff.job", number=number), 303)


def _job(number: int) -> Job:
    found = jobs().get(number) if number < 2**31 else None
    if found is None:
        abort(404)
    return found
