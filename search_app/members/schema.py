"""The tables of the shelf's file: for each version of them, the statements that lead to it from the one before."""

from __future__ import annotations

STEPS = (
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
        # When a search first found a resource, and whether it still does.
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
        # Private feeds can be ended all at once, and end when they are no longer read. Those from before go on.
        "ALTER TABLE searches ADD COLUMN feed_epoch INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE searches ADD COLUMN feed_made REAL",
        "ALTER TABLE searches ADD COLUMN feed_used REAL",
        "ALTER TABLE searches ADD COLUMN feed_counted REAL NOT NULL DEFAULT 0",
        "UPDATE searches SET feed_counted = CAST(strftime('%s', 'now') AS REAL) WHERE feed IS NOT NULL",
    ),
)
