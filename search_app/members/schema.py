"""The schema of the members' file: lists, saved searches, and visitors who follow a search."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from indexer.storage.database import WAIT, Database, Step
from search_app.data_files import open_data_file

DEFAULT_LIST = "Ma sélection"
"""Name of the list that is created when a member without a list adds a resource."""


def _to_lists(database: sqlite3.Connection) -> None:
    """Migrate the one selection of each member to a list of the default name."""
    for statement in (
        """
        CREATE TABLE lists (
            id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, name TEXT NOT NULL, chosen REAL NOT NULL,
            share TEXT UNIQUE
        )
        """,
        "CREATE INDEX lists_account ON lists (account)",
        """
        CREATE TABLE items (
            list INTEGER NOT NULL REFERENCES lists (id) ON DELETE CASCADE, resource TEXT NOT NULL,
            rank INTEGER NOT NULL, note TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (list, resource)
        ) WITHOUT ROWID
        """,
    ):
        database.execute(statement)
    database.execute(
        "INSERT INTO lists (account, name, chosen) SELECT DISTINCT account, ?, 0 FROM selected", (DEFAULT_LIST,)
    )
    database.execute(
        "INSERT INTO items (list, resource, rank) "
        "SELECT l.id, s.resource, s.rank FROM selected s JOIN lists l ON l.account = s.account"
    )
    database.execute("DROP TABLE selected")


STEPS: tuple[Step, ...] = (
    (
        """
        CREATE TABLE selected (
            account TEXT NOT NULL,
            resource TEXT NOT NULL,
            rank INTEGER NOT NULL,
            PRIMARY KEY (account, resource)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE searches (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            account TEXT NOT NULL,
            name TEXT NOT NULL,
            arguments TEXT NOT NULL,
            saved REAL NOT NULL,
            since REAL NOT NULL,
            visited REAL NOT NULL,
            generation TEXT,
            feed TEXT UNIQUE
        )
        """,
        "CREATE INDEX searches_account ON searches (account)",
        # Records when a search first found a resource, and whether it still finds it.
        """
        CREATE TABLE found (
            search INTEGER NOT NULL REFERENCES searches (id) ON DELETE CASCADE,
            resource TEXT NOT NULL,
            first REAL NOT NULL,
            present INTEGER NOT NULL DEFAULT 1,
            PRIMARY KEY (search, resource)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX found_first ON found (search, first)",
    ),
    (
        # All private feeds of an account can be ended at once, and unused feeds expire. Existing feeds stay valid.
        "ALTER TABLE searches ADD COLUMN feed_epoch INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE searches ADD COLUMN feed_made REAL",
        "ALTER TABLE searches ADD COLUMN feed_used REAL",
        "ALTER TABLE searches ADD COLUMN feed_counted REAL NOT NULL DEFAULT 0",
        "UPDATE searches SET feed_counted = CAST(strftime('%s', 'now') AS REAL) WHERE feed IS NOT NULL",
    ),
    (
        # Searches saved before `match` could be chosen require all words from now on, so that none is flooded with hits
        # that have only some of them.
        "UPDATE searches SET arguments = arguments || '&match=all' WHERE '&' || arguments LIKE '%&q=%'",
    ),
    _to_lists,
    (
        # News of saved searches by e-mail, and visitors who follow a search without an account.
        "ALTER TABLE searches ADD COLUMN mail TEXT",
        "ALTER TABLE searches ADD COLUMN mail_since REAL NOT NULL DEFAULT 0",
        "ALTER TABLE searches ADD COLUMN mail_until REAL",
        "ALTER TABLE searches ADD COLUMN mail_due REAL",
        "ALTER TABLE searches ADD COLUMN mail_refused INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX searches_mail_due ON searches (mail_due)",
        """
        CREATE TABLE followers (
            key TEXT PRIMARY KEY, email TEXT NOT NULL, arguments TEXT NOT NULL, mail TEXT NOT NULL, made REAL NOT NULL,
            confirmed REAL, hash TEXT UNIQUE
        ) WITHOUT ROWID
        """,
        "CREATE INDEX followers_email ON followers (email)",
    ),
)


def open_shelf(path: Path, *, wait: float = WAIT) -> Database:
    """Return the database of lists, saved searches and followers; its file is opened on first use.

    Args:
        path: the SQLite file, created by the first change.
        wait: seconds to wait for another process that is writing.
    """
    return open_data_file(path, STEPS, wait=wait)
