"""WARC files: pages are read one by one with address and time; other records are passed over or set aside."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import PageError
from indexer.sources import Found, Passed, SetAside, read_source
from indexer.sources import warc as module
from indexer.sources.warc import CapturedPage, CapturedPublication, OtherRecord, UnreadRecord, is_warc, read_warc
from tests.support.archive import page, write
from tests.support.warc import INFO, chunked, http, record, response, warc

ADDRESS = "https://reseau.example/jardins"
HTML = page("Des jardins partagés", body="Douze jardins ouverts à l’été.").encode()


def read(raw: bytes) -> list[Any]:
    """Return everything that a WARC yields."""
    return list(read_warc(io.BytesIO(raw)))


def only(raw: bytes) -> Any:
    """Return the only result that a WARC yields."""
    (entry,) = read(raw)
    return entry


@pytest.mark.parametrize("compressed", [False, True])
def test_pages_come_out_with_address_and_time(compressed: bool) -> None:
    entry = only(warc(response(ADDRESS, HTML, date="2024-02-16T11:00:00+01:00"), compressed=compressed))
    assert isinstance(entry, CapturedPage)
    assert (entry.address, entry.at) == (ADDRESS, "2024-02-16T10:00:00+00:00")
    assert entry.raw == HTML.replace(
        b"<!DOCTYPE html>", b"<!DOCTYPE html>\n<!-- saved from url=(0030)%b -->\n" % ADDRESS.encode()
    )


def test_records_that_are_no_pages_are_passed_over_or_left_out() -> None:
    entries = read(
        warc(
            record("request", ADDRESS, b"GET / HTTP/1.1\r\n\r\n"),
            record("metadata", ADDRESS, b"x"),
            response(f"{ADDRESS}/logo.png", b"\x89PNG", type="image/png"),
            response(f"{ADDRESS}/ailleurs", b"", status="301 Moved", Location="/"),
            response(f"{ADDRESS}/absente", HTML, status="404 Not Found"),
            response(f"{ADDRESS}/vide", b""),
            record("revisit", ADDRESS, http(b"")),
            record("resource", "urn:pageinfo:1", b"{}", type="application/json"),
            record("response", "dns:reseau.example", b"20240101 reseau.example A 192.0.2.1", type="text/dns"),
        )
    )
    assert [type(one) for one in entries] == [OtherRecord] * 5


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (chunked(HTML), {"Transfer_Encoding": "chunked"}),
        (gzip.compress(HTML), {"Content_Encoding": "gzip"}),
        (zlib.compress(HTML), {"Content_Encoding": "deflate"}),
        (zlib.compress(HTML)[2:-4], {"Content_Encoding": "deflate"}),
        (chunked(gzip.compress(HTML)), {"Transfer_Encoding": "chunked", "Content_Encoding": "gzip"}),
        (gzip.compress(zlib.compress(HTML)), {"Content_Encoding": "deflate, gzip"}),
        (HTML, {"Content_Encoding": "br"}),
        (HTML, {"Content_Encoding": "gzip"}),
        (HTML, {"Transfer_Encoding": "chunked"}),
        (HTML, {"Content_Encoding": "identity"}),
        (HTML.decode().encode("cp1252"), {"type": "text/html; charset=windows-1252"}),
        (HTML.decode().encode("utf-16-le"), {"type": "text/html; charset=utf-16le"}),
        (HTML, {"type": "application/xhtml+xml"}),
    ],
)  # fmt: skip
def test_what_http_wrapped_is_unwrapped(body: bytes, headers: dict[str, str]) -> None:
    entry = only(warc(response(ADDRESS, body, **headers)))
    assert isinstance(entry, CapturedPage)
    encoding = "cp1252" if "1252" in headers.get("type", "") else "utf-8"
    assert "Douze jardins ouverts à l’été." in entry.raw.decode(encoding)


def test_a_page_whose_type_nobody_said_is_known_by_its_content() -> None:
    entries = read(
        warc(record("response", ADDRESS, http(HTML, type=None)), record("response", ADDRESS, http(b"x", type=None)))
    )
    assert [type(one) for one in entries] == [CapturedPage, OtherRecord]


def test_a_page_without_http_is_read() -> None:
    assert isinstance(only(warc(record("resource", ADDRESS, HTML, type="text/html"))), CapturedPage)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (response(ADDRESS, b"\x0b\x02\x80x\x03" * 9, Content_Encoding="br"), "« br »"),
        (response(ADDRESS, gzip.compress(HTML)[:-20], Content_Encoding="gzip"), "tronquée"),
        (record("response", ADDRESS, http(HTML), more={"WARC-Truncated": "length"}), "tronquée"),
        (response(ADDRESS, HTML)[:-300], "tronquée"),
        (record("response", ADDRESS, b"", length="900")[:-4], "tronquée"),
        (response(ADDRESS, HTML + b" " * 21_500_000), "plus de 20 Mo"),
        (response(ADDRESS, gzip.compress(HTML + b" " * 21_000_000), Content_Encoding="gzip"), "plus de 20 Mo"),
    ],
    ids=["brotli", "inner end", "marked", "cut", "headers alone", "large", "bomb"],
)
def test_a_capture_that_cannot_be_read_has_a_reason(raw: bytes, reason: str) -> None:
    entry = only(warc(raw))
    assert isinstance(entry, UnreadRecord)
    assert entry.address == ADDRESS
    assert reason in entry.reason


@pytest.mark.parametrize(
    "bad",
    [
        b"rien du tout\r\n" * 9,
        record("response", ADDRESS, http(HTML), length=None),
        record("response", ADDRESS, http(HTML), length="-5"),
        record("response", ADDRESS, http(HTML), length="9" * 5000),
        record("response", ADDRESS, http(HTML), length="beaucoup"),
        b"WARC/1.1\r\n" + b"X: y\r\n" * 300_000,
        b"WARC/1.1\r\n" + b"x" * 100_000,
        b"WARC/1.1\r\nContent-Length: 5\r\n\r\n",
    ],
    ids=["no record", "no length", "negative", "huge", "words", "many headers", "long line", "no type"],
)
def test_a_file_that_goes_wrong_keeps_what_came_before(bad: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    first, *others = read(warc(response(ADDRESS, HTML), bad, response(f"{ADDRESS}/2", HTML)))
    assert isinstance(first, CapturedPage)
    assert all(isinstance(one, UnreadRecord) and one.reason.endswith(".") for one in others)
    assert capfd.readouterr() == ("", "")


def test_memory_is_bounded_whatever_unfolds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RATIO_FROM", 1024**2)
    bombs = [
        b"WARC/1.1\r\nContent-Length: 90000000\r\nWARC-Type: metadata\r\n\r\n" + b"\0" * 80_000_000,
        b"WARC/1.1\r\n" + b"a" * 40_000_000,
    ]
    raws = [gzip.compress(bomb) for bomb in bombs]
    del bombs
    for raw in raws:
        tracemalloc.start()
        (entry,) = read(raw)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert isinstance(entry, UnreadRecord)
        assert "laissée de côté" in entry.reason
        assert most < 40_000_000


def test_places_are_those_of_addresses() -> None:
    spellings = [ADDRESS, f"{ADDRESS}/", "http://www.reseau.example/jardins#bas", f"{ADDRESS}?utm_source=x"]
    places = {one.place for one in read(warc(*(response(address, HTML) for address in spellings)))}
    assert len(places) == 1
    others = ["https://reseau.example/", f"{ADDRESS}/a", f"{ADDRESS}?a=1", f"{ADDRESS}.html", f"{ADDRESS}.html/b"]
    places |= {one.place for one in read(warc(*(response(address, HTML) for address in others)))}
    assert len(places) == 6
    assert {one.parts[0] for one in places} == {"reseau.example"}


def test_it_is_known_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    raw = warc(response(ADDRESS, HTML), response(f"{ADDRESS}/logo.png", b"x", type="image/png"))
    write(tmp_path / "d" / "a.warc", raw)
    write(tmp_path / "d" / "b.html", raw)
    write(tmp_path / "d" / "sous" / "c.warc.gz", gzip.compress(raw[: len(INFO)]) + gzip.compress(raw[len(INFO) :]))
    write(tmp_path / "d" / "e.warc.gz", b"rien")
    with zipfile.ZipFile(tmp_path / "d" / "lot.zip", "w") as lot:
        lot.writestr("f.warc.gz", raw)
    entries = list(read_source(tmp_path / "d"))
    pages = [one for one in entries if isinstance(one, Found)]
    assert {one.name.parent.as_posix() for one in pages} == {"reseau.example", "sous/reseau.example"}
    assert len(pages) == 3
    assert sum(isinstance(one, Passed) for one in entries) == 3
    aside = {one.path.rpartition("/")[2]: one.reason for one in entries if isinstance(one, SetAside)}
    assert set(aside) == {"e.warc.gz", "f.warc.gz"}


@pytest.mark.parametrize(
    "head", [b"", b"<html>", b"\x1f\x8b", b"\x1f\x8b\x08" + b"\xff" * 40, gzip.compress(b"x", mtime=0)]
)
def test_other_files_are_not_taken_for_it(head: bytes) -> None:
    assert not is_warc("page.html", head)


PIECES = st.sampled_from(
    [
        b"WARC/1.1\r\n", b"WARC/1.0\r\n", b"\r\n", b"Content-Length: 40\r\n", b"Content-Length: 4\r\n", b"\r\n\r\n",
        b"WARC-Type: response\r\n", b"WARC-Type: resource\r\n", b"WARC-Target-URI: <http://x.example/>\r\n",
        b"WARC-Target-URI: http://[x\r\n", b"HTTP/1.1 200 OK\r\n", b"Content-Type: text/html; charset=idna\r\n",
        b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"ffffffff\r\n", b"-1\r\n", b"<html>\xff",
        b"WARC-Date: 9999-99-99\r\n", b"WARC-Date: 0001-01-01T00:00:00+23:59\r\n", b"HTTP/1.1\r\n", b": \r\n",
        b" x\r\n",
    ]
)  # fmt: skip
FILES = st.lists(PIECES | st.binary(max_size=20), max_size=30).map(b"".join)


@given(FILES | FILES.map(gzip.compress) | FILES.map(lambda raw: warc(response(ADDRESS, raw, Content_Encoding="gzip"))))
def test_any_bytes_end_in_pages_and_reasons(raw: bytes) -> None:
    assert all(isinstance(one, CapturedPage | UnreadRecord | OtherRecord) for one in read(raw))


# Publications

PUBLICATION = b"%PDF-1.7 " + bytes(range(256)) * 500


def published(raw: bytes) -> list[tuple[str, str, str, bytes | str]]:
    """Return each publication of a WARC as a tuple: address, path within the source, media type, and content
    (bytes) or, if it cannot be read, the reason (str).
    """
    found: list[tuple[str, str, str, bytes | str]] = []
    for one in read_warc(io.BytesIO(raw)):
        if isinstance(one, CapturedPublication):
            try:
                content: bytes | str = b"".join(one.pieces)
            except PageError as error:
                content = str(error)
            found.append((one.address, one.place.as_posix(), one.media_type, content))
    return found


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (PUBLICATION, {"type": "application/pdf"}),
        (PUBLICATION, {"type": "application/octet-stream"}),
        (PUBLICATION, {"type": "text/plain"}),
        (chunked(PUBLICATION), {"type": "application/pdf", "Transfer_Encoding": "chunked"}),
        (gzip.compress(PUBLICATION), {"type": "application/pdf", "Content_Encoding": "gzip"}),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_publications_come_out_a_piece_at_a_time(body: bytes, headers: dict[str, str], compressed: bool) -> None:
    address = "https://www.reseau.example/files/guide%20des%20%C3%A9lus.pdf?itok=a"
    raw = warc(response(address, body, **headers), response("https://reseau.example/a", HTML), compressed=compressed)
    place = "reseau.example/files/guide%20des%20%C3%A9lus.pdf"
    assert published(raw) == [(address, place, "application/pdf", PUBLICATION)]
    assert [one for one in read_warc(io.BytesIO(raw)) if isinstance(one, CapturedPage)]


def test_what_is_no_publication_is_passed_over() -> None:
    raw = warc(
        response("https://reseau.example/a.pdf", b"<html>introuvable", type="application/pdf"),
        response("https://reseau.example/b", b"\x89PNG", type="image/png"),
        response("https://reseau.example/c.pdf", PUBLICATION, status="404 Not Found", type="application/pdf"),
    )
    assert [type(one) for one in read_warc(io.BytesIO(raw))] == [OtherRecord] * 3


@pytest.mark.parametrize(
    ("body", "headers", "more", "reason"),
    [
        (PUBLICATION, {}, {"WARC-Truncated": "length"}, "tronquée"),
        (gzip.compress(PUBLICATION)[:-20], {"Content_Encoding": "gzip"}, {}, "tronquée"),
        (gzip.compress(PUBLICATION)[:-8] + b"8 octets", {"Content_Encoding": "gzip"}, {}, "abîmée"),
    ],
    ids=["said to be cut", "cut", "changed"],
)
def test_a_publication_that_cannot_be_read_has_a_reason(
    body: bytes, headers: dict[str, str], more: dict[str, str], reason: str
) -> None:
    block = http(body, type="application/pdf", **headers)
    ((_, _, _, said),) = published(warc(record("response", "https://reseau.example/a.pdf", block, more=more)))
    assert isinstance(said, str)
    assert reason in said
