"""The catalogue of the corpus: its pages and the ids given to resources, in one SQLite file.

Ids never change, and cannot be recomputed from the pages, since a title may have changed since the id was given.
Everything else in the file only saves time.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer.corpus.file_names import name_key, name_of
from indexer.errors import CorpusError
from indexer.parsing.node import PageKind
from indexer.parsing.urls import normalise
from indexer.storage.database import Step, open_shared, reason_at, transaction
from indexer.storage.os_errors import Reason

CATALOGUE = "catalogue.sqlite"
"""Name of the catalogue in the corpus."""
ADDED = "_ajouts"
"""Name of the source under which files that staff added to a resource are recorded; no link leads to these files."""

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
    """Create the tables. Catalogues from before schema versions have them already, perhaps without one column."""
    for statement in _TABLES:
        database.execute(statement)
    if "public" not in {column for _, column, *_ in database.execute("PRAGMA table_info(identities)")}:
        # Any resource that had an id may have been public, so its id is kept.
        database.execute("ALTER TABLE identities ADD COLUMN public INTEGER NOT NULL DEFAULT 1")


def _normalise_keys(database: sqlite3.Connection) -> None:
    """Rewrite addresses as `normalise` writes them now, so that resources keep their ids. Add this step again whenever
    `normalise` changes.

    If two addresses become the same, the address stands for the resource that visitors saw, or else for the oldest.
    """
    rows = database.execute("SELECT number, key FROM identities ORDER BY public DESC, number").fetchall()
    changed = {number: new for number, key in rows if key.startswith("http") and (new := normalise(key)) != key}
    for number, key in rows:
        if number in changed:
            database.execute("INSERT INTO journal (key) VALUES (?), (?)", (key, changed[number]))
            database.execute("UPDATE OR IGNORE identities SET key = ? WHERE number = ?", (changed[number], number))


def _captures_and_profiles(database: sqlite3.Connection) -> None:
    """Add columns to the table of pages, unless they exist: time of the capture, and digest of the import profile."""
    held = {column for _, column, *_ in database.execute("PRAGMA table_info(pages)")}
    for column, kind in (("captured", "TEXT"), ("profile", "TEXT NOT NULL DEFAULT ''")):
        if column not in held:
            database.execute(f"ALTER TABLE pages ADD COLUMN {column} {kind}")


_PUBLICATIONS = (
    """CREATE TABLE IF NOT EXISTS files (
    digest TEXT PRIMARY KEY, size INTEGER NOT NULL, media_type TEXT NOT NULL, released TEXT
) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS sightings (
    source TEXT NOT NULL, path TEXT NOT NULL, digest TEXT NOT NULL, name_key TEXT NOT NULL, address TEXT,
    captured TEXT, PRIMARY KEY (source, path, digest)
) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS sightings_name ON sightings (name_key)",
    "CREATE INDEX IF NOT EXISTS sightings_digest ON sightings (digest)",
    """CREATE TABLE IF NOT EXISTS holdings (
    id TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (id, digest)
) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS holdings_digest ON holdings (digest)",
    """CREATE TABLE IF NOT EXISTS lacks (
    id TEXT NOT NULL, address TEXT NOT NULL, PRIMARY KEY (id, address)
) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS numbers (
    id TEXT NOT NULL, link TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (id, link)
) WITHOUT ROWID""",
)


def _publications(database: sqlite3.Connection) -> None:
    """Add the tables of publications, and a column for names of changed files to the journal, unless they exist."""
    for statement in _PUBLICATIONS:
        database.execute(statement)
    if "file" not in {column for _, column, *_ in database.execute("PRAGMA table_info(journal)")}:
        database.execute("ALTER TABLE journal ADD COLUMN file TEXT")


def _reserved_files(database: sqlite3.Connection) -> None:
    """Add the table of files that only resources hidden from visitors held."""
    database.execute("CREATE TABLE IF NOT EXISTS reserved (digest TEXT PRIMARY KEY) WITHOUT ROWID")


def _recognised(database: sqlite3.Connection) -> None:
    """Add a column to the table of files, unless it exists: version of the program that recognised their text."""
    if "recognised" not in {column for _, column, *_ in database.execute("PRAGMA table_info(files)")}:
        database.execute("ALTER TABLE files ADD COLUMN recognised TEXT NOT NULL DEFAULT ''")


_STEPS: tuple[Step, ...] = (
    _first_version,
    _normalise_keys,
    _captures_and_profiles,
    _publications,
    _reserved_files,
    _recognised,
)
_FILES = "SELECT digest, size, media_type, released, recognised FROM files"
_NOTE_PAGE = "INSERT INTO journal (path, digest) VALUES (?, ?)"


@dataclass(frozen=True, slots=True)
class PageRow:
    """One page of the corpus.

    Attributes:
        path: relative to the corpus, with forward slashes.
        digest: BLAKE2b of its bytes, keyed by the digest of its source's import profile (see `store.digest_of`).
        size: in bytes.
        mtime_ns: time of its last change, in ns, to detect changes without reading it.
        kind: its kind, which says how to parse it.
        themes: themes given by `--theme` when it was imported.
        captured: for a page of a web archive, the time of its capture (UTC, ISO 8601); None for any other.
        profile: digest of the import profile (how to read pages) of its source, empty for the one that is shipped.
    """

    path: str
    digest: str
    size: int
    mtime_ns: int
    kind: PageKind
    themes: tuple[str, ...] = ()
    captured: str | None = None
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """A key by which a resource is recognised, and the resource's id.

    Attributes:
        number: rank by the time at which visitors first saw it, or members if it was never public.
        key: a normalised address, or a title and type.
        id: id of the resource.
        public: whether a public resource ever had the id; if not, the id may change when the resource becomes public.
    """

    number: int
    key: str
    id: str
    public: bool


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a publication.

    Attributes:
        digest: digest of its content.
        size: in bytes.
        media_type: its media type, judged by its first bytes.
        released: when the last resource stopped holding it (UTC, ISO 8601); None if one holds it, or none ever did.
        recognised: version of the program that recognised the text of its pages that are images; empty if none did.
    """

    digest: str
    size: int
    media_type: str
    released: str | None = None
    recognised: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place in a source where a file of a publication was found.

    Attributes:
        source: folder of the source in the corpus.
        path: its decoded path within the source (see `file_names.path_of_file`).
        digest: digest of the file.
        address: its web address, normalised; None if it is not known.
        captured: time of its capture (UTC, ISO 8601) if it comes from a web archive, else None.
    """

    source: str
    path: str
    digest: str
    address: str | None = None
    captured: str | None = None

    @property
    def name(self) -> str:
        """Name of the file."""
        return name_of(self.path)


@dataclass(frozen=True, slots=True)
class Held:
    """The publications of a resource.

    Attributes:
        digests: the files that it holds.
        lacking: addresses of its links to files of its site that the archive does not hold.
        numbers: number of each document, part of its address, by the link or digest that identifies it in the resource.
    """

    digests: tuple[str, ...]
    lacking: tuple[str, ...]
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in the catalogue since a mark, a point in its journal (see `Catalogue.mark`).

    Attributes:
        pages: path and digest of every page that was added, removed or changed; a changed one is there twice, with
            its digests before and after.
        keys: keys of resources that got a new id, or that hold a file to be read again.
        files: `name_key` (key of the name) of every file that was found elsewhere, was deleted or is to be read again.
    """

    pages: frozenset[tuple[str, str]]
    keys: frozenset[str]
    files: frozenset[str] = frozenset()


class Catalogue:
    """A catalogue, open for reading and writing. Every method that changes it is one transaction.

    Args:
        path: the SQLite file; created if it does not exist.

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
            raise self._unusable(reason_at(self._path, error)) from error

    def _unusable(self, reason: Reason) -> CorpusError:
        return CorpusError(
            f"Le catalogue « {self._path} » ne peut être lu ou écrit {reason.then('restaurez-le d’une sauvegarde')}."
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the body in a transaction: its changes are all committed, or none is.

        Raises:
            CorpusError: the catalogue cannot be written.
        """
        with self._reporting(), transaction(self._db):
            yield

    def source_name(self, origin: str, wanted: str, *, keep: bool = True) -> str:
        """Return the name of a source's folder: the one it has, else `wanted` if free, else the first free of
        `wanted-2`, `wanted-3`, ….

        Args:
            origin: what identifies the source, such as the path of an imported folder.
            wanted: the name to use if the source has no folder yet.
            keep: reserve the name for the source from now on.

        Raises:
            CorpusError: the catalogue cannot be written.
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
        """Return all pages, ordered by path.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            return [_row(r) for r in self._db.execute("SELECT * FROM pages ORDER BY path")]

    def pages_from(self, prefix: str) -> list[PageRow]:
        """Return the pages whose path begins with a prefix, ordered by path.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            found = self._db.execute(
                "SELECT * FROM pages WHERE path >= ? AND path < ? ORDER BY path", (prefix, prefix + "\U0010ffff")
            )
            return [_row(r) for r in found]

    def page(self, path: str) -> PageRow | None:
        """Return the page at a path, or None.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            found = self._db.execute("SELECT * FROM pages WHERE path = ?", (path,)).fetchone()
            return None if found is None else _row(found)

    def with_content(self, digest: str) -> list[PageRow]:
        """Return all pages with a digest, that is with the same bytes and import profile, ordered by path.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            return [_row(r) for r in self._db.execute("SELECT * FROM pages WHERE digest = ? ORDER BY path", (digest,))]

    def put_page(self, row: PageRow) -> None:
        """Add a page, or replace the one at its path.

        Raises:
            CorpusError: the catalogue cannot be written.
        """
        themes = json.dumps(row.themes, ensure_ascii=False)
        values = (row.path, row.digest, row.size, row.mtime_ns, row.kind, themes, row.captured, row.profile)
        before = self.page(row.path)
        with self._reporting():
            if before is None or (before.digest, before.kind, before.themes) != (row.digest, row.kind, row.themes):
                noted = {row.digest} if before is None else {before.digest, row.digest}
                self._db.executemany(_NOTE_PAGE, ((row.path, digest) for digest in sorted(noted)))
            self._db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)

    def drop_pages(self, paths: Iterable[str]) -> None:
        """Delete pages that no longer exist.

        Raises:
            CorpusError: the catalogue cannot be written.
        """
        gone = [(path,) for path in paths]
        with self._reporting():
            self._db.executemany(
                "INSERT INTO journal (path, digest) SELECT path, digest FROM pages WHERE path = ?", gone
            )
            self._db.executemany("DELETE FROM pages WHERE path = ?", gone)

    def files(self) -> list[FileRow]:
        """Return all files of publications, ordered by digest.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            return [FileRow(*row) for row in self._db.execute(f"{_FILES} ORDER BY digest")]

    def file(self, digest: str) -> FileRow | None:
        """Return the file with a digest, or None if there is none.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            row = self._db.execute(f"{_FILES} WHERE digest = ?", (digest,)).fetchone()
            return None if row is None else FileRow(*row)

    def put_sighting(self, sighting: Sighting, file: FileRow, *, replacing: bool) -> bool:
        """Add a file and the place where it was found, and return whether the catalogue changed.

        A file is ignored if a later capture of the same place is known.

        Args:
            sighting: the place.
            file: the file.
            replacing: whether the file replaces another one at that place.

        Raises:
            CorpusError: the catalogue cannot be written.
        """
        with self._reporting(), transaction(self._db):
            place = (sighting.source, sighting.path)
            known = self._sightings("WHERE source = ? AND path = ?", *place)
            if any(one.digest != sighting.digest and (one.captured or "") > (sighting.captured or "") for one in known):
                return False  # a later capture of the same address
            gone = [one for one in known if one.digest != sighting.digest] if replacing else []
            self._db.execute(
                "INSERT INTO files (digest, size, media_type) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING",
                (file.digest, file.size, file.media_type),
            )
            if sighting in known and not gone:
                return False
            self._db.executemany(
                "DELETE FROM sightings WHERE source = ? AND path = ? AND digest = ?",
                ((*place, one.digest) for one in gone),
            )
            self._db.execute(
                "INSERT OR REPLACE INTO sightings VALUES (?, ?, ?, ?, ?, ?)",
                (*place, sighting.digest, name_key(sighting.path), sighting.address, sighting.captured),
            )
            self._db.execute("UPDATE files SET released = NULL WHERE digest = ?", (file.digest,))
            self._db.execute("INSERT INTO journal (file) VALUES (?)", (name_key(sighting.path),))
            return True

    def sightings(self) -> list[Sighting]:
        """Return all places where files were found, by source and path.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            return self._sightings("ORDER BY source, path, digest")

    def sightings_named(self, key: str) -> list[Sighting]:
        """Return the places of all files whose name has the key `key` (see `name_key`), by source and path.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            return self._sightings("WHERE name_key = ? ORDER BY source, path, digest", key)

    def sightings_of(self, digest: str) -> list[Sighting]:
        """Return the places where a file was found, by source and path.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            return self._sightings("WHERE digest = ? ORDER BY source, path, digest", digest)

    def _sightings(self, condition: str, *values: str) -> list[Sighting]:
        rows = self._db.execute(
            f"SELECT source, path, digest, address, captured FROM sightings {condition}",  # noqa: S608 - our own words
            values,
        )
        return [Sighting(*row) for row in rows]

    def names_of_files(self) -> frozenset[str]:
        """Return the keys of the names of all files: `name_key` makes them, to match links and files by name.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            return frozenset(key for (key,) in self._db.execute("SELECT DISTINCT name_key FROM sightings"))

    def read_again(self, digests: Iterable[str]) -> None:
        """Note that files are to be read by the next indexing run.

        Raises:
            CorpusError: the catalogue cannot be written.
        """
        with self._reporting():
            for digest in digests:
                self._note_file(digest)

    def put_recognised(self, versions: Mapping[str, str]) -> None:
        """Store which version of the recognition program found text in files. The next indexing run reads the files for
        which this changes.

        Args:
            versions: version by digest of the file, empty where no text was recognised; other files stay as they are.

        Raises:
            CorpusError: the catalogue cannot be written.
        """
        with self._reporting(), transaction(self._db):
            for digest, version in versions.items():
                changed = self._db.execute(
                    "UPDATE files SET recognised = ? WHERE digest = ? AND recognised != ?", (version, digest, version)
                )
                if changed.rowcount:
                    self._note_file(digest)

    def _note_file(self, digest: str) -> None:
        """Note in the journal that the text of a file changes: the next run compares the resources that link to its
        name or hold it.
        """
        self._db.execute("INSERT INTO journal (file) SELECT name_key FROM sightings WHERE digest = ?", (digest,))
        self._db.execute(
            "INSERT INTO journal (key) SELECT i.key FROM identities i JOIN holdings h USING (id) WHERE h.digest = ?",
            (digest,),
        )

    def numbers(self, resource_id: str) -> dict[str, int]:
        """Return the number of each document that a resource has or had, part of its address, by the link or the digest
        that identifies the document in the resource.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            return dict(self._db.execute("SELECT link, n FROM numbers WHERE id = ?", (resource_id,)).fetchall())

    def ids_with_documents(self) -> list[str]:
        """Return the ids of all resources that have or had documents.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            return [one for (one,) in self._db.execute("SELECT DISTINCT id FROM numbers ORDER BY id")]

    def put_held(
        self,
        held: Mapping[str, Held],
        *,
        now: str,
        hidden: Collection[str] = (),
        gone: Iterable[str] = (),
        whole: bool = False,
    ) -> None:
        """Store which files resources hold and lack, the numbers of their documents, and when files became unused.

        Args:
            held: the publications of each resource, by its id.
            now: the current time (UTC, ISO 8601).
            hidden: ids of resources that visitors do not see.
            gone: ids of resources that hold nothing any more.
            whole: whether `held` is complete, so that no resource that it does not name holds anything.

        Raises:
            CorpusError: the catalogue cannot be written.
        """
        with self._reporting(), transaction(self._db):
            before = self._db.execute("SELECT DISTINCT digest FROM holdings").fetchall()
            for table in ("holdings", "lacks"):
                if whole:
                    self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
                else:
                    ids = ((resource_id,) for resource_id in {*held, *gone})
                    self._db.executemany(f"DELETE FROM {table} WHERE id = ?", ids)  # noqa: S608
            for resource_id, one in held.items():
                for table, values in (("holdings", one.digests), ("lacks", one.lacking)):
                    self._db.executemany(
                        f"INSERT OR IGNORE INTO {table} VALUES (?, ?)",  # noqa: S608 - our own names
                        ((resource_id, value) for value in values),
                    )
                self._db.executemany(
                    "INSERT OR REPLACE INTO numbers VALUES (?, ?, ?)",
                    ((resource_id, link, n) for link, n in one.numbers.items()),
                )
            self._reserve(held, hidden)
            self._release(before, now)

    def is_reserved(self, digest: str) -> bool:
        """Return whether only resources hidden from visitors hold a file, or held it last.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            return self._db.execute("SELECT 1 FROM reserved WHERE digest = ?", (digest,)).fetchone() is not None

    def _reserve(self, held: Mapping[str, Held], hidden: Collection[str]) -> None:
        """Note which files only resources hidden from visitors hold; remove the note if others hold them."""
        shown = {digest for one, what in held.items() if one not in hidden for digest in what.digests}
        for digest in {digest for one in hidden if one in held for digest in held[one].digests} - shown:
            rows = self._db.execute("SELECT id FROM holdings WHERE digest = ?", (digest,)).fetchall()
            if all(holder in hidden for (holder,) in rows):
                self._db.execute("INSERT OR IGNORE INTO reserved VALUES (?)", (digest,))
        self._db.executemany("DELETE FROM reserved WHERE digest = ?", ((digest,) for digest in shown))

    def held_files(self) -> frozenset[str]:
        """Return the digests of the files that resources hold, as of the last indexing run.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            return frozenset(digest for (digest,) in self._db.execute("SELECT DISTINCT digest FROM holdings"))

    def holders(self, digest: str) -> list[str]:
        """Return the ids of the resources that hold a file, as of the last indexing run.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            rows = self._db.execute("SELECT id FROM holdings WHERE digest = ? ORDER BY id", (digest,))
            return [resource_id for (resource_id,) in rows]

    def lacks(self) -> list[tuple[str, str]]:
        """Return the links of resources to files that the archive does not hold: id and address, ordered.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            return [(one, address) for one, address in self._db.execute("SELECT id, address FROM lacks ORDER BY 1, 2")]

    def _release(self, before: Iterable[tuple[str]], now: str) -> None:
        """Note that files that no resource holds are released since `now`: those that resources held so far (`before`:
        rows of digests), and those that no source has any more. A file that is held again is no longer released.
        """
        is_held = "EXISTS (SELECT 1 FROM holdings h WHERE h.digest = files.digest)"
        is_met = "EXISTS (SELECT 1 FROM sightings s WHERE s.digest = files.digest)"
        set_to = "UPDATE files SET released = ? WHERE released IS"
        self._db.execute(f"{set_to} NOT NULL AND {is_held}", (None,))
        self._db.execute(f"{set_to} NULL AND NOT {is_held} AND NOT {is_met}", (now,))
        self._db.executemany(f"{set_to} NULL AND NOT {is_held} AND digest = ?", ((now, digest) for (digest,) in before))

    def drop_file(self, digest: str) -> None:
        """Delete a file from the catalogue, with the places where it was found.

        Raises:
            CorpusError: the catalogue cannot be written.
        """
        with self._reporting(), transaction(self._db):
            self._db.execute("INSERT INTO journal (file) SELECT name_key FROM sightings WHERE digest = ?", (digest,))
            self._db.execute("DELETE FROM sightings WHERE digest = ?", (digest,))
            self._db.execute("DELETE FROM files WHERE digest = ?", (digest,))
            self._db.execute("DELETE FROM reserved WHERE digest = ?", (digest,))

    def identities(self) -> list[Identity]:
        """Return all identities, oldest first.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        return list(self._identities("ORDER BY number"))

    def put_identities(self, ids: Mapping[str, str], published: Collection[str]) -> None:
        """Set the id of each key.

        Args:
            ids: id by key.
            published: keys that are public for the first time. They get new numbers too, so that these do not depend on
                when the resource was private.

        Raises:
            CorpusError: the catalogue cannot be written.
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
        """Return the identity stored for a key, or None.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        return next(self._identities("WHERE key = ?", key), None)

    def known_as(self, resource_id: str) -> list[Identity]:
        """Return the identities of all keys that have this id, oldest first.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        return list(self._identities("WHERE id = ? ORDER BY number", resource_id))

    def _identities(self, condition: str, *values: str) -> Iterator[Identity]:
        with self._reporting():
            rows = self._db.execute(f"SELECT number, key, id, public FROM identities {condition}", values)  # noqa: S608
            yield from (Identity(number, key, given, bool(public)) for number, key, given, public in rows)

    def is_taken(self, resource_id: str, private: bool) -> bool:
        """Return whether an id was ever given; if not `private`, whether a public resource ever had it.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        return any(identity.public or private for identity in self.known_as(resource_id))

    def mark(self) -> str:
        """Add a mark to the journal and return it, for `changes_since`.

        Raises:
            CorpusError: the catalogue cannot be written.
        """
        mark = secrets.token_hex(8)
        with self._reporting():
            self._db.execute("INSERT INTO journal (mark) VALUES (?)", (mark,))
        return mark

    def changes_since(self, mark: str) -> Changes | None:
        """Return what changed since a mark; None if the mark is not in the journal, for example after a restore.

        Raises:
            CorpusError: the catalogue cannot be read.
        """
        with self._reporting():
            row = self._db.execute("SELECT number FROM journal WHERE mark = ?", (mark,)).fetchone()
            if row is None:
                return None
            rows = self._db.execute("SELECT path, digest, key, file FROM journal WHERE number > ?", row).fetchall()
        pages = frozenset((path, digest) for path, digest, *_ in rows if digest is not None)
        keys, files = (frozenset(row[column] for row in rows if row[column] is not None) for column in (2, 3))
        return Changes(pages, keys, files)

    def forget_before(self, marks: Iterable[str]) -> None:
        """Delete journal entries older than the oldest of some marks.

        Raises:
            CorpusError: the catalogue cannot be written.
        """
        with self._reporting():
            kept = ((mark,) for mark in marks)
            numbers = [self._db.execute("SELECT number FROM journal WHERE mark = ?", mark).fetchone() for mark in kept]
            oldest = min((number for (number,) in filter(None, numbers)), default=0)
            self._db.execute("DELETE FROM journal WHERE number < ?", (oldest,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()


_KINDS = {kind.value: kind for kind in PageKind}


def _row(values: tuple[str, str, int, int, str, str, str | None, str]) -> PageRow:
    path, digest, size, mtime_ns, kind, themes, captured, profile = values
    given = () if themes == "[]" else tuple(json.loads(themes))
    return PageRow(path, digest, size, mtime_ns, _KINDS[kind], given, captured, profile)


def publication_files(corpus: Path) -> list[FileRow]:
    """Return the files of publications of a corpus; none if nothing was imported.

    Args:
        corpus: folder of the corpus.

    Raises:
        CorpusError: the catalogue cannot be read.
    """
    path = corpus / CATALOGUE
    if not path.exists():
        return []
    catalogue = Catalogue(path)
    try:
        return catalogue.files()
    finally:
        catalogue.close()
