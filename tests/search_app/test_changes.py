"""Every route that changes something requires the CSRF token; signing in never redirects to another site."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search_app.accounts.sessions import safe_next
from search_app.web.error_pages import CSRF_FAILED
from search_app.web.request_limits import BODY_METHODS, takes
from tests.support.routes import paths
from tests.support.site import MEMBER, PASSWORD, Auth

HOME = "http://localhost"
EXEMPT = "following.end_mails"
"""The one form without a CSRF token: mail programs send it (RFC 8058), and its address contains a signed token."""


@pytest.mark.parametrize("who", ["client", "member", "staff"])
def test_every_change_needs_the_token_of_its_own_session(app: Flask, request: pytest.FixtureRequest, who: str) -> None:
    client: FlaskClient = request.getfixturevalue(who)
    other = Auth(app.test_client()).token()
    tried = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint == EXEMPT or rule.endpoint.startswith("oai."):
            continue  # the protocol of OAI-PMH has requests by POST, which change nothing
        for method in sorted(BODY_METHODS & (rule.methods or set())):
            for path in paths(rule):
                for token in ({}, {"csrf_token": ""}, {"csrf_token": "faux"}, {"csrf_token": other}):
                    response = client.open(path, method=method, data={"email": MEMBER, "password": PASSWORD, **token})
                    where = f"{method} {path} {token}"
                    assert response.status_code == 400, where
                    assert CSRF_FAILED[0] in response.text, where
                    tried += 1
    assert tried >= 8
    # Nothing has changed: the same person is still signed in.
    assert ("Se déconnecter" in client.get("/").text) == (who != "client")


def test_one_view_is_exempt(app: Flask) -> None:
    protection = app.extensions["csrf"]
    view = app.view_functions[EXEMPT]
    assert protection._exempt_views == {f"{view.__module__}.{view.__name__}"}
    assert {blueprint.name for blueprint in protection._exempt_blueprints} <= {"oai"}
    assert app.config.get("WTF_CSRF_ENABLED", True)
    assert app.config.get("WTF_CSRF_CHECK_DEFAULT", True)
    assert set(app.config.get("WTF_CSRF_METHODS", BODY_METHODS)) == BODY_METHODS


def test_a_new_route_is_refused_by_itself(app: Flask) -> None:
    """The check is made before every view, so it includes new routes."""
    reached = []
    view = takes(size=10)(lambda: reached.append(1) or "fait")
    app.add_url_rule("/nouvelle", "nouvelle", view, methods=["POST"])
    assert app.test_client().post("/nouvelle", data={"a": "b"}).status_code == 400
    assert not reached


# The redirect after signing in


def as_browsers_read(location: str) -> str:
    """Return the host that a browser would go to (WHATWG URL: controls are removed, backslashes are slashes)."""
    kept = "".join(char for char in location if char not in "\t\r\n").strip("".join(map(chr, range(33))))
    return urlsplit(urljoin(f"{HOME}/connexion", kept.replace("\\", "/"))).hostname or ""


@pytest.mark.parametrize(
    ("target", "host"),
    [("/", "localhost"), ("//evil.example", "evil.example"), ("/\\evil.example", "evil.example"),
     ("\t//evil.example", "evil.example"), ("/\n/evil.example", "evil.example"), ("https:evil", "")],
)  # fmt: skip
def test_the_reader_of_these_tests_is_as_wary_as_browsers(target: str, host: str) -> None:
    assert as_browsers_read(target) == host


PIECES = st.sampled_from(
    [*"/\\\t\n\r @:?#.;%&=", "//", "http:", "https://", "javascript:", "data:", "evil.example", "%2f", "%5c", "%09",
     "..", "/connexion", "/deconnexion", "\u3002", "\uff0f", "\u2028", "\x00", "\ud800", "é"]
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=8).map("".join), st.text(max_size=40), st.just("/" * 3000)))
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("///evil.example")
@example("/%09/evil.example")
@example("/..//evil.example")
@example("http:evil.example")
@example("//[evil")
def test_no_open_redirect(bare_app: Flask, target: str) -> None:
    with bare_app.test_request_context("/connexion"):
        chosen = safe_next(target)
    assert chosen.startswith("/")
    assert as_browsers_read(chosen) == "localhost"
    assert "\n" not in chosen
    assert "\r" not in chosen


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_every_page_of_ours_may_be_gone_back_to(bare_app: Flask, query: str) -> None:
    from search_app.web.templating import here

    query = query.encode("utf-8", "replace").decode()
    with bare_app.test_request_context("/", query_string={"q": query}):
        address = here()
        assert safe_next(address) == address


@pytest.fixture(scope="module")
def bare_app() -> Flask:
    """An app that has routes and nothing else, which is enough to choose the address to go to after signing in."""
    from search_app.accounts import sessions as auth
    from search_app.search import views as pages

    app = Flask("search_app")
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(auth.blueprint)
    return app


def test_the_whole_way(auth: Auth, client: FlaskClient) -> None:
    for target, expected in (("/?q=a&page=2", "/?q=a&page=2"), ("//evil.example", "/"), ("/\\evil.example", "/")):
        response = auth.login(next=target)
        assert response.status_code == 303
        assert response.headers["Location"] == expected
        auth.logout()
        assert "evil.example" not in client.get("/connexion", query_string={"next": target}).text


@pytest.mark.parametrize("path", ["//evil.example", "//evil.example/%2e%2e", "/\\evil.example", "/static//..//x"])
def test_slashes_that_are_merged_lead_nowhere_else(client: FlaskClient, path: str) -> None:
    response = client.get("/", environ_overrides={"PATH_INFO": path})
    assert as_browsers_read(response.headers.get("Location", "/")) == "localhost"
