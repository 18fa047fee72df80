"""Writing generations: shards in several processes; document stores are shared, and rewritten only if necessary."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from indexer.analysis import Analyzer
from indexer.engine.embedded import EmbeddedEngine, Generations
from indexer.engine.embedded.generations import StoreEntry
from indexer.engine.embedded.write import merge_policy, shard, worker_pool, writer
from indexer.errors import EngineError
from indexer.query import PageHit
from indexer.resource import Resource
from tests.support.engines import MEMBER, ask, fill, found, private, resource
from tests.support.published import KeptTexts, published

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def engine(folder: Path, analyzer: Analyzer) -> Iterator[EmbeddedEngine]:
    with closing(EmbeddedEngine(folder, analyzer)) as engine:
        yield engine


@pytest.fixture
def two_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use two worker processes even for few resources."""
    monkeypatch.setattr(writer, "MANY", 6)
    monkeypatch.setattr(writer, "BATCH", 2)
    monkeypatch.setattr(worker_pool, "worker_count", lambda: 2)
    monkeypatch.setattr(writer, "worker_count", lambda: 2)


def records(folder: Path) -> tuple[StoreEntry, ...]:
    generations = Generations(folder)
    current = generations.current()
    assert current is not None
    return generations.manifest(current).records


def held(engine: EmbeddedEngine, ids: set[str]) -> dict[str, Resource | None]:
    return {each: engine.get(each, audience=MEMBER) for each in ids}


@pytest.mark.usefixtures("two_workers")
def test_several_processes_write_what_one_would(engine: EmbeddedEngine, folder: Path) -> None:
    put: dict[str, Resource] = {}
    with engine.writer(fresh=True) as pen:
        for number in range(24):
            make = private if number % 3 == 0 else resource
            put[f"r{number}"] = make(f"Titre {number}", f"mot numéro{number}", id=f"r{number}", year=2000 + number)
            pen.put(put[f"r{number}"])
        # One written again in another shard, one removed, and one removed before it was given to a worker.
        put["r3"] = resource("Devenue publique", "autre", id="r3")
        pen.put(put["r3"])
        pen.remove(put.pop("r5").id)
        pen.put(resource("Éphémère", "autre", id="r99"))
        pen.remove("r99")
    assert engine.status().total == len(put) == 23
    assert held(engine, set(put)) == put
    assert held(engine, {"r5", "r99"}) == {"r5": None, "r99": None}
    assert found(engine, "autre") == {"r3"}
    assert found(engine, "mot", audience=MEMBER) == set(put) - {"r3"}
    assert {entry.private for entry in records(folder)} == {False, True}
    assert len(records(folder)) == 4, "one of each kind for each process"
    assert engine.check() == []


@pytest.mark.usefixtures("two_workers")
def test_a_process_that_dies_is_said_and_costs_nothing(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(engine, resource("a", "ancien"))
    start = worker_pool.ProcessPool.__init__

    def wounded(self: worker_pool.ProcessPool, *arguments: object) -> None:
        start(self, *arguments)  # type: ignore[arg-type]
        worker = multiprocessing.active_children()[0]
        os.kill(worker.pid or 0, 9)
        worker.join()

    monkeypatch.setattr(worker_pool.ProcessPool, "__init__", wounded)
    with pytest.raises(EngineError, match="Un processus d’indexation s’est arrêté"):
        fill(engine, *(resource(f"r{number}", "nouveau") for number in range(24)))
    assert found(engine, "ancien") == {"a"}
    assert found(engine, "nouveau") == set()


@pytest.mark.usefixtures("two_workers")
def test_a_run_given_up_leaves_no_process(engine: EmbeddedEngine, folder: Path) -> None:
    class GivenUp(Exception):
        pass

    def give_up() -> None:
        with engine.writer(fresh=True) as pen:
            for number in range(12):
                pen.put(resource(f"r{number}", "mot"))
            assert len(multiprocessing.active_children()) == 2
            raise GivenUp

    with pytest.raises(GivenUp):
        give_up()
    assert multiprocessing.active_children() == []
    assert list((folder / "generations").iterdir()) == []


def test_records_pass_from_one_generation_to_the_next(engine: EmbeddedEngine, folder: Path) -> None:
    fill(engine, *(resource(f"r{number}", "mot") for number in range(9)))
    before = {path.stat().st_ino for path in (folder / "generations/000001/records").rglob("*.seg")}
    fill(engine, resource("s", "mot"))
    assert before <= {path.stat().st_ino for path in (folder / "generations/000002/records").rglob("*.seg")}


def test_too_many_records_become_fewer(engine: EmbeddedEngine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_policy, "MAX_SEGMENTS", 2)
    monkeypatch.setattr(merge_policy, "MAX_STORES", 4)
    put = {}
    for number in range(14):
        put[f"r{number}"] = resource(f"Titre {number}", "mot", id=f"r{number}")
        fill(engine, put[f"r{number}"])
        assert len(records(folder)) <= 4 + 2, "as many as are not yet merged besides"
    assert held(engine, set(put)) == put
    assert engine.check() == []


def test_full_records_stay_as_they_are(engine: EmbeddedEngine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard, "FULL_STORE", 3)
    monkeypatch.setattr(merge_policy, "FULL_STORE", 3)
    monkeypatch.setattr(merge_policy, "MAX_STORES", 2)
    put = {f"r{number}": resource(f"Titre {number}", "mot", id=f"r{number}") for number in range(10)}
    fill(engine, *put.values())
    assert {record.name for record in records(folder)} == {"000001", "000003", "000005", "000007"}
    fill(engine, put["r0"], remove=["r9"])
    assert {record.name for record in records(folder)} == {"000001", "000003", "000005", "000008"}
    assert held(engine, set(put)) == {**put, "r9": None}
    assert engine.check() == []


def test_a_record_half_of_which_is_gone_is_written_again(engine: EmbeddedEngine, folder: Path) -> None:
    fill(engine, *(resource(f"r{number}", "mot " + "x " * 500) for number in range(9)))
    (first,) = records(folder)
    fill(engine, remove=[f"r{number}" for number in range(6)])
    (left,) = records(folder)
    assert left != first
    assert found(engine, "mot") == {"r6", "r7", "r8"}
    size = sum(path.stat().st_size for path in (folder / "generations/000002/records").rglob("*"))
    assert size < sum(path.stat().st_size for path in (folder / "generations/000001/records").rglob("*"))


def test_long_publications_are_handed_over_early(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch, analyzer: Analyzer
) -> None:
    """A run never holds more texts than a batch may have, however many publications there are."""
    monkeypatch.setattr(writer, "worker_count", lambda: 1)
    monkeypatch.setattr(writer, "MANY_CHARACTERS", 3_000)
    monkeypatch.setattr(writer, "BATCH_CHARACTERS", 2_000)
    sizes: list[tuple[int, int]] = []

    class Watched(worker_pool.InProcessPool):
        def add(self, batch: Sequence[worker_pool.Put]) -> int:
            sizes.append((len(batch), sum(put.characters for put in batch)))
            return super().add(batch)

    monkeypatch.setattr(writer, "InProcessPool", Watched)
    with engine.writer(fresh=True) as pen:
        for number in range(20):
            one = published(resource("Titre", id=f"r{number}"), ["un mot " * 100, f"page numéro{number}"])
            pen.put(one.resource, one.texts)
            assert len(sizes) >= (number - 3) // 3
    assert sum(count for count, _ in sizes) == 20
    assert max(length for _, length in sizes) < 3_000
    assert found(engine, "numéro7") == {"r7"}


@pytest.mark.usefixtures("two_workers")
def test_publications_written_by_several_processes(folder: Path, analyzer: Analyzer) -> None:
    with closing(EmbeddedEngine(folder, analyzer, texts=KeptTexts())) as engine:
        with engine.writer(fresh=True) as pen:
            for number in range(12):
                make = private if number % 3 == 0 else resource
                one = published(make("Titre", id=f"r{number}"), ["Un pré commun.", f"Une page numéro{number}."])
                pen.put(one.resource, one.texts)
            again = published(resource("Titre", id="r4"), ["Un pré.", "Rien.", "Une page numéro44."])
            pen.put(again.resource, again.texts)
        assert found(engine, "commun", audience=MEMBER) == {f"r{number}" for number in range(12)} - {"r4"}
        assert [hit.pages for hit in ask(engine, "numéro4").hits] == []
        (hit,) = ask(engine, "numéro44").hits
        assert [(page.page, page.snippet[0].text) for page in hit.pages] == [(3, "Une page ")]


def test_the_document_store_has_no_text_of_publications(engine: EmbeddedEngine, folder: Path) -> None:
    one = published(resource("Titre", "Un corps.", id="a"), ["La chrysocale des pages."])
    with engine.writer(fresh=True) as pen:
        pen.put(one.resource, one.texts)
    assert found(engine, "chrysocale") == {"a"}
    assert engine.get("a", audience=MEMBER) == one.resource
    current = Generations(folder).current()
    assert current is not None
    stored = [path.read_bytes() for path in (Generations(folder).path(current) / "records").rglob("*.*")]
    assert stored
    assert not any(b"chrysocal" in content for content in stored)


def test_pages_whose_text_is_gone_are_named_without_a_passage(engine: EmbeddedEngine) -> None:
    one = published(resource("Titre", id="a"), ["Une page perdue."])
    with engine.writer(fresh=True) as pen:
        pen.put(one.resource, one.texts)
    (hit,) = ask(engine, "perdue").hits  # this engine was given no texts
    assert hit.pages == (PageHit(1, 1, None, ()),)
