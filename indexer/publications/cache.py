"""A cache of the text of publications: each file is read once with each version of the reader."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from indexer.document.pages import Page, Span
from indexer.errors import EngineError
from indexer.publications.publication import Publication, Status
from indexer.storage.database import is_refusal, open_cache, open_cache_to_read, reason_at, transaction

_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")

PUBLICATION_CACHE = "publications.sqlite"
"""Name of the cache in the index folder."""

READER_VERSION = 2
"""Increment with every change to what a reader makes of a file: publications are then read again."""

_TABLES = """
CREATE TABLE IF NOT EXISTS documents (text TEXT PRIMARY KEY, media_type TEXT, status TEXT, reason TEXT, title TEXT,
    labels TEXT, empty_pages TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (text TEXT, number INTEGER, page BLOB, PRIMARY KEY (text, number)) WITHOUT ROWID;
"""
_RECOGNISED = "CREATE TABLE IF NOT EXISTS recognised (text TEXT PRIMARY KEY, pages TEXT) WITHOUT ROWID"
"""Table created apart from `_TABLES`, so that caches written before texts were recognised need not be rebuilt."""
_PAGE = "SELECT d.labels, p.page FROM documents d JOIN pages p USING (text) WHERE text = :text AND number = :number"


def reader_version() -> str:
    """Return a version that changes with everything that affects the text read from a file."""
    return f"{READER_VERSION} {_libraries()}"


@cache
def _libraries() -> str:
    return f"pypdfium2 {version('pypdfium2')} lxml {version('lxml')}"


def text_key(digest: str, recognised: str = "") -> str:
    """Return the key of the text that this version of the reader makes of a file.

    Args:
        digest: digest of the content of the file.
        recognised: version of the program that recognised the text of its images, empty if none did.
    """
    said = f"{digest} {reader_version()} {recognised}".rstrip()
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class PublicationFacts:
    """What is known of a publication without its pages; the attributes mean the same as in `Publication`."""

    media_type: str
    status: Status
    reason: str
    title: str | None
    labels: tuple[str | None, ...]
    empty_pages: tuple[int, ...]
    recognised_pages: tuple[int, ...] = ()


class PublicationCache:
    """The cache of texts: one SQLite file, safe to delete. It may hold texts of several versions of the reader.

    Its methods raise `sqlite3.Error` if the file becomes unusable while open, or was damaged.

    Args:
        path: the file; created if it does not exist.

    Raises:
        EngineError: the file can be neither used nor replaced.
    """

    def __init__(self, path: Path) -> None:
        self._db = open_cache(path, _TABLES)
        self._db.execute(_RECOGNISED)

    def read(self, text: str, read: Callable[[], Publication]) -> Publication:
        """Return a document from the cache or, if it is not there, read it and keep it.

        A document whose reading was interrupted by the machine is not kept: the next run may be able to read it.

        Args:
            text: key of its text, as `text_key` returns it.
            read: reads the file.
        """
        held = self.get(text)
        if held is None:
            held = read()
            if held.status is not Status.INTERRUPTED:
                self.put(text, held)
        return held

    def put(self, text: str, document: Publication) -> None:
        """Keep a document under the key `text`, in place of what is kept there."""
        with transaction(self._db):
            self._db.execute("DELETE FROM pages WHERE text = ?", (text,))
            self._db.execute("DELETE FROM recognised WHERE text = ?", (text,))
            if document.recognised_pages:
                self._db.execute("INSERT INTO recognised VALUES (?, ?)", (text, json.dumps(document.recognised_pages)))
            self._db.execute(
                "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(text, document.media_type, document.status.value, document.reason, document.title),
                    json.dumps(document.labels, ensure_ascii=False),
                    json.dumps(document.empty_pages),
                ),
            )
            self._db.executemany(
                "INSERT INTO pages VALUES (?, ?, ?)", [(text, page.number, _pack(page)) for page in document.pages]
            )

    def facts(self, text: str) -> PublicationFacts | None:
        """Return what is known of the document with the key `text`, or None if it is not in the cache."""
        return _facts(self._db, text)

    def get(self, text: str) -> Publication | None:
        """Return the document with the key `text` and all its pages, or None if it is not in the cache."""
        facts = self.facts(text)
        if facts is None:
            return None
        rows = self._db.execute("SELECT number, page FROM pages WHERE text = ? ORDER BY number", (text,))
        try:
            pages = tuple(_unpack(number, facts.labels[number - 1], held) for number, held in rows)
        except (ValueError, IndexError) as error:
            raise sqlite3.DatabaseError("a document of the cache is damaged") from error
        return Publication(facts.media_type, facts.status, facts.reason, pages, facts.title, facts.recognised_pages)

    def page(self, text: str, number: int) -> Page | None:
        """Return one page of the document with the key `text` without reading the others, or None if not cached."""
        return _page(self._db, text, number)

    def known(self) -> frozenset[str]:
        """Return the keys of all texts in the cache."""
        return _known(self._db)

    def forget_all_but(self, texts: Iterable[str]) -> None:
        """Delete all documents except those with the given keys."""
        kept = set(texts)
        gone = [(one,) for one in self.known() if one not in kept]
        if gone:
            with transaction(self._db):
                self._db.executemany("DELETE FROM pages WHERE text = ?", gone)
                self._db.executemany("DELETE FROM documents WHERE text = ?", gone)
                self._db.executemany("DELETE FROM recognised WHERE text = ?", gone)

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class CachedPageTexts:
    """Reads page texts from a cache that other processes write; implements `PageTexts` for engines.

    It may be used by any number of threads, and in processes that are forked after it was made: each thread of each
    process opens the file when it first needs it, and again when the file was replaced. A damaged entry counts as
    absent, since the next indexing run reads the file again.

    Args:
        path: the file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = threading.local()

    def page(self, text: str, number: int, /) -> Page | None:
        """Return a page of the document with the key `text`, or None if the cache does not hold it.

        Raises:
            EngineError: the system refuses to read the cache.
        """
        return self._ask(lambda database: _page(database, text, number))

    def facts(self, text: str) -> PublicationFacts | None:
        """Return what is known of the document with the key `text`, or None if the cache does not hold it.

        Raises:
            EngineError: the system refuses to read the cache.
        """
        return self._ask(lambda database: _facts(database, text))

    def known(self) -> frozenset[str]:
        """Return the keys of all texts in the cache.

        Raises:
            EngineError: the system refuses to read the cache.
        """
        return self._ask(_known) or frozenset()

    def _ask(self, question: Callable[[sqlite3.Connection], _Answer | None]) -> _Answer | None:
        try:
            database = self._database()
            return None if database is None else question(database)
        except (sqlite3.Error, OSError) as error:
            self.close()
            if isinstance(error, sqlite3.Error) and not is_refusal(error):
                _log.warning("texts of publications cannot be read: %s", error)
                return None
            raise EngineError(
                f"« {self._path} » ne peut être lu {reason_at(self._path, error).then('supprimez-le, il sera refait')}."
            ) from error

    def close(self) -> None:
        """Close the file, if this thread has opened it."""
        held: _Opened | None = getattr(self._held, "opened", None)
        self._held.opened = None
        if held is not None and held.process == os.getpid():
            held.database.close()

    def _database(self) -> sqlite3.Connection | None:
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            self.close()
            return None
        file = (found.st_dev, found.st_ino)
        held: _Opened | None = getattr(self._held, "opened", None)
        if held is None or (held.process, held.file) != (os.getpid(), file):
            self.close()
            held = self._held.opened = _Opened(os.getpid(), file, open_cache_to_read(self._path))
        return held.database


class _Opened(NamedTuple):
    """A cache that a thread has open: by which process, and which file it is."""

    process: int
    file: tuple[int, int]
    database: sqlite3.Connection


def _known(database: sqlite3.Connection) -> frozenset[str]:
    return frozenset(text for (text,) in database.execute("SELECT text FROM documents"))


def _facts(database: sqlite3.Connection, text: str) -> PublicationFacts | None:
    row = database.execute(
        "SELECT media_type, status, reason, title, labels, empty_pages FROM documents WHERE text = ?", (text,)
    ).fetchone()
    if row is None:
        return None
    media_type, status, reason, title, labels, empty = row
    try:
        return PublicationFacts(
            *(media_type, Status(status), reason, title),
            *(tuple(json.loads(labels)), tuple(json.loads(empty)), _recognised(database, text)),
        )
    except (ValueError, TypeError) as error:
        raise sqlite3.DatabaseError("a document of the cache is damaged") from error


def _recognised(database: sqlite3.Connection, text: str) -> tuple[int, ...]:
    # A cache that no run has opened since this table exists has none.
    if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'recognised'").fetchone() is None:
        return ()
    row = database.execute("SELECT pages FROM recognised WHERE text = ?", (text,)).fetchone()
    return () if row is None else tuple(json.loads(row[0]))


def _page(database: sqlite3.Connection, text: str, number: int) -> Page | None:
    row = database.execute(_PAGE, {"text": text, "number": number}).fetchone()
    if row is None:
        return None
    try:
        return _unpack(number, json.loads(row[0])[number - 1], row[1])
    except (ValueError, IndexError) as error:
        raise sqlite3.DatabaseError("a document of the cache is damaged") from error


def _pack(page: Page) -> bytes:
    return zlib.compress(json.dumps([page.text, page.running], ensure_ascii=False).encode(), 6)


def _unpack(number: int, label: str | None, held: bytes) -> Page:
    try:
        text, running = json.loads(zlib.decompress(held))
        return Page(number, label, text, tuple(Span(*_pair(one)) for one in running))
    except (zlib.error, TypeError) as error:
        raise ValueError("a page is damaged") from error


def _pair(value: Any) -> tuple[int, int]:
    start, end = value
    return int(start), int(end)
