"""The JSON of the API, key by key."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer.errors import IndexMissingError
from indexer.query import Completion, CompletionKind
from tests.support.fake_engine import FakeEngine, broken

HIT = [
    "id", "url", "title", "type", "year", "year_source", "date", "private", "themes", "score", "snippet", "missing",
    "pages", "pages_total",
]  # fmt: skip
ANSWER = [
    "query", "total", "page", "per_page", "took_ms", "sort", "hits", "facets",
    "did_you_mean", "corrected", "matching", "total_all",
]  # fmt: skip
RESOURCE = [
    "id", "url", "title", "body", "summary", "type", "private", "themes", "territories", "territory_source",
    "date", "year", "year_source", "author",
    "attachments", "documents",
]  # fmt: skip


def get(client: FlaskClient, path: str, status: int = 200) -> Any:
    response = client.get(path)
    assert response.status_code == status
    assert response.content_type == "application/json"
    return response.json


def test_search_answer(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/search?q=monnaie")
    assert list(answer) == ANSWER
    assert (answer["query"], answer["page"], answer["per_page"], answer["sort"]) == ("monnaie", 1, 10, "relevance")
    assert (answer["did_you_mean"], answer["corrected"], answer["matching"]) == (None, False, "all")
    assert answer["total"] == len(answer["hits"]) == 4
    assert isinstance(answer["took_ms"], float)
    for hit in answer["hits"]:
        assert list(hit) == HIT
        assert hit["year"] is None or type(hit["year"]) is int
        assert type(hit["private"]) is bool
        assert type(hit["score"]) is float
        assert all(type(text) is str and type(matched) is bool for text, matched in hit["snippet"])
    assert any(matched for hit in answer["hits"] for _, matched in hit["snippet"])
    first = answer["hits"][0]
    assert first["year_source"] == "page"
    assert first["themes"] == ["Monnaies locales"]


def test_unknown_is_null(client: FlaskClient) -> None:
    atlas = get(client, "/api/v1/search?q=atlas")["hits"][0]
    assert (atlas["type"], atlas["year"], atlas["year_source"], atlas["date"], atlas["themes"]) == (
        None, None, None, None, [],
    )  # fmt: skip


def test_facets(client: FlaskClient, member: FlaskClient) -> None:
    facets = get(client, "/api/v1/search?year=2024&type=Guides")["facets"]
    assert list(facets) == ["type", "year", "theme", "territory", "private", "publication", "format"]
    assert facets["private"] == []
    assert {"value": "2024", "label": "2024", "count": 0, "selected": True} in facets["year"]
    for values in facets.values():
        for value in values:
            assert list(value) == ["value", "label", "count", "selected"]
            assert type(value["value"]) is str
            assert value["count"] or value["selected"]
    assert {v["value"] for v in get(member, "/api/v1/search")["facets"]["private"]} == {"oui", "non"}


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/search?q=", "/api/v1/search?q=%20"])
def test_empty_query_lists_everything(client: FlaskClient, path: str) -> None:
    answer = get(client, path)
    assert answer["total"] == 29
    assert answer["sort"] == "-date"


@pytest.mark.parametrize(
    "query", ["type=Inconnu", "theme=Inconnu", "private=oui", "page=1000", "year_from=2024&year_to=2020"]
)
def test_no_hits_is_an_answer(client: FlaskClient, query: str) -> None:
    answer = get(client, f"/api/v1/search?{query}")
    assert answer["hits"] == []
    assert list(answer) == ANSWER


@pytest.mark.parametrize(
    ("query", "field"), [("page=x", "page"), ("sort=y", "sort"), ("year=x", "year"), ("per_page=101", "per_page")]
)
def test_malformed(client: FlaskClient, query: str, field: str) -> None:
    answer = get(client, f"/api/v1/search?{query}", 400)
    assert list(answer) == ["error"]
    assert list(answer["error"]) == ["message", "field"]
    assert answer["error"]["field"] == field
    assert answer["error"]["message"].startswith("«\u00a0")


def test_resource(client: FlaskClient, member: FlaskClient, staff: FlaskClient) -> None:
    resource = get(client, "/api/v1/resources/r-02")
    assert list(resource) == RESOURCE
    assert resource["date"] == "2021-11"
    assert resource["author"] == "Léa Roux; Réseau d’essai"
    assert resource["attachments"][0] == {
        "url": "https://reseau.example/fichiers/guide-scic.pdf",
        "label": "Le guide complet (24 pages)",
    }
    assert list(get(member, "/api/v1/resources/r-04")) == RESOURCE
    of_staff = get(staff, "/api/v1/resources/r-04")
    assert list(of_staff) == [*RESOURCE, "source", "warnings"]
    assert of_staff["warnings"] == ["La date manque."]


def test_suggest(client: FlaskClient) -> None:
    assert get(client, "/api/v1/suggest?q=coop")["suggestions"][0].startswith("coop")
    assert len(get(client, "/api/v1/suggest?q=c")["suggestions"]) == 8
    for path in ("/api/v1/suggest", "/api/v1/suggest?q=", "/api/v1/suggest?q=zzz"):
        assert get(client, path) == {"suggestions": [], "items": []}


def test_suggested_items_lead_to_what_they_say(client: FlaskClient) -> None:
    items = get(client, "/api/v1/suggest?q=co")["items"]
    assert {item["kind"] for item in items} == {"theme", "phrase", "resource"}
    for item in items:
        assert list(item) == ["text", "kind", "count", "path"]
        page = client.get(item["path"]).get_data(as_text=True)
        heading = page.partition("<h1")[2].partition("</h1>")[0]
        assert escape(item["text"]) in heading
        if item["kind"] == "theme":
            assert re.search(rf"<strong>{item['count']} ressources?</strong>", page)
        else:
            assert item["count"] is None


def test_a_publication_is_completed_with_its_own_path(
    client: FlaskClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (Completion("Guide", CompletionKind.DOCUMENT, resource="r-02", document=3),)
    monkeypatch.setattr(engine, "complete", lambda *_, **__: found)
    (item,) = get(client, "/api/v1/suggest?q=co")["items"]
    assert item == {"text": "Guide", "kind": "document", "count": None, "path": "/ressources/r-02/documents/3"}


def test_errors_are_json(client: FlaskClient) -> None:
    for path in ("/api/v1/resources/rien", "/api/v1/rien", "/api/v1/resources/"):
        error = get(client, path, 404)["error"]
        assert error["field"] is None
        assert error["message"].endswith(".")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/resources/r-00", "/api/v1/suggest"])
def test_method_not_allowed(client: FlaskClient, method: str, path: str) -> None:
    response = client.open(path, method=method)
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert list(response.json) == ["error"]
    assert list(response.json["error"]) == ["message", "field"]


def test_engine_unavailable(client: FlaskClient, engine: FakeEngine) -> None:
    for failure in (broken(), IndexMissingError("Lancez run.py index.")):
        engine.failure = failure
        for path in ("/api/v1/search", "/api/v1/resources/r-00", "/api/v1/suggest?q=a"):
            answer = get(client, path, 503)
            assert "/srv" not in json.dumps(answer)
            assert client.get(path).headers["Retry-After"] == "60"


def test_unexpected_error(client: FlaskClient, engine: FakeEngine) -> None:
    engine.failure = ZeroDivisionError("détail interne")
    answer = get(client, "/api/v1/search", 500)
    assert answer["error"]["field"] is None
    assert "interne" not in answer["error"]["message"]


def test_health(client: FlaskClient, engine: FakeEngine) -> None:
    assert get(client, "/healthz") == {"status": "ok"}
    engine.degraded = "L’index précédent répond."
    assert get(client, "/healthz") == {"status": "degraded"}
    for failure in (broken(), ZeroDivisionError()):
        engine.failure = failure
        assert get(client, "/healthz", 503) == {"status": "degraded"}


def test_openapi_describes_every_route(client: FlaskClient, app: Flask) -> None:
    description = get(client, "/api/v1/openapi.json")
    assert description["openapi"] == "3.1.0"
    assert description["info"]["title"] == "Archives d’essai"
    described = {"/api/v1" + path.replace("{", "<").replace("}", ">") for path in description["paths"]}
    routes = {
        re.sub(r"<[^<>]+:", "<", rule.rule).replace("resource_id", "id")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
    }
    assert described == routes
    schemas = description["components"]["schemas"]
    assert schemas["SearchAnswer"]["required"] == ANSWER
    assert list(schemas["SearchAnswer"]["properties"]) == [*ANSWER, "curated"]
    assert schemas["Hit"]["required"] == list(schemas["Hit"]["properties"]) == HIT
    assert schemas["Resource"]["required"] == RESOURCE
    assert list(schemas["Resource"]["properties"]) == [*RESOURCE, "source", "warnings"]
