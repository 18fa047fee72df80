"""Two thousand damaged pages, exports and zips: every run ends, bad files are reported, good ones are found."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from indexer.analysis.analyzer import default_analyzer
from indexer.corpus.page_cache import FAULT
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.pipeline.importing import ImportReport, import_paths
from indexer.pipeline.indexing import IndexReport, index_corpus
from indexer.progress import Silent
from indexer.query.request import SearchRequest
from indexer.resource import Audience
from indexer.settings import Settings
from tests.support.mutants import an_export, good_page, mutant, originals, rotten_entry, zip_of

PAGES, EXPORTS, ROTTEN_ENTRIES, ROTTEN_ZIPS = 1500, 200, 100, 200
GOOD = 60
pytestmark = pytest.mark.slow
SEED = 2026


@dataclass
class Run:
    """The reports of importing and indexing the files, the engine, the files, and a word of each good page."""

    report: ImportReport
    index: IndexReport
    engine: EmbeddedEngine
    files: list[Path] = field(default_factory=list)
    zips: list[Path] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def word(number: int) -> str:
    letters = string.ascii_lowercase
    return "temoin" + "".join(letters[number // 26**place % 26] for place in range(3)) + "zk"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    place, rng = tmp_path_factory.mktemp("mutants"), random.Random(SEED)
    pages, zips = place / "pages", place / "zips"
    pages.mkdir()
    zips.mkdir()
    files, packed, words, bases = [], [], [], originals()

    def write(path: Path, raw: bytes) -> Path:
        path.write_bytes(raw)
        return path

    files += [write(pages / f"page-{n}.html", mutant(rng.choice(bases), rng)) for n in range(PAGES)]
    files += [write(pages / f"export-{n}.txt", mutant(an_export(rng), rng)) for n in range(EXPORTS)]
    for number in range(GOOD):
        words.append(word(number))
        files.append(write(pages / f"bonne-{number}.html", good_page(words[-1])))
    for number in range(ROTTEN_ENTRIES):
        words.append(word(GOOD + number))
        entries = {"mauvaise.html": rng.choice(bases), "bonne.html": good_page(words[-1])}
        packed.append(write(zips / f"entree-{number}.zip", rotten_entry(zip_of(entries), rng)))
    for number in range(ROTTEN_ZIPS):
        entries = {f"page-{n}.html": rng.choice(bases) for n in range(2)}
        packed.append(write(zips / f"zip-{number}.zip", mutant(zip_of(entries), rng)))

    settings = Settings(corpus=place / "corpus", index=place / "index", data=place / "data")
    engine = EmbeddedEngine(settings.index, default_analyzer())
    report = import_paths(settings, [pages, *packed], theme=None, progress=Silent(), engine=engine)
    index = index_corpus(settings, engine, full=True, progress=Silent())
    yield Run(report, index, engine, files, packed, words)
    engine.close()


def test_every_file_is_accounted_for(run: Run) -> None:
    """Every file is imported, set aside or refused; a second copy of the same bytes counts as unchanged."""
    report, bad = run.report, {entry.path for entry in run.report.set_aside}
    assert len(run.files) + len(run.zips) == PAGES + EXPORTS + GOOD + ROTTEN_ENTRIES + ROTTEN_ZIPS
    single = [path for path in run.files if str(path) in bad]
    assert report.imported + report.unchanged >= len(run.files) - len(single)
    assert 50 < len(single) < PAGES


def test_every_reason_is_a_sentence(run: Run) -> None:
    for entry in run.report.set_aside:
        assert entry.path
        assert len(entry.reason) > 10
        assert not entry.reason.startswith(FAULT), entry.path
        assert not any(english in entry.reason for english in ("Traceback", "object", "codec", "invalid"))
    for failure in run.report.failures:
        assert "n’est pas un zip lisible" in failure


def test_nothing_that_imports_fails_to_be_indexed(run: Run) -> None:
    assert run.index.set_aside == ()
    assert run.index.resources > 400


def test_rotten_entries_are_told_one_by_one(run: Run) -> None:
    told = {entry.path for entry in run.report.set_aside}
    rotten = [path for path in run.zips if path.name.startswith("entree-")]
    assert all(f"{path}/mauvaise.html" in told for path in rotten)


def test_every_good_page_is_found(run: Run) -> None:
    for word in run.words:
        response = run.engine.search(SearchRequest(Audience.VISITOR, word, snippets=False))
        assert [hit.title for hit in response.hits] == [f"Page {word}"], word


def test_the_index_is_whole(run: Run) -> None:
    assert run.engine.check() == []
