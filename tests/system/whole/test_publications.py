"""Real publications, imported in every layout of files that people have: each joins its resource, is read once, and has
the text that people noted of it (facts). Publications that are difficult to read are imported all at once.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pypdfium2
import pytest

from indexer.document.pages import Page
from indexer.pipeline import ImportReport, IndexReport, recognise_scans
from indexer.progress import Silent
from indexer.publications import PUBLICATION_CACHE, CachedPageTexts, find_tesseract, read_publication
from indexer.query import PageHit
from indexer.resource import Audience, PublishedDocument
from search_app import create_app
from tests.indexer.publications.test_facts import ALL, MISSING, Fact, bare, named, of
from tests.support.archive import Archive, page
from tests.support.places import SHARED
from tests.support.shared import built_once

pytestmark = pytest.mark.slow

MATERIAL = SHARED / "publications"
FILES = "https://www.rtes.fr/sites/default/files"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sample pages, and a generated page for each sample file to which none of them links."""
    if not ALL:
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("pages")
    written = "".join(path.read_text("utf-8") for path in sorted((MATERIAL / "pages").iterdir()))
    for path in sorted((MATERIAL / "pages").iterdir()):
        shutil.copy(path, folder)
    for path in sorted((MATERIAL / "fichiers").iterdir()):
        if not re.search(re.escape(path.stem).replace(r"\ ", "(?: |%20)") + r"(?:_0)?\.", written):
            folder.joinpath(f"page-{path.name}.html").write_text(page_of(path.name), "utf-8")
    return folder


def page_of(name: str) -> str:
    link = f'<a href="{FILES}/{name}">Publication complète à télécharger</a>'
    return page(
        f"Fiche {name}", address=f"https://www.rtes.fr/fiche-{re.sub('[^a-z0-9]+', '-', name.lower())}", body=link
    )


def one_folder(archive: Archive, pages: Path) -> None:
    for path in (*pages.iterdir(), *(MATERIAL / "fichiers").iterdir()):
        shutil.copy(path, archive.pages)
    archive.import_()


def mirror(archive: Archive, pages: Path) -> None:
    shutil.copytree(pages, archive.pages / "www.rtes.fr")
    shutil.copytree(MATERIAL / "fichiers", archive.pages / "www.rtes.fr" / "sites" / "default" / "files")
    archive.import_()


def saved_with_their_files(archive: Archive, pages: Path) -> None:
    for path in pages.iterdir():
        shutil.copy(path, archive.pages)
        folder = archive.pages / f"{path.stem}_fichiers"
        folder.mkdir()
        text = path.read_text("utf-8")
        for file in (MATERIAL / "fichiers").iterdir():
            if re.search(re.escape(file.stem).replace(r"\ ", "(?: |%20)") + r"(?:_0)?" + re.escape(file.suffix), text):
                shutil.copy(file, folder)
    archive.import_()


def a_zip(archive: Archive, pages: Path) -> None:
    with zipfile.ZipFile(archive.folder / "lot.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in (*pages.iterdir(), *(MATERIAL / "fichiers").iterdir()):
            zipped.write(path, f"lot/{path.parent.name}/{path.name}")
    archive.import_(archive.folder / "lot.zip")


def files_first(archive: Archive, pages: Path) -> None:
    archive.import_(MATERIAL / "fichiers")
    archive.index()
    archive.import_(pages)


def files_last(archive: Archive, pages: Path) -> None:
    archive.import_(pages)
    archive.index()
    for path in sorted((MATERIAL / "fichiers").iterdir()):
        archive.import_(path)


LAYOUTS = (one_folder, mirror, saved_with_their_files, a_zip, files_first, files_last)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory, pages: Path) -> Path:
    """Return the cache of an archive that has read every publication, so that other archives need not read it again."""

    def build(folder: Path) -> None:
        archive = Archive(folder)
        archive.import_(MATERIAL / "fichiers", pages)
        archive.index()

    folder, _ = built_once(tmp_path_factory, "texts", build)
    return Archive(folder).settings.index / PUBLICATION_CACHE


def files_of(archive: Archive) -> dict[str, list[str]]:
    return {one.title: sorted(document.digest for document in one.documents) for one in archive.resources().values()}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory, pages: Path, texts: Path) -> dict[str, list[str]]:
    """Return the digests of the files of each resource, by title, after an import of all files in one folder."""
    return built_once(tmp_path_factory, "model", lambda folder: played(Archive(folder), one_folder, pages, texts))[1]


def played(archive: Archive, layout: Callable[[Archive, Path], None], pages: Path, texts: Path) -> dict[str, list[str]]:
    archive.settings.index.mkdir()
    shutil.copy(texts, archive.settings.index)
    layout(archive, pages)
    report = archive.index()
    assert report.set_aside == ()
    assert not archive.index().switched
    return files_of(archive)


def test_every_resource_has_its_file(expected: dict[str, list[str]]) -> None:
    assert len(expected) == 6 + 19
    assert all(len(files) == 1 for files in expected.values())
    assert expected["Les mesures de la loi EGAlim"] == expected["Loi EGAlim : note aux adhérents"]
    assert len({file for files in expected.values() for file in files}) == 24


@pytest.mark.parametrize("layout", LAYOUTS[1:], ids=lambda layout: layout.__name__)
def test_every_layout_gives_the_same(
    tmp_path: Path, layout: Callable[[Archive, Path], None], pages: Path, texts: Path, expected: dict[str, list[str]]
) -> None:
    archive = Archive(tmp_path)
    assert played(archive, layout, pages, texts) == expected
    with archive.engine() as engine:
        client = create_app(archive.settings, engine).test_client()
        for fact in of("colonnes"):
            for above, below in ends_of_lines(fact)[:3]:
                answer = client.get("/api/v1/search", query_string={"q": f'"{above} {below}"'}).get_json()
                assert fact.page in [page["page"] for hit in answer["hits"] for page in hit["pages"]], (above, below)


def ends_of_lines(fact: Fact) -> list[tuple[str, str]]:
    """Return, for each two neighbouring lines in a column of the fact's page, the last words of the upper line and the
    first words of the lower one. Lines are placed by their coordinates in the PDF, not by drawing order.
    """
    text = pypdfium2.PdfDocument(MATERIAL / fact.file)[fact.page - 1].get_textpage()
    whole = text.get_text_range()
    lines: list[tuple[float, float, float, float]] = []
    for number in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(number)
        if lines and abs(lines[-1][1] - bottom) < 3 and -3 < left - lines[-1][2] < 8:
            one = lines.pop()
            left, bottom, top = one[0], min(one[1], bottom), max(one[3], top)
        lines.append((left, bottom, right, top))
    found = []
    for left, bottom, right, top in lines:
        height = top - bottom
        below = [
            other
            for other in lines
            if 0 < bottom - other[1] < 1.8 * height
            and abs(other[0] - left) < 2
            and abs(other[3] - other[1] - height) < 2
        ]
        if len(below) == 1:
            words, first = (text.get_text_bounded(*box).split() for box in ((left, bottom, right, top), below[0]))
            if min(len(words), len(first)) >= 4 and not re.search(f"{re.escape(words[-1])}[-\x02\ufffe]", whole):
                found.append((words[-3:], first[:3]))
    # Words that the end of a line cuts are facts of their own, and leaders of tables of contents are no words.
    return [
        (" ".join(above), " ".join(first)) for above, first in found if all(map(_A_WORD.fullmatch, (*above, *first)))
    ]


_A_WORD = re.compile(r"[^\W\d_]+[’'.,;:]?(?:[^\W\d_]+)?[.,;:]?")


@pytest.mark.parametrize("fact", of("colonnes"), ids=named)
def test_columns_are_read_one_after_the_other(read: Read, fact: Fact) -> None:
    joints = ends_of_lines(fact)
    assert joints
    text = bare(read.page(fact.file, fact.page).text)
    for above, below in joints:
        assert bare(above) + bare(below) in text
        assert fact.page in [hit.page for hit in read.answers(fact.file, f'"{above} {below}"')], (above, below)


# All files in one archive, the awkward ones too


def import_all(folder: Path) -> tuple[ImportReport, IndexReport]:
    """Import every sample file into an archive in a folder, with a page for each, and index them."""
    archive = Archive(folder)
    for path in (*(MATERIAL / "fichiers").iterdir(), *(MATERIAL / "difficiles").iterdir()):
        shutil.copy(path, archive.pages)
        archive.write(f"{path.name}.html", page_of(path.name))
    return archive.import_(), archive.index()


class Read:
    """An archive that has imported and indexed every sample file, one resource each; its documents by file name."""

    def __init__(self, archive: Archive, imported: ImportReport, indexed: IndexReport) -> None:
        self.imported, self.indexed = imported, indexed
        self.archive, self.pages_imported = archive, archive.resources()
        self.ids = {one.title: one.id for one in self.pages_imported.values()}
        self._texts = CachedPageTexts(archive.settings.index / PUBLICATION_CACHE)
        self.documents: Mapping[str, PublishedDocument] = {
            document.name: document for one in self.pages_imported.values() for document in one.documents
        }

    def page(self, file: str, number: int) -> Page:
        found = self._texts.page(self.documents[Path(file).name].text, number)
        assert found is not None
        return found

    def answers(self, file: str, query: str) -> tuple[PageHit, ...]:
        """Return the pages of a file that visitors find with a query."""
        with self.archive.engine() as engine:
            return engine.pages(self.ids[f"Fiche {Path(file).name}"], query, audience=Audience.VISITOR)

    def text(self, file: str) -> str:
        document = self.documents[Path(file).name]
        return "\n".join(self.page(file, number + 1).text for number in range(document.pages))

    def reasons(self) -> dict[str, str]:
        entries = (*self.imported.set_aside, *self.indexed.set_aside)
        return {Path(entry.path).name: entry.reason for entry in entries}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    if not ALL:
        pytest.skip(MISSING)
    folder, reports = built_once(tmp_path_factory, "every-file", import_all)
    return Read(Archive(folder), *reports)


def test_one_import_takes_all_files_and_loses_no_page(read: Read) -> None:
    assert len(read.pages_imported) == 24 + 12
    assert read.imported.publications == 24 + 11
    assert set(read.reasons()) == {
        "html-nomme-pdf.pdf",
        "mot-de-passe.pdf",
        "sans-tounicode.pdf",
        "scan-seul.pdf",
        "tronque-70.pdf",
    }


REASONS = {
    "page d’erreur ou HTML sous un nom de PDF": "page HTML",
    "mot de passe": "mot de passe",
    "abîmé": "abîmé",
    "texte illisible (aucun mot français) : pas indexé": "texte illisible",
    "sans texte : image seule, reconnaissance proposée": "sans texte",
    "page sans texte": "la page 2 est sans texte",
}


@pytest.mark.parametrize("fact", of("mis_de_cote", "averti"), ids=named)
def test_reasons(read: Read, fact) -> None:
    name = Path(fact.file).name
    warned = [notice.message for notice in read.indexed.warnings if name in notice.message]
    said = read.reasons().get(name) or " ".join(warned)
    assert REASONS[fact.text] in said


@pytest.mark.parametrize("fact", of("pages", "etiquette", "vide"), ids=named)
def test_pages_and_labels(read: Read, fact) -> None:
    document = read.documents[Path(fact.file).name]
    if fact.kind == "pages":
        assert document.pages == int(fact.text)
    elif fact.kind == "etiquette":
        assert document.labels[fact.page - 1] == fact.text
    else:
        assert fact.page in document.empty_pages


@pytest.mark.parametrize("fact", [fact for fact in of("phrase", "ligature") if fact.page], ids=named)
def test_phrases(read: Read, fact) -> None:
    assert bare(fact.text) in bare(read.page(fact.file, fact.page).text)


@pytest.mark.parametrize(
    "fact", [fact for fact in of("lu") if "(" not in fact.text and "suivies" not in fact.text], ids=named
)
def test_what_is_read_of_awkward_files(read: Read, fact) -> None:
    text = (
        read.text(fact.file)
        if fact.page is None or fact.file.endswith(".docx")
        else read.page(fact.file, fact.page).text
    )
    assert bare(unicodedata.normalize("NFC", fact.text)) in bare(text)


# Searched


@pytest.mark.parametrize("fact", [fact for fact in of("phrase", "ligature", "lu") if fact.page], ids=named)
def test_what_stands_on_a_page_is_found_there(read: Read, fact) -> None:
    if fact.file.endswith(".docx"):
        assert read.answers(fact.file, fact.text)
        return
    # A phrase that the facts quote across a header or a word's cut is found by its words.
    text = fact.text.replace('"', " ").replace("\u2010 ", "")
    found = read.answers(fact.file, f'"{text}"') or read.answers(fact.file, text)
    assert fact.page in [hit.page for hit in found]


@pytest.mark.parametrize("fact", of("coupe", "trait"), ids=named)
def test_words_at_the_ends_of_lines_are_found_whole(read: Read, fact) -> None:
    assert fact.page in [hit.page for hit in read.answers(fact.file, fact.text.replace("|", ""))]


@pytest.mark.parametrize("fact", of("entete"), ids=named)
def test_no_passage_shows_a_running_line(read: Read, fact) -> None:
    header = re.sub(r"[\d#]+", " ", fact.text.rpartition(" (")[0])
    found = read.answers(fact.file, header)
    assert found
    passages = [bare("".join(piece.text for piece in hit.snippet)) for hit in found]
    assert sum(bare(header) in passage for passage in passages) <= 1  # the title page may say the same


# Scans


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract n’est pas installé")
@pytest.mark.skipif(not ALL, reason=MISSING)
def test_scans_are_found_once_their_text_is_recognised(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    names = ("scan-seul.pdf", "mixte-texte-et-scan.pdf", "sans-tounicode.pdf")
    for name in names:
        shutil.copy(MATERIAL / "difficiles" / name, archive.pages)
        archive.write(f"{name}.html", page_of(name))
    archive.import_()
    archive.index()
    # The same pages with their text: what is read of these must be found in the scans of them.
    whole = read_publication(MATERIAL / "difficiles" / "chiffre-proprietaire-aes256.pdf")
    recognise_scans(archive.settings, find_tesseract(), progress=Silent())
    assert archive.index().set_aside == ()
    ids = archive.ids()
    documents = {one.name: one for resource in archive.resources().values() for one in resource.documents}
    assert documents["mixte-texte-et-scan.pdf"].recognised_pages == (2,)
    texts = CachedPageTexts(archive.settings.index / PUBLICATION_CACHE)
    with archive.engine() as engine:
        for name in names:
            document = documents[name]
            assert (document.status, document.reason) == ("read", "")
            for number in document.recognised_pages:
                seen = texts.page(document.text, number)
                assert seen is not None
                wanted, got = words_of(whole.pages[number - 1].text), words_of(seen.text)
                assert len(wanted & got) >= 0.95 * len(wanted)
            (hit, *_) = engine.pages(
                ids[f"Fiche {name}"], '"restructuration de son service"', audience=Audience.VISITOR
            )
            assert hit.page == 2


def words_of(text: str) -> set[str]:
    return {bare(word) for word in re.findall(r"\w{3,}", text)}
