"""Caches that a process of tests keeps across tests: compiled templates and routes, synonyms. A cached value depends on
nothing but its key, so that each test gets the same as from a first run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from indexer.analysis import SYNONYMS_FILE, Analyzer, Synonyms


class Templates(BytecodeCache):
    """A cache of the compiled code of templates, by name, path and checksum of the source."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._code[bucket.key, bucket.checksum] = bucket.code


def share_templates(patch: pytest.MonkeyPatch) -> None:
    """Compile each template once per process; otherwise the app of each test would compile its templates again."""
    patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": Templates()})


def share_routes(patch: pytest.MonkeyPatch) -> None:
    """Compile the functions that build the addresses of routes once per process; Werkzeug does it for each app."""
    compile_builder = Rule._compile_builder
    known: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}

    def shared(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:  # their values, converted, are part of the function
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    patch.setattr(Rule, "_compile_builder", shared)


def share_synonyms(patch: pytest.MonkeyPatch) -> None:
    """Read the program's own file of synonyms once per analyzer; the files of sites are read each time."""
    load = Synonyms.load

    @cache
    def of_the_program(analyzer: Analyzer) -> Synonyms:
        return load(SYNONYMS_FILE, analyzer)

    patch.setattr(
        Synonyms,
        "load",
        lambda path, analyzer: of_the_program(analyzer) if path == SYNONYMS_FILE else load(path, analyzer),
    )
