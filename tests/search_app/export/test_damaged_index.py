"""An export over a damaged index is either an error status or a valid file of its format."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import pytest
import rispy
from flask.testing import FlaskClient

from indexer.engine.embedded import EmbeddedEngine
from indexer.errors import IndexDamagedError
from search_app import create_app
from search_app.export import views
from search_app.settings import SiteSettings
from tests.support.archive import Archive, page
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine

TITLES = ("Une cantine bio", "Une recyclerie", "Un tiers-lieu à la gare", "La régie de quartier", "Été = moisson ; fin")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    archive = Archive(tmp_path_factory.mktemp("abime"))
    for number, title in enumerate(TITLES):
        archive.write(f"{number}.html", page(title, address=f"https://reseau.example/{number}"))
    archive.import_()
    archive.index()
    return archive


def read_csv(text: str) -> int:
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";", strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    return len(rows) - 1


def read_bibtex(text: str) -> int:
    assert text.count("{") == text.count("}")
    assert text == "" or text.endswith("}\n\n")
    return text.count("\n@") + text.startswith("@")


def read_ris(text: str) -> int:
    assert text.count("TY  - ") == text.count("ER  - ")
    return len(rispy.loads(text))


def read_lines(text: str) -> int:
    return len([json.loads(line) for line in text.splitlines()])


def read_atom(text: str) -> int:
    return len(ET.fromstring(text).findall("{http://www.w3.org/2005/Atom}entry"))


READERS: dict[str, Callable[[str], int]] = {
    "/export.csv": read_csv,
    "/export.bib": read_bibtex,
    "/export.ris": read_ris,
    "/export.jsonl": read_lines,
    "/flux.atom": read_atom,
}


@contextmanager
def harmed(path: Path, harm: Callable[[bytes], bytes]) -> Iterator[None]:
    before = path.read_bytes()
    path.write_bytes(harm(before))
    try:
        yield
    finally:
        path.write_bytes(before)


class Present:
    """An engine that delegates to `engine`, which tests can replace by another."""

    engine: EmbeddedEngine

    def __getattr__(self, name: str) -> object:
        return getattr(self.engine, name)


def ones(raw: bytes) -> bytes:
    return raw[:128] + b"\xff" * (len(raw) - 128)


def noise(raw: bytes) -> bytes:
    return raw[:128] + bytes((byte * 37 + place) % 256 for place, byte in enumerate(raw[128:]))


def checked(client: FlaskClient, path: str) -> int:
    """Request an export, check the response, and return its status."""
    answer = client.get(path)
    if answer.status_code == 200:
        READERS[path](answer.get_data(as_text=True))
    else:
        assert answer.status_code in {500, 503}
        assert answer.mimetype == "text/html"
        assert "Content-Disposition" not in answer.headers
    return answer.status_code


def test_whatever_array_is_damaged(archive: Archive) -> None:
    (generation,) = [path for path in (archive.settings.index / "generations").iterdir() if path.name.isdigit()]
    statuses: set[int] = set()
    # Files of Whoosh are left out, since it does not close those that it cannot read, and they are not arrays.
    arrays = [path for path in sorted(generation.rglob("*.npy")) if path.stat().st_size > 128]
    assert len(arrays) > 20
    now = Present()
    app = create_app(archive.settings, now)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for path, harm, export in zip(arrays, cycle((ones, noise)), cycle(READERS), strict=False):
        with harmed(path, harm), archive.engine() as engine:
            now.engine = engine
            statuses.add(checked(app.test_client(), export))
    assert 200 in statuses  # the export does not read all arrays
    assert statuses & {500, 503}


@pytest.mark.parametrize("path", READERS)
def test_all_is_there_when_nothing_is_damaged(archive: Archive, path: str) -> None:
    with archive.engine() as engine:
        answer = create_app(archive.settings, engine).test_client().get(path)
        assert READERS[path](answer.get_data(as_text=True)) == len(TITLES)


class Failing(FakeEngine):
    """An engine that finds all resources, but fails to read any after a number of them."""

    def __init__(self, after: int) -> None:
        super().__init__(demo_resources())
        self.after = after

    def get(self, resource_id: str, /, **who: object) -> object:
        self.after -= 1
        if self.after < 0:
            raise IndexDamagedError("Le fichier « /srv/rtes/index/x.npy » est abîmé.")
        return super().get(resource_id, **who)


@pytest.mark.parametrize("after", [0, 1, 9])
@pytest.mark.parametrize("path", [*READERS, "/api/v1/export.csv", "/api/v1/flux.atom"])
def test_a_fault_halfway_is_an_error_from_the_start(settings: SiteSettings, path: str, after: int) -> None:
    answer = create_app(settings, Failing(after)).test_client().get(path)
    assert answer.status_code == 503
    assert "Content-Disposition" not in answer.headers
    assert "/srv" not in answer.get_data(as_text=True)


def test_a_large_file_waits_on_disk_and_is_sent_whole(
    client: FlaskClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = client.get("/export.jsonl").data
    monkeypatch.setattr(views, "_IN_MEMORY", 100)
    monkeypatch.setattr(views, "_PIECE", 7)
    answer = client.get("/export.jsonl")
    assert answer.data == whole
    assert answer.content_length == len(whole) > 100
    assert client.head("/export.jsonl").status_code == 200
