"""An index that an earlier version of the program wrote answers searches until the next run rebuilds it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from indexer.analysis import Analyzer
from indexer.engine.embedded import EmbeddedEngine, Generations
from indexer.engine.embedded.read.filters import ranked_page, select
from indexer.engine.embedded.read.precomputed import open_precomputed
from indexer.engine.embedded.read.searcher import Searcher
from indexer.engine.embedded.storage.arrays import open_array, save_array
from indexer.engine.embedded.storage.earlier_segment import ADDED, OWN
from indexer.engine.embedded.storage.segment import Segment, open_segment
from indexer.engine.embedded.storage.string_table import StringTable
from indexer.query import SearchRequest, Sort
from indexer.resource import Audience
from tests.support.engines import fill, resource


@pytest.fixture
def generation(tmp_path: Path, analyzer: Analyzer) -> Path:
    """The folder of a generation (state of the index) without publications, as the current version writes it."""
    engine = EmbeddedEngine(tmp_path / "index", analyzer)
    fill(engine, resource("Loi ESS", "La loi du marché.", id="a"), resource("Ville", "Un marché, un pré.", id="b"))
    engine.close()
    generations = Generations(tmp_path / "index")
    current = generations.current()
    assert current is not None
    return generations.path(current)


def of_version_6(folder: Path, earlier: Path) -> None:
    """Write a copy of the segment in `folder` to `earlier` as version 6 did: short positions, five fields, no pages."""
    earlier.mkdir()
    for file in folder.iterdir():
        if file.name.split(".")[0] not in ADDED:
            (earlier / file.name).write_bytes(file.read_bytes())
    positions = open_array(folder, "positions")
    save_array(earlier, "positions", positions >> 29 << 17 | positions & np.uint32((1 << 17) - 1))
    for name in ("norms", "field_lengths"):
        save_array(earlier, name, np.ascontiguousarray(open_array(folder, name)[:, :5]))


def test_a_segment_whose_prominent_terms_are_text_is_read_as_one_without_any(generation: Path, tmp_path: Path) -> None:
    (folder,) = (path for path in (generation / "segments").iterdir() if path.is_dir())
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    for file in folder.iterdir():
        if file.name.split(".")[0] not in OWN:
            (earlier / file.name).write_bytes(file.read_bytes())
    wanted, given = open_segment(folder), open_segment(earlier)
    assert wanted.own_offsets.tolist() == [0, 2, 5]
    assert given.own_offsets.tolist() == [0, 0, 0]
    for name in OWN - {"own_offsets"}:
        held = getattr(given, name)
        assert (len(held), held.dtype) == (0, getattr(wanted, name).dtype)
    assert given.posting_docs.tolist() == wanted.posting_docs.tolist()


def test_without_numbers_of_terms_feedback_gains_nothing(generation: Path) -> None:
    (folder,) = (path for path in (generation / "segments").iterdir() if path.is_dir())
    world = generation / "worlds" / "visitors"

    def scores() -> list[float]:
        searcher = Searcher([(open_segment(folder), None)], 1, open_precomputed(world))
        docs = searcher.all_docs
        selection = select(docs, np.ones(len(docs), dtype=np.float32), SearchRequest(Audience.VISITOR), searcher)
        return [score for _, score in ranked_page(selection, Sort.RELEVANCE, 0, 9, searcher, plain=True)]

    assert max(scores()) > 1
    for file in world.glob("term_*"):
        file.unlink()
    assert scores() == [1, 1]


def test_its_segments_are_read_as_ones_without_publications(generation: Path, tmp_path: Path) -> None:
    (folder,) = (path for path in (generation / "segments").iterdir() if path.is_dir())
    of_version_6(folder, tmp_path / "earlier")
    wanted, given = open_segment(folder), open_segment(tmp_path / "earlier")
    for one in fields(Segment):
        left, right = getattr(wanted, one.name), getattr(given, one.name)
        if isinstance(left, StringTable):
            assert list(left) == list(right), one.name
        elif one.name == "norms":  # the norm of a field without words is never read
            assert left[:, :5].tolist() == right[:, :5].tolist()
            assert left.shape == right.shape
        else:
            assert (left.tolist(), left.dtype) == (right.tolist(), right.dtype), one.name


def test_it_completes_nothing_and_has_no_pages(generation: Path) -> None:
    folder = generation / "worlds" / "visitors"
    assert open_precomputed(folder).completer.complete("march", 5) or open_precomputed(folder).completer.complete(
        "loi", 5
    )
    for file in [*folder.glob("page_*"), *folder.glob("completed_*")]:
        file.unlink()
    opened = open_precomputed(folder)
    assert opened.completer.complete("loi", 5) == ()
    assert len(opened.pages.keys) == 0
