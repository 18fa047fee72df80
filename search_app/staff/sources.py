"""The sources of the archive (web sites from which it fetches pages): their last runs, and fetching from one now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.errors import ArchiveError
from indexer.gathering import Counts, Registry, Run, RunState, Source, SourceKind, has_sources, opened
from search_app.jobs import JobKind, start
from search_app.messages import said
from search_app.staff.desk import actor, blueprint, is_in_the_way, record
from search_app.staff.sentences import ONE_AT_A_TIME
from search_app.web.context import site

RUN_STATES = {
    RunState.RUNNING: "en cours, ou interrompue",
    RunState.STOPPED: "arrêtée avant la fin",
    RunState.DONE: "finie",
    RunState.FAILED: "échec",
}
SOURCE_KINDS = {SourceKind.SITE: "pages du site", SourceKind.DRUPAL: "contenus de Drupal, par JSON:API"}
_RUNS = 10
_ACTIONS = {"fetch": JobKind.SYNC, "accept": JobKind.SYNC_ACCEPTING}


@dataclass(frozen=True, slots=True)
class ShownSource:
    """A source, as the page of sources shows it.

    Attributes:
        source: the source.
        counts: numbers of the addresses and resources that the archive has from the source.
        runs: last times that it was fetched, the latest first.
    """

    source: Source
    counts: Counts
    runs: Sequence[Run]

    @property
    def last(self) -> Run | None:
        """Return the last run of the source, or None if there was none."""
        return self.runs[0] if self.runs else None


@blueprint.get("/sources")
def source_list() -> ResponseReturnValue:
    """Show every source with its last runs."""
    error, shown = "", []
    try:
        shown = _sources()
    except ArchiveError as failed:
        error = said(failed)
    return render_template(
        "staff/sources.html", sources=shown, error=error, run_states=RUN_STATES, source_kinds=SOURCE_KINDS
    )


@blueprint.post("/sources")
def gather_source() -> ResponseReturnValue:
    """Start a job that fetches from a source; with `action` accept, even if many of its pages have disappeared."""
    name, kind = request.form.get("source", ""), _ACTIONS.get(request.form.get("action", ""))
    if kind is None:
        abort(400)
    if is_in_the_way(kind):
        flash(ONE_AT_A_TIME, "error")
        return redirect(url_for("staff.source_list"), 303)
    try:
        if name not in {one.source.name for one in _sources()}:
            abort(404)
        started = start(site().settings, kind, actor(), source=name)
    except ArchiveError as error:
        flash(said(error), "error")
        return redirect(url_for("staff.source_list"), 303)
    record(f"job-{kind.value}", f"travail {started.number}, source {name}")
    return redirect(url_for("staff.job", number=started.number), 303)


def _sources() -> list[ShownSource]:
    corpus = site().settings.corpus
    if not has_sources(corpus):
        return []
    with opened(corpus) as state:
        registry = Registry(state)
        return [ShownSource(one, registry.counts(one.name), registry.runs(one.name, _RUNS)) for one in registry.all()]
