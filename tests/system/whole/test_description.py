"""The OpenAPI description and the API agree: schemathesis generates requests to the site with the real engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product
from shutil import copytree
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from indexer.analysis.analyzer import default_analyzer
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.pipeline.indexing import index_corpus
from indexer.progress import Silent
from search_app import create_app
from search_app.settings import SiteSettings
from tests.support import depth
from tests.support.places import EXAMPLE

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    place = tmp_path_factory.mktemp("description")
    copytree(EXAMPLE, place / "corpus" / "exemple")
    site = SiteSettings(corpus=place / "corpus", index=place / "index", data=place / "data")
    engine = EmbeddedEngine(site.index, default_analyzer())
    index_corpus(site, engine, full=True, progress=Silent())
    app = create_app(site, engine)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    engine.close()


@depth.examples(light=15, full=100)
def test_no_fault_and_no_undeclared_answer(described: Flask, examples: int) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", described)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) >= 3  # without the description itself
    seen: Counter[int] = Counter()
    for operation, mode in product(operations, GenerationMode):
        # These routes accept any text, so schemathesis cannot generate invalid requests for them.
        if mode is GenerationMode.NEGATIVE and operation.path != "/search":
            continue

        @settings(max_examples=examples, deadline=None, derandomize=True, database=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            response = case.call()
            seen[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        ask()
    assert seen[200] > examples
    assert seen[400] > examples // 10
    assert seen[404] > examples // 10
