"""The reference page of the API contains what the OpenAPI description says, and its examples work."""

from __future__ import annotations

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from search_app.api.reference import kind_of


def test_every_operation_is_there(client: FlaskClient) -> None:
    description = client.get("/api/v1/openapi.json").json
    page = BeautifulSoup(client.get("/api").text, "lxml")
    shown = [" ".join(code.get_text().split()) for code in page.select("section > p > code")]
    assert shown == [f"GET /api/v1{path}" for path in description["paths"]]
    for path, methods in description["paths"].items():
        section = page.select_one(f"h2#{methods['get']['operationId']}").parent
        assert methods["get"]["summary"] in section.get_text()
        for status in methods["get"]["responses"]:
            assert status in section.select_one(".answers").get_text(), path


def test_examples_work(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/api").text, "lxml")
    examples = [a["href"] for a in page.select("section p > a")]
    assert len(examples) >= 4
    for example in examples:
        answer = client.get(example)
        assert answer.status_code == 200, example
        assert not answer.content_type.startswith("text/html")


def test_answers_are_those_described(client: FlaskClient) -> None:
    description = client.get("/api/v1/openapi.json").json
    for path, ending in (("/export.{ending}", "csv"), ("/export.{ending}", "ris"), ("/flux.atom", "")):
        content = description["paths"][path]["get"]["responses"]["200"]["content"]
        answer = client.get("/api/v1" + path.replace("{ending}", ending))
        assert answer.mimetype in content
        malformed = client.get("/api/v1" + path.replace("{ending}", ending) + "?year=x")
        assert malformed.status_code == 400
        assert malformed.json["error"]["field"] == "year"
    assert client.get("/api/v1/export.xlsx").json["error"]["message"]


def test_kinds_in_words() -> None:
    api = {"a": {"b": {"type": ["string", "null"]}}}
    assert kind_of(api, {"$ref": "#/a/b"}) == "texte ou null"
    assert kind_of(api, {"type": "array", "items": {"type": "integer"}}) == "liste\u00a0: entier"
    assert kind_of(api, {"enum": ["oui", None]}) == "oui, null"
    assert kind_of(api, {}) == "tout"
    assert kind_of(api, {"prefixItems": [{"type": "string"}, {"type": "boolean"}], "type": "array"}) == (
        "liste\u00a0: texte, true ou false"
    )
