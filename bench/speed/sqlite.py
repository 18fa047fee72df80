"""SQLite FTS5, tuned: contentless tables with full detail, columns in a narrow table, a prefix index, memory maps.

Facets are counted in one pass: each page has the number of its cell, one cell for each existing combination of type,
year, privacy and themes, and the counts of cells are added up in Python. This is by far the fastest of the ways that
were tried; a GROUP BY for each facet over a temporary table of hits takes several times as long.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench.speed.base import Answer, Kind, Query
from bench.speed.feed import FIELDS, Fed, encode

_TUNING = """PRAGMA mmap_size = 8589934592; PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY;"""
_SCHEMA = f"""
PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
CREATE VIRTUAL TABLE pages USING fts5({", ".join(FIELDS)}, content='', detail=full, tokenize='ascii');
CREATE VIRTUAL TABLE forms USING fts5(form, content='', detail=full, tokenize='ascii', prefix='4 5 6');
CREATE TABLE shown (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE columns (id INTEGER PRIMARY KEY, cell INTEGER NOT NULL);
CREATE TABLE cells (cell INTEGER PRIMARY KEY, type TEXT, year INTEGER, private INTEGER NOT NULL, themes TEXT NOT NULL);
"""
_READY = """
CREATE INDEX cells_by ON cells (type, year);
INSERT INTO pages (pages, rank) VALUES ('rank', 'bm25(2.0, 1.0, 1.0)');
INSERT INTO pages (pages) VALUES ('optimize');
"""


class SqliteWriter:
    """Writes the index that `SqlitePeer` reads.

    Args:
        path: the file; an existing file is replaced.
    """

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(_TUNING + _SCHEMA)
        self._db.execute("BEGIN")
        self._cells: dict[tuple[str | None, int | None, bool, tuple[str, ...]], int] = {}
        self._count = 0

    def add(self, fed: Fed) -> None:
        """Add a page."""
        self.add_page(fed)
        self.add_forms(fed)

    def add_page(self, fed: Fed) -> None:
        """Add a page's terms and columns."""
        r = fed.resource
        self._count += 1
        key = r.type, r.year, r.private, r.themes
        cell = self._cells.get(key)
        run = self._db.execute
        if cell is None:
            cell = self._cells[key] = len(self._cells)
            run("INSERT INTO cells VALUES (?, ?, ?, ?, ?)", (cell, *key[:3], json.dumps(r.themes)))
        run("INSERT INTO pages (rowid, title, summary, body) VALUES (?, ?, ?, ?)", (self._count, *fed.texts))
        run("INSERT INTO shown VALUES (?, ?)", (self._count, r.title))
        run("INSERT INTO columns VALUES (?, ?)", (self._count, cell))

    def add_forms(self, fed: Fed) -> None:
        """Add the written forms of the words of the page that was added last: prefixes are searched among them."""
        self._db.execute("INSERT INTO forms (rowid, form) VALUES (?, ?)", (self._count, fed.forms))

    def finish(self) -> None:
        """Commit, merge each table into one segment, and close the file."""
        self.finish_pages()
        self.finish_forms()

    def finish_pages(self) -> None:
        """Commit, and merge the terms of pages into one segment."""
        self._db.execute("COMMIT")
        self._db.executescript(_READY)

    def finish_forms(self) -> None:
        """Merge the written forms into one segment, and close the file."""
        self._db.execute("INSERT INTO forms (forms) VALUES ('optimize')")
        self._db.execute("ANALYZE")
        self._db.close()


@dataclass(frozen=True, slots=True)
class _Cell:
    type: str
    year: str
    private: str
    themes: tuple[str, ...]


class SqlitePeer:
    """A `Contestant` that runs the queries with SQLite FTS5."""

    name = "SQLite FTS5"

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, cached_statements=256)
        self._db.executescript(_TUNING)
        self._cells = {
            cell: _Cell(
                type or "none",
                "none" if year is None else str(year),
                "oui" if private else "non",
                tuple(json.loads(themes)) or ("none",),
            )
            for cell, type, year, private, themes in self._db.execute("SELECT * FROM cells")
        }

    def search(self, query: Query, /) -> Answer:
        """Answer a query: count facets in one pass, and find the ten best hits."""
        table, asked = table_and_expression(query)
        counted = self._db.execute(
            f"SELECT cell, count(*) FROM {table} JOIN columns ON id = {table}.rowid"
            f" WHERE {table} MATCH ? GROUP BY cell",
            (asked,),
        ).fetchall()
        if query.type is None:
            best = self._db.execute(
                f"SELECT title FROM (SELECT rowid AS hit FROM {table} WHERE {table} MATCH ? ORDER BY rank LIMIT 10)"
                " JOIN shown ON id = hit",
                (asked,),
            )
        else:
            best = self._db.execute(
                f"SELECT title FROM (SELECT {table}.rowid AS hit FROM {table} JOIN columns ON id = {table}.rowid"
                f" WHERE {table} MATCH ? AND cell IN (SELECT cell FROM cells WHERE type = ? AND year = ?)"
                " ORDER BY rank LIMIT 10) JOIN shown ON id = hit",
                (asked, query.type, query.year),
            )
        titles = tuple(title for (title,) in best)
        types, years, themes, private = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
        total, year = 0, str(query.year)
        for number, count in counted:
            cell = self._cells[number]
            of_type = query.type is None or cell.type == query.type
            of_year = query.year is None or cell.year == year
            if of_year:
                types[cell.type] += count
            if of_type:
                years[cell.year] += count
                if of_year:
                    total += count
                    private[cell.private] += count
                    for theme in cell.themes:
                        themes[theme] += count
        return Answer(titles, total, {"type": types, "year": years, "theme": themes, "private": private})

    def answer(self, found: object, /) -> Answer:
        """Return the result of `search` unchanged, since it is in the common form already."""
        assert isinstance(found, Answer)
        return found

    def forget(self) -> None:
        """Do nothing: SQLite's own page cache stays."""

    def close(self) -> None:
        """Release the file."""
        self._db.close()


def table_and_expression(query: Query) -> tuple[str, str]:
    """Return the FTS5 table that answers a query, and the expression to match in it."""
    if query.kind is Kind.PREFIX:
        return "forms", query.terms[0] + "*"
    terms = [encode(term) for term in query.terms]
    if query.kind is Kind.PHRASE:
        return "pages", '"' + " ".join(terms) + '"'
    return "pages", (" OR " if query.kind is Kind.ANY else " AND ").join(f'"{term}"' for term in terms)
