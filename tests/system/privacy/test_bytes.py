"""Visitors get, byte for byte, the same responses as if private resources did not exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from unittest import mock
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.depth import part
from tests.support.privacy_archive import IMPORTED, PRIVATE, PUBLIC, STATES, without_private
from tests.support.privacy_compare import Pair
from tests.support.privacy_mails import SEARCHES, mail_to_a_member, mails_to_a_visitor
from tests.support.privacy_routes import CLOSED, QUERIES, SHARED, Asked, Known, every_route, untaught

PairAt = Callable[[str], Pair]
FIRST = next(iter(STATES))
LATER_ARE_SLOW = [FIRST, *(pytest.param(state, marks=pytest.mark.slow) for state in STATES if state != FIRST)]
"""All states, for tests that take long: the first is tested with every change, the others by the slow tests."""


def known(pair: Pair) -> Known:
    return Known(pair.public.ids(private=False), pair.full.ids(private=True))


def assert_same(pair: Pair) -> None:
    assert not pair.differences, f"{len(pair.differences)} differences; the first:\n" + "\n\n".join(
        pair.differences[:3]
    )


def test_every_route_is_taught(pair_at: PairAt) -> None:
    """Every route has requests in `privacy_routes`; those of a new route must be added there."""
    assert untaught(pair_at(FIRST).full.app) == []


@pytest.mark.parametrize("state", STATES)
def test_the_archives_are_what_they_are_meant_to_be(pair_at: PairAt, state: str) -> None:
    pair, entries = pair_at(state), STATES[state]
    assert pair.public.ids(private=True) == ()
    assert len(pair.public.ids(private=False)) == len(without_private(entries))
    assert len(pair.full.ids(private=True)) == len(entries) - len(without_private(entries)) > 8


@pytest.mark.parametrize(
    ("state", "thorough"),
    [
        (FIRST, False),
        pytest.param(FIRST, True, marks=pytest.mark.slow),
        *(pytest.param(state, False, marks=pytest.mark.slow) for state in STATES if state != FIRST),
    ],
)
def test_every_route_gives_the_same_bytes(pair_at: PairAt, state: str, thorough: bool) -> None:
    pair = pair_at(state)
    requests = tuple(every_route(pair.full.app, known(pair), thorough=thorough))
    # Each later state is asked a third of the requests, and together they are asked all.
    for asked in requests if state == FIRST else part(requests, step=3, start=[*STATES].index(state)):
        pair.ask(asked)
    assert_same(pair)
    if state == FIRST:
        never = {rule.endpoint for rule in pair.full.app.url_map.iter_rules()} - CLOSED
        never -= {endpoint for endpoint, statuses in pair.reached().items() if min(statuses) < 400}
        assert never == set(), "routes that gave errors only: nothing was proved of them"


def test_private_resources_were_chosen_for_queries(pair_at: PairAt) -> None:
    """The archive has private resources that staff put above results; otherwise the proof would not cover them."""
    pair = pair_at(FIRST)
    chosen = pair.full.app.extensions["archive"].stores.curated.chosen()
    assert {one for choice in chosen for one in choice.resources} & {*pair.full.ids(private=True)}
    assert b"Choisi par l" in pair.ask(Asked("/?q=coop%C3%A9rative")).body
    assert b"Choisi par l" not in pair.ask(Asked("/?q=note")).body
    assert_same(pair)


def test_a_shared_list_holds_private_resources(pair_at: PairAt) -> None:
    """The shared list has private resources, which visitors do not see; otherwise the proof would not cover them."""
    pair = pair_at(FIRST)
    stores = pair.full.app.extensions["archive"].stores
    listed = {item.resource for item in stores.lists.items(stores.lists.by_share(SHARED))}
    assert listed & {*pair.full.ids(private=True)}
    shown = pair.ask(Asked(f"/listes/{SHARED}"))
    assert shown.status == 200
    assert shown.body.count(b"/ressources/") == len(listed & {*pair.full.ids(private=False)}) > 1
    assert_same(pair)


@pytest.mark.parametrize("arguments", SEARCHES)
def test_mails_to_visitors_are_the_same(pair_at: PairAt, arguments: str) -> None:
    pair = pair_at(FIRST)
    with mock.patch("secrets.token_urlsafe", return_value=f"mail-{arguments}"):
        one, other = (mails_to_a_visitor(site, arguments) for site in (pair.full, pair.public))
    assert one == other
    assert one[0] is not None


@pytest.mark.parametrize("arguments", SEARCHES)
def test_mails_to_members_count_private_resources_without_naming_them(pair_at: PairAt, arguments: str) -> None:
    pair = pair_at(FIRST)
    mail = mail_to_a_member(pair.full, arguments)
    assert mail is not None
    typed = "zanzibar" in arguments  # the member's own word, which the mail repeats
    said = f"{mail.subject}\n{mail.text}\n{mail.html}".casefold()
    for secret in (
        "xylophone",
        "quetsche",
        "confidentielle",
        "budgétaires",
        "/note-",
        *(() if typed else ("zanzibar",)),
    ):
        assert secret not in said, secret
    assert "réservée" in said


@pytest.mark.parametrize("state", LATER_ARE_SLOW)
def test_every_link_leads_to_the_same_bytes(pair_at: PairAt, state: str) -> None:
    pair = pair_at(state)
    starts = ["/", "/themes", "/aide", "/?per_page=100", "/api/v1/search?per_page=100"]
    starts += [asked.path for asked in every_route(pair.full.app, Known((), ())) if asked.method == "GET"]
    asked = pair.crawl(starts, limit=700 if state == FIRST else 250)
    assert_same(pair)
    assert asked >= 250


@pytest.mark.slow
def test_what_an_import_makes_private_is_gone_before_the_next_indexing_run(pair_at: PairAt) -> None:
    pair = pair_at(IMPORTED)
    for asked in part(tuple(every_route(pair.full.app, known(pair), thorough=False)), step=2):
        pair.ask(asked)
    pair.crawl(["/", "/themes", "/?per_page=100"], limit=150)
    assert_same(pair)


@pytest.mark.parametrize("state", STATES)
def test_a_private_id_is_like_any_unknown_one(pair_at: PairAt, state: str) -> None:
    pair = pair_at(state)
    for folder in ("/ressources/", "/api/v1/resources/"):
        for method in ("GET", "HEAD", "POST"):
            for private in known(pair).private_ids:
                # All that may differ is the address that was asked for, to which signing in leads back.
                unknown = "x" * len(private)
                real, none = (pair.ask(Asked(folder + one, method)) for one in (private, unknown))
                assert real == replace(none, body=none.body.replace(unknown.encode(), private.encode()))
    assert_same(pair)


WORDS = sorted(
    {word.strip(" .:’") for entry in (*PUBLIC, *PRIVATE) for word in f"{entry.title} {entry.text}".split() if word}
)


@st.composite
def typed(draw: st.DrawFn) -> str:
    """Draw a query: words of both archives, whole, truncated or misspelt, with the syntax of the query language."""
    parts = []
    for _ in range(draw(st.integers(0, 4))):
        word = draw(st.sampled_from(WORDS))
        match draw(st.integers(0, 7)):
            case 0:
                word = word[: draw(st.integers(1, 5))] + "*"
            case 1 if len(word) > 4:
                place = draw(st.integers(1, len(word) - 2))
                word = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
            case 2:
                word = f"-{word}"
            case 3:
                word = f'"{word} {draw(st.sampled_from(WORDS))}"'
            case 4:
                word = draw(st.sampled_from(("titre:", "theme:", "type:", "annee:"))) + word
            case 5:
                word = f"{word} {draw(st.sampled_from(('OU', 'ET', 'SAUF')))}"
        parts.append(word)
    return " ".join(parts)


ARGUMENTS = st.lists(
    st.sampled_from([(name, value) for name, values in QUERIES.items() if name != "q" for value in values]), max_size=3
)


@pytest.mark.parametrize("state", LATER_ARE_SLOW)
def test_whatever_is_asked_the_bytes_are_the_same(pair_at: PairAt, state: str) -> None:
    pair = pair_at(state)

    @settings(
        max_examples=120 if state == FIRST else 60,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(typed(), ARGUMENTS)
    def ask(query: str, more: list[tuple[str, str]]) -> None:
        arguments = urlencode([("q", query), *more])
        for path in ("/", "/api/v1/search", "/api/v1/suggest"):
            pair.ask(Asked(f"{path}?{arguments}"))
        assert_same(pair)

    ask()
