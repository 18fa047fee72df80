"""Exports of searches: all hits in order, as the audience may see them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from indexer.query.request import MAX_REACH, SearchRequest, SearchResponse
from search_app.settings import SiteSettings
from search_app.stores import open_stores
from tests.support.fake_engine import FakeEngine
from tests.support.site import MEMBER

ENDINGS = ("csv", "bib", "ris", "jsonl")


def ids(client: FlaskClient, arguments: str) -> list[str]:
    response = client.get(f"/export.jsonl?{arguments}")
    assert response.status_code == 200
    return [json.loads(line)["id"] for line in response.text.splitlines()]


@pytest.mark.parametrize(
    "arguments", ["", "q=coop*", "q=coop*&sort=title", "sort=date", "year=2023&year=none", "theme=none", "q=xylophone"]
)
def test_every_hit_in_the_order_of_the_search(client: FlaskClient, arguments: str) -> None:
    hits = client.get(f"/api/v1/search?per_page=100&{arguments}").json["hits"]
    assert ids(client, arguments) == [hit["id"] for hit in hits]
    assert ids(client, f"page=2&per_page=3&{arguments}") == [hit["id"] for hit in hits]


def test_lines_are_those_of_the_api(client: FlaskClient) -> None:
    line = json.loads(client.get("/export.jsonl?q=scic").text.splitlines()[0])
    assert line == client.get(f"/api/v1/resources/{line['id']}").json


@pytest.mark.parametrize("ending", ENDINGS)
def test_headers(client: FlaskClient, member: FlaskClient, ending: str) -> None:
    answer = client.get(f"/export.{ending}?q=vélo")
    assert answer.headers["Content-Disposition"].endswith(f"filename*=UTF-8''v%C3%A9lo.{ending}")
    assert answer.content_type.endswith("charset=utf-8")
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert member.get(f"/export.{ending}").headers["Cache-Control"] == "private, no-store"
    assert "d%E2%80%99essai" in client.get(f"/export.{ending}").headers["Content-Disposition"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_visitors_and_members_have_their_own_worlds(client: FlaskClient, member: FlaskClient, ending: str) -> None:
    assert "Zanzibar" not in client.get(f"/export.{ending}").text
    assert "Convention de coopération" not in client.get(f"/export.{ending}").text
    assert "Convention de coopération" in member.get(f"/export.{ending}").text
    assert "Convention de coopération" not in client.get(f"/export.{ending}?private=oui").text


def test_csv_opens_in_excel(client: FlaskClient) -> None:
    data = client.get("/export.csv").data
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len({len(row) for row in rows}) == 1
    assert data.count(b"\r\n") == len(rows)


def test_a_token_takes_away_what_its_account_reads(client: FlaskClient, settings: SiteSettings) -> None:
    bearer = {"Authorization": f"Bearer {open_stores(settings).tokens.make(MEMBER, 'essai')}"}
    for path in ("/api/v1/export.csv", "/api/v1/flux.atom?private=oui", "/api/v1/resources/r-04/citation.ris"):
        answer = client.get(path, headers=bearer)
        assert "Convention de coopération" in answer.text, path
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert client.get(path, headers={"Authorization": "Bearer faux"}).status_code == 401
        assert "Convention de coopération" not in client.get(path).text
    # Tokens are ignored outside the API.
    assert "Convention de coopération" not in client.get("/export.csv", headers=bearer).text


@pytest.mark.parametrize("ending", ENDINGS)
def test_malformed_arguments_are_named(client: FlaskClient, ending: str) -> None:
    answer = client.get(f"/export.{ending}?year=20l4")
    assert answer.status_code == 400
    assert "n’est pas une année" in answer.text
    assert client.get("/export.xlsx").status_code == 404


@pytest.mark.parametrize("ending", ["bib", "ris"])
def test_one_resource(client: FlaskClient, member: FlaskClient, ending: str) -> None:
    answer = client.get(f"/ressources/r-02/citation.{ending}")
    assert "Créer une SCIC" in answer.text
    assert answer.headers["Content-Disposition"].startswith(
        f'attachment; filename="Creer une SCIC avec sa commune.{ending}"'
    )
    private = client.get(f"/ressources/r-04/citation.{ending}")
    assert private.status_code == 404
    # Signing in leads back to the address that was requested, which is the only difference.
    missing = client.get(f"/ressources/rien/citation.{ending}")
    assert private.data.replace(b"/r-04/", b"/rien/") == missing.data
    assert member.get(f"/ressources/r-04/citation.{ending}").status_code == 200
    assert client.get("/ressources/r-02/citation.csv").status_code == 404


def test_what_is_beyond_reach_is_said(client: FlaskClient, engine: FakeEngine) -> None:
    real = engine.search

    def search(request: SearchRequest) -> SearchResponse:
        assert request.per_page == MAX_REACH
        return replace(real(request), total=12_345)

    engine.search = search  # type: ignore[method-assign]
    bib = client.get("/export.bib?q=vélo")
    assert bib.text.startswith("% La recherche trouve 12\u202f345 ressources")
    for answer in (bib, client.get("/export.csv?q=vélo")):
        assert "10000%20premi%C3%A8res%20sur%2012345" in answer.headers["Content-Disposition"]


def test_a_resource_that_goes_meanwhile_is_passed_over(client: FlaskClient, engine: FakeEngine) -> None:
    real = engine.get
    engine.get = lambda resource_id, *, audience: (  # type: ignore[method-assign]
        None if resource_id == "r-05" else real(resource_id, audience=audience)
    )
    assert "r-05" not in ids(client, "q=vélo")
    assert ids(client, "q=vélo")


def test_an_engine_that_fails_says_so(client: FlaskClient, engine: FakeEngine) -> None:
    from tests.support.fake_engine import broken

    engine.failure = broken()
    answer = client.get("/export.csv")
    assert answer.status_code == 503
    assert "srv" not in answer.text
