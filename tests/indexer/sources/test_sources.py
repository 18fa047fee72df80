"""What a path given to `import` yields: pages found, files set aside with a reason, files passed over."""

from __future__ import annotations

import io
import os
import stat
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from indexer.document.media_types import DOCX, ODT, PDF, PPTX
from indexer.errors import PageError, SourceError
from indexer.parsing.node import PageKind
from indexer.sources import Found, FoundPublication, Passed, SetAside, entry, folders, read_source, zip_files
from tests.support.archive import export, page, permissions_hold, reasons, write
from tests.support.publications import docx, odt, paragraph, pptx, shape

HTML = page("Monter une épicerie solidaire", address="https://reseau.example/epicerie-solidaire").encode()


def found(path: Path) -> dict[str, Found]:
    """Return the pages found under a path, by their path within it."""
    return {e.name.as_posix(): e for e in read_source(path) if isinstance(e, Found)}


def aside(path: Path) -> dict[str, str]:
    """Return the reasons of the files set aside under a path, by file name."""
    return reasons([e for e in read_source(path) if isinstance(e, SetAside)])


def passed(path: Path) -> set[str]:
    """Return the names of the files passed over under a path."""
    return {Path(e.path).name for e in read_source(path) if isinstance(e, Passed)}


# A file


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("epicerie.html", HTML, PageKind.HTML),
        ("epicerie.HTM", HTML, PageKind.HTML),
        ("epicerie", HTML, PageKind.HTML),
        ("epicerie.php?id=12", HTML, PageKind.HTML),
        ("liste.txt", export(("Épicerie", "Non", "Une épicerie.")).encode(), PageKind.EXPORT),
    ],
)
def test_a_file_is_a_page_by_its_name_and_its_first_bytes(
    tmp_path: Path, name: str, content: bytes, kind: PageKind
) -> None:
    path = write(tmp_path / name, content)
    assert found(path) == {name: Found(str(path), PurePosixPath(name), content, kind)}


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("guide.pdf", b"%PDF-1.7 ...", PDF),
        ("guide", b"\n%PDF-1.7 ...", PDF),
        ("guide.html", b"%PDF-1.7 ...", PDF),
        ("note.docx", docx(paragraph("Note")), DOCX),
        ("note", docx(paragraph("Note")), DOCX),
        ("note.odt", odt("<text:p>Note</text:p>"), ODT),
        ("note.pptx", pptx([shape("Note")]), PPTX),
    ],
)
def test_a_publication_is_recognised_by_its_content(tmp_path: Path, name: str, content: bytes, media_type: str) -> None:
    write(tmp_path / "d" / name, content)
    with zipfile.ZipFile(tmp_path / "d" / "lot.zip", "w") as archive:
        archive.writestr(f"dedans/{name}", content)
    seen = [(e.name.as_posix(), e.media_type, b"".join(e.pieces)) for e in publications(tmp_path / "d")]
    assert sorted(seen) == sorted([(name, media_type, content), (f"lot/dedans/{name}", media_type, content)])


def publications(path: Path) -> Iterator[FoundPublication]:
    return (entry for entry in read_source(path) if isinstance(entry, FoundPublication))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("guide.pdf", b"<!DOCTYPE html><html><title>Page introuvable</title></html>", "c’est une page HTML"),
        ("guide.pdf", b"", "fichier vide"),
        ("guide.pdf", b"rien", "ce n’est pas un document lisible ici"),
        ("note.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "protégé par un mot de passe"),
        ("note.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ancien format de bureautique"),
        ("budget.xlsx", b"PK\x03\x04", "un fichier « .xlsx » n’est pas une page"),
    ],
)
def test_what_only_bears_the_name_of_a_publication_is_set_aside(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    write(tmp_path / "d" / name, content)
    with zipfile.ZipFile(tmp_path / "d" / "lot.zip", "w") as archive:
        archive.writestr(name, content)
    assert [entry.reason.startswith(said) for entry in read_source(tmp_path / "d") if isinstance(entry, SetAside)] == [
        True,
        True,
    ]


def test_a_large_publication_comes_in_pieces(tmp_path: Path) -> None:
    content = b"%PDF-1.7 " + os.urandom(3 * entry.PIECE)
    write(tmp_path / "d" / "guide.pdf", content)
    with zipfile.ZipFile(tmp_path / "d" / "lot.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("guide.pdf", content)
    for one in publications(tmp_path / "d"):
        pieces = list(one.pieces)
        assert b"".join(pieces) == content
        assert max(map(len, pieces)) <= entry.PIECE


@pytest.mark.parametrize("packed", [False, True])
def test_a_publication_that_is_too_large_is_set_aside(
    tmp_path: Path, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (folders, zip_files):
        monkeypatch.setattr(module, "MAX_PUBLICATION_BYTES", 10)
    if packed:
        with zipfile.ZipFile(tmp_path / "lot.zip", "w") as archive:
            archive.writestr("guide.pdf", b"%PDF-1.7 de trop")
    else:
        write(tmp_path / "guide.pdf", b"%PDF-1.7 de trop")
    assert aside(tmp_path) == {"guide.pdf": "plus de 256 Mo : publiez ce document en plusieurs parties."}


def test_a_damaged_entry_of_a_zip_says_so_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "lot.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("guide.pdf", b"%PDF-1.7 " + bytes(10_000))
    path.write_bytes(path.read_bytes().replace(bytes(10_000), bytes(9_999) + b"x"))
    (entry,) = publications(path)
    with pytest.raises(PageError, match="entrée abîmée"):
        list(entry.pieces)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("jsonapi.json", b'{"jsonapi": {"version": "1.0"}, "data": []}', "un export JSON:API"),
        ("nodes.json", b'{"data": [{"type": "node--ressource", "id": "1"}]}', "un export JSON:API"),
        ("manifest.json", b'{"name": "Archive"}', "un fichier JSON"),
        ("vide.json", b"", "un fichier JSON"),
    ],
)
def test_json_is_set_aside_wherever_it_stands(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    write(tmp_path / "d" / name, content)
    with zipfile.ZipFile(tmp_path / "d" / "lot.zip", "w") as archive:
        archive.writestr(name, content)
    said = [e for e in read_source(tmp_path / "d") if isinstance(e, SetAside)]
    assert [entry.reason.partition(" n’est pas lu : ")[0] for entry in said] == [kind, kind]


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="n’existe pas"):
        read_source(tmp_path / "absent.html")


def test_a_file_given_by_name_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "ferme.html", HTML)
    path.chmod(0)
    with permissions_hold(), pytest.raises(SourceError, match="Impossible d’ouvrir"):
        read_source(path)


def test_a_path_below_a_closed_folder_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "ferme" / "page.html", HTML)
    path.parent.chmod(0)
    try:
        with permissions_hold(), pytest.raises(SourceError, match="Impossible d’ouvrir"):
            read_source(path)
    finally:
        path.parent.chmod(0o700)


def test_a_link_given_by_name_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "vrai" / "epicerie.html", HTML)
    (tmp_path / "lien.html").symlink_to(tmp_path / "vrai" / "epicerie.html")
    assert list(found(tmp_path / "lien.html")) == ["lien.html"]


def test_a_pipe_is_set_aside_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tuyau.html")
    assert aside(tmp_path / "tuyau.html") == {"tuyau.html": "ce n’est pas un fichier ordinaire."}


def test_a_file_too_large_is_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_PAGE_BYTES", len(HTML) - 1)
    assert aside(write(tmp_path / "grosse.html", HTML)) == {"grosse.html": entry.TOO_LARGE}


# A folder


def test_a_folder_is_read_with_all_below_it_in_order(tmp_path: Path) -> None:
    for name in ("b.html", "a/z.html", "a/c/d.html", "export.txt"):
        write(tmp_path / name, HTML)
    assert list(found(tmp_path)) == ["b.html", "export.txt", "a/z.html", "a/c/d.html"]


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "dehors" / "secret.html", HTML)
    inside = tmp_path / "dedans"
    write(inside / "page.html", HTML)
    (inside / "lien.html").symlink_to(outside)
    (inside / "dossier").symlink_to(outside.parent)
    (inside / "boucle").symlink_to(inside)
    (inside / "archive.zip").symlink_to(outside)
    assert list(found(inside)) == ["page.html"]
    assert aside(inside) == {
        "lien.html": "les liens ne sont pas suivis.",
        "archive.zip": "les liens ne sont pas suivis.",
    }


def test_what_cannot_be_read_is_set_aside_alone(tmp_path: Path) -> None:
    write(tmp_path / "page.html", HTML)
    write(tmp_path / "fermee.html", HTML).chmod(0)
    closed = write(tmp_path / "ferme" / "page.html", HTML).parent
    closed.chmod(0)
    try:
        with permissions_hold():
            assert list(found(tmp_path)) == ["page.html"]
            assert set(aside(tmp_path)) == {"fermee.html", "ferme"}
            assert all("illisible" in reason for reason in aside(tmp_path).values())
            with pytest.raises(SourceError, match="Impossible de lire le dossier"):
                read_source(closed)
    finally:
        closed.chmod(0o700)


def test_hidden_and_asset_files_are_passed_over_without_a_word(tmp_path: Path) -> None:
    write(tmp_path / "page.html", HTML)
    silent = (".DS_Store", ".cache/x.html", "__MACOSX/._page.html", "page_files/site.css", "logo.PNG", "Thumbs.db")
    for name in silent:
        write(tmp_path / name, b"x")
    assert list(found(tmp_path)) == ["page.html"]
    assert aside(tmp_path) == {}
    assert passed(tmp_path) == {Path(name).name for name in silent}


def test_pipes_in_a_folder_are_set_aside(tmp_path: Path) -> None:
    write(tmp_path / "page.html", HTML)
    os.mkfifo(tmp_path / "tuyau.html")
    assert list(found(tmp_path)) == ["page.html"]
    assert set(aside(tmp_path)) == {"tuyau.html"}


# A zip


def zipped(path: Path, entries: dict[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def with_good(path: Path, **bad: bytes) -> Path:
    """Write a zip of one good page and the given bad entries, each named after its keyword."""
    return zipped(path, {"bonne.html": HTML, **bad})


def only_good(path: Path) -> dict[str, str]:
    """Check that only the good page was read, and return the reasons for the others."""
    assert list(found(path)) == ["bonne.html"]
    return aside(path)


def test_a_zip_yields_its_pages(tmp_path: Path) -> None:
    path = zipped(tmp_path / "pages.zip", {"a/b.html": HTML, "liste.txt": b"texte", "logo.png": b"x", "vide/": b""})
    assert list(found(path)) == ["a/b.html", "liste.txt"]
    assert found(path)["a/b.html"].path == f"{path}/a/b.html"
    assert passed(path) == {"logo.png"}


@pytest.mark.parametrize(
    "name",
    [
        "../dehors.html",
        "a/../../dehors.html",
        "/etc/dehors.html",
        "//serveur/dehors.html",
        "C:/dehors.html",
        "..\\dehors.html",
        "\\dehors.html",
        "C:\\dehors.html",
        "\\\\serveur\\dehors.html",
    ],
)
def test_no_entry_leaves_the_archive(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "x.zip", {"bonne.html": HTML, name: HTML})
    (reason,) = only_good(path).values()
    assert reason == "chemin interdit : il sort de l’archive."


def test_backslashes_inside_the_archive_are_folders(tmp_path: Path) -> None:
    assert list(found(zipped(tmp_path / "x.zip", {"dossier\\page.html": HTML}))) == ["dossier/page.html"]


def test_a_link_in_a_zip_is_not_followed(tmp_path: Path) -> None:
    path = with_good(tmp_path / "x.zip")
    info = zipfile.ZipInfo("lien.html")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    assert only_good(path) == {"lien.html": "les liens ne sont pas suivis."}


def patched(path: Path, name: str, *, central: tuple[int, bytes]) -> Path:
    """Overwrite bytes in the central directory record of an entry; `central` is an offset in it and the bytes."""
    raw = bytearray(path.read_bytes())
    place = raw.rindex(name.encode())
    record = raw.rindex(b"PK\x01\x02", 0, place)
    offset, value = central
    raw[record + offset : record + offset + len(value)] = value
    path.write_bytes(raw)
    return path


def test_an_encrypted_entry_is_set_aside(tmp_path: Path) -> None:
    path = patched(with_good(tmp_path / "x.zip", **{"chiffree.html": HTML}), "chiffree.html", central=(8, b"\x01\x00"))
    assert only_good(path) == {"chiffree.html": "entrée protégée par un mot de passe."}


def test_a_bad_checksum_is_set_aside(tmp_path: Path) -> None:
    path = patched(with_good(tmp_path / "x.zip", **{"abimee.html": HTML}), "abimee.html", central=(16, b"\0\0\0\0"))
    assert only_good(path) == {"abimee.html": "entrée abîmée (BadZipFile)."}


def test_bad_compressed_bytes_are_set_aside(tmp_path: Path) -> None:
    path = with_good(tmp_path / "x.zip", **{"abimee.html": HTML})
    raw = bytearray(path.read_bytes())
    start = raw.index(b"abimee.html") + len(b"abimee.html")
    raw[start : start + 40] = b"\xff" * 40
    path.write_bytes(raw)
    assert only_good(path) == {"abimee.html": "entrée abîmée (error)."}


def test_an_unknown_compression_is_set_aside(tmp_path: Path) -> None:
    path = patched(with_good(tmp_path / "x.zip", **{"rare.html": HTML}), "rare.html", central=(10, b"\x63\x00"))
    assert set(only_good(path)) == {"rare.html"}


@pytest.mark.parametrize("declared", [10, 19_000_000])
def test_a_size_that_lies_is_set_aside(tmp_path: Path, declared: int) -> None:
    path = with_good(tmp_path / "x.zip", **{"menteuse.html": HTML * 3})
    patched(path, "menteuse.html", central=(24, declared.to_bytes(4, "little")))
    assert set(only_good(path)) == {"menteuse.html"}


def test_a_declared_size_past_the_limit_is_not_even_read(tmp_path: Path) -> None:
    path = with_good(tmp_path / "x.zip", **{"grosse.html": HTML})
    patched(path, "grosse.html", central=(24, (entry.MAX_PAGE_BYTES + 1).to_bytes(4, "little")))
    assert only_good(path) == {"grosse.html": entry.TOO_LARGE}


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    path = with_good(tmp_path / "x.zip", **{"bombe.html": b"a" * (2 * zip_files.RATIO_FROM)})
    assert only_good(path) == {"bombe.html": "compression anormale : l’entrée est refusée par prudence."}


def test_a_zip_in_a_zip_is_not_opened(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("page.html", HTML)
    path = with_good(tmp_path / "x.zip", **{"autre.zip": inner.getvalue()})
    assert only_good(path) == {"autre.zip": "un zip dans un zip n’est pas ouvert : importez-le à part."}


@pytest.mark.parametrize("name", ["{}.html", "{}.pdf"])
def test_too_many_bytes_stop_the_reading_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Bytes decompressed in vain count too: an archive of documents may also be a bomb."""
    monkeypatch.setattr(zip_files, "MAX_TOTAL_BYTES", len(HTML) + 1)
    path = zipped(tmp_path / "x.zip", {name.format(n): HTML for n in range(4)})
    entries = list(read_source(path))
    assert len(entries) == 3
    assert isinstance(entries[-1], SetAside)
    assert "archive trop grande" in entries[-1].reason


def test_two_entries_of_one_name_both_come_out(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns about the very thing tested here
        archive.writestr("page.html", HTML)
        archive.writestr("page.html", HTML + b"\n")
    assert [e.raw for e in read_source(path) if isinstance(e, Found)] == [HTML, HTML + b"\n"]


def test_names_that_are_no_utf8_are_read_all_the_same(tmp_path: Path) -> None:
    """An entry of a zip is read even if its name is in an undeclared code page, as old tools write it."""
    path = zipped(tmp_path / "x.zip", {"fichezzz.html": HTML})
    path.write_bytes(path.read_bytes().replace(b"fichezzz", b"r\xe9sum\xe9s"[:8].ljust(8, b"z")))
    (name,) = found(path)
    assert name.endswith(".html")
    assert found(path)[name].raw == HTML


def test_a_corrupt_zip_given_by_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="n’est pas un zip lisible"):
        read_source(write(tmp_path / "x.zip", b"PK\x03\x04 coup\xe9"))


def test_a_cut_zip_given_by_name_is_an_error(tmp_path: Path) -> None:
    path = with_good(tmp_path / "x.zip")
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(SourceError, match="n’est pas un zip lisible"):
        read_source(path)


def test_a_zip_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    path = with_good(tmp_path / "x.zip")
    path.chmod(0)
    with permissions_hold(), pytest.raises(SourceError, match="Impossible d’ouvrir"):
        read_source(path)


def test_a_zip_inside_a_folder_is_read_at_its_place(tmp_path: Path) -> None:
    zipped(tmp_path / "lots" / "mars.zip", {"a/page.html": HTML, "../dehors.html": HTML})
    write(tmp_path / "seule.html", HTML)
    assert list(found(tmp_path)) == ["seule.html", "lots/mars/a/page.html"]
    assert list(aside(tmp_path)) == ["dehors.html"]


def test_a_corrupt_zip_inside_a_folder_is_set_aside_alone(tmp_path: Path) -> None:
    write(tmp_path / "mars.zip", b"rien de bon")
    write(tmp_path / "page.html", HTML)
    assert list(found(tmp_path)) == ["page.html"]
    assert "n’est pas un zip lisible" in aside(tmp_path)["mars.zip"]
