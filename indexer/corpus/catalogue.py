"""The catalogue: what the corpus holds and which id each resource was given. One SQLite file in the corpus.

Ids are kept for ever, so they are the one thing in the corpus that the pages alone could not give back: a title
may have changed since. Everything else in it is there for speed.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import CorpusError
from indexer.parsing.node import PageKind
from indexer.storage.database import Step, open_shared, transaction
from indexer.storage.os_errors import because

_TABLES = (
    "CREATE TABLE IF NOT EXISTS sources (name TEXT PRIMARY KEY, origin TEXT NOT NULL UNIQUE)",
    """CREATE TABLE IF NOT EXISTS pages (
    path TEXT PRIMARY KEY, digest TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    kind TEXT NOT NULL, themes TEXT NOT NULL DEFAULT '[]'
)""",
    "CREATE INDEX IF NOT EXISTS pages_digest ON pages (digest)",
    """CREATE TABLE IF NOT EXISTS identities (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, id TEXT NOT NULL, public INTEGER NOT NULL DEFAULT 1
)""",
    "CREATE INDEX IF NOT EXISTS identities_id ON identities (id)",
    """CREATE TABLE IF NOT EXISTS journal (
    number INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT, digest TEXT, key TEXT, mark TEXT UNIQUE
)""",
)


def _first_version(database: sqlite3.Connection) -> None:
    """Make the tables. Catalogues older than versions have them, perhaps without a column."""
    for statement in _TABLES:
        database.execute(statement)
    if "public" not in {column for _, column, *_ in database.execute("PRAGMA table_info(identities)")}:
        # Whatever had an id may have been public, and keeps it.
        database.execute("ALTER TABLE identities ADD COLUMN public INTEGER NOT NULL DEFAULT 1")


_STEPS: tuple[Step, ...] = (_first_version,)
_NOTE_PAGE = "INSERT INTO journal (path, digest) VALUES (?, ?)"


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page of the corpus.

    Attributes:
        path: relative to the corpus, with forward slashes.
        digest: of its bytes.
        size: in bytes.
        mtime_ns: time of its last change, to see at a glance whether it changed.
        kind: how to read it.
        themes: given by `--theme` when it was imported.
    """

    path: str
    digest: str
    size: int
    mtime_ns: int
    kind: PageKind
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """A key by which a resource is known, and its id. Lower numbers were given first.

    Attributes:
        number: its place in the order in which visitors, or else members, came to see them.
        key: an address, or a title and type.
        id: of the resource.
        public: whether the id was ever that of a public resource; if not, it may change on the day it becomes one.
    """

    number: int
    key: str
    id: str
    public: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in the catalogue since a mark.

    Attributes:
        pages: path and digest of every page that came, went or changed, as it was and as it is.
        keys: whose ids were given or moved.
    """

    pages: frozenset[tuple[str, str]]
    keys: frozenset[str]


class Catalogue:
    """Reads and writes the catalogue. Every change is a transaction of its own.

    Args:
        path: the SQLite file; made if it does not exist.

    Raises:
        CorpusError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = open_shared(path, _STEPS, unusable=self._unusable)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._unusable(because(error)) from error

    def _unusable(self, why: str) -> CorpusError:
        return CorpusError(
            f"Le catalogue « {self._path} » ne peut être lu ou écrit ({why}) : "
            "vérifiez les droits et l’espace disque, ou restaurez-le d’une sauvegarde."
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside happen, or none."""
        with self._reporting(), transaction(self._db):
            yield

    def source_name(self, origin: str, wanted: str, *, keep: bool = True) -> str:
        """Folder of a source: the one it had, else `wanted`, else the first of `wanted-2`, `wanted-3` that is free.

        It is the source's from then on if `keep` says so.
        """
        with self._reporting():
            row = self._db.execute("SELECT name FROM sources WHERE origin = ?", (origin,)).fetchone()
            if row is not None:
                return str(row[0])
            taken = {name for (name,) in self._db.execute("SELECT name FROM sources")}
            name = next(n for n in (wanted, *(f"{wanted}-{i}" for i in range(2, len(taken) + 3))) if n not in taken)
            if keep:
                self._db.execute("INSERT INTO sources (name, origin) VALUES (?, ?)", (name, origin))
            return name

    def pages(self) -> list[PageRow]:
        """All pages, by path."""
        with self._reporting():
            return [_row(r) for r in self._db.execute("SELECT * FROM pages ORDER BY path")]

    def pages_from(self, prefix: str) -> list[PageRow]:
        """Pages whose path begins with a prefix, by path."""
        with self._reporting():
            found = self._db.execute(
                "SELECT * FROM pages WHERE path >= ? AND path < ? ORDER BY path", (prefix, prefix + "\U0010ffff")
            )
            return [_row(r) for r in found]

    def page(self, path: str) -> PageRow | None:
        """The page at a path."""
        with self._reporting():
            found = self._db.execute("SELECT * FROM pages WHERE path = ?", (path,)).fetchone()
            return None if found is None else _row(found)

    def with_content(self, digest: str) -> list[PageRow]:
        """All pages with the same bytes, by path."""
        with self._reporting():
            return [_row(r) for r in self._db.execute("SELECT * FROM pages WHERE digest = ? ORDER BY path", (digest,))]

    def put_page(self, row: PageRow) -> None:
        """Add a page, or replace the one at its path."""
        values = (row.path, row.digest, row.size, row.mtime_ns, row.kind, json.dumps(row.themes, ensure_ascii=False))
        before = self.page(row.path)
        with self._reporting():
            if before is None or (before.digest, before.kind, before.themes) != (row.digest, row.kind, row.themes):
                noted = {row.digest} if before is None else {before.digest, row.digest}
                self._db.executemany(_NOTE_PAGE, ((row.path, digest) for digest in sorted(noted)))
            self._db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?)", values)

    def drop_pages(self, paths: Iterable[str]) -> None:
        """Forget pages that are gone."""
        gone = [(path,) for path in paths]
        with self._reporting():
            self._db.executemany(
                "INSERT INTO journal (path, digest) SELECT path, digest FROM pages WHERE path = ?", gone
            )
            self._db.executemany("DELETE FROM pages WHERE path = ?", gone)

    def identities(self) -> list[Identity]:
        """All identities, first given first."""
        return list(self._identities("ORDER BY number"))

    def put_identities(self, ids: Mapping[str, str], published: Collection[str]) -> None:
        """Give each key its id; a key that had another is moved.

        Args:
            ids: id by key.
            published: those of the keys that are public for the first time: their numbers are new too, so that nothing
                of the time before shows.
        """
        with self._reporting():
            self._db.executemany("DELETE FROM identities WHERE key = ?", ((key,) for key in published))
            self._db.executemany(
                "INSERT INTO identities (key, id, public) VALUES (?, ?, ?) "
                "ON CONFLICT (key) DO UPDATE SET id = excluded.id",
                ((key, given, key in published) for key, given in ids.items()),
            )
            self._db.executemany("INSERT INTO journal (key) VALUES (?)", ((key,) for key in ids))

    def identity(self, key: str) -> Identity | None:
        """What is remembered of a key."""
        return next(self._identities("WHERE key = ?", key), None)

    def known_as(self, resource_id: str) -> list[Identity]:
        """Every key that has an id, first given first."""
        return list(self._identities("WHERE id = ? ORDER BY number", resource_id))

    def _identities(self, condition: str, *values: str) -> Iterator[Identity]:
        with self._reporting():
            rows = self._db.execute(f"SELECT number, key, id, public FROM identities {condition}", values)  # noqa: S608
            yield from (Identity(number, key, given, bool(public)) for number, key, given, public in rows)

    def is_taken(self, resource_id: str, private: bool) -> bool:
        """Whether anyone ever had an id or, if not `private`, a public resource had it."""
        return any(identity.public or private for identity in self.known_as(resource_id))

    def mark(self) -> str:
        """Set a mark in the journal, by which `changes_since` will know this moment."""
        mark = secrets.token_hex(8)
        with self._reporting():
            self._db.execute("INSERT INTO journal (mark) VALUES (?)", (mark,))
        return mark

    def changes_since(self, mark: str) -> Changes | None:
        """What changed since a mark; None if the journal does not know it, as after a restore."""
        with self._reporting():
            row = self._db.execute("SELECT number FROM journal WHERE mark = ?", (mark,)).fetchone()
            if row is None:
                return None
            rows = self._db.execute("SELECT path, digest, key FROM journal WHERE number > ?", row).fetchall()
        pages = frozenset((path, digest) for path, digest, _ in rows if digest is not None)
        return Changes(pages, frozenset(key for *_, key in rows if key is not None))

    def forget_before(self, marks: Iterable[str]) -> None:
        """Drop what the journal tells of the time before the oldest of some marks."""
        with self._reporting():
            kept = ((mark,) for mark in marks)
            numbers = [self._db.execute("SELECT number FROM journal WHERE mark = ?", mark).fetchone() for mark in kept]
            oldest = min((number for (number,) in filter(None, numbers)), default=0)
            self._db.execute("DELETE FROM journal WHERE number < ?", (oldest,))

    def close(self) -> None:
        """Release the file."""
        self._db.close()


_KINDS = {kind.value: kind for kind in PageKind}


def _row(values: tuple[str, str, int, int, str, str]) -> PageRow:
    path, digest, size, mtime_ns, kind, themes = values
    return PageRow(path, digest, size, mtime_ns, _KINDS[kind], () if themes == "[]" else tuple(json.loads(themes)))
