"""Every response of the API, including errors, is as its OpenAPI description says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from search_app.settings import SiteSettings
from search_app.web.request_limits import MAX_ADDRESS
from tests.support.fake_engine import FakeEngine, broken
from tests.support.routes import METHODS, paths
from tests.support.site import make_app

ERRORS = {"400", "401", "404", "405", "413", "414", "429", "500", "503"}


@pytest.fixture
def description(app: Flask) -> Any:
    return json.loads(app.test_client().get("/api/v1/openapi.json").data)


def operations(app: Flask, description: Any) -> list[tuple[str, Any]]:
    """Return addresses for each route of the API, each with the OpenAPI description of its GET."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            path = re.sub(r"<(?:[^<>]+:)?(?:resource_)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
            described = description["paths"][path]
            assert set(described) == {m.lower() for m in rule.methods or () if m not in {"HEAD", "OPTIONS"}}, path
            found += [(address, described["get"]) for address in paths(rule)]
    return found


def test_every_operation_declares_every_error(app: Flask, description: Any) -> None:
    asked = operations(app, description)
    assert len(asked) >= 4
    for path, operation in asked:
        assert ERRORS | {"200"} <= set(operation["responses"]), path
        for status in ERRORS:
            name = operation["responses"][status]["$ref"].rpartition("/")[2]
            assert "Error" in str(description["components"]["responses"][name]["content"]), status


def test_every_error_is_as_declared(settings: SiteSettings, engine: FakeEngine, app: Flask, description: Any) -> None:
    error = ["message", "field"]
    named = make_app(replace(settings, hosts=("exemple.fr",)), engine).test_client()
    client = app.test_client()
    for path, operation in operations(app, description):
        answers = [client.open(path, method=method) for method in METHODS if method not in {"GET", "HEAD", "OPTIONS"}]
        assert {answer.status_code for answer in answers} == {405}
        answers += [client.post(path, data=b"x", content_type=kind) for kind in ("text/plain", "application/json", "")]
        answers += [client.get(f"{path}?q={'x' * MAX_ADDRESS}"), named.get(path)]
        assert [answer.status_code for answer in answers[-2:]] == [414, 400]
        for failure in (broken(), ZeroDivisionError()):
            engine.failure = failure
            answers.append(client.get(path))
        engine.failure = None
        for answer in answers:
            where = f"{answer.request.method} {path}: {answer.status_code}"
            assert str(answer.status_code) in operation["responses"], where
            assert answer.content_type == "application/json", where
            if answer.status_code != 200:
                assert list(answer.json["error"]) == error, where
            assert ("Allow" in answer.headers) == (answer.status_code == 405), where
            assert ("Retry-After" in answer.headers) == (answer.status_code == 503), where
