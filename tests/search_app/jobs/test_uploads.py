"""Uploaded files: which are kept, for how long, and which are refused."""

from __future__ import annotations

import os
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from search_app.errors import UploadError
from search_app.jobs.uploads import KEPT_DAYS, MAX_FILES, SentFile, Uploads
from tests.support.archive import page

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


def names(uploads: Uploads, kept: str) -> set[str]:
    return {path.name for path in uploads.pages(kept).iterdir()}


def test_pages_exports_and_zips_are_kept_in_private(uploads: Uploads) -> None:
    kept = uploads.keep([sent("a.html"), sent("b.zip", zipped()), sent("c.txt", b"Titre\n\nTexte\n")])
    assert names(uploads, kept.name) == {"a.html", "b.zip", "c.txt"}
    assert (kept.files, kept.refused) == (3, ())
    folder = uploads.pages(kept.name)
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())} == {0}


def test_other_kinds_are_refused(uploads: Uploads) -> None:
    kept = uploads.keep([sent("a.html"), sent("notes.docx"), sent("b.zip", b"PK?"), sent("vide", b"")])
    assert names(uploads, kept.name) == {"a.html"}
    assert {one.path for one in kept.refused} == {"notes.docx", "b.zip", "vide"}


def test_what_a_saved_page_brings_along_is_passed_over(uploads: Uploads) -> None:
    kept = uploads.keep([sent("page/a.html"), sent("page/style.css"), sent(".cache")])
    assert (kept.files, kept.refused) == (1, ())


@pytest.mark.parametrize("name", ["../../../etc/a.html", "..\\a.html", "/a.html", "x/../a.html"])
def test_a_name_leads_nowhere_else(uploads: Uploads, tmp_path: Path, name: str) -> None:
    kept = uploads.keep([sent(name)])
    assert names(uploads, kept.name) == {"a.html"}
    assert [path.name for path in tmp_path.iterdir()] == ["spool"]


def test_two_of_one_name_both_stay(uploads: Uploads) -> None:
    kept = uploads.keep([sent("x/a.html"), sent("y/a.html")])
    assert names(uploads, kept.name) == {"a.html", "a-2.html"}


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


@pytest.mark.parametrize("name", ["", "..", "0" * 32, "../" + "0" * 32])
def test_a_sending_that_is_not_there(uploads: Uploads, name: str) -> None:
    uploads.drop(name)
    assert not uploads.holds(name)
    with pytest.raises(UploadError):
        uploads.pages(name)
