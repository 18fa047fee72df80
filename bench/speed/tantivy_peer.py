"""tantivy, tuned: one segment, the same three fields and boosts, fast fields, its own aggregations for the facets."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.speed.base import FACETS, Answer, Kind, Query
from bench.speed.feed import FIELDS, Fed, encode

library: Any
try:
    import tantivy as library
except ImportError:  # the benchmark reports this and continues without tantivy
    library = None

_WEIGHTS = {"title": 2.0, "summary": 1.0, "body": 1.0}
_MOST_VALUES = 200
_HEAP = 1_000_000_000


def available() -> bool:
    """Return whether tantivy is installed."""
    return library is not None


def _schema() -> Any:
    schema = library.SchemaBuilder()
    for name in FIELDS:
        schema.add_text_field(name, tokenizer_name="words")
    schema.add_text_field("forms", tokenizer_name="words", index_option="freq")
    schema.add_text_field("shown", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("type", "theme"):
        schema.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("year", "private"):
        schema.add_unsigned_field(name, indexed=True, fast=True)
    return schema.build()


def open_index(path: Path, schema: Any) -> Any:
    """Return the index in a folder, which is created if there is none. Texts are analysed before they are added, so the
    tokenizer only splits at spaces.
    """
    index = library.Index(schema, path=str(path), reuse=True)
    index.register_tokenizer("words", library.TextAnalyzerBuilder(library.Tokenizer.whitespace()).build())
    return index


class TantivyWriter:
    """Writes the index that `TantivyPeer` reads.

    Args:
        folder: folder of the index; an existing one is replaced.
    """

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        # One thread with much memory gives the fewest segments, which are searched fastest.
        self._writer = open_index(folder, _schema()).writer(heap_size=_HEAP, num_threads=1)

    def add(self, fed: Fed) -> None:
        """Add a page."""
        r = fed.resource
        document = library.Document()
        for name, text in zip((*FIELDS, "forms"), (*fed.texts, fed.forms), strict=True):
            document.add_text(name, text)
        document.add_text("shown", r.title)
        document.add_text("type", r.type or "none")
        for theme in r.themes or ("none",):
            document.add_text("theme", theme)
        document.add_unsigned("year", r.year or 0)
        document.add_unsigned("private", int(r.private))
        self._writer.add_document(document)

    def finish(self) -> None:
        """Commit, and wait for merges."""
        self._writer.commit()
        self._writer.wait_merging_threads()


class TantivyPeer:
    """A `Contestant` that runs the queries with tantivy, over the same terms."""

    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        self._index = open_index(folder, _schema())
        self._schema = self._index.schema
        self._index.reload()
        self._searcher = self._index.searcher()
        self._counts = {
            name: {"terms": {"field": name, "size": _MOST_VALUES, "segment_size": _MOST_VALUES}} for name in FACETS
        }

    @property
    def segments(self) -> int:
        """Number of segments of the index."""
        return int(self._searcher.num_segments)

    def search(self, query: Query, /) -> Answer:
        """Answer a query: find the ten best hits and the total in one pass, and count facets in another; if filters are
        set, in three others.
        """
        asked = self._query(query)
        if query.type is None or query.year is None:
            under, counted = asked, self._searcher.aggregate(asked, self._counts)
        else:
            of_type = library.Query.term_query(self._schema, "type", query.type, "basic")
            of_year = library.Query.term_query(self._schema, "year", query.year)
            under = self._filtered(asked, of_type, of_year)
            counted = {
                **self._searcher.aggregate(under, {name: self._counts[name] for name in ("theme", "private")}),
                **self._searcher.aggregate(self._filtered(asked, of_year), {"type": self._counts["type"]}),
                **self._searcher.aggregate(self._filtered(asked, of_type), {"year": self._counts["year"]}),
            }
        found = self._searcher.search(under, 10, count=True)
        titles = tuple(self._searcher.doc(address).get_first("shown") for _, address in found.hits)
        facets: Mapping[str, Mapping[str, int]] = {
            "type": {b["key"]: b["doc_count"] for b in counted["type"]["buckets"]},
            "theme": {b["key"]: b["doc_count"] for b in counted["theme"]["buckets"]},
            "year": {str(int(b["key"])) if b["key"] else "none": b["doc_count"] for b in counted["year"]["buckets"]},
            "private": {"oui" if b["key"] else "non": b["doc_count"] for b in counted["private"]["buckets"]},
        }
        return Answer(titles, int(found.count or 0), facets)

    def _filtered(self, asked: Any, *filters: Any) -> Any:
        must = library.Occur.Must
        return library.Query.boolean_query(
            [(must, asked), *((must, library.Query.const_score_query(each, 0.0)) for each in filters)]
        )

    def _query(self, query: Query) -> Any:
        terms = [encode(term) for term in query.terms]
        if query.kind is Kind.PREFIX:
            # Its prefix query stops at fifty forms; a regular expression is an automaton that matches all of them.
            return library.Query.regex_query(self._schema, "forms", f"{terms[0]}.*")
        if query.kind is Kind.PHRASE:
            return self._anywhere(lambda name: library.Query.phrase_query(self._schema, name, list(terms)))
        words = [self._anywhere(lambda name, t=term: library.Query.term_query(self._schema, name, t)) for term in terms]
        if len(words) == 1:
            return words[0]
        occur = library.Occur.Should if query.kind is Kind.ANY else library.Occur.Must
        return library.Query.boolean_query([(occur, word) for word in words])

    def _anywhere(self, make: Any) -> Any:
        parts = []
        for name in FIELDS:
            part, weight = make(name), _WEIGHTS[name]
            parts.append((library.Occur.Should, part if weight == 1.0 else library.Query.boost_query(part, weight)))
        return library.Query.boolean_query(parts)

    def answer(self, found: object, /) -> Answer:
        """Return the result of `search` unchanged, since it is in the common form already."""
        assert isinstance(found, Answer)
        return found

    def forget(self) -> None:
        """Do nothing: tantivy caches no answers."""

    def close(self) -> None:
        """Do nothing: files are released with the object."""
