"""Lists of what an import would change, or has changed: filters, pages, and one resource as it was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from indexer.pipeline import PlannedChange, PlannedPublication, Preview
from indexer.sources import SetAside
from search_app.jobs import Job, JobKind, Uploads
from search_app.staff.desk import blueprint, jobs, page_number
from search_app.web.context import site

PER_PAGE = 50

FILTERS: Mapping[str, tuple[str, Callable[[PlannedChange], bool]]] = {
    "toutes": ("Toutes", lambda one: True),
    "nouvelles": ("Nouvelles", lambda one: one.new),
    "changees": ("Changées", lambda one: not one.new),
    "publiques": ("Deviendraient publiques", lambda one: one.turns_public),
    "reservees": ("Deviendraient réservées", lambda one: one.turns_private),
    "privees": ("Réservées", lambda one: one.private),
    "sans-type": ("Sans type", lambda one: one.type is None),
    "sans-annee": ("Sans année", lambda one: one.year is None),
    "sans-theme": ("Sans thème", lambda one: not one.themes),
}
"""Name in addresses, label and condition of each filter on the resources."""
PUBLICATIONS, ASIDE = "publications", "ecartees"
CHANGED_FIELDS: Mapping[str, str] = {
    "title": "titre",
    "url": "adresse",
    "body": "texte",
    "summary": "résumé",
    "type": "type",
    "private": "accès",
    "themes": "thèmes",
    "date": "date",
    "year": "année",
    "attachments": "documents liés",
    "documents": "publications",
    "author": "auteur",
}
"""French names of the fields of a resource that a list of changes names; changes of others, such as the formatting of
the text, are not named.
"""


@dataclass(frozen=True, slots=True)
class Tab:
    """A filter: its name in addresses, its label, and how many entries it leaves."""

    name: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """One page of the filtered list of a previewed import. Only one of its three kinds of entries is used.

    Attributes:
        tabs: the filters that leave any entry.
        shown: name of the current filter.
        resources: the resources of this page, each with its place in the preview.
        publications: the publications of this page.
        aside: the files that cannot be imported, as far as this page lists them.
        number: number of this page.
        last: number of the last page.
    """

    tabs: tuple[Tab, ...]
    shown: str
    resources: tuple[tuple[int, PlannedChange], ...] = ()
    publications: tuple[PlannedPublication, ...] = ()
    aside: tuple[SetAside, ...] = ()
    number: int = 1
    last: int = 1


def preview_page(preview: Preview) -> PreviewPage:
    """Return the page of a preview that the request's arguments ask for; respond with 404 to an unknown filter."""
    counts = {name: sum(map(keeps, preview.resources)) for name, (_, keeps) in FILTERS.items()}
    labels = {name: label for name, (label, _) in FILTERS.items()}
    counts |= {PUBLICATIONS: len(preview.publications), ASIDE: len(preview.pages.set_aside)}
    labels |= {PUBLICATIONS: "Publications", ASIDE: "Écartées"}
    tabs = tuple(Tab(name, labels[name], count) for name, count in counts.items() if count)
    wanted = request.args.get("voir", tabs[0].name if tabs else "toutes")
    if wanted not in labels:
        abort(404)
    last = max(1, -(-counts[wanted] // PER_PAGE))
    number = page_number(last)
    first, end = (number - 1) * PER_PAGE, number * PER_PAGE
    if wanted == PUBLICATIONS:
        return PreviewPage(tabs, wanted, publications=preview.publications[first:end], number=number, last=last)
    if wanted == ASIDE:
        return PreviewPage(tabs, wanted, aside=preview.pages.set_aside[first:end], number=number, last=last)
    keeps = FILTERS[wanted][1]
    kept = [(place, one) for place, one in enumerate(preview.resources) if keeps(one)]
    return PreviewPage(tabs, wanted, resources=tuple(kept[first:end]), number=number, last=last)


@blueprint.get("/travaux/<int:number>/ressources/<int:place>")
def previewed_resource(number: int, place: int) -> ResponseReturnValue:
    """Show one resource of a previewed import as it was read; respond with 404 once the upload is imported or deleted.

    Args:
        number: number of the job that made the preview.
        place: place of the resource in the preview, from 0.
    """
    job = jobs().get(number) if number < 2**31 else None
    if job is None or job.kind is not JobKind.PREVIEW or job.upload is None or place >= 10**6:
        abort(404)
    found = Uploads(site().settings.data).previewed(job.upload, place)
    plan = _plan(job, place)
    if found is None or plan is None:
        abort(404)
    return render_template("staff/previewed.html", job=job, resource=found, plan=plan, CHANGED=CHANGED_FIELDS)


def _plan(job: Job, place: int) -> PlannedChange | None:
    planned = job.report.preview.resources if job.report is not None and job.report.preview is not None else ()
    return planned[place] if place < len(planned) else None
