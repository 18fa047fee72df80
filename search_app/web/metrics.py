"""Monitoring: a health check, and metrics for Prometheus.

Metrics are the number and duration of requests by route, and the state of the archive.

Each worker process counts in its own file, and the worker that answers /metrics adds up all files. Metrics show how
much an archive is used and how much of it is private, so only staff get them, by a session or an API token.
"""

from __future__ import annotations

import os
import time
from collections import Counter as Counted
from collections.abc import Iterable, Iterator
from datetime import datetime

from flask import Blueprint, Flask, Response, abort, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from indexer.corpus import publication_files
from indexer.errors import IndexMissingError
from indexer.query import SearchRequest
from indexer.resource import Audience
from search_app.accounts import rights
from search_app.accounts.sessions import audience
from search_app.jobs import Jobs
from search_app.web import error_pages
from search_app.web.context import site

blueprint = Blueprint("metrics", __name__)
health = Blueprint("health", __name__)

_JOB = ("kind", "state")
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_EXTENSION = "metrics"
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable that `prometheus_client` reads when it is imported; `web.server` sets it for all workers."""


class Measures:
    """The metrics of one worker."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "archive_http_requests_total",
            "Requests answered.",
            ("method", "endpoint", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "archive_http_request_duration_seconds",
            "Time to answer a request.",
            ("endpoint",),
            buckets=_BOUNDS,
            registry=self.registry,
        )


class _ArchiveState:
    """A Prometheus collector of the state of the archive, which is read at each request for the metrics."""

    def collect(self) -> Iterator[Metric]:
        """Yield gauges: numbers of resources, publications and jobs, and the version of the index that answers."""
        status = site().engine.status()
        resources = GaugeMetricFamily("archive_resources", "Resources in the index.", labels=["access"])
        resources.add_metric(["public"], status.public)
        resources.add_metric(["private"], status.total - status.public)
        yield resources
        number = int(status.generation) if status.generation and status.generation.isdecimal() else 0
        yield GaugeMetricFamily("archive_generation", "Number of the generation that answers, 0 for none.", number)
        degraded = float(status.degraded is not None or status.generation is None)
        yield GaugeMetricFamily("archive_degraded", "1 when an older generation answers, or none.", degraded)
        files = publication_files(site().settings.corpus)
        yield GaugeMetricFamily("archive_publications", "Files of publications in the corpus.", len(files))
        size = sum(file.size for file in files)
        yield GaugeMetricFamily("archive_publication_bytes", "Bytes of these files on disk.", size)
        yield from _jobs(Jobs(site().settings.data))


def _jobs(jobs: Jobs) -> Iterator[Metric]:
    unfinished = jobs.unfinished()
    yield GaugeMetricFamily("archive_jobs", "Jobs of the staff desk at work.", len(unfinished))
    working = GaugeMetricFamily("archive_jobs_unfinished", "Jobs of the desk at work, by kind and state.", labels=_JOB)
    for (kind, state), count in Counted((job.kind.value, job.state.value) for job in unfinished).items():
        working.add_metric([kind, state], count)
    ended = GaugeMetricFamily(
        "archive_jobs_ended", "The last jobs of the desk, by kind and how they ended.", labels=_JOB
    )
    last = GaugeMetricFamily(
        "archive_job_last_end_timestamp_seconds", "When such a job last ended, in seconds since the epoch.", labels=_JOB
    )
    took = GaugeMetricFamily("archive_job_last_duration_seconds", "How long it took.", labels=_JOB)
    for one in jobs.outcomes():
        labels = [one.kind.value, one.state.value]
        end = datetime.fromisoformat(one.ended).timestamp()
        ended.add_metric(labels, one.count)
        last.add_metric(labels, end)
        if one.began is not None:
            took.add_metric(labels, end - datetime.fromisoformat(one.began).timestamp())
    yield from (working, ended, last, took)


def install(app: Flask) -> None:
    """Count every request of an app, and add the routes /metrics and /healthz."""
    measures = Measures()
    app.extensions[_EXTENSION] = measures

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        # Labels hold the route, never the address: they show no searches or ids, and clients cannot create new series.
        endpoint = request.endpoint or "none"
        method = request.method if request.method in {"GET", "HEAD", "POST", "OPTIONS"} else "other"
        measures.requests.labels(method, endpoint, str(response.status_code)).inc()
        if "began" in g:  # unset if the request was refused before it was counted
            measures.seconds.labels(endpoint).observe(time.perf_counter() - g.began)
        return response

    app.register_blueprint(blueprint)
    app.register_blueprint(health)


@health.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Respond with 200 if a search works, else 503. The status ``degraded`` in the body means that an older generation
    (version of the index) answers, or none.
    """
    engine = site().engine
    try:
        engine.search(SearchRequest(audience=Audience.VISITOR, per_page=1, snippets=False))
        degraded = engine.status().degraded is not None
    except IndexMissingError:
        error_pages.note_missing_index()
        return jsonify({"status": "degraded"}), 503
    except Exception:
        # Whatever the error, respond with "degraded", and log the reason.
        current_app.logger.exception("recherche de contrôle impossible")
        return jsonify({"status": "degraded"}), 503
    return jsonify({"status": "degraded" if degraded else "ok"})


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Return the metrics to staff, and 404 to everyone else."""
    if not _is_staff():
        abort(404)
    pages = [generate_latest(registry) for registry in _registries()]
    response = Response(b"".join(pages), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


def _registries() -> Iterable[CollectorRegistry]:
    if _FOLDER in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    else:
        counted = current_app.extensions[_EXTENSION].registry
    state = CollectorRegistry()
    state.register(_ArchiveState())
    return counted, state


def _is_staff() -> bool:
    given = request.authorization
    if given is None or given.type != "bearer":
        return audience() is Audience.STAFF
    account = rights.by_token(site().stores, given.token) if given.token else None
    return account is not None and account.role is Audience.STAFF
