"""MHTML files: the page is read with its address, and damaged files are set aside with a reason."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import PageError
from indexer.parsing.node import PageKind
from indexer.resource import Audience
from indexer.sources import Found, SetAside, folders, read_source
from indexer.sources.mhtml import MAX_PARTS, PublicationPart, is_mhtml, publications_in, read_mhtml
from tests.support.archive import Archive, page, write
from tests.support.mhtml import mhtml, part

KEPT = "https://reseau.example/jardins?ville=%C3%89vry"
HTML = page("Des jardins partagés", body="Douze jardins ouverts à l’été.")


PICTURE = part(b"\x89PNG\r\n\x1a\n" * 40, type="image/png", encoding="base64", ident="image-1@mhtml.blink")


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit", "binary"])
def test_the_page_comes_out_with_its_address(encoding: str) -> None:
    raw = read_mhtml(mhtml(part(HTML.encode(), encoding=encoding), PICTURE))
    assert f"<!-- saved from url=({len(KEPT):04d}){KEPT} -->".encode() in raw
    assert raw.startswith(b"<!DOCTYPE html>\n<!-- saved from")
    assert "Douze jardins ouverts à l’été.".encode() in raw


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "iso-8859-15", "utf-16", "utf-16-le", "cp850"])
def test_the_encoding_that_only_the_header_tells_is_kept(archive: Archive, encoding: str) -> None:
    text = "Été à la ferme"
    html = page(text, body=text).replace('<meta charset="utf-8">', "")
    raw = mhtml(part(html.encode(encoding, "replace"), type=f"text/html; charset={encoding}", encoding="base64"))
    archive.write("page.mhtml", raw)
    assert archive.import_().imported == 1
    archive.index()
    assert [one.body for one in archive.resources().values()] == [text]


def test_a_resource_has_the_address_of_the_header(archive: Archive) -> None:
    archive.write("page.mhtml", mhtml(part(HTML.encode()), PICTURE))
    archive.import_()
    archive.index()
    assert [one.url for one in archive.resources().values()] == [KEPT]
    assert archive.import_().unchanged == 1


@pytest.mark.parametrize(
    ("headers", "location", "address"),
    [
        ("", "https://reseau.example/b", "https://reseau.example/b"),
        ("Snapshot-Content-Location: file:///C:/p.htm\r\n", "https://reseau.example/b", "https://reseau.example/b"),
        ("Content-Location: https://reseau.example/c\r\n", "", "https://reseau.example/c"),
        ("Content-Location: https://moi:secret@reseau.example/c#bas\r\n", "", "https://reseau.example/c"),
        (
            "Snapshot-Content-Location: https://reseau.example/\r\n tres/long\r\n",
            "",
            "https://reseau.example/tres/long",
        ),
        ("Snapshot-Content-Location: https://x.example/--><b>\r\n", "", "https://x.example/--%3E%3Cb%3E"),
        ("", "cid:page@mhtml.blink", None),
        ("", f"https://x.example/{'a' * 3000}", None),
    ],
)
def test_which_header_gives_the_address(headers: str, location: str, address: str | None) -> None:
    raw = read_mhtml(mhtml(part(HTML.encode(), location=location), headers=headers)).decode()
    assert (f"){address} -->" in raw) if address else ("saved from" not in raw)


def test_of_several_pages_the_first_is_the_one_unless_another_is_named() -> None:
    one, two = part(b"<p>un</p>", ident="a@x"), part(b"<p>deux</p>", ident="b@x")
    assert read_mhtml(mhtml(one, two)).endswith(b"<p>un</p>")
    assert read_mhtml(mhtml(PICTURE, one, two, start="b@x")).endswith(b"<p>deux</p>")


def test_a_page_alone_and_one_among_alternatives() -> None:
    alone = b"MIME-Version: 1.0\r\n" + part(b"<p>seule</p>", location="https://x.example/a")
    assert read_mhtml(alone).endswith(b"<p>seule</p>")
    inner = mhtml(part(b"texte", type="text/plain"), part(b"<p>dedans</p>"), headers="")
    inner = inner[inner.index(b"Content-Type") :]
    outer = mhtml(inner.replace(b"--bord--", b"--autre--"), PICTURE)
    assert read_mhtml(outer).endswith(b"<p>dedans</p>")


def test_it_is_known_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    raw = mhtml(part(HTML.encode()), PICTURE)
    names = ("a.mhtml", "b.MHT", "c.html", "d.txt", "e")
    for name in names:
        write(tmp_path / "d" / name, raw)
    with zipfile.ZipFile(tmp_path / "d" / "lot.zip", "w") as lot:
        lot.writestr("f.mhtml", raw)
    write(tmp_path / "d" / "g.mhtml", HTML)  # a page under a wrong name
    found = [one for one in read_source(tmp_path / "d") if isinstance(one, Found)]
    assert len(found) == 6
    assert {one.kind for one in found} == {PageKind.HTML}
    assert {b"saved from" in one.raw for one in found} == {True}


WHOLE = mhtml(part(HTML.encode(), encoding="base64"))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"rien",
        mhtml(PICTURE),
        mhtml(part(b"")),
        WHOLE[: len(WHOLE) // 2],
        WHOLE[:-200],
        mhtml(part(HTML.encode()))[:-300],
        mhtml(part(HTML.encode(), encoding="base64").replace(b"PG", b"!!", 1)),
        mhtml(*[part(b"")] * 3) + b"\n--" * (MAX_PARTS + 1),
        mhtml(part(HTML.encode())).replace(b"boundary=", b"bondary="),
    ],
    ids=["empty", "text", "no page", "empty page", "half", "end", "cut", "base64", "parts", "boundary"],
)
def test_what_is_damaged_is_set_aside_with_what_to_do(tmp_path: Path, raw: bytes) -> None:
    (entry,) = read_source(write(tmp_path / "page.mhtml", raw))
    assert isinstance(entry, SetAside)
    assert "MHTML" in entry.reason
    assert "page web complète" in entry.reason


def test_a_page_whose_pictures_are_cut_is_whole() -> None:
    raw = mhtml(part(HTML.encode()), PICTURE)
    assert b"Douze jardins" in read_mhtml(raw[:-250])


def test_parts_within_parts_have_an_end(tmp_path: Path) -> None:
    raw = b"MIME-Version: 1.0\r\n"
    for n in range(3000):
        raw += f"Content-Type: multipart/related; boundary=b{n}\r\n\r\n--b{n}\r\n".encode()
    (entry,) = read_source(write(tmp_path / "page.mhtml", raw + part(b"<p>au fond</p>")))
    assert isinstance(entry, SetAside | Found)


@pytest.mark.parametrize(
    "head", [b"<!DOCTYPE html><p>Content-Type: text/html", b"Titre : MIME\n\nTexte", b"", b"\x00" * 99]
)
def test_other_files_are_not_taken_for_it(head: bytes) -> None:
    assert not is_mhtml("page.html", head)


def test_a_private_page_stays_private(archive: Archive) -> None:
    archive.write("page.mhtml", mhtml(part(page("Réservé", private="Oui").encode())))
    archive.write("doute.mht", mhtml(part(page("Sans libellé", private=None).encode())))
    archive.import_()
    archive.index()
    assert {one.private for one in archive.resources().values()} == {True}


PIECES = st.sampled_from(
    [
        b"MIME-Version: 1.0\r\n", b"Content-Type: multipart/related; boundary=x\r\n", b"\r\n", b"--x\r\n", b"--x--\r\n",
        b"Content-Type: text/html; charset=", b"utf-7", b"idna", b"punycode", b"undefined", b"hex", b"unicode_escape",
        b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n", b"begin 644 a\n",
        b"Content-Type: message/rfc822\r\n\r\n", b"Content-Type: message/external-body\r\n\r\n", b"start*0*=%E9",
        b"Content-Location: =?utf-8?b?zzzz?=\r\n", b"Content-Location: http://[x\r\n", b"<p>page</p>",
        b"PGh0bWw+", b"\xff",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=20), max_size=30).map(b"".join))
def test_any_bytes_end_in_a_page_or_a_reason(raw: bytes) -> None:
    with suppress(PageError):
        assert isinstance(read_mhtml(raw), bytes)


def test_a_file_too_large_says_how_to_save_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_PAGE_BYTES", 100)
    (entry,) = read_source(write(tmp_path / "page.html", mhtml(part(HTML.encode()), PICTURE)))
    assert isinstance(entry, SetAside)
    assert "images comprises" in entry.reason


def test_of_several_pages_the_one_at_the_saved_address_is_the_page() -> None:
    frame, saved = part(b"<p>cadre</p>", location="https://autre.example/"), part(b"<p>page</p>", location=KEPT)
    assert read_mhtml(mhtml(frame, saved, headers=f"Snapshot-Content-Location: {KEPT}\r\n")).endswith(b"<p>page</p>")


# Publications that were saved with the page

FILES = "https://reseau.example/sites/default/files"
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"\n%%EOF\n"


def linking(name: str, **fields: str) -> bytes:
    return page("Un guide", body=f'<a href="{FILES}/{name}">La publication</a>', **fields).encode()


def saved(
    content: bytes = PDF, *, location: str = f"{FILES}/guide%20complet.pdf", type: str = "application/pdf"
) -> bytes:
    return part(content, type=type, encoding="base64", location=location)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("type", ["application/pdf", "application/octet-stream"])
def test_a_pdf_that_was_saved_with_its_page_is_its_publication(archive: Archive, zipped: bool, type: str) -> None:
    raw = mhtml(part(linking("guide%20complet.pdf")), PICTURE, saved(type=type))
    if zipped:
        with zipfile.ZipFile(archive.pages / "lot.zip", "w") as lot:
            lot.writestr("pages/guide.mhtml", raw)
    else:
        archive.write("guide.mhtml", raw)
    report = archive.import_()
    assert (report.imported, report.publications, report.set_aside) == (1, 1, ())
    archive.index()
    (found,) = archive.resources().values()
    assert [(one.name, one.size) for one in found.documents] == [("guide complet.pdf", len(PDF))]
    again = archive.import_()
    assert (again.unchanged, again.known_publications, again.publications) == (1, 1, 0)


def test_a_publication_of_a_private_page_is_private(archive: Archive) -> None:
    archive.write("guide.mhtml", mhtml(part(linking("guide%20complet.pdf", private="Oui")), saved()))
    archive.import_()
    archive.index()
    with archive.engine() as engine:
        (found,) = archive.resources().values()
        assert engine.get(found.id, audience=Audience.VISITOR) is None
        assert len(found.documents) == 1


@pytest.mark.parametrize(
    ("location", "name"),
    [
        (f"{FILES}/guide.pdf?itok=1#page=2", "guide.pdf"),
        (f"{FILES}/a%2F..%2F..%2Fb.pdf", "b.pdf"),
        (f"{FILES}/..%5C..%5Cc.pdf", "c.pdf"),
        (f"{FILES}/..", "document-2"),
        ("cid:document@mhtml.blink", "document@mhtml.blink"),
        ("", "document-2"),
    ],
)
def test_names_of_saved_publications(location: str, name: str) -> None:
    (found,) = publications_in(mhtml(part(HTML.encode()), saved(location=location)))
    assert isinstance(found, PublicationPart)
    assert (found.name, found.content) == (name, PDF)
    assert (found.address is not None) is location.startswith("http")


def test_other_parts_are_no_publications(archive: Archive) -> None:
    script = part(b"alert('%PDF-')", type="application/javascript", location=f"{FILES}/a.js")
    frame = part(b"<p>%PDF-1.7</p>", location=f"{FILES}/cadre.pdf")
    archive.write("page.mhtml", mhtml(part(HTML.encode()), PICTURE, script, frame))
    report = archive.import_()
    assert (report.imported, report.publications, report.set_aside) == (1, 0, ())


def test_a_publication_that_was_not_saved_whole_is_set_aside_alone(archive: Archive) -> None:
    raw = mhtml(part(linking("guide%20complet.pdf")), saved())
    archive.write("guide.mhtml", raw[: raw.index(b"JVBERi0") + 3000])
    report = archive.import_()
    assert (report.imported, report.publications) == (1, 0)
    (aside,) = report.set_aside
    assert aside.path.endswith("guide.mhtml/guide complet.pdf")
    assert aside.reason.startswith("partie abîmée ou incomplète")
