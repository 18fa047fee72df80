"""Generations (states of the index): the switch is atomic, failures lose nothing, no reader gets stale results."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from indexer.analysis import Analyzer, default_analyzer
from indexer.engine.embedded import EmbeddedEngine, Generations
from indexer.engine.embedded import generations as generations_module
from indexer.engine.embedded.checksums import seal, unseal
from indexer.engine.embedded.storage.document_store import DocumentStoreWriter
from indexer.engine.embedded.write import merge_policy as compaction_module
from indexer.engine.embedded.write import shard as shard_module
from indexer.engine.embedded.write import writer as writer_module
from indexer.engine.embedded.write.inverter import Inverter
from indexer.errors import EngineError, IndexBusyError, IndexDamagedError, IndexMissingError
from tests.support.engines import MEMBER, VISITOR, ask, fill, found, private, resource
from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE, wait_until

OLD = (resource("a", "ancien mot"), resource("b", "ancien"), private("c", "ancien secret"))
NEW = (resource("d", "nouveau mot"), private("e", "nouveau secret"))


class Breakdown(Exception):
    """An exception that tests raise in the middle of a run."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def opened(folder: Path, analyzer: Analyzer) -> Iterator[Callable[[], EmbeddedEngine]]:
    """Yield a function that opens engines on the folder; they are closed at the end."""
    engines: list[EmbeddedEngine] = []

    def open_one() -> EmbeddedEngine:
        engines.append(EmbeddedEngine(folder, analyzer))
        return engines[-1]

    yield open_one
    for engine in engines:
        engine.close()


@pytest.fixture
def engine(opened: Callable[[], EmbeddedEngine]) -> EmbeddedEngine:
    return opened()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "generations").iterdir())


def digests(folder: Path) -> dict[str, str]:
    """Return a digest of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def current(folder: Path) -> Path:
    name = Generations(folder).current()
    assert name is not None
    return folder / "generations" / name


# The switch


def test_a_switch_replaces_one_small_file(engine: EmbeddedEngine, folder: Path) -> None:
    fill(engine, *OLD)
    assert names(folder) == ["000001"]
    assert unseal((folder / "current.json").read_text("utf-8")) == {"generation": "000001"}
    fill(engine, *NEW)
    assert unseal((folder / "current.json").read_text("utf-8")) == {"generation": "000002"}
    assert engine.status().generation == "000002"


def test_the_last_two_generations_are_kept(engine: EmbeddedEngine, folder: Path) -> None:
    for number in range(4):
        fill(engine, resource(f"r{number}", "mot"))
    assert names(folder) == ["000003", "000004"]
    assert found(engine, "mot") == {"r0", "r1", "r2", "r3"}


def test_everything_is_in_place_before_the_switch(
    engine: EmbeddedEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(engine, *OLD)
    write = generations_module.write_atomically
    seen = []

    def watch(path: Path, content: bytes, **options: Any) -> None:
        if path.name == "current.json":
            name = json.loads(content)["generation"]
            seen.append((name, Generations(folder).verify(name), Generations(folder).current()))
        write(path, content, **options)

    monkeypatch.setattr(generations_module, "write_atomically", watch)
    fill(engine, *NEW)
    assert seen == [("000002", [], "000001")]


def test_every_file_is_in_the_manifest(engine: EmbeddedEngine, folder: Path) -> None:
    fill(engine, *OLD)
    fill(engine, *NEW, remove=["a"])
    listed = {entry.path for entry in Generations(folder).manifest("000002").files}
    assert listed | {"manifest.json"} == set(digests(current(folder)))


def test_readers_opened_before_a_switch_go_on_with_the_old_one(engine: EmbeddedEngine) -> None:
    fill(engine, *OLD)
    old = engine.current_generation()
    for number in range(3):  # the folder of the old generation is deleted
        fill(engine, resource(f"r{number}"))
    assert old.members.get("c") == OLD[2]
    assert len(old.members.searcher.all_docs) == 3
    assert old.members.searcher.postings(default_analyzer().tokens("ancien")[0].word.terms[0]).docs.tolist() == [
        0,
        1,
        2,
    ]


@pytest.mark.parametrize("fresh", [False, True])
def test_a_new_generation_never_changes_the_old_one(
    engine: EmbeddedEngine, folder: Path, fresh: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard_module, "FLUSH_TOKENS", 3)
    monkeypatch.setattr(compaction_module, "MAX_SEGMENTS", 2)
    fill(engine, *(resource(f"r{number}", "mot " * number) for number in range(12)), *OLD)
    fill(engine, resource("x", "un"), remove=["r3"])
    for step in range(4):
        before = current(folder)
        kept = digests(before)
        fill(engine, resource(f"s{step}"), *NEW, resource("c", "public"), remove=["a", f"r{step}"], fresh=fresh)
        assert digests(before) == kept
        assert current(folder) != before
        fill(engine, *OLD)


# Kills and failures


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (shard_module, "analyse"),
        (writer_module, "save_array"),
        (Inverter, "invert"),
        (DocumentStoreWriter, "add"),
        (DocumentStoreWriter, "commit"),
        (Generations, "next_name"),
        (generations_module, "list_files"),
        (generations_module, "verify_files"),
        (generations_module, "write_atomically"),
        (os, "rename"),
        (os, "replace"),
    ],
)
@pytest.mark.parametrize("call", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_failure_leaves_the_old_generation_answering(
    engine: EmbeddedEngine,
    opened: Callable[[], EmbeddedEngine],
    owner: Any,
    name: str,
    call: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(engine, *OLD)
    real = getattr(owner, name)
    calls = 0

    def failing(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise Breakdown
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, failing)
        try:
            fill(engine, resource("b", "nouveau"), *NEW, remove=["a"])
        except Breakdown:
            for reader in (engine, opened()):
                assert found(reader, "ancien", audience=MEMBER) == {"a", "b", "c"}
                assert found(reader, "nouveau", audience=MEMBER) == set()
        else:
            assert calls < call
    fill(engine, resource("b", "nouveau"), *NEW, remove=["a"])
    for reader in (engine, opened()):
        assert found(reader, "nouveau", audience=MEMBER) == {"b", "d", "e"}
        assert found(reader, "ancien", audience=MEMBER) == {"c"}
        assert reader.status().degraded is None
        assert reader.check() == []


def test_what_a_killed_run_left_is_thrown_away(engine: EmbeddedEngine, folder: Path) -> None:
    fill(engine, *OLD)
    left = folder / "generations" / "building"
    (left / "records" / "000001").mkdir(parents=True)
    (left / "records" / "000001" / "MAIN_WRITELOCK").write_bytes(b"")
    (left / "segments").mkdir()
    (left / "segments" / "000009").write_bytes(b"debris")
    (folder / "current.json.new").write_text("{", "utf-8")
    assert found(engine) == {"a", "b"}
    fill(engine, *NEW)
    assert found(engine) == {"a", "b", "d"}
    assert engine.check() == []
    assert not left.exists()


def test_a_complete_generation_that_never_became_current_is_no_loss(
    engine: EmbeddedEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(engine, *OLD)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", _breaks_for("current.json"))
        with pytest.raises(Breakdown):
            fill(engine, *NEW)
    assert found(engine) == {"a", "b"}
    fill(engine, *NEW)
    assert found(engine) == {"a", "b", "d"}
    assert engine.status().degraded is None


def _breaks_for(name: str) -> Callable[[Any, Any], None]:
    real = os.replace

    def replace(source: Any, target: Any) -> None:
        if Path(target).name == name:
            raise Breakdown
        real(source, target)

    return replace


def test_a_folder_that_cannot_be_written(tmp_path: Path, analyzer: Analyzer) -> None:
    (tmp_path / "fichier").write_text("", "utf-8")
    with closing(EmbeddedEngine(tmp_path / "fichier" / "index", analyzer)) as engine:
        with pytest.raises(EngineError, match="droits"):
            fill(engine, *OLD)
        assert engine.status().generation is None


# Damage


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def garble(path: Path) -> None:
    path.write_bytes(b'{"generation": "0000')


def damaged_files() -> list[Any]:
    files = ["manifest.json", "segments/*/positions.npy", "segments/*/hits.text.npy", "records/*/*.toc"]
    return [pytest.param(name, harm, id=f"{name}-{harm.__name__}") for name in files for harm in (cut, Path.unlink)] + [
        pytest.param("manifest.json", garble, id="manifest.json-garble"),
        pytest.param("records/*/*.seg", Path.unlink, id="record-unlink"),
    ]


@pytest.mark.parametrize(("name", "harm"), damaged_files())
def test_the_generation_before_answers_for_a_damaged_one(
    engine: EmbeddedEngine, opened: Callable[[], EmbeddedEngine], folder: Path, name: str, harm: Callable[[Path], None]
) -> None:
    fill(engine, *OLD)
    fill(engine, *NEW, fresh=True)
    path = next(current(folder).glob(name))
    content = path.read_bytes()
    path.unlink()  # a separate inode, as files of a new generation have
    path.write_bytes(content)
    harm(path)
    reader = opened()
    assert found(reader, audience=MEMBER) == {"a", "b", "c"}
    status = reader.status()
    assert status.generation == "000001"
    assert status.degraded is not None
    assert "000002" in status.degraded
    fill(reader, *NEW, fresh=True)
    assert found(reader, audience=MEMBER) == {"d", "e"}
    assert reader.status().degraded is None


def test_the_newest_generation_answers_when_the_pointer_is_damaged(
    engine: EmbeddedEngine, opened: Callable[[], EmbeddedEngine], folder: Path
) -> None:
    fill(engine, *OLD)
    fill(engine, *NEW)
    garble(folder / "current.json")
    for reader in (engine, opened()):
        assert found(reader) == {"a", "b", "d"}
        assert reader.status().degraded is not None
    fill(engine, *OLD, fresh=True)
    assert engine.status().degraded is None


def test_nothing_left_to_answer(engine: EmbeddedEngine, opened: Callable[[], EmbeddedEngine], folder: Path) -> None:
    fill(engine, *OLD)
    cut(current(folder) / "manifest.json")
    reader = opened()
    with pytest.raises(IndexDamagedError):
        ask(reader)
    status = reader.status()
    assert (status.generation, status.total, status.stale) == (None, 0, True)
    assert status.degraded is not None
    fill(reader, *NEW, fresh=True)
    assert found(reader) == {"d"}


def test_a_damaged_generation_is_not_built_upon(
    engine: EmbeddedEngine, opened: Callable[[], EmbeddedEngine], folder: Path
) -> None:
    fill(engine, *OLD)
    fill(engine, *NEW, fresh=True)
    cut(next(current(folder).glob("segments/*/positions.npy")))
    with pytest.raises(IndexDamagedError):
        fill(opened(), resource("f"))
    assert found(opened()) == {"a", "b"}


def test_a_generation_that_went_missing(engine: EmbeddedEngine, folder: Path) -> None:
    folder.mkdir()
    (folder / "current.json").write_text(seal({"generation": "000007"}), "utf-8")
    with pytest.raises(IndexMissingError):
        ask(engine)
    assert engine.status().generation is None


def test_check_reads_every_byte(engine: EmbeddedEngine, folder: Path) -> None:
    fill(engine, *OLD)
    for path in sorted(current(folder).rglob("*")):
        if path.name == "manifest.json" or path.is_dir() or not path.stat().st_size:
            continue
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0x01
        path.write_bytes(content)
        (fault,) = engine.check()
        assert path.relative_to(current(folder)).as_posix() in fault
        content[len(content) // 2] ^= 0x01
        path.write_bytes(content)
    assert engine.check() == []


# Concurrency


def test_a_writer_in_another_process_is_told(engine: EmbeddedEngine, folder: Path) -> None:
    fill(engine, *OLD)
    script = (
        "import sys, pathlib\n"
        "from indexer.engine.embedded.engine import EmbeddedEngine\n"
        "from indexer.errors import IndexBusyError\n"
        "from indexer.analysis.analyzer import default_analyzer\n"
        "try:\n"
        "    with EmbeddedEngine(pathlib.Path(sys.argv[1]), default_analyzer()).writer(fresh=False):\n"
        "        print('libre')\n"
        "except IndexBusyError as error:\n"
        "    print(error)\n"
    )

    def run() -> str:
        root = CHECKOUT
        command = [sys.executable, "-c", script, str(folder)]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout

    with engine.writer(fresh=False):
        assert run().startswith("Une autre indexation est en cours")
    assert run().strip() == "libre"
    assert found(engine) == {"a", "b"}


def test_a_writer_in_another_engine_is_told(engine: EmbeddedEngine, opened: Callable[[], EmbeddedEngine]) -> None:
    with engine.writer(fresh=True) as writer:
        with pytest.raises(IndexBusyError), opened().writer(fresh=True):
            pass
        writer.put(OLD[0])
    assert found(engine) == {"a"}


@pytest.mark.slow
def test_readers_during_twenty_switches(engine: EmbeddedEngine, opened: Callable[[], EmbeddedEngine]) -> None:
    """Readers never mix generations: the n-th has n resources with a word, and a year that no other one has."""
    fill(engine, resource("r0", "mot", year=2000))
    faults: list[object] = []
    totals: set[int] = set()
    done = threading.Event()

    def read(reader: EmbeddedEngine) -> None:
        while not done.is_set():
            try:
                response = ask(reader, "mot", per_page=100)
                newest = max(int(hit.id[1:]) for hit in response.hits)
                (year,) = response.facets.year
                seen = (response.total, len(response.hits), newest + 1, int(year.value) - 1999, year.count)
                if len(set(seen)) != 1 or not all(hit.snippet for hit in response.hits):
                    faults.append(seen)
                if reader.get("r0", audience=VISITOR) is None or reader.status().degraded is not None:
                    faults.append("r0")
                totals.add(response.total)
            except Exception as error:
                faults.append(error)
            time.sleep(0.005)  # otherwise readers would leave no processor time to the writer

    readers = [threading.Thread(target=read, args=(each,)) for each in (engine, engine, opened())]
    for thread in readers:
        thread.start()
    for step in range(1, 21):
        # Every resource is written again, so that all have the year of their generation.
        fill(engine, *(resource(f"r{number}", "mot", year=2000 + step) for number in range(step + 1)))
        if step % 5 == 0:  # readers get their turn even on a busy machine
            wait_until(lambda step=step: any(total > step - 5 for total in totals) or bool(faults))
    done.set()
    for thread in readers:
        thread.join()
    assert faults == []
    assert len(totals) > 1
    assert totals <= set(range(1, 22))
    assert ask(engine, "mot").total == 21
