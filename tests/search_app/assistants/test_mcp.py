"""The MCP server follows JSON-RPC exactly, shows only what its caller may see, and works with the official client."""

from __future__ import annotations

import asyncio
import json
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search_app.assistants.protocol import MOST_IN_BATCH, VERSIONS
from search_app.assistants.tools import MOST_HITS, TEXT_PART, TOOLS
from search_app.settings import SiteSettings
from search_app.stores import open_stores
from tests.support.browser import serving
from tests.support.fake_engine import FakeEngine, broken
from tests.support.published_site import (
    PRIVATE,
    PUBLIC,
    SECRET,
    published_app,
    published_engine,
    published_resources,
)
from tests.support.site import MEMBER, make_app, signed_in

HIDDEN = "Convention de coopération entre métropole et campagnes"
NEWEST, BATCHES = VERSIONS[0], "2025-03-26"


@pytest.fixture
def assistants(settings: SiteSettings, engine: FakeEngine) -> Flask:
    return make_app(replace(settings, assistants=True, address="https://archives.exemple.fr/"), engine)


@pytest.fixture
def caller(assistants: Flask) -> FlaskClient:
    return assistants.test_client()


def send(client: FlaskClient, message: object, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return client.post("/mcp", data=body, content_type="application/json", headers=named)


def request(method: str, number: object = 1, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def call(client: FlaskClient, tool: str, token: str | None = None, **arguments: Any) -> Any:
    """Return the result of a tool, or the text of its error; without a token, the caller is a visitor."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = send(client, request("tools/call", name=tool, arguments=arguments), **headers)
    assert answer.status_code == 200, answer.text
    result = answer.json["result"]
    (content,) = result["content"]
    if result["isError"]:
        return content["text"]
    assert json.loads(content["text"]) == result["structuredContent"]
    return result["structuredContent"]


def code(answer: TestResponse) -> int:
    assert answer.json["jsonrpc"] == "2.0"
    assert "result" not in answer.json
    return int(answer.json["error"]["code"])


def test_off_by_default(client: FlaskClient) -> None:
    assert send(client, request("ping")).status_code == 404
    assert client.get("/mcp").status_code == 404


@pytest.mark.parametrize(
    ("wanted", "given"),
    [*((one, one) for one in VERSIONS), ("2024-11-05", NEWEST), ("2026-07-28", NEWEST), ("", NEWEST)],
)
def test_versions_are_negotiated(caller: FlaskClient, wanted: str, given: str) -> None:
    hello = request("initialize", protocolVersion=wanted, capabilities={}, clientInfo={"name": "x", "version": "1"})
    result = send(caller, hello).json["result"]
    assert result["protocolVersion"] == given
    assert result["capabilities"] == {"tools": {"listChanged": False}}
    assert result["serverInfo"] == {"name": "rtes-archive", "title": "Archives d’essai", "version": "1"}
    assert "citation" in result["instructions"]


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"", 400, -32700),
        (b"{", 400, -32700),
        (b"[" * 30_000, 400, -32700),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"x": NaN}}', 400, -32700),
        (b"\xff\xfe\xfd", 400, -32700),
        (b"1", 200, -32600),
        (b"null", 200, -32600),
        (b"{}", 200, -32600),
        (b'{"jsonrpc": "1.0", "id": 1, "method": "ping"}', 200, -32600),
        (b'{"jsonrpc": "2.0", "id": 1}', 200, -32600),
        (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', 200, -32600),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}', 200, -32600),
        (b'{"jsonrpc": "2.0", "id": true, "method": "ping"}', 200, -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": 5}', 200, -32600),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}', 200, -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "resources/list"}', 200, -32601),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "server/discover"}', 200, -32601),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "initialize"}', 200, -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"cursor": "x"}}', 200, -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}', 200, -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "rien"}}', 200, -32602),
        (
            b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get", "arguments": 1}}',
            200,
            -32602,
        ),
        (b"[]", 400, -32600),
    ],
)
def test_errors_are_those_of_json_rpc(caller: FlaskClient, body: bytes, status: int, expected: int) -> None:
    answer = send(caller, body)
    assert (answer.status_code, code(answer)) == (status, expected)
    assert answer.json["id"] == (1 if expected in {-32601, -32602} else None)
    assert answer.json["error"]["message"]


def test_ids_come_back_as_they_went(caller: FlaskClient) -> None:
    for number in (0, -7, 2**53, "", "é", "a" * 300):
        assert send(caller, request("ping", number)).json == {"jsonrpc": "2.0", "id": number, "result": {}}


def test_notifications_and_responses_want_no_answer(caller: FlaskClient) -> None:
    for message in (
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}},
        {"jsonrpc": "2.0", "method": "ping", "params": []},
        {"jsonrpc": "2.0", "id": 5, "result": {}},
        {"jsonrpc": "2.0", "id": 5, "error": {"code": 1, "message": "x"}},
    ):
        answer = send(caller, message)
        assert (answer.status_code, answer.data) == (202, b""), message


def test_batches_are_of_one_version(caller: FlaskClient) -> None:
    batch = [request("ping", 1), {"jsonrpc": "2.0", "method": "notifications/x"}, request("rien", 2), 3]
    for headers in ({}, {"MCP_Protocol_Version": BATCHES}):
        answers = send(caller, batch, **headers).json
        assert [one["id"] for one in answers] == [1, 2, None]
        assert [one.get("error", {}).get("code") for one in answers] == [None, -32601, -32600]
    assert code(send(caller, batch, MCP_Protocol_Version=NEWEST)) == -32600
    assert send(caller, [{"jsonrpc": "2.0", "method": "notifications/x"}]).status_code == 202
    many = [request("ping", n) for n in range(MOST_IN_BATCH + 1)]
    assert len(send(caller, many[1:]).json) == MOST_IN_BATCH
    assert code(send(caller, many)) == -32600


@pytest.mark.parametrize("version", [*VERSIONS, None])
def test_known_versions_are_served(caller: FlaskClient, version: str | None) -> None:
    headers = {} if version is None else {"MCP_Protocol_Version": version}
    assert send(caller, request("ping"), **headers).json["result"] == {}


def test_an_unknown_version_is_refused_with_those_that_are_known(caller: FlaskClient) -> None:
    for version in ("2024-11-05", "2026-07-28", "x"):
        answer = send(caller, request("ping"), MCP_Protocol_Version=version)
        assert (answer.status_code, code(answer)) == (400, -32022)
        assert answer.json["error"]["data"] == {"supported": list(VERSIONS)}


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200), ("https://archives.exemple.fr", 200), ("https://ailleurs.example", 403), ("null", 403),
        ("http://archives.exemple.fr", 403), ("https://archives.exemple.fr.ailleurs.example", 403),
        ("http://127.0.0.1:8000", 403), ("https://archives.exemple.fr:8443", 403),
    ],
)  # fmt: skip
def test_pages_of_other_sites_are_refused(caller: FlaskClient, origin: str | None, status: int) -> None:
    answer = send(caller, request("ping"), **({} if origin is None else {"Origin": origin}))
    assert answer.status_code == status
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.content_type == "application/json"


def test_only_json_by_post(caller: FlaskClient) -> None:
    for method in ("GET", "DELETE", "PUT"):
        answer = caller.open("/mcp", method=method)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "OPTIONS, POST"
    assert caller.post("/mcp", data={"a": "b"}).status_code == 415
    assert caller.post("/mcp", data=b"{}", content_type="text/plain").status_code == 415
    assert send(caller, b" " * 70_000).status_code == 413
    assert send(caller, request("ping"), Accept="text/html").status_code == 406
    for accept in ("application/json, text/event-stream", "*/*", "application/json"):
        assert send(caller, request("ping"), Accept=accept).status_code == 200


def test_headers(caller: FlaskClient, settings: SiteSettings) -> None:
    answer = send(caller, request("ping"))
    assert answer.headers["Cache-Control"] == "no-cache"
    assert {"Authorization", "Cookie"} <= set(answer.headers["Vary"].replace(",", "").split())
    assert answer.headers["X-Robots-Tag"] == "noindex"
    token = open_stores(settings).tokens.make(MEMBER, "essai")
    assert (
        send(caller, request("ping"), Authorization=f"Bearer {token}").headers["Cache-Control"] == "private, no-store"
    )


def test_tools_are_read_only_and_described(caller: FlaskClient) -> None:
    tools = send(caller, request("tools/list")).json["result"]["tools"]
    assert [one["name"] for one in tools] == ["search", "get", "page"]
    for one in tools:
        assert one["annotations"]["readOnlyHint"] is True
        assert one["inputSchema"]["type"] == "object"
        assert set(one["inputSchema"]["required"]) <= one["inputSchema"]["properties"].keys()


def test_search_get_and_cite(caller: FlaskClient) -> None:
    found = call(caller, "search", query="scic", per_page=3)
    assert found["total"] >= 1
    assert found["address"] == "https://archives.exemple.fr/?q=scic"
    hit = found["hits"][0]
    assert hit["address"] == f"https://archives.exemple.fr/ressources/{hit['id']}"
    one = call(caller, "get", id=hit["id"])
    assert one["address"] == hit["address"]
    assert one["title"] == hit["title"]
    assert one["citation"].startswith("Léa Roux et Réseau d’essai. Créer une SCIC avec sa commune")
    assert one["next_offset"] is None
    narrowed = call(caller, "search", query="", types=["Guides"], themes=["Coopérations, PTCE et SCIC"], year_from=2020)
    assert {hit["type"] for hit in narrowed["hits"]} == {"Guides"}
    assert all(hit["year"] >= 2020 for hit in narrowed["hits"])
    pages = [call(caller, "search", query="", page=number, per_page=5)["hits"] for number in (1, 2)]
    assert not {hit["id"] for hit in pages[0]} & {hit["id"] for hit in pages[1]}


def test_a_long_text_comes_in_parts(caller: FlaskClient, engine: FakeEngine) -> None:
    body = "".join(f"Phrase numéro {n}. " for n in range(3_000)).strip()
    engine.resources = (replace(engine.resources[0], body=body), *engine.resources[1:])
    parts, offset = [], 0
    while offset is not None:
        part = call(caller, "get", id="r-00", offset=offset)
        assert len(part["text"]) <= TEXT_PART
        parts.append(part["text"])
        offset = part["next_offset"]
    assert len(parts) > 2
    assert "".join(parts) == body
    assert call(caller, "get", id="r-00", offset=10**9)["text"] == ""


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("search", {}, "Donnez aussi : query."),
        ("search", {"query": 5}, "« query » ne convient pas"),
        ("search", {"query": "x", "page": 0}, "« page » ne convient pas"),
        ("search", {"query": "x", "page": True}, "« page » ne convient pas"),
        ("search", {"query": "x", "per_page": MOST_HITS + 1}, "« per_page » ne convient pas"),
        ("search", {"query": "x", "themes": "eau"}, "« themes » ne convient pas"),
        ("search", {"query": "x", "themes": [1]}, "« themes » ne convient pas"),
        ("search", {"query": "x", "themes": ["x"] * 21}, "« themes » ne convient pas"),
        ("search", {"query": "x", "year_from": 10**9}, ""),
        ("search", {"query": "x", "page": 10**6}, ""),
        ("search", {"query": "x", "autre": 1}, "Arguments possibles : query, types"),
        ("get", {"id": "rien"}, "Aucune ressource ne porte cet identifiant"),
        ("get", {"id": "r-04"}, "Aucune ressource ne porte cet identifiant"),
        ("get", {"id": "r-00", "offset": -1}, "« offset » ne convient pas"),
        ("page", {"id": "r-00", "document": 1, "page": 1}, "Cette ressource n’a pas cette page"),
        ("page", {"id": "r-04", "document": 1, "page": 1}, "Aucune ressource ne porte cet identifiant"),
    ],
)  # fmt: skip
def test_a_call_that_does_not_fit_says_what_to_change(
    caller: FlaskClient, tool: str, arguments: dict[str, Any], said: str
) -> None:
    answer = call(caller, tool, **arguments)
    assert isinstance(answer, str)
    assert said.replace(" :", "\u00a0:").replace("« ", "«\u00a0").replace(" »", "\u00a0»") in answer


@pytest.fixture
def published(settings: SiteSettings) -> FlaskClient:
    return published_app(replace(settings, assistants=True), published_engine()).test_client()


def test_pages_that_were_recognised_say_so(settings: SiteSettings) -> None:
    resources = tuple(
        replace(one, documents=(replace(one.documents[0], recognised_pages=(3,)), *one.documents[1:]))
        if one.id == PUBLIC
        else one
        for one in published_resources()
    )
    site = published_app(replace(settings, assistants=True), published_engine(resources)).test_client()
    (hit,) = (hit for hit in call(site, "search", query="légumerie")["hits"] if hit["id"] == PUBLIC)
    assert {page["page"]: page["recognised"] for page in hit["pages"]} == {3: True, 4: False, 5: False}


def test_a_page_is_cited_with_its_number(published: FlaskClient) -> None:
    hits = call(published, "search", query="légumerie")["hits"]
    place = next(page for hit in hits if hit["id"] == PUBLIC for page in hit["pages"])
    assert place["address"].endswith(f"/ressources/{PUBLIC}/documents/{place['document']}/pages/{place['page']}")
    one = call(published, "page", id=PUBLIC, document=place["document"], page=place["page"])
    assert "légumerie" in one["text"]
    assert one["address"] == place["address"]
    assert one["name"] == place["name"]
    assert "p.\u00a0" in one["citation"]
    documents = call(published, "get", id=PUBLIC)["documents"]
    assert {"document", "name", "format", "pages", "address"} == documents[0].keys()
    assert isinstance(call(published, "page", id=PUBLIC, document=1, page=documents[0]["pages"] + 1), str)


def test_a_token_gives_its_own_world_and_a_cookie_none(
    assistants: Flask, settings: SiteSettings, published: FlaskClient
) -> None:
    caller, member = assistants.test_client(), signed_in(assistants)
    token = open_stores(settings).tokens.make(MEMBER, "assistant")
    for client in (caller, member):
        assert call(client, "search", query="zanzibar")["total"] == 0
        assert isinstance(call(client, "get", id="r-04"), str)
    assert HIDDEN in {hit["title"] for hit in call(caller, "search", token, query="zanzibar")["hits"]}
    assert call(caller, "get", token, id="r-04")["private"] is True
    assert SECRET in call(published, "page", token, id=PRIVATE, document=1, page=1)["text"]
    assert isinstance(call(published, "page", id=PRIVATE, document=1, page=1), str)
    refused = send(caller, request("ping"), Authorization="Bearer rtes_faux")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert refused.json["error"]["message"]


def test_failures_are_said_in_json(caller: FlaskClient, engine: FakeEngine) -> None:
    engine.failure = broken()
    answer = send(caller, request("tools/call", name="search", arguments={"query": "x"}))
    assert answer.status_code == 503
    assert "/srv/secret" not in answer.text
    assert answer.json["error"]["message"]


def test_the_official_client(settings: SiteSettings, tmp_path: Path) -> None:
    client_module = pytest.importorskip(
        "mcp.client", reason="the official client, mcp of tests/requirements.txt, is not installed"
    )
    token = open_stores(settings).tokens.make(MEMBER, "assistant")

    async def use(address: str, token: str | None, mode: str = "auto") -> tuple[str, list[str], Any, Any, Any]:
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(headers=headers) as http:
            transport = streamable_http_client(f"{address}/mcp", http_client=http)
            async with client_module.Client(transport, mode=mode) as client:
                if mode == "legacy":
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")  # newer versions of the protocol have no ping
                        await client.send_ping()
                tools = await client.list_tools()
                found = await client.call_tool("search", {"query": "légumerie"})
                page = await client.call_tool("page", {"id": PRIVATE, "document": 1, "page": 1})
                wrong = await client.call_tool("search", {"query": "x", "page": 0})
                names = [tool.name for tool in tools.tools]
                return client.protocol_version, names, found, page, wrong

    # In a thread of its own, since an event loop may run in this one: Playwright leaves its own running.
    with (
        serving(published_app(replace(settings, assistants=True), published_engine())) as address,
        ThreadPoolExecutor(1) as other,
    ):
        for mode in ("legacy", "auto"):
            version, names, found, page, wrong = other.submit(asyncio.run, use(address, None, mode)).result()
            assert (version, names) == (NEWEST, [tool["name"] for tool in TOOLS])
        assert found.structured_content["hits"][0]["pages"]
        assert page.is_error
        assert wrong.is_error
        *_, page, _ = other.submit(asyncio.run, use(address, token)).result()
        assert SECRET in page.structured_content["text"]
