"""A cache of the text of publications, keyed by content: each file is read once with each version of the reader."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from indexer.document.pages import Page, Span
from indexer.publications.publication import Publication, Status
from indexer.storage.database import open_cache, transaction

PUBLICATION_CACHE = "publications.sqlite"
"""Name of the cache in the index folder."""

READER_VERSION = 1
"""Increment with every change to what a reader makes of a file: publications are then read again."""

_TABLES = """
CREATE TABLE IF NOT EXISTS version (text TEXT);
CREATE TABLE IF NOT EXISTS documents (digest TEXT PRIMARY KEY, media_type TEXT, status TEXT, reason TEXT, title TEXT,
    labels TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (digest TEXT, number INTEGER, page BLOB, PRIMARY KEY (digest, number)) WITHOUT ROWID;
"""


def reader_version() -> str:
    """Return the version of all that decides what is read of a file."""
    return f"{READER_VERSION} pypdfium2 {version('pypdfium2')} lxml {version('lxml')}"


class PublicationCache:
    """The cache: one SQLite file, safe to delete.

    Its methods raise `sqlite3.Error` if the file becomes unusable while open, or was damaged.

    Args:
        path: the file; created if it does not exist.

    Raises:
        EngineError: the file can be neither used nor replaced.
    """

    def __init__(self, path: Path) -> None:
        self._db = open_cache(path, _TABLES)
        try:
            if self._db.execute("SELECT text FROM version").fetchone() != (reader_version(),):
                with transaction(self._db):
                    for table in ("version", "documents", "pages"):
                        self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
                    self._db.execute("INSERT INTO version VALUES (?)", (reader_version(),))
        except BaseException:
            self._db.close()
            raise

    def read(self, digest: str, read: Callable[[], Publication]) -> Publication:
        """Return a document from the cache or, if it is not there, read it and keep it.

        What the machine interrupted is not kept: the next run may be able to read it.

        Args:
            digest: digest of the content of the file.
            read: reads the file.
        """
        held = self.get(digest)
        if held is None:
            held = read()
            if held.status is not Status.INTERRUPTED:
                self.put(digest, held)
        return held

    def put(self, digest: str, document: Publication) -> None:
        """Keep a document, in place of what is kept of the same content."""
        with transaction(self._db):
            self._db.execute("DELETE FROM pages WHERE digest = ?", (digest,))
            self._db.execute(
                "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)",
                (
                    *(digest, document.media_type, document.status.value, document.reason, document.title),
                    json.dumps(document.labels, ensure_ascii=False),
                ),
            )
            self._db.executemany(
                "INSERT INTO pages VALUES (?, ?, ?)", [(digest, page.number, _pack(page)) for page in document.pages]
            )

    def get(self, digest: str) -> Publication | None:
        """Return a document with all its pages, or None if it is not in the cache."""
        row = self._db.execute(
            "SELECT media_type, status, reason, title, labels FROM documents WHERE digest = ?", (digest,)
        ).fetchone()
        if row is None:
            return None
        media_type, status, reason, title, labels = row
        rows = self._db.execute("SELECT number, page FROM pages WHERE digest = ? ORDER BY number", (digest,))
        try:
            named = json.loads(labels)
            pages = tuple(_unpack(number, named[number - 1], held) for number, held in rows)
            return Publication(media_type, Status(status), reason, pages, title)
        except (ValueError, IndexError) as error:
            raise sqlite3.DatabaseError("a document of the cache is damaged") from error

    def page(self, digest: str, number: int) -> Page | None:
        """Return one page without reading the others, or None if it is not in the cache."""
        row = self._db.execute(
            "SELECT d.labels, p.page FROM documents d JOIN pages p USING (digest) WHERE digest = ? AND number = ?",
            (digest, number),
        ).fetchone()
        if row is None:
            return None
        try:
            return _unpack(number, json.loads(row[0])[number - 1], row[1])
        except (ValueError, IndexError) as error:
            raise sqlite3.DatabaseError("a document of the cache is damaged") from error

    def forget_all_but(self, digests: Iterable[str]) -> None:
        """Delete all documents except those with the given digests."""
        kept = set(digests)
        gone = [(one,) for (one,) in self._db.execute("SELECT digest FROM documents") if one not in kept]
        if gone:
            with transaction(self._db):
                self._db.executemany("DELETE FROM pages WHERE digest = ?", gone)
                self._db.executemany("DELETE FROM documents WHERE digest = ?", gone)

    def close(self) -> None:
        """Close the file."""
        self._db.close()


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


class CachedPageTexts:
    """The pages of a cache."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def page(self, text: str, number: int, /) -> Page | None:
        """Return a page."""
        cache = PublicationCache(self._path)
        try:
            return cache.page(text, number)
        finally:
            cache.close()
