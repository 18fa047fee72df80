"""The state of all sources: one SQLite file in the corpus, backed up with its pages.

The file stands beside the pages since they belong together: a validator (`ETag`, `Last-Modified`) is of use only as
long as the corpus has its page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.errors import GatheringError
from indexer.storage.database import Step, open_shared, reason_at, transaction
from indexer.storage.os_errors import Reason

GATHERING = "gathering.sqlite"
"""Name of the SQLite file, in the corpus folder, that holds the state of all sources."""

_STEPS: tuple[Step, ...] = (
    (
        """CREATE TABLE sources (
    name TEXT PRIMARY KEY, settings TEXT NOT NULL, profile BLOB, guessed TEXT, added TEXT NOT NULL
)""",
        """CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, began TEXT NOT NULL, ended TEXT,
    state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', requests INTEGER NOT NULL DEFAULT 0,
    came INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL DEFAULT 0, unchanged INTEGER NOT NULL DEFAULT 0,
    gone INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, asked INTEGER NOT NULL DEFAULT 0,
    notes TEXT NOT NULL DEFAULT '[]', position TEXT NOT NULL DEFAULT ''
)""",
        "CREATE INDEX runs_source ON runs (source, number)",
        """CREATE TABLE addresses (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, key TEXT NOT NULL, url TEXT NOT NULL,
    family TEXT NOT NULL, template TEXT NOT NULL, depth INTEGER NOT NULL, chain INTEGER NOT NULL,
    listed INTEGER NOT NULL DEFAULT 0, run INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
    resource INTEGER NOT NULL DEFAULT 0, fruitful INTEGER NOT NULL DEFAULT 0, echo INTEGER NOT NULL DEFAULT 0,
    spent INTEGER NOT NULL DEFAULT 0,
    signature TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '', place TEXT NOT NULL DEFAULT '',
    fetched TEXT NOT NULL DEFAULT '', etag TEXT NOT NULL DEFAULT '', modified TEXT NOT NULL DEFAULT '',
    open_etag TEXT NOT NULL DEFAULT '', open_modified TEXT NOT NULL DEFAULT '', open INTEGER NOT NULL DEFAULT 0,
    hidden INTEGER NOT NULL DEFAULT 0,
    missing_since TEXT NOT NULL DEFAULT '', missing_run INTEGER NOT NULL DEFAULT 0, gone TEXT NOT NULL DEFAULT '',
    UNIQUE (source, key)
)""",
        "CREATE INDEX addresses_waiting ON addresses (source, done, tries, chain, depth, id)",
        "CREATE INDEX addresses_signature ON addresses (source, template, signature)",
        "CREATE INDEX addresses_spent ON addresses (source, family) WHERE spent",
        "CREATE INDEX addresses_resource ON addresses (source, family) WHERE resource",
        "CREATE TABLE closed (source TEXT NOT NULL, family TEXT NOT NULL, PRIMARY KEY (source, family)) WITHOUT ROWID",
        """CREATE TABLE links (
    origin INTEGER NOT NULL, target INTEGER NOT NULL, PRIMARY KEY (origin, target)
) WITHOUT ROWID""",
        "CREATE INDEX links_target ON links (target)",
        "CREATE TABLE nodes (address INTEGER PRIMARY KEY, nid INTEGER NOT NULL, uuid TEXT NOT NULL)",
        """CREATE TABLE spool (
    address INTEGER PRIMARY KEY, at TEXT NOT NULL, hidden INTEGER NOT NULL, body BLOB
)""",
        """CREATE TABLE files (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, key TEXT NOT NULL, url TEXT NOT NULL, run INTEGER NOT NULL DEFAULT 0,
    etag TEXT NOT NULL DEFAULT '', modified TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '',
    fetched TEXT NOT NULL DEFAULT '', waiting INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
    UNIQUE (source, key)
)""",
        """CREATE TABLE removals (
    resource TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (resource, source)
) WITHOUT ROWID""",
    ),
)


class State:
    """The open SQLite file with the sources, their runs and addresses, and the pages that wait for an import.

    Args:
        corpus: the corpus folder; it exists.

    Raises:
        GatheringError: the file cannot be used.
    """

    def __init__(self, corpus: Path) -> None:
        self.path = corpus / GATHERING
        self.database = open_shared(self.path, _STEPS, unusable=self._unusable)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection to the file, for reading.

        Raises:
            GatheringError: the file cannot be read.
        """
        try:
            yield self.database
        except sqlite3.Error as error:
            raise self._unusable(reason_at(self.path, error)) from error

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection in a transaction: all of its changes are committed, or none is.

        Raises:
            GatheringError: the file cannot be written.
        """
        with self.reading() as database, transaction(database):
            yield database

    def _unusable(self, reason: Reason) -> GatheringError:
        return GatheringError(
            f"L’état des sources « {self.path} » ne peut être lu ou écrit "
            f"{reason.then('restaurez-le d’une sauvegarde')}."
        )


@contextmanager
def opened(corpus: Path) -> Iterator[State]:
    """Yield the open state of the sources, creating its file and the corpus folder if needed.

    Raises:
        GatheringError: the file or the folder cannot be used.
    """
    try:
        corpus.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GatheringError(f"Le dossier « {corpus} » ne peut être créé : vérifiez ses droits.") from error
    state = State(corpus)
    try:
        yield state
    finally:
        state.close()
