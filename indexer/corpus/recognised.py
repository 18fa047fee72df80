"""The texts recognised in images of pages, in one SQLite file of the corpus.

They are in the corpus, not in a cache of the index: recognising takes seconds a page, and a program that may be missing
later. Each page is stored as soon as it is done, so a run that was killed goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from indexer.errors import CorpusError
from indexer.storage.database import Database, Step
from indexer.storage.os_errors import Reason

RECOGNISED = "recognised.sqlite"
"""Name of the file in the corpus."""

_STEPS: tuple[Step, ...] = (
    (
        "CREATE TABLE pages (digest TEXT NOT NULL, number INTEGER NOT NULL, version TEXT NOT NULL, text TEXT NOT NULL, "
        "PRIMARY KEY (digest, version, number)) WITHOUT ROWID",
        "CREATE TABLE files (digest TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID",
    ),
)


class RecognisedTexts:
    """The recognised texts of an archive, by file, page and version of the recogniser.

    The recogniser is the program that finds text in images. Any process may read and write the texts; the lock of the
    corpus is not needed.

    Every method raises `CorpusError` if the file cannot be read or written.

    Args:
        corpus: folder of the corpus.
    """

    def __init__(self, corpus: Path) -> None:
        path = corpus / RECOGNISED
        self._database = Database(path, _STEPS, unusable=lambda reason: _unusable(path, reason))

    def examine(self) -> None:
        """Check that the file, if there is one, can be used.

        Raises:
            CorpusError: the file cannot be used.
        """
        self._database.examine()

    def settled(self, digest: str, version: str) -> frozenset[int]:
        """Return the page numbers of a file that a version of the recogniser has looked at, with or without text.

        Raises:
            CorpusError: they cannot be read.
        """
        with self._database.reading() as db:
            rows = (
                []
                if db is None
                else db.execute("SELECT number FROM pages WHERE (digest, version) = (?, ?)", (digest, version))
            )
            return frozenset(number for (number,) in rows)

    def put(self, digest: str, number: int, version: str, text: str) -> None:
        """Store the text that a version of the recogniser found on a page of a file, empty if it is sure of nothing.

        Raises:
            CorpusError: it cannot be written.
        """
        with self._database.changing() as db:
            db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?)", (digest, number, version, text))

    def finish(self, digest: str, version: str) -> None:
        """Note that a version of the recogniser has looked at a whole file, and delete the texts of other versions.

        Raises:
            CorpusError: it cannot be written.
        """
        with self._database.changing() as db:
            db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (digest, version))
            db.execute("DELETE FROM pages WHERE digest = ? AND version != ?", (digest, version))

    def finished(self) -> dict[str, str]:
        """Return, by digest, the version of the recogniser that has looked at all pages of a file (see `finish`).

        Raises:
            CorpusError: they cannot be read.
        """
        with self._database.reading() as db:
            return {} if db is None else dict(db.execute("SELECT digest, version FROM files").fetchall())

    def texts(self, digest: str, version: str) -> dict[int, str]:
        """Return the texts that a version of the recogniser found on the pages of a file, by page number.

        Raises:
            CorpusError: they cannot be read.
        """
        with self._database.reading() as db:
            if db is None:
                return {}
            rows = db.execute("SELECT number, text FROM pages WHERE (digest, version) = (?, ?)", (digest, version))
            return dict(rows.fetchall())

    def forget_all_but(self, digests: Iterable[str]) -> None:
        """Delete the texts of all files except those with the given digests.

        Raises:
            CorpusError: they cannot be deleted.
        """
        kept = set(digests)
        with self._database.reading() as db:
            held = set() if db is None else {one for (one,) in db.execute("SELECT DISTINCT digest FROM pages")}
        gone = [(digest,) for digest in held - kept]
        if gone:
            with self._database.changing() as db:
                db.executemany("DELETE FROM pages WHERE digest = ?", gone)
                db.executemany("DELETE FROM files WHERE digest = ?", gone)


def _unusable(path: Path, reason: Reason) -> CorpusError:
    return CorpusError(
        f"Les textes reconnus « {path} » ne peuvent être lus ou écrits {reason.then('restaurez-les d’une sauvegarde')}."
    )
