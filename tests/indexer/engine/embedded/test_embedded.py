"""The embedded engine fulfils the contract of engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engine.embedded import EmbeddedEngine
from tests.support.engine_contract import EngineContract
from tests.support.engines import MEMBER, ask, fill, found, resource
from tests.support.publications_contract import PublicationContract
from tests.support.published import KeptTexts


class TestEmbeddedEngine(EngineContract, PublicationContract):
    @pytest.fixture
    def engine(self, tmp_path: Path, analyzer: Analyzer) -> Iterator[EmbeddedEngine]:
        engine = EmbeddedEngine(tmp_path / "index", analyzer, texts=KeptTexts())
        yield engine
        engine.close()

    @pytest.fixture(scope="class")
    @classmethod
    def another_engine(
        cls, tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer
    ) -> Iterator[Callable[[], EmbeddedEngine]]:
        opened: list[EmbeddedEngine] = []

        def another() -> EmbeddedEngine:
            opened.append(EmbeddedEngine(tmp_path_factory.mktemp("index"), analyzer))
            return opened[-1]

        yield another
        for engine in opened:
            engine.close()

    def test_another_engine_on_the_same_folder_sees_the_switch(
        self, engine: EmbeddedEngine, tmp_path: Path, analyzer: Analyzer
    ) -> None:
        other = EmbeddedEngine(tmp_path / "index", analyzer)
        fill(engine, resource("a", "mot"))
        assert found(other, "mot") == {"a"}
        fill(engine, resource("b", "mot"), remove=["a"])
        assert found(other, "mot") == {"b"}
        assert other.status() == engine.status()
        fill(other, resource("c", "mot"))
        assert found(engine, "mot", audience=MEMBER) == {"b", "c"}
        other.close()

    def test_an_engine_opened_later_answers_the_same(
        self, engine: EmbeddedEngine, tmp_path: Path, analyzer: Analyzer
    ) -> None:
        fill(engine, resource("a", "mot", year=2020, themes=("Eau",)), resource("b", "mot mot"))
        engine.close()
        later = EmbeddedEngine(tmp_path / "index", analyzer)
        assert ask(later, "mot").hits == ask(engine, "mot").hits
        later.close()
