"""Jobs as staff see them: what is at work, how far it is, what came of it."""

from __future__ import annotations

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.errors import ArchiveError
from search_app.jobs.launcher import start
from search_app.jobs.store import Job, Kind, State
from search_app.jobs.uploads import Spool
from search_app.messages import staff as said
from search_app.staff.desk import actor, blueprint, jobs, record
from search_app.web.context import site

LISTED = 100
"""Lines of each kind that a report shows; the others are counted."""

_ASKED = {kind.value: kind for kind in (Kind.INDEX, Kind.FULL, Kind.PREVIOUS, Kind.SURVEY)}


@blueprint.get("/travaux")
def job_list() -> ResponseReturnValue:
    """All jobs that are remembered, and those that can be started."""
    return render_template("staff/jobs.html", jobs=jobs().latest(50), status=site().engine.status())


@blueprint.post("/travaux")
def start_job() -> ResponseReturnValue:
    """Start a job."""
    kind = _ASKED.get(request.form.get("kind", ""))
    if kind is None:
        abort(400)
    if jobs().at_work():
        flash(said.ONE_AT_A_TIME, "error")
        return redirect(url_for("staff.job_list"), 303)
    try:
        started = start(site().settings, kind, actor())
    except ArchiveError as error:
        flash(str(error), "error")
        return redirect(url_for("staff.job_list"), 303)
    record(f"job-{kind.value}", f"travail {started.number}")
    return redirect(url_for("staff.job", number=started.number), 303)


@blueprint.get("/travaux/<int:number>")
def job(number: int) -> ResponseReturnValue:
    """One job: its progress while it is at work, its report when it is over."""
    found = _job(number)
    ready = found.kind is Kind.PREVIEW and found.state is State.DONE
    return render_template(
        "staff/job.html",
        job=found,
        listed=LISTED,
        confirmable=ready and found.spool is not None and Spool(site().settings.data).holds(found.spool),
    )


@blueprint.get("/travaux/<int:number>.json")
def job_state(number: int) -> ResponseReturnValue:
    """How far a job is, for the page that shows it."""
    found = _job(number)
    return jsonify(
        {
            "state": found.state.value,
            "label": said.STATES[found.state.value],
            "stage": found.stage or "",
            "done": found.done,
            "total": found.total,
            "over": found.state.is_over,
        }
    )


@blueprint.post("/travaux/<int:number>/annuler")
def cancel_job(number: int) -> ResponseReturnValue:
    """Ask a job to stop."""
    if jobs().cancel(number):
        record("job-cancel", f"travail {number}")
        flash(said.JOB_STOPPING, "done")
    else:
        flash(said.JOB_TOO_LATE, "error")
    return redirect(url_for("staff.job", number=number), 303)


def _job(number: int) -> Job:
    found = jobs().get(number) if number < 2**31 else None
    if found is None:
        abort(404)
    return found
