"""Private text never gets into logs, error pages and caches that visitors' responses may come from."""

from __future__ import annotations

import functools
import gc
import logging
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from indexer.errors import EngineError
from tests.support.privacy_archive import STATES, Places
from tests.support.privacy_compare import Pair, Site
from tests.support.privacy_routes import Asked, Known, every_route

START = next(iter(STATES))
SECRET = "Plan social de Zanzibar"
EMAIL, PASSWORD = "membre@exemple.fr", "un mot de passe solide"


class Failing:
    """An engine whose reads fail with a message that contains a private title."""

    def __init__(self, engine: Any, error: Exception) -> None:
        self._engine, self._error = engine, error

    def __getattr__(self, name: str) -> Any:
        def fail(*_: object, **__: object) -> None:
            try:
                raise KeyError(SECRET)
            except KeyError as cause:
                raise self._error from cause

        return (
            fail if name in {"search", "get", "pages", "suggest", "complete", "status"} else getattr(self._engine, name)
        )


@pytest.fixture
def opened(living: dict[str, Places]) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def open_site(wrap: Callable[[Any], Any] = lambda engine: engine) -> Site:
        sites.append(Site(living[START], wrap))
        return sites[-1]

    yield open_site
    for site in sites:
        site.close()


def member(site: Site) -> FlaskClient:
    """Return a client that is signed in as a member, whose account is created if needed."""
    stores = site.app.extensions["archive"].stores
    if stores.accounts.get(EMAIL) is None:
        stores.accounts.add(EMAIL, "member", PASSWORD)
    client = site.app.test_client()
    page = client.get("/connexion", buffered=True).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": token[1]}
    assert client.post("/connexion", data=form).status_code == 303
    return client


def written(caplog: pytest.LogCaptureFixture) -> str:
    """Return the log as the site would write it."""
    formatter = logging.Formatter("%(message)s")
    return "\n".join(formatter.format(record) for record in caplog.records)


ADDRESSES = ["/", "/?q=zanzibar", "/themes", "/ressources/{id}", "/api/v1/search", "/api/v1/suggest?q=plan", "/healthz"]
ADDRESSES += [
    "/api/v1/resources/{id}",
    "/ressources/{id}/documents/1",
    "/ressources/{id}/documents/1/pages/1",
]
ADDRESSES += ["/ressources/{id}/documents/1/pages/1/image", "/ressources/{id}/documents/recherche"]


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("error", [RuntimeError(SECRET), ValueError(SECRET), EngineError("L’index ne répond pas.")])
def test_an_engine_that_fails_tells_nothing(
    opened: Callable[..., Site], caplog: pytest.LogCaptureFixture, error: Exception, signed_in: bool
) -> None:
    site = opened(lambda engine: Failing(engine, error))
    client = member(site) if signed_in else site.client
    secret_id = site.ids(private=True)[0]
    for address in ADDRESSES:
        caplog.clear()
        response = client.get(address.format(id=secret_id), buffered=True)
        assert response.status_code in {500, 503}
        # The link to the sign-in form leads back to the address that was requested; nothing else repeats it.
        asked = quote(address.format(id=secret_id), safe="/?")
        told = response.get_data(as_text=True).replace(f"next={asked}", "") + str(response.headers) + written(caplog)
        assert caplog.records, address
        for secret in (SECRET, "Zanzibar", secret_id):
            assert secret not in told, address
        assert response.headers["Cache-Control"] == ("private, no-store" if signed_in else "no-cache")


def test_a_template_that_fails_tells_nothing(
    opened: Callable[..., Site], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = opened()
    client = member(site)

    def broken(_: object) -> str:
        raise TypeError(SECRET)

    monkeypatch.setitem(site.app.jinja_env.filters, "year_words", broken)
    response = client.get(f"/ressources/{site.ids(private=True)[0]}", buffered=True)
    assert response.status_code == 500
    log = written(caplog)
    assert "incident sur /ressources/<resource_id> [GET]" in log
    assert "builtins.TypeError" in log
    assert "templates/resources/resource.html:" in log  # the place of the error
    for secret in (SECRET, site.ids(private=True)[0]):
        assert secret not in log + response.get_data(as_text=True)


def test_reading_logs_nothing(opened: Callable[..., Site], caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of the private resources that members read is logged, even at level DEBUG."""
    caplog.set_level(logging.DEBUG)
    site = opened()
    client = member(site)
    for resource_id in site.ids(private=True):
        assert client.get(f"/ressources/{resource_id}", buffered=True).status_code == 200
        assert client.get(f"/?q={resource_id}", buffered=True).status_code == 200
    log = written(caplog)
    assert not [one for one in (*site.ids(private=True), "zanzibar", "Arbitrages") if one in log]


@pytest.mark.slow
def test_what_a_member_reads_no_cache_keeps(opened: Callable[..., Site]) -> None:
    site = opened()
    client = member(site)
    known = Known(site.ids(private=False)[:3], site.ids(private=True)[:3])
    asked = {
        one
        for one in every_route(site.app, known, thorough=False)
        if one.method in {"GET", "HEAD"} and "Bearer" not in str(one)
    }
    for one in asked:
        response = client.open(one.path, method=one.method, headers=dict(one.headers), buffered=True)
        if one.path.startswith("/static/") and response.status_code < 400:
            continue
        if response.headers["Cache-Control"] == "private, no-store":
            assert "Cookie" in response.vary, one
        else:  # it contains nothing from the member's response
            assert response.get_data() == site.client.open(one.path, method=one.method, buffered=True).get_data(), one
    for address in ("/", "/themes", "/annees", "/compte", "/api/v1/search", "/export.csv", "/flux.atom", "/selection"):
        assert client.get(address, buffered=True).headers["Cache-Control"] == "private, no-store", address


@pytest.mark.slow
def test_what_a_visitor_gets_does_not_come_from_what_a_member_got(
    opened: Callable[..., Site], pair_at: Callable[[str], Pair]
) -> None:
    """A visitor's response is the same after a member has requested the same address from the same process."""
    site = opened()
    client = member(site)
    pair = Pair(site, pair_at(START).public)
    known = Known(pair.public.ids(private=False)[:5], site.ids(private=True)[:5])
    addresses = [
        one.path for one in every_route(site.app, known, thorough=False) if one.method == "GET" and not one.headers
    ]
    for path in addresses:
        client.get(path, buffered=True)
        pair.ask(Asked(path))
    assert not pair.differences


CACHES = {
    "indexer.publications.cache._libraries": "the versions of the reader's libraries",
    "indexer.engine.embedded.read.snippets._pattern_test": "a test of patterns",
    "indexer.engine.embedded.read.snippets._pattern_test.<locals>.test": "whether a word matches them",
    "indexer.analysis.analyzer.default_analyzer": "the analysis itself",
    "indexer.analysis.folding._fold_word": "a word, folded",
    "indexer.analysis.folding._fold_character": "a character, folded",
    "indexer.parsing.html.markup._matcher.<locals>.short": "whether a class of an element matches a pattern",
    "indexer.parsing.selector._is_plain": "a part of a selector of an import profile",
    "indexer.parsing.selector._needs": "likewise",
    "indexer.query.feedback.is_telling": "whether a term is a word of its own",
    "indexer.query.facets._alphabetical": "a name, as it is sorted",
    "indexer.query.highlighting.default_planner": "the planning itself",
    "indexer.territories.gazetteer.gazetteer": "the territories there are, from a file of the program",
    "indexer.territories.recognition.recogniser": "their names, compiled",
    "indexer.query.wildcards.first_match": "a test of patterns",
    "indexer.query.wildcards.first_match.<locals>.test": "whether a form matches them",
    "indexer.query.wildcards.line_regex": "a pattern, compiled",
    "indexer.query.wildcards.pattern_regex": "a pattern, compiled",
    "indexer.query.spelling._heard": "how a word sounds",
    "search_app.about.markdown._parser": "a parser of Markdown",
    "search_app.accounts.password_policy._profile": "the rules that passwords are compared by",
    "search_app.search.curated_store.query_key": "the words of a query, as choices of the team are found by",
    "search_app.web.text.short_name": "the beginning of the site's name",
    "search_app.web.accent.style_sheet": "colours, from the settings",
    "search_app.resources.planning._vocabulary": "synonyms, from a file of the site",
    "search_app.embed.views._script": "the script that other sites load",
}
"""Every cache of the process; its values depend on its arguments only, so they contain no other reader's response."""


def test_no_cache_knows_an_answer() -> None:
    import search_app.resources.views
    import search_app.search.views  # noqa: F401 - with all that they stand on

    found = set()
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper) and one.__module__.split(".")[0] in {"indexer", "search_app"}:
            found.add(f"{one.__module__}.{one.__wrapped__.__qualname__}")
    assert found <= CACHES.keys()
    assert "flask_caching" not in sys.modules
