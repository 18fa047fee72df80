"""The desk's page of sources: what it shows, and fetching now."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from indexer.gathering import Registry, Source, State, checked
from search_app.jobs.store import JobKind, Jobs, JobState
from tests.search_app.staff.conftest import Waiter
from tests.support.archive import Archive
from tests.support.desk import number, post, text
from tests.support.live_site import LiveSite, Reply, serving
from tests.support.trap_site import build

PAGE = "/gestion/sources"


@pytest.fixture
def live() -> Iterator[LiveSite]:
    with serving(LiveSite()) as site:
        build(site, resources=3)
        yield site


@pytest.fixture
def source(archive: Archive, live: LiveSite) -> Source:
    state = State(archive.settings.corpus)
    added = checked(Source("essai", f"{live.address}/", local=True, delay=0.0))
    Registry(state).add(added, None)
    state.close()
    return added


def test_without_sources_the_page_says_so(staff: FlaskClient) -> None:
    assert "Aucune source." in text(staff.get(PAGE))


def test_fetch_now(staff: FlaskClient, source: Source, archive: Archive, jobs: Jobs, live: LiveSite) -> None:
    assert "Jamais récupérée." in text(staff.get(PAGE))
    response = post(staff, PAGE, source="essai", action="fetch")
    job = Waiter(jobs)(number(response))
    assert (job.kind, job.state, job.source) == (JobKind.SYNC, JobState.DONE, "essai")
    assert len(archive.hits("fiche pratique")) == 3
    assert "Pages importées : 3" in text(staff.get(response.location)).replace("\u00a0", " ")
    live.put("/ressources/1-fiche", Reply(status=403))
    Waiter(jobs)(number(post(staff, PAGE, source="essai", action="fetch")))
    shown = text(staff.get(PAGE))
    assert "essai" in shown
    assert "le site refuse cette page" in shown


def test_a_site_that_is_down_is_said_on_the_page_of_the_job(
    staff: FlaskClient, source: Source, jobs: Jobs, live: LiveSite
) -> None:
    live.put("/robots.txt", Reply(status=500))
    job = Waiter(jobs)(number(post(staff, PAGE, source="essai", action="fetch")))
    assert job.state is JobState.DONE
    assert "robots.txt ne peut être lu" in (job.message or "")


def test_many_removals_are_asked_about_and_accepted(
    staff: FlaskClient, source: Source, archive: Archive, jobs: Jobs, live: LiveSite
) -> None:
    paths = build(live, resources=25)
    Waiter(jobs)(number(post(staff, PAGE, source="essai", action="fetch")))
    for path in paths[:21]:
        live.put(path, Reply(status=410))
    Waiter(jobs)(number(post(staff, PAGE, source="essai", action="fetch")))
    assert "21 pages ont disparu d’un coup" in text(staff.get(PAGE))
    assert len(archive.hits("fiche pratique")) == 25
    Waiter(jobs)(number(post(staff, PAGE, source="essai", action="accept")))
    assert len(archive.hits("fiche pratique")) == 4
    assert "ont disparu d’un coup" not in text(staff.get(PAGE))


def test_a_fetch_is_cancelled(staff: FlaskClient, archive: Archive, jobs: Jobs, live: LiveSite) -> None:
    state = State(archive.settings.corpus)
    Registry(state).add(checked(Source("lente", f"{live.address}/", local=True, delay=3000.0)), None)
    state.close()
    started = number(post(staff, PAGE, source="lente", action="fetch"))
    post(staff, f"/gestion/travaux/{started}/annuler")
    assert Waiter(jobs)(started).state is JobState.CANCELLED


@pytest.mark.parametrize(("fields", "status"), [({"source": "autre", "action": "fetch"}, 404), ({"source": "x"}, 400)])
def test_what_is_no_source(staff: FlaskClient, source: Source, fields: dict[str, str], status: int) -> None:
    assert post(staff, PAGE, **fields).status_code == status


def test_only_staff(member: FlaskClient, visitor: FlaskClient, source: Source) -> None:
    assert member.get(PAGE).status_code == 403
    assert visitor.get(PAGE).status_code == 303
    assert "essai" not in member.get(PAGE).text + visitor.get(PAGE).text
