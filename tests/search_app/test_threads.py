"""Stores and pages with many threads in one process: nothing is lost, and no thread gets the response of another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from search_app.accounts.secret_key import session_secret
from search_app.jobs import JobKind
from search_app.settings import SiteSettings
from search_app.stores import Stores, open_stores
from tests.support.site import MEMBER, STAFF, signed_in
from tests.support.threads import at_once

THREADS = 8
TIMES = 6


@pytest.fixture
def stores(settings: SiteSettings) -> Stores:
    return open_stores(settings)


def test_the_first_of_many_threads_makes_each_file(settings: SiteSettings) -> None:
    assert len(set(at_once(THREADS, lambda _: session_secret(settings.data / "nouveau")))) == 1
    stores = open_stores(settings)
    at_once(THREADS, lambda number: stores.audit.record("signed-in", f"a{number}@exemple.fr"))
    assert {entry.actor for entry in stores.audit.entries()} >= {f"a{number}@exemple.fr" for number in range(THREADS)}


def test_searches_of_all_threads_are_counted(stores: Stores) -> None:
    def search(number: int) -> None:
        for time in range(TIMES):
            stores.searches.note("épicerie", results=3, member=False, corrected=False)
            stores.searches.note(f"mot {number} {time}", results=0, member=True, corrected=False)

    at_once(THREADS, search)
    today = date.today()
    (day,) = stores.searches.by_day(today - timedelta(days=1), today + timedelta(days=1))
    assert (day.searches, day.fruitless, day.by_members) == (2 * THREADS * TIMES, THREADS * TIMES, THREADS * TIMES)


def test_what_members_keep_is_kept_whichever_thread_answers(stores: Stores) -> None:
    def keep(number: int) -> None:
        for time in range(TIMES):
            stores.lists.select(f"compte-{number % 2}", f"ressource-{number}-{time}")
            stores.members.save(f"compte-{number}", f"Veille {time}", f"q=mot{time}", ("a", "b"), "000001")

    at_once(THREADS, keep)
    for account in (0, 1):
        wanted = {f"ressource-{number}-{time}" for number in range(account, THREADS, 2) for time in range(TIMES)}
        assert set(stores.lists.selected(f"compte-{account}")) == wanted
    assert {len(stores.members.searches(f"compte-{number}")) for number in range(THREADS)} == {TIMES}


def test_jobs_asked_for_at_once_have_numbers_of_their_own(stores: Stores) -> None:
    numbers = at_once(THREADS, lambda number: stores.jobs.add(JobKind.INDEX, f"a{number}@exemple.fr"))
    assert len(set(numbers)) == THREADS
    held = {number: job.actor for number in numbers if (job := stores.jobs.get(number)) is not None}
    assert held == {number: f"a{place}@exemple.fr" for place, number in enumerate(numbers)}


def test_tries_at_a_password_are_counted_over_all_threads(stores: Stores) -> None:
    tries = at_once(THREADS, lambda _: stores.throttle.begin(MEMBER, "192.0.2.1"))
    allowed = sum(not one.wait for one in tries)
    assert 1 <= allowed <= 4, "the free tries and no more, however many come at once"


def test_each_thread_answers_the_one_who_asked(app: Flask) -> None:
    """Sessions, roles and errors do not leak from one request into another that is answered at the same time."""
    people = {"visitor": app.test_client(), MEMBER: signed_in(app), STAFF: signed_in(app, STAFF)}

    def ask(number: int) -> list[tuple[str, bool, bool, int]]:
        name = list(people)[number % len(people)]
        client = app.test_client()
        for cookie in people[name]._cookies.values():
            client.set_cookie(cookie.key, cookie.value)
        seen = []
        for _ in range(TIMES):
            page = client.get("/").text
            seen.append((name, MEMBER in page, STAFF in page, client.get("/gestion/").status_code))
        return seen

    wanted = {"visitor": (False, False, 303), MEMBER: (True, False, 403), STAFF: (False, True, 200)}
    for seen in at_once(2 * len(people), ask):
        for name, *rest in seen:
            assert tuple(rest) == wanted[name], name
