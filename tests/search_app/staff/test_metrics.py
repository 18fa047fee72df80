"""Metrics for Prometheus: who may read them, and that those of all workers of a server are added."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from search_app.jobs.store import JobKind, Jobs, JobState
from search_app.settings import SiteSettings
from search_app.stores import open_stores
from tests.support.archive import Archive
from tests.support.places import CHECKOUT
from tests.support.site import MEMBER, STAFF
from tests.support.waiting import free_port, wait_until


def figures(text: str) -> dict[str, float]:
    """Return the value of each sample, with labels sorted by name."""
    return {
        sample.name + "".join(f" {sample.labels[name]}" for name in sorted(sample.labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def bearer(settings: SiteSettings, email: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {open_stores(settings).tokens.make(email, 'mesures')}"}


def test_only_staff_read_them(
    settings: SiteSettings, visitor: FlaskClient, member: FlaskClient, staff: FlaskClient
) -> None:
    assert (visitor.get("/metrics").status_code, member.get("/metrics").status_code) == (404, 404)
    assert staff.get("/metrics").status_code == 200
    assert visitor.get("/metrics", headers=bearer(settings, STAFF)).status_code == 200
    assert visitor.get("/metrics", headers=bearer(settings, MEMBER)).status_code == 404
    assert visitor.get("/metrics", headers={"Authorization": "Bearer rien"}).status_code == 404
    token = bearer(settings, STAFF)
    open_stores(settings).accounts.set_disabled(STAFF, True)
    assert visitor.get("/metrics", headers=token).status_code == 404


def test_jobs_and_how_they_ended(archive: Archive, staff: FlaskClient) -> None:
    jobs = Jobs(archive.settings.data)
    for state in (JobState.DONE, JobState.DONE, JobState.FAILED):
        number = jobs.add(JobKind.INDEX, STAFF)
        jobs.begin(number, 1)
        jobs.end(number, state)
    number = jobs.add(JobKind.FULL, STAFF)
    lock = jobs.hold(number)
    found = figures(staff.get("/metrics").text)
    os.close(lock)
    assert (found["archive_jobs"], found["archive_jobs_unfinished full waiting"]) == (1, 1)
    assert (found["archive_jobs_ended index done"], found["archive_jobs_ended index failed"]) == (2, 1)
    job = next(one for one in jobs.latest() if one.state is JobState.FAILED)
    assert job.ended is not None
    ended = datetime.datetime.fromisoformat(job.ended).timestamp()
    assert found["archive_job_last_end_timestamp_seconds index failed"] == ended
    assert found["archive_job_last_duration_seconds index done"] >= 0


def test_the_archive_and_its_requests(archive: Archive, visitor: FlaskClient, staff: FlaskClient) -> None:
    for _ in range(3):
        visitor.get("/?q=secret")
    visitor.get("/rien/de/tel")
    visitor.open("/", method="PROPFIND")
    shown = staff.get("/metrics").text
    found = figures(shown)
    assert (found["archive_resources public"], found["archive_resources private"]) == (4, 1)
    assert (found["archive_generation"], found["archive_degraded"], found["archive_jobs"]) == (1, 0, 0)
    assert (found["archive_publications"], found["archive_publication_bytes"]) == (0, 0)
    assert found["archive_http_requests_total pages.search GET 200"] == 3
    assert found["archive_http_requests_total none GET 404"] == 1
    assert found["archive_http_requests_total none other 405"] == 1
    assert found["archive_http_request_duration_seconds_count pages.search"] == 3
    assert "secret" not in shown
    assert "rien" not in shown


def test_publications_are_counted(archive: Archive, staff: FlaskClient) -> None:
    archive.write("guide.pdf", b"%PDF-1.7")
    archive.write("copie/guide.pdf", b"%PDF-1.7")
    archive.write("bilan.pdf", b"%PDF-1.7 2025")
    archive.import_()
    found = figures(staff.get("/metrics").text)
    assert (found["archive_publications"], found["archive_publication_bytes"]) == (2, 21)


@pytest.fixture
def served(archive: Archive, tmp_path: Path) -> Iterator[str]:
    """A server of three workers, with an access log."""
    places = [f"--{name}={getattr(archive.settings, name)}" for name in ("corpus", "index", "data")]
    port = free_port()
    command = [sys.executable, str(CHECKOUT / "run.py"), *places, "serve", f"--port={port}", "--workers=3"]
    server = subprocess.Popen([*command, f"--access-log={tmp_path / 'acces.log'}"], stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: is_up(address), "the server does not start")
        yield address
    finally:
        server.terminate()
        server.wait()


def is_up(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/healthz").close()
    except OSError:
        return False
    return True


def test_workers_are_counted_as_one_and_the_log_tells_nobody(archive: Archive, served: str, tmp_path: Path) -> None:
    for _ in range(30):
        urllib.request.urlopen(f"{served}/aide?q=secret").close()
    asked = urllib.request.Request(f"{served}/metrics", headers=bearer(archive.settings, STAFF))
    with urllib.request.urlopen(asked) as answer:
        found = figures(answer.read().decode())
    assert found["archive_http_requests_total pages.help_page GET 200"] == 30
    assert found["archive_resources public"] == 4
    log = tmp_path / "acces.log"
    wait_until(lambda: log.read_text("utf-8").count("help_page") >= 30)  # a line is written after the response is sent
    lines = log.read_text("utf-8").splitlines()
    told = [line for line in lines if "help_page" in line]
    assert len(told) == 30
    assert all(re.fullmatch(r"\S+T\S+ GET pages\.help_page 200 [1-9]\d+ \d+ms", line) for line in told)
    assert not [line for line in lines if "secret" in line or "/" in line or "127.0.0.1" in line]
