"""What generations were written from: the origin of each resource. One SQLite file in the index, safe to delete."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from indexer.assembling import Origin
from indexer.scratch import open_scratch

BUILT = "built.sqlite"


class Built:
    """Origins of resources, by generation and id.

    Args:
        path: the file; made if it does not exist.

    Raises:
        EngineError: it can be neither used nor replaced.
    """

    def __init__(self, path: Path) -> None:
        self._db = open_scratch(
            path,
            """CREATE TABLE IF NOT EXISTS written (generation TEXT PRIMARY KEY);
            CREATE TABLE IF NOT EXISTS written_from (
                generation TEXT, id TEXT, signature TEXT, themes TEXT, renames TEXT, shown_as TEXT,
                PRIMARY KEY (generation, id)
            ) WITHOUT ROWID;""",
        )

    def origins(self, generation: str | None) -> dict[str, Origin] | None:
        """Origins by resource id, or None if nothing is known of this generation."""
        if self._db.execute("SELECT 1 FROM written WHERE generation = ?", (generation,)).fetchone() is None:
            return None
        rows = self._db.execute(
            "SELECT id, signature, themes, renames, shown_as FROM written_from WHERE generation = ?", (generation,)
        )
        return {row[0]: Origin(row[1], _parts(row[2]), row[3], _parts(row[4])) for row in rows}

    def save(self, generation: str, origins: Mapping[str, Origin]) -> None:
        """Note what a generation was written from; the one before is kept, as one may go back to it."""
        self._db.execute("BEGIN")
        (before,) = self._db.execute(
            "SELECT max(generation) FROM written WHERE generation < ?", (generation,)
        ).fetchone()
        for table in ("written", "written_from"):
            self._db.execute(f"DELETE FROM {table} WHERE generation IS NOT ?", (before,))  # noqa: S608 - our own tables
        self._db.execute("INSERT INTO written VALUES (?)", (generation,))
        rows = (
            (generation, i, o.signature, "\n".join(o.themes), o.renames, "\n".join(o.shown_as))
            for i, o in origins.items()
        )
        self._db.executemany("INSERT INTO written_from VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Release the file."""
        self._db.close()


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()
