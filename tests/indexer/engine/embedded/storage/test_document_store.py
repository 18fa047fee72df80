"""The document store contains the same postings as the segments' arrays, and an unmodified Whoosh can search it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from whoosh.index import open_dir
from whoosh.qparser import QueryParser
from whoosh.query import Phrase, Query

from indexer.analysis import Analyzer
from indexer.engine.embedded import EmbeddedEngine, Generations
from indexer.engine.embedded.kernels.layout import FIELD_SHIFT
from indexer.engine.embedded.storage.arrays import open_array
from indexer.engine.embedded.storage.document_store import DocumentStoreReader
from indexer.engine.embedded.storage.segment import open_segment
from indexer.engine.embedded.write import merge_policy, shard
from indexer.query import TextField
from indexer.resource import Resource
from tests.support.engines import fill, private, resource
from tests.support.scoring_by_definition import Document

pytestmark = pytest.mark.slow

Postings = dict[tuple[str, TextField, str], tuple[int, ...]]
"""Positions by term, field and resource."""

WORDS = "loi marché marche élu·e·s tiers-lieux co-construction économie l’économie SCIC S.C.I.C. été le de 2014".split()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def engine(folder: Path, analyzer: Analyzer) -> Iterator[EmbeddedEngine]:
    with closing(EmbeddedEngine(folder, analyzer)) as engine:
        yield engine


def newest(folder: Path) -> Path:
    generations = Generations(folder)
    current = generations.current()
    assert current is not None
    return generations.path(current)


def records_of(folder: Path, *, is_private: bool) -> list[Path]:
    """Return the folders of the document stores of one half (public or private)."""
    generation = newest(folder)
    entries = Generations(folder).manifest(generation.name).records
    return [generation / "records" / entry.name for entry in entries if entry.private is is_private]


def hits_of(folder: Path, query: Query | str) -> list[str]:
    """Return the ids that an unmodified Whoosh finds in the public document stores."""
    found = []
    for record in records_of(folder, is_private=False):
        index = open_dir(str(record))
        with closing(index), index.searcher() as searcher:
            asked = QueryParser("body", index.schema).parse(query) if isinstance(query, str) else query
            found += [hit["id"] for hit in searcher.search(asked)]
    return found


def in_arrays(folder: Path, *, is_private: bool) -> Postings:
    """Return all postings of the segments of one half of the index (public or private)."""
    generation = newest(folder)
    postings: Postings = {}
    for entry in Generations(folder).manifest(generation.name).segments:
        if entry.private is not is_private:
            continue
        segment = open_segment(generation / "segments" / entry.name)
        live = [True] * segment.size if entry.live is None else open_array(generation / "segments", entry.live)
        for number, term in enumerate(segment.terms):
            for row in range(int(segment.term_postings[number]), int(segment.term_postings[number + 1])):
                doc = int(segment.posting_docs[row])
                if not live[doc]:
                    continue
                first, last = int(segment.posting_positions[row]), int(segment.posting_positions[row + 1])
                by_field: dict[TextField, list[int]] = {}
                for place in segment.positions[first:last].tolist():
                    field, word = TextField(place >> FIELD_SHIFT), place & ((1 << FIELD_SHIFT) - 1)
                    by_field.setdefault(field, []).append(word)
                assert segment.posting_fields[row] == sum(1 << field for field in by_field)
                for field, words in by_field.items():
                    key = (term, field, segment.ids[doc])
                    assert key not in postings, "one live document an id"
                    postings[key] = tuple(words)
    return postings


def in_record(folder: Path, *, is_private: bool) -> Postings:
    """Return all postings of the document stores of one half of the index (public or private)."""
    postings: Postings = {}
    for path in records_of(folder, is_private=is_private):
        with closing(DocumentStoreReader(path)) as record:
            for field, term in record.terms():
                for resource_id, words in record.occurrences(field, term):
                    assert (term, field, resource_id) not in postings, "one live document an id"
                    postings[term, field, resource_id] = words
    return postings


def expected(resources: dict[str, Resource], analyzer: Analyzer, *, is_private: bool) -> Postings:
    postings: dict[tuple[str, TextField, str], list[int]] = {}
    for each in resources.values():
        if each.private is is_private:
            for name, tokens in Document(each, analyzer).tokens.items():
                for place, token in enumerate(tokens):
                    for term in token.word.terms:
                        postings.setdefault((term, TextField[name.upper()], each.id), []).append(place)
    return {key: tuple(places) for key, places in postings.items()}


@pytest.mark.parametrize("seed", range(4))
def test_record_and_arrays_hold_the_same_postings(
    engine: EmbeddedEngine, folder: Path, analyzer: Analyzer, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard, "FLUSH_TOKENS", 60)
    monkeypatch.setattr(shard, "FULL_STORE", 2)
    monkeypatch.setattr(merge_policy, "MAX_SEGMENTS", 2)
    chance = random.Random(seed)
    held: dict[str, Resource] = {}

    def text() -> str:
        return " ".join(chance.choices(WORDS, k=12))

    for _ in range(5):
        with engine.writer(fresh=False) as writer:
            for number in chance.choices(range(12), k=6):
                make = chance.choice((resource, private))
                new = make(text(), text(), id=f"r{number}", summary=text(), type="Fiche", themes=(text(), text()))
                writer.put(new)
                held[new.id] = new
            gone = f"r{chance.randrange(12)}"
            writer.remove(gone)
            held.pop(gone, None)
        for is_private in (False, True):
            wanted = expected(held, analyzer, is_private=is_private)
            assert in_arrays(folder, is_private=is_private) == wanted
            assert in_record(folder, is_private=is_private) == wanted


def test_record_gives_back_the_resource(engine: EmbeddedEngine, folder: Path) -> None:
    public, secret = resource("Loi ESS", "Un texte", id="a"), private("Note", id="b")
    fill(engine, public, secret)
    for is_private, kept in ((False, public), (True, secret)):
        (path,) = records_of(folder, is_private=is_private)
        with closing(DocumentStoreReader(path)) as record:
            assert record.resource(0) == kept


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("marche", {"a"}),
        ("MARCHÉ samedi", {"a"}),
        ("élue", {"b"}),
        ("title:loi", {"b"}),
        ("title:marché", set()),
        ("year:2014", {"b"}),
        ("theme:eau", {"a"}),
        ("secret", set()),
        ("marché OR élus", {"a", "b"}),
    ],
)
def test_stock_whoosh_searches_the_record(engine: EmbeddedEngine, folder: Path, query: str, found: set[str]) -> None:
    fill(
        engine,
        resource("Ville", "Le marché du samedi", id="a", themes=("Eau",)),
        resource("Loi de 2014", "Les élu·e·s", id="b", year=2014),
        private("Secret", "marché secret", id="c"),
    )
    fill(engine, resource("Ville", "Le marché du samedi, encore", id="a", themes=("Eau",)))
    assert set(hits_of(folder, query)) == found


@pytest.mark.parametrize(("words", "found"), [("marché du samedi", ["a"]), ("samedi du marché", [])])
def test_stock_whoosh_finds_phrases(
    engine: EmbeddedEngine, folder: Path, analyzer: Analyzer, words: str, found: list[str]
) -> None:
    fill(engine, resource("Ville", "Le marché du samedi", id="a"))
    phrase = Phrase("body", [token.word.terms[0] for token in analyzer.tokens(words)])
    assert hits_of(folder, phrase) == found


def test_a_store_of_an_earlier_version_has_no_shapes(
    engine: EmbeddedEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shaped = resource("Loi", "Un titre\n\nUn texte.", body_shape="[1,[],[[2,0,8],[0,2,9]]]")
    fill(engine, shaped)
    (records,) = records_of(folder, is_private=False)
    with closing(DocumentStoreReader(records)) as store:
        assert store.resource(0) == shaped
        stored = store._stored(0)
        assert "shape" not in stored["resource"]
        del stored["shapes"]
        monkeypatch.setattr(store, "_stored", lambda row: stored)
        assert store.resource(0) == replace(shaped, body_shape=None)
