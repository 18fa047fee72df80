"""What is read from real French documents, and from awkward ones, agrees with facts that people noted about them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.analysis import default_analyzer
from indexer.publications import MAYBE_HYPHEN, Publication, Status, read_publication
from indexer.query.page_tokens import tokens_of
from tests.support.places import SHARED
from tests.support.shared import built_once

pytestmark = pytest.mark.slow

FACTS = SHARED / "publications" / "faits.tsv"
MISSING = "les publications d’essai ne sont pas à côté de ce dossier"


@dataclass(frozen=True)
class Fact:
    file: str
    page: int | None
    kind: str
    text: str


def facts() -> list[Fact]:
    if not FACTS.exists():
        return []
    lines = [line.split("\t") for line in FACTS.read_text("utf-8").splitlines()[1:] if line]
    return [Fact(file, int(page) if page else None, kind, text) for file, page, kind, text in lines]


ALL = facts()


def of(*kinds: str) -> list[Fact]:
    return [fact for fact in ALL if fact.kind in kinds]


def named(fact: Fact) -> str:
    return f"{Path(fact.file).name}-{fact.page}-{fact.text[:30]}"


def read_all(_: Path) -> dict[str, Publication]:
    """Return what is read of each file that facts were noted about, by its path in the folder of publications."""
    files = sorted({fact.file for fact in ALL})
    with ThreadPoolExecutor(2) as pool:
        read = pool.map(lambda file: read_publication(SHARED / "publications" / file), files)
        return dict(zip(files, read, strict=True))


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Publication]:
    if not ALL:
        pytest.skip(MISSING)
    return built_once(tmp_path_factory, "publications", read_all)[1]


def bare(text: str) -> str:
    """Return a text in lower case without spaces, hyphens and apostrophes, on which facts do not depend."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub("[\\s\u00ad\u2010\u2011\u2012\\-'’‘`´]", "", text)


def words(document: Publication, page: int) -> set[str]:
    """Return all terms under which the page with a number is found."""
    return {term for token in tokens_of(document.pages[page - 1], default_analyzer()) for term in token.word.terms}


def asked(text: str) -> list[set[str]]:
    return [set(token.word.asked) for token in default_analyzer().tokens(text)]


def test_material_is_complete(documents: Mapping[str, Publication]) -> None:
    assert len(documents) == 30
    assert len(ALL) > 170


@pytest.mark.parametrize("fact", of("pages"), ids=named)
def test_pages(documents: Mapping[str, Publication], fact: Fact) -> None:
    assert len(documents[fact.file].pages) == int(fact.text)


AGAIN = {("fichiers/developers-reference.pdf", 5): 67, ("fichiers/guide-juridique.pdf", 2): 7}
"""By file and page of a table of contents: the number of another page that repeats its sentence."""


@pytest.mark.parametrize("fact", of("phrase"), ids=named)
def test_phrases(documents: Mapping[str, Publication], fact: Fact) -> None:
    holding = [page.number for page in documents[fact.file].pages if bare(fact.text) in bare(page.text)]
    assert [page for page in holding if page != AGAIN.get((fact.file, fact.page))] == [fact.page]


@pytest.mark.parametrize("fact", of("coupe"), ids=named)
def test_cut_words(documents: Mapping[str, Publication], fact: Fact) -> None:
    assert fact.page is not None
    found = words(documents[fact.file], fact.page)
    (one,) = asked(fact.text.replace("|", ""))
    assert one & found


@pytest.mark.parametrize("fact", of("trait"), ids=named)
def test_true_hyphens(documents: Mapping[str, Publication], fact: Fact) -> None:
    assert fact.page is not None
    found = words(documents[fact.file], fact.page)
    assert all(one & found for one in asked(fact.text))
    written = documents[fact.file].pages[fact.page - 1].text.replace(MAYBE_HYPHEN, "-").casefold()
    assert fact.text in written


@pytest.mark.parametrize("fact", of("ligature"), ids=named)
def test_ligatures(documents: Mapping[str, Publication], fact: Fact) -> None:
    assert fact.page is not None
    assert fact.text in documents[fact.file].pages[fact.page - 1].text


@pytest.mark.parametrize("fact", of("etiquette"), ids=named)
def test_labels(documents: Mapping[str, Publication], fact: Fact) -> None:
    assert fact.page is not None
    assert documents[fact.file].pages[fact.page - 1].label == fact.text


@pytest.mark.parametrize("fact", of("entete"), ids=named)
def test_running_lines_make_no_snippet(documents: Mapping[str, Publication], fact: Fact) -> None:
    line, _, on, _, of_all, _ = re.fullmatch(r"(.*) (\()(\d+) (pages sur) (\d+)(\))", fact.text).groups()
    wanted = bare(re.sub(r"[\d#]+", "", line))
    document = documents[fact.file]
    assert len(document.pages) == int(of_all)
    marked = in_body = 0
    for page in document.pages:
        running = bare(re.sub(r"\d+", "", "".join(page.text[start:end] for start, end in page.running)))
        body = bare(re.sub(r"\d+", "", "".join(page.text[start:end] for start, end in page.body)))
        marked += without_roman(wanted) in without_roman(running)
        in_body += wanted in body
    assert marked >= int(on)
    assert in_body <= 1  # the title page may say the same


def without_roman(text: str) -> str:
    return text.replace("/", "")


@pytest.mark.parametrize("fact", of("vide"), ids=named)
def test_empty_pages(documents: Mapping[str, Publication], fact: Fact) -> None:
    document = documents[fact.file]
    assert fact.page in document.empty_pages
    assert len(document.empty_pages) == int(fact.text.split()[0])


AWKWARD = {
    "cesures.pdf": (Status.READ, ""),
    "chiffre-proprietaire-aes256.pdf": (Status.READ, ""),
    "etiquettes.pdf": (Status.READ, ""),
    "html-nomme-pdf.pdf": (Status.OTHER_TYPE, "HTML"),
    "mixte-texte-et-scan.pdf": (Status.READ, "sans texte"),
    "mot-de-passe.pdf": (Status.PASSWORD, "mot de passe"),
    "page-vide-au-milieu.pdf": (Status.READ, "la page 2 est sans texte"),
    "quatre-diapos.pptx": (Status.READ, ""),
    "sans-tounicode.pdf": (Status.UNREADABLE, "illisible"),
    "scan-seul.pdf": (Status.NO_TEXT, "sans texte"),
    "trois-pages.docx": (Status.READ, ""),
    "tronque-70.pdf": (Status.DAMAGED, "abîmé"),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_files(documents: Mapping[str, Publication], name: str) -> None:
    status, reason = AWKWARD[name]
    document = documents[f"difficiles/{name}"]
    assert document.status is status
    assert reason in document.reason
    assert bool(document.reason) is bool(reason)


@pytest.mark.parametrize(
    "fact", [fact for fact in of("lu") if not fact.text.startswith(("césures", "monnaie"))], ids=named
)
def test_awkward_files_are_read(documents: Mapping[str, Publication], fact: Fact) -> None:
    pages = documents[fact.file].pages
    place = fact.page if fact.page is not None and fact.page <= len(pages) else 1  # a DOCX is one page
    assert bare(fact.text) in bare(pages[place - 1].text)


def test_hyphens_of_browsers_only_cut(documents: Mapping[str, Publication]) -> None:
    text = "\n".join(page.text for page in documents["difficiles/cesures.pdf"].pages)
    assert "caution pour le locataire" in text
    assert "\u2010" not in text
    assert MAYBE_HYPHEN not in text
