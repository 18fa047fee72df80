"""SQLite FTS5 and tantivy with one row for each page; rows are grouped by resource when a query is answered.

Both store the index terms of a page as its text, since their passages need a text. The row of a resource's own texts is
its page 0. Words of a query must stand on one page: other engines cannot require that a resource has all of them on
different pages without a query for each word.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

from bench.speed.base import Kind, Query
from bench.speed.feed import Feeder, encode
from bench.speed.sqlite import table_and_expression
from bench.speed.tantivy_peer import library, open_index
from indexer.query.fields import AnalysedResource

BEST = 3
"""Number of best pages that are returned for each hit."""
_ROWS = 10_000
"""Number of rows reserved for each resource: the row of a page is ``resource * _ROWS + page``."""
_TUNING = "PRAGMA mmap_size = 8589934592; PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY;"
_HEAP = 1_000_000_000
_COLLECTED = 400
"""Number of best pages that tantivy collects, to find ten resources among them."""

Found = tuple[list[tuple[int, list[int], int]], int, dict[str, Counter[Any]]]
"""Ten resources, each with its best pages and the number of its rows that match; the number of all resources that
match; the facets.
"""


def rows(number: int, analysed: AnalysedResource, feeder: Feeder) -> list[tuple[int, str, str]]:
    """Return the rows of resource `number`, page 0 first: number of the row, encoded terms, encoded written forms."""
    texts = [(0, [token for field in analysed.fields for token in field.tokens])]
    texts += [(page.number, list(page.tokens)) for page in analysed.pages]
    made = []
    for page, tokens in texts:
        first, further = [], []
        forms: dict[str, None] = {}
        for token in tokens:
            own, others, written = feeder.encoded(token.word)
            first.append(own)
            further += others
            forms.update(dict.fromkeys(written))
        made.append((number * _ROWS + page, " ".join([*first, "qq", *further]), " ".join(forms)))
    return made


class _Facets:
    """Counts facets over resources, from a list of the resources that match."""

    def __init__(self, columns: list[tuple[str, int, bool, list[str]]]) -> None:
        self._columns = columns

    def count(self, resources: list[int], query: Query) -> tuple[int, dict[str, Counter[Any]]]:
        types, years, private, themes = Counter[str](), Counter[int](), Counter[bool](), Counter[str]()
        total = 0
        for number in resources:
            type, year, secret, named = self._columns[number]
            of_type = query.type is None or type == query.type
            of_year = query.year is None or year == query.year
            if of_year:
                types[type] += 1
            if of_type:
                years[year] += 1
            if of_type and of_year:
                total += 1
                private[secret] += 1
                themes.update(named)
        return total, {"type": types, "year": years, "private": private, "theme": themes}

    def passes(self, number: int, query: Query) -> bool:
        type, year, _, _ = self._columns[number]
        return (query.type is None or type == query.type) and (query.year is None or year == query.year)


class SqliteWriter:
    """Writes the SQLite index that `SqlitePages` reads."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(
            "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            + _TUNING
            + "CREATE VIRTUAL TABLE pages USING fts5(text, detail=full, tokenize='ascii');"
            "CREATE VIRTUAL TABLE forms USING fts5(form, content='', detail=none, tokenize='ascii', prefix='4 5 6');"
            "CREATE TABLE columns (number INTEGER PRIMARY KEY, held TEXT);"
        )
        self._db.execute("BEGIN")

    def add(self, number: int, columns: Any, made: list[tuple[int, str, str]]) -> None:
        """Add `made`, the rows of the resource with a number; `columns` are its type, year, privacy and themes."""
        self._db.execute("INSERT INTO columns VALUES (?, ?)", (number, json.dumps(columns)))
        self._db.executemany("INSERT INTO pages (rowid, text) VALUES (?, ?)", [row[:2] for row in made])
        self._db.executemany("INSERT INTO forms (rowid, form) VALUES (?, ?)", [(row[0], row[2]) for row in made])

    def finish(self) -> None:
        """Commit and merge."""
        self._db.execute("COMMIT")
        self._db.executescript(
            "INSERT INTO pages (pages) VALUES ('optimize'); INSERT INTO forms (forms) VALUES ('optimize');"
        )
        self._db.close()


class SqlitePages:
    """A contestant of the bench: SQLite FTS5.

    Args:
        path: the index that `SqliteWriter` wrote.
        passages: whether each page of a hit gets a snippet.
    """

    def __init__(self, path: Path, *, passages: bool) -> None:
        self.name = "SQLite FTS5"
        self._passages = passages
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, cached_statements=256)
        self._db.executescript(_TUNING)
        held = self._db.execute("SELECT held FROM columns ORDER BY number").fetchall()
        self._facets = _Facets([tuple(json.loads(one)) for (one,) in held])

    def search(self, query: Query, /) -> Found:
        """Answer a query: group matching rows by resource, then look for the best pages of the ten best resources."""
        table, asked = table_and_expression(query)
        grouped = self._db.execute(
            f"SELECT rowid / {_ROWS}, min(rank), sum(rowid % {_ROWS} > 0) FROM {table}"
            f" WHERE {table} MATCH ? GROUP BY 1",
            (asked,),
        ).fetchall()
        total, facets = self._facets.count([number for number, _, _ in grouped], query)
        kept = [row for row in grouped if query.type is None or self._facets.passes(row[0], query)]
        best = sorted(kept, key=lambda row: row[1])[:10]
        shown = (
            f"{table}.rowid"
            if not self._passages or table == "forms"
            else "rowid, snippet(pages, 0, '[', ']', '…', 40)"
        )
        hits = []
        for number, _, count in best:
            pages = self._db.execute(
                f"SELECT {shown} FROM {table} WHERE {table} MATCH ? AND rowid > ? AND rowid < ?"
                f" ORDER BY rank LIMIT {BEST}",
                (asked, number * _ROWS, (number + 1) * _ROWS),
            ).fetchall()
            hits.append((number, [row[0] % _ROWS for row in pages], count))
        return hits, total, facets

    def forget(self) -> None:
        """Do nothing: SQLite's own page cache stays."""

    def close(self) -> None:
        """Release the file."""
        self._db.close()


def _schema() -> Any:
    schema = library.SchemaBuilder()
    schema.add_text_field("text", stored=True, tokenizer_name="words")
    schema.add_text_field("forms", tokenizer_name="words", index_option="basic")
    schema.add_unsigned_field("resource", indexed=True, fast=True)
    schema.add_unsigned_field("page", fast=True)
    return schema.build()


class TantivyWriter:
    """Writes the tantivy index that `TantivyPages` reads."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._folder = folder
        self._columns: list[Any] = []
        self._writer = open_index(folder, _schema()).writer(heap_size=_HEAP, num_threads=1)

    def add(self, number: int, columns: Any, made: list[tuple[int, str, str]]) -> None:
        """Add `made`, the rows of the resource with a number; `columns` are its type, year, privacy and themes."""
        self._columns.append(columns)
        for row, text, forms in made:
            document = library.Document()
            document.add_text("text", text)
            document.add_text("forms", forms)
            document.add_unsigned("resource", number)
            document.add_unsigned("page", row % _ROWS)
            self._writer.add_document(document)

    def finish(self) -> None:
        """Commit, and wait for merges."""
        self._writer.commit()
        self._writer.wait_merging_threads()
        (self._folder / "columns.json").write_text(json.dumps(self._columns))


class TantivyPages:
    """A contestant of the bench: tantivy.

    Args:
        folder: the index that `TantivyWriter` wrote.
        passages: whether each page of a hit gets a snippet.
    """

    def __init__(self, folder: Path, *, passages: bool) -> None:
        self.name = "tantivy"
        self._passages = passages
        self._index = open_index(folder, _schema())
        self._schema = self._index.schema
        self._index.reload()
        self._searcher = self._index.searcher()
        columns = json.loads((folder / "columns.json").read_text())
        self._facets = _Facets([tuple(one) for one in columns])
        self._resources = {"by": {"terms": {"field": "resource", "size": 100_000, "segment_size": 100_000}}}

    def search(self, query: Query, /) -> Found:
        """Answer a query: count the matching rows of each resource, then collect the best pages in a second pass."""
        asked = self._query(query)
        buckets = self._searcher.aggregate(asked, self._resources)["by"]["buckets"]
        counts = {int(bucket["key"]): bucket["doc_count"] for bucket in buckets}
        total, facets = self._facets.count(list(counts), query)
        addresses = [address for _, address in self._searcher.search(asked, _COLLECTED, count=False).hits]
        owners = self._searcher.fast_field_values("resource", addresses)
        pages = self._searcher.fast_field_values("page", addresses)
        best: dict[int, list[tuple[int, Any]]] = {}
        for owner, page, address in zip(owners, pages, addresses, strict=True):
            if owner not in best and (len(best) == 10 or not self._facets.passes(owner, query)):
                continue
            held = best.setdefault(owner, [])
            if page and len(held) < BEST:
                held.append((page, address))
        if self._passages:
            generator = library.SnippetGenerator.create(self._searcher, asked, self._schema, "text")
            for held in best.values():
                for _, address in held:
                    generator.snippet_from_doc(self._searcher.doc(address)).to_html()
        return [(owner, [page for page, _ in held], counts[owner]) for owner, held in best.items()], total, facets

    def _query(self, query: Query) -> Any:
        terms = [encode(term) for term in query.terms]
        if query.kind is Kind.PREFIX:
            return library.Query.regex_query(self._schema, "forms", f"{terms[0]}.*")
        if query.kind is Kind.PHRASE:
            return library.Query.phrase_query(self._schema, "text", list(terms))
        words = [library.Query.term_query(self._schema, "text", term) for term in terms]
        if len(words) == 1:
            return words[0]
        occur = library.Occur.Should if query.kind is Kind.ANY else library.Occur.Must
        return library.Query.boolean_query([(occur, word) for word in words])

    def forget(self) -> None:
        """Do nothing: tantivy caches no answers."""

    def close(self) -> None:
        """Do nothing: files are released with the object."""
