"""Uploaded files: which are kept, for how long, and which are refused."""

from __future__ import annotations

import errno
import os
import re
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from indexer.sources import read_source, under_their_names
from search_app.errors import UploadError
from search_app.jobs import uploads as module
from search_app.jobs.uploads import KEPT_DAYS, MAX_FILES, SentFile, Uploads
from tests.support.archive import page
from tests.support.mhtml import mhtml, part
from tests.support.publications import docx, paragraph
from tests.support.warc import response, warc

PAGE = page("Une cantine").encode()


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path)


def sent(name: str, content: bytes = PAGE) -> SentFile:
    return SentFile(name, BytesIO(content))


def zipped() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("cantine.html", PAGE)
    return out.getvalue()


def names(uploads: Uploads, kept: str) -> list[str]:
    """Return the names under which the files of an upload (`kept`: its name) were sent, in order; assert that on disk
    they have other, safe names.
    """
    held = uploads.names(kept)
    assert {path.name for path in uploads.pages(kept).iterdir()} == {*held}
    assert all(re.fullmatch(r"\d{4}\.(html|txt|zip)", ours) for ours in held)
    return list(held.values())


def test_pages_exports_and_zips_are_kept_in_private(uploads: Uploads) -> None:
    kept = uploads.keep([sent("a.html"), sent("b.zip", zipped()), sent("c.txt", b"Titre\n\nTexte\n")])
    assert names(uploads, kept.name) == ["a.html", "b.zip", "c.txt"]
    assert (kept.files, kept.refused) == (3, ())
    folder = uploads.pages(kept.name)
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())} == {0}


def test_one_file_pages_and_web_archives_are_kept_by_their_content(uploads: Uploads) -> None:
    crawl = warc(response("https://reseau.example/a", PAGE), compressed=True)
    whole = mhtml(part(PAGE))
    kept = uploads.keep([sent("a.mhtml", whole), sent("b.html", whole), sent("c.warc.gz", crawl), sent("d", crawl)])
    assert (kept.files, kept.refused) == (4, ())


def test_publications_are_kept_by_their_content(uploads: Uploads) -> None:
    note = docx(paragraph("Note"))
    kept = uploads.keep(
        [sent("guide.pdf", b"%PDF-1.7"), sent("guide", b"%PDF-1.7"), sent("note.DOCX", note), sent("faux.pdf", PAGE)]
    )
    assert [path.suffix for path in sorted(uploads.pages(kept.name).iterdir())] == [".pdf", ".pdf", ".docx"]
    assert list(uploads.names(kept.name).values()) == ["guide.pdf", "guide", "note.DOCX"]
    assert [(one.path, one.reason[:22]) for one in kept.refused] == [("faux.pdf", "c’est une page HTML so")]


def test_a_publication_that_is_too_large_is_refused(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PUBLICATION_BYTES", 10)
    with pytest.raises(UploadError, match="plus de 256 Mo"):
        uploads.keep([sent("guide.pdf", b"%PDF-1.7 de trop")])


def test_json_is_refused_with_a_reason(uploads: Uploads) -> None:
    kept = uploads.keep([sent("a.html"), sent("nodes.json", b'{"jsonapi": {}}')])
    assert [(one.path, "JSON:API" in one.reason) for one in kept.refused] == [("nodes.json", True)]


def test_other_kinds_are_refused(uploads: Uploads) -> None:
    kept = uploads.keep([sent("a.html"), sent("notes.docx"), sent("b.zip", b"PK?"), sent("vide", b"")])
    assert names(uploads, kept.name) == ["a.html"]
    assert {one.path for one in kept.refused} == {"notes.docx", "b.zip", "vide"}


def test_what_a_saved_page_brings_along_is_passed_over(uploads: Uploads) -> None:
    kept = uploads.keep([sent("page/a.html"), sent("page/style.css"), sent(".cache")])
    assert (kept.files, kept.refused) == (1, ())


@pytest.mark.parametrize("name", ["../../../etc/a.html", "..\\a.html", "/a.html", "x/../a.html"])
def test_a_name_leads_nowhere_else(uploads: Uploads, tmp_path: Path, name: str) -> None:
    kept = uploads.keep([sent(name)])
    assert names(uploads, kept.name) == ["a.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["spool"]


def test_two_of_one_name_both_stay(uploads: Uploads) -> None:
    kept = uploads.keep([sent("x/a.html"), sent("y/a.html")])
    assert names(uploads, kept.name) == ["a.html", "a.html"]


@pytest.mark.parametrize(
    "files",
    [[], [("", b"")], [("a.docx", b"x")], [(f"{n}.html", PAGE) for n in range(MAX_FILES + 1)]],
    ids=["none", "unnamed", "another kind", "too many"],
)
def test_nothing_is_left_of_what_is_refused(uploads: Uploads, tmp_path: Path, files: list[tuple[str, bytes]]) -> None:
    with pytest.raises(UploadError):
        uploads.keep(sent(name, content) for name, content in files)
    assert list((tmp_path / "spool").iterdir()) == []


def test_what_nobody_imports_goes(uploads: Uploads, tmp_path: Path) -> None:
    old, new = uploads.keep([sent("a.html")]).name, uploads.keep([sent("a.html")]).name
    before = (tmp_path / "spool" / old).stat().st_mtime - (KEPT_DAYS + 1) * 86400
    os.utime(tmp_path / "spool" / old, (before, before))
    uploads.sweep()
    assert (uploads.holds(old), uploads.holds(new)) == (False, True)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("資" * 120 + ".html", "資" * 120 + ".html"),
        ("x" * 5000 + ".html", "x" * 145 + ".html"),
        ("é" * 300 + ".xhtml", "é" * 144 + ".xhtml"),
        ("e\u0301te\u0301.html", "été.html"),
        ("a\0b.html", "ab.html"),
        ("page\u202elmth.html", "pagelmth.html"),
        ("page\ud800.html", "page.html"),
        ("ligne\r\nX-Evil: 1.html", "ligneX-Evil: 1.html"),
        ("../../\u202e../x.html", "x.html"),
        ("dossier\\page.html", "page.html"),
        ("CON.html", "CON.html"),
        ("page.php?id=12", "page.php?id=12"),
        ("sans extension", "sans extension"),
        ("<b>.html", "<b>.html"),
    ],
)
def test_any_name_is_data(uploads: Uploads, name: str, shown: str) -> None:
    kept = uploads.keep([sent(name), sent("b.html")])
    assert names(uploads, kept.name) == [shown, "b.html"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("資" * 120 + ".pdf", b"%PDF"),
        ("x\0.docx", b"x"),
        ("b.zip", b"PK\3\4?"),
        ("x\ud800.zip", b""),
        ("c" * 999, b"\0"),
    ],
)
def test_a_bad_file_is_refused_alone_and_without_a_place(uploads: Uploads, name: str, content: bytes) -> None:
    kept = uploads.keep([sent("a.html"), sent(name, content), sent("z.html")])
    assert names(uploads, kept.name) == ["a.html", "z.html"]
    (refused,) = kept.refused
    assert "/" not in refused.path + refused.reason


def test_what_the_disk_refuses_is_said_without_a_place(
    uploads: Uploads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "spool" / "x"))

    monkeypatch.setattr("search_app.jobs.uploads.shutil.copyfileobj", full)
    with pytest.raises(UploadError, match="plus de place") as refused:
        uploads.keep([sent("a.html")])
    assert str(tmp_path) not in str(refused.value)
    assert list((tmp_path / "spool").iterdir()) == []


def test_an_upload_of_an_earlier_version_keeps_its_names(uploads: Uploads, tmp_path: Path) -> None:
    folder = tmp_path / "spool" / ("a" * 32) / "envois"
    folder.mkdir(parents=True)
    (folder / "cantine.html").write_bytes(PAGE)
    assert uploads.names("a" * 32) == {}
    (found,) = under_their_names(read_source(folder), folder, {})
    assert (found.path, found.name.as_posix()) == ("cantine.html", "cantine.html")


def test_pages_come_out_under_the_names_that_they_were_sent_by(uploads: Uploads) -> None:
    kept = uploads.keep(
        [sent("Été 2024.html"), sent("lot de mars.zip", zipped()), sent("liste.txt", b"Titre\n\nTexte\n")]
    )
    folder = uploads.pages(kept.name)
    found = list(under_their_names(read_source(folder), folder, uploads.names(kept.name)))
    assert [(one.path, one.name.as_posix()) for one in found] == [
        ("Été 2024.html", "Été 2024.html"),
        ("lot de mars.zip/cantine.html", "lot de mars/cantine.html"),
        ("liste.txt", "liste.txt"),
    ]


@pytest.mark.parametrize("name", ["", "..", "0" * 32, "../" + "0" * 32])
def test_a_sending_that_is_not_there(uploads: Uploads, name: str) -> None:
    uploads.drop(name)
    assert not uploads.holds(name)
    with pytest.raises(UploadError):
        uploads.pages(name)
