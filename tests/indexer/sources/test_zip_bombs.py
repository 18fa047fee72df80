"""Zip bombs are refused before they take time or memory, whatever sizes they declare."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.errors import SourceError
from indexer.sources import Found, SetAside, read_source, zip_files
from tests.support.archive import page

HTML = page("Monter une épicerie solidaire", address="https://reseau.example/epicerie-solidaire").encode()
ZEROS = b"\0" * 1_000_000


def written(path: Path, entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def empty_entries(count: int, *, declared: int | None = None, zip64: bool = False) -> bytes:
    """Return a zip of empty entries, as small as the format allows; zipfile would take a minute to write it.

    Args:
        count: number of entries.
        declared: number of entries that its end record declares; the true number if None.
        zip64: whether it has a zip64 end record, which takes precedence.
    """
    name = b"a.html"
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0) + name
    line = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0) + name
    body, directory = local, line * count
    said = count if declared is None else declared
    if zip64:
        where = len(body) + len(directory)
        end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, said, said, len(directory), len(body))
        end += struct.pack("<4sLQL", b"PK\x06\x07", 0, where, 1)
        end += struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    else:
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, said & 0xFFFF, said & 0xFFFF, len(directory), len(body), 0)
    return body + directory + end


@pytest.mark.parametrize(
    "raw",
    [
        lambda: empty_entries(1_500_000, zip64=True),
        lambda: empty_entries(1_500_000, zip64=True, declared=1),
        lambda: empty_entries(1_500_000, declared=3),
        lambda: empty_entries(250_000, zip64=True),
        lambda: empty_entries(250_000, declared=1),
    ],
    ids=["1.5 million", "zip64 that lies", "end that lies", "a list that is read and counted", "the same, lying"],
)
def test_more_entries_than_any_site_has_are_refused_before_one_is_made(
    tmp_path: Path, raw: Callable[[], bytes]
) -> None:
    path = tmp_path / "vide.zip"
    path.write_bytes(raw())
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match=r"compte plus de 200\u202f000 fichiers"):
            read_source(path)
        # The directory is in memory at most once, as bytes; ZipInfo objects would take forty times its size.
        assert tracemalloc.get_traced_memory()[1] < 2 * 250_000 * 52
    finally:
        tracemalloc.stop()


def test_inside_a_folder_such_a_zip_is_set_aside_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_files, "MAX_ENTRIES", 3)
    written(tmp_path / "lot.zip", {f"{n}.html": HTML for n in range(4)})
    (tmp_path / "seule.html").write_bytes(HTML)
    (aside,) = (one for one in read_source(tmp_path) if isinstance(one, SetAside))
    assert aside.path.endswith("lot.zip")
    assert aside.reason.startswith("ce fichier compte plus de")
    assert sum(isinstance(one, Found) for one in read_source(tmp_path)) == 1


def test_as_many_entries_as_are_allowed_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_files, "MAX_ENTRIES", 4)
    path = written(tmp_path / "lot.zip", {f"{n}.html": HTML + b"\n" * n for n in range(4)})
    assert sum(isinstance(one, Found) for one in read_source(path)) == 4


def refusal(path: Path) -> str:
    """Return the only reason given for a zip of which nothing is read."""
    (said,) = read_source(path)
    assert isinstance(said, SetAside)
    assert said.path == str(path)
    return said.reason


def test_small_entries_that_are_a_bomb_together_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "x.zip", {f"{n}.html": ZEROS for n in range(30)})
    assert path.stat().st_size < 50_000
    assert refusal(path).startswith("compression anormale de l’ensemble")


def test_bytes_that_are_never_unfolded_make_no_bomb_look_harmless(tmp_path: Path) -> None:
    path = written(tmp_path / "x.zip", {f"{n}.html": ZEROS for n in range(30)})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("affiche.png", bytes(range(256)) * 4000)
        archive.writestr("autre.zip", bytes(range(256)) * 4000)
    assert refusal(path).startswith("compression anormale de l’ensemble")


def test_pages_that_are_much_alike_are_no_bomb(tmp_path: Path) -> None:
    """Long lists of nearly identical cards compress better than other pages, and are still read."""
    cards = "".join(
        f'<div class="views-row"><div class="field__label">Commune {n % 97}</div></div>' for n in range(3000)
    )
    path = written(tmp_path / "x.zip", {f"{n}.html": HTML + cards.encode() + b"\n" * n for n in range(12)})
    assert 12 * len(cards) > 30 * path.stat().st_size
    assert sum(isinstance(one, Found) for one in read_source(path)) == 12


def sharing(path: Path, count: int) -> Path:
    """Write a zip whose entries all share the same bytes."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packed.compress(HTML * 40) + packed.flush()
    name, crc, size = b"a.html", zlib.crc32(HTML * 40), len(HTML * 40)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 33, crc, len(data), size, len(name), 0) + name + data
    lines = b"".join(
        struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, crc, len(data), size, len(name), 0, 0, 0, 0, 0, 0
        )
        + name
        for _ in range(count)
    )
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(lines), len(local), 0)
    path.write_bytes(local + lines + end)
    return path


def test_entries_that_share_bytes_are_refused(tmp_path: Path) -> None:
    assert "recouvrent" in refusal(sharing(tmp_path / "x.zip", 2))
    assert [type(one) for one in read_source(sharing(tmp_path / "seule.zip", 1))] == [Found]


def changed(path: Path, name: str, offset: int, value: int) -> Path:
    """Write `value` into the four bytes at `offset` of an entry's record in the central directory of a zip."""
    raw = bytearray(path.read_bytes())
    line = raw.rindex(b"PK\x01\x02", 0, raw.rindex(name.encode()))
    raw[line + offset : line + offset + 4] = value.to_bytes(4, "little")
    path.write_bytes(raw)
    return path


def test_an_entry_that_says_that_it_takes_more_room_than_it_does_is_refused(tmp_path: Path) -> None:
    """If a false compressed size were accepted, it would make any ratio of compression look harmless."""
    path = written(tmp_path / "x.zip", {"a.html": ZEROS, "b.html": HTML})
    assert "recouvrent" in refusal(changed(path, "a.html", 20, 900_000))


def test_no_entry_is_unfolded_past_the_size_that_was_counted(tmp_path: Path) -> None:
    path = written(tmp_path / "x.zip", {"a.html": b"\0" * 15_000_000, "b.html": HTML})
    changed(path, "a.html", 24, 10)
    tracemalloc.start()
    try:
        aside, good = read_source(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert isinstance(aside, SetAside)
    assert isinstance(good, Found)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unfold_in_one_step_are_not_tried(tmp_path: Path, method: int) -> None:
    path = written(tmp_path / "x.zip", {"a.html": ZEROS[:500_000]}, method)
    (aside,) = read_source(path)
    assert isinstance(aside, SetAside)
    assert aside.reason.startswith("compression inhabituelle")


def test_a_zip_under_another_name_is_not_opened(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("page.html", HTML)
    found = list(read_source(written(tmp_path / "x.zip", {"page.zip": inner.getvalue(), "x/y.ZIP": inner.getvalue()})))
    assert [type(one) for one in found] == [SetAside, SetAside]
