"""The proof of privacy can fail: some sites here are made to leak, each in one way, and the proof detects it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, request

from indexer.query.request import SearchRequest, SearchResponse
from indexer.resource import Audience
from tests.support.privacy_archive import STATES, Places
from tests.support.privacy_compare import Pair, Site
from tests.support.privacy_routes import Asked, Known, every_route, untaught

START = next(iter(STATES))


class Leaking:
    """An engine with one leak: one of its methods treats visitors as members."""

    def __init__(self, engine: Any, slip: str) -> None:
        self._engine, self._slip = engine, slip

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def search(self, asked: SearchRequest, /) -> SearchResponse:
        mine, theirs = (self._engine.search(replace(asked, audience=who)) for who in (asked.audience, Audience.MEMBER))
        match self._slip:
            case "facets":
                return replace(mine, facets=replace(theirs.facets, private=()))
            case "total":
                return replace(mine, total=theirs.total)
            case "spelling":
                return replace(mine, did_you_mean=theirs.did_you_mean)
            case "scores":
                scores = {hit.id: hit.score for hit in theirs.hits}
                return replace(mine, hits=tuple(replace(h, score=scores.get(h.id, h.score)) for h in mine.hits))
            case "themes":
                themes = {hit.id: hit.themes for hit in theirs.hits}
                return replace(mine, hits=tuple(replace(h, themes=themes.get(h.id, h.themes)) for h in mine.hits))
        return mine

    def get(self, resource_id: str, /, *, audience: Audience) -> Any:
        return self._engine.get(resource_id, audience=Audience.MEMBER if self._slip == "get" else audience)

    def pages(self, *asked: str, audience: Audience, **options: Any) -> Any:
        return self._engine.pages(*asked, audience=audience, **options)

    def suggest(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[str, ...]:
        who = Audience.MEMBER if self._slip == "suggest" else audience
        found: tuple[str, ...] = self._engine.suggest(prefix, audience=who, limit=limit)
        return found

    def complete(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> Any:
        who = Audience.MEMBER if self._slip == "complete" else audience
        return self._engine.complete(prefix, audience=who, limit=limit)

    def status(self) -> Any:
        status = self._engine.status()
        return replace(status, public=status.total) if self._slip == "size" else status


@contextmanager
def sites(living: dict[str, Places], pair_at: Callable[[str], Pair], slip: str = "") -> Iterator[Pair]:
    full = Site(living[START], lambda engine: Leaking(engine, slip))
    try:
        yield Pair(full, pair_at(START).public)
    finally:
        full.close()


def explore(pair: Pair) -> None:
    known = Known(pair.public.ids(private=False), pair.full.ids(private=True))
    for asked in every_route(pair.full.app, known, thorough=False):
        # One difference is enough; routes of the search are requested first.
        if asked.method == "GET" and not pair.differences:
            pair.ask(asked)


@pytest.mark.slow
@pytest.mark.parametrize(
    "slip", ["facets", "total", "spelling", "scores", "themes", "get", "suggest", "complete", "size"]
)
def test_an_engine_that_lets_something_slip_is_seen(
    living: dict[str, Places], pair_at: Callable[[str], Pair], slip: str
) -> None:
    with sites(living, pair_at, slip) as pair:
        explore(pair)
        assert pair.differences


@pytest.mark.parametrize("header", ["ETag", "Last-Modified", "Set-Cookie"])
def test_a_header_that_tells_of_private_resources_is_seen(
    living: dict[str, Places], pair_at: Callable[[str], Pair], header: str
) -> None:
    with sites(living, pair_at) as pair:
        total = pair.full.engine.status().total

        @pair.full.app.after_request
        def tell(response: Any) -> Any:
            response.headers[header] = f"total={total}; Max-Age={total}"
            return response

        pair.ask(Asked("/aide"))
        assert pair.differences


@pytest.mark.slow
def test_what_a_reader_cannot_see_is_the_same(living: dict[str, Places], pair_at: Callable[[str], Pair]) -> None:
    """If the engine is wrapped like those with a leak, but has none, the proof finds no difference."""
    with sites(living, pair_at) as pair:
        explore(pair)
        assert not pair.differences


def test_a_route_that_nobody_taught_is_named() -> None:
    app = Flask("essai")
    app.add_url_rule("/nouveau/<sujet>", view_func=lambda sujet: sujet, endpoint="nouveau")
    app.add_url_rule("/envoi", view_func=lambda: request.path, endpoint="envoi", methods=["POST"])
    assert untaught(app) == ["/envoi: FORMS['envoi']", "/nouveau/<sujet>: ARGUMENTS['sujet']"]
