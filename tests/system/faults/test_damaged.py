"""Damaged generations: the previous one is used, /healthz and the log say so, and the next run rebuilds the index."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.engine.embedded import generations
from indexer.engine.embedded.checksums import seal
from indexer.errors import IndexDamagedError
from search_app import create_app
from tests.support.archive import page, write
from tests.support.faults import Trial, answers, seen

pytestmark = pytest.mark.slow


def current(trial: Trial) -> Path:
    return trial.settings.index / "generations" / "000002"


def one(trial: Trial, pattern: str) -> Path:
    return sorted(current(trial).glob(pattern))[0]


def change_in_place(path: Path, place: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)


def flip_header(path: Path) -> None:
    change_in_place(path, 20)


def flip_middle(path: Path) -> None:
    change_in_place(path, path.stat().st_size // 2)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def extra(path: Path) -> None:
    write(path.with_name("intrus" + path.suffix), path.read_bytes())


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_link(path: Path) -> None:
    path.rename(path.parents[4] / "ailleurs")
    path.symlink_to(path.parents[4] / "ailleurs")


ARRAY, TABLE, TOC = "segments/*/positions.npy", "segments/*/hits.text.npy", "records/*/*.toc"
SEEN_AT_OPENING = [
    *((name, harm) for name in (ARRAY, TABLE, TOC) for harm in (flip_header, cut, empty, Path.unlink, extra, a_folder)),
    ("manifest.json", flip_header),
    ("manifest.json", flip_middle),
    ("manifest.json", cut),
    ("manifest.json", empty),
    ("manifest.json", Path.unlink),
    (TOC, flip_middle),
    (TOC, a_link),
    ("records/*/*.seg", cut),
    ("worlds/*/*", Path.unlink),
]


@pytest.mark.parametrize(("name", "harm"), SEEN_AT_OPENING, ids=lambda value: getattr(value, "__name__", value))
def test_damage_is_seen_at_opening(two: Trial, name: str, harm: Callable[[Path], None]) -> None:
    with two.engine() as engine:
        newest = answers(engine)
    harm(one(two, name))
    with two.engine() as engine:
        assert answers(engine) != newest
        status = engine.status()
        assert status.generation == "000001"
        assert status.degraded is not None
        assert "La génération 000002 est abîmée ; la génération 000001 répond." in status.degraded
    assert two.command("check").status == 1
    assert two.command("index").status == 0  # without --full
    assert seen(two) == newest


@pytest.mark.parametrize("content", ["", "{", "[]", '{"generation": 2}', '{"generation": "../../ailleurs"}', "\0\0"])
def test_a_pointer_that_makes_no_sense(two: Trial, content: str) -> None:
    newest = seen(two)
    write(two.settings.index / "current.json", content)
    with two.engine() as engine:
        assert answers(engine) == newest
        assert "current.json" in str(engine.status().degraded)
    assert two.command("index").status == 0
    assert seen(two) == newest


def test_no_bit_of_the_pointer_is_trusted_alone(two: Trial) -> None:
    """Whichever byte of the pointer (current.json) has a flipped bit, the newest generation answers, as degraded."""
    pointer = two.settings.index / "current.json"
    whole = pointer.read_bytes()
    with two.engine() as engine:
        newest = answers(engine)
    silent = 0
    for place in range(len(whole)):
        raw = bytearray(whole)
        raw[place] ^= 1 << place % 8
        pointer.write_bytes(raw)
        with two.engine() as engine:
            assert answers(engine) == newest
            assert engine.status().generation == "000002"
            silent += engine.status().degraded is None
    assert silent == 0


def test_a_pointer_to_the_generation_before_needs_its_checksum(two: Trial) -> None:
    pointer = two.settings.index / "current.json"
    pointer.write_text(pointer.read_text("utf-8").replace("000002", "000001"), "utf-8")
    with two.engine() as engine:
        answers(engine)
        assert engine.status().generation == "000002"
        assert "current.json" in str(engine.status().degraded)
    assert two.command("check").status == 1
    assert two.command("index").status == 0
    assert two.command("check").status == 0


def test_a_pointer_to_nowhere(two: Trial) -> None:
    newest = seen(two)
    write(two.settings.index / "current.json", seal({"generation": "000009"}))
    with two.engine() as engine:
        assert answers(engine) == newest
        assert "000009" in str(engine.status().degraded)
    assert two.command("index").status == 0
    assert seen(two) == newest


def test_a_byte_in_the_middle_is_seen_by_check(two: Trial) -> None:
    flip_middle(one(two, ARRAY))
    outcome = two.command("check")
    assert outcome.status == 1
    assert "positions.npy de la génération 000002 est abîmé." in outcome.err
    assert "lancez « python run.py index --full »" in outcome.err


def test_health_and_the_log_say_so(two: Trial, caplog: pytest.LogCaptureFixture) -> None:
    cut(one(two, ARRAY))
    with two.engine() as engine:
        client = create_app(two.settings, engine).test_client()
        for _ in range(3):
            assert client.get("/api/v1/search").status_code == 200
            answer = client.get("/healthz")
            assert (answer.status_code, answer.json) == (200, {"status": "degraded"})
    said = [record.getMessage() for record in caplog.records if "000002" in record.getMessage()]
    assert len(said) == 1  # logged once, not for every request
    assert "la génération 000001 répond" in said[0]


# The switch


def test_a_switch_verifies_what_was_written(two: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk changes what a run wrote, without an error, the run fails and the old generation stays in use."""
    before = seen(two)
    real = generations.write_atomically

    def write_and_spoil(path: Path, content: bytes, **options: Any) -> None:
        real(path, content, **options)
        if path.name == "manifest.json":
            flip_middle(sorted(path.parent.glob(ARRAY))[-1])

    monkeypatch.setattr(generations, "write_atomically", write_and_spoil)
    with pytest.raises(IndexDamagedError, match=r"positions\.npy"):
        two.index(full=True)
    assert seen(two) == before
    assert two.generations() == ["000001", "000002"]


def test_unchanged_files_pass_with_their_checksum(two: Trial) -> None:
    two.write("jardin.html", page("Jardins partagés"))
    two.import_()
    two.index()
    old, new = (
        {
            entry["path"]: entry
            for entry in json.loads((current(two).parent / name / "manifest.json").read_text())["files"]
        }
        for name in ("000002", "000003")
    )
    shared = [
        path
        for path in old.keys() & new.keys()
        if (current(two) / path).samefile(current(two).parent / "000003" / path)
    ]
    assert len(shared) > 20
    assert all(old[path] == new[path] for path in shared)


def test_rot_is_never_given_a_new_checksum(two: Trial) -> None:
    """A damaged file is detected, whether a run takes it over as a hard link or merges its content with others."""
    before = seen(two)
    flip_middle(one(two, ARRAY))
    runs = []
    for number in range(6):
        two.write(f"jardin-{number}.html", page(f"Jardins partagés {number}"))
        two.import_()
        runs.append(two.command("index").status)
        assert "positions.npy" in two.command("check").err
    assert 1 in runs  # at least one run merged segments
    assert two.command("index", "--full").status == 0
    assert two.command("check").status == 0
    assert seen(two) != before
