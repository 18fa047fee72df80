"""Provenance of each generation's resources: what they were made from. One SQLite file in the index, safe to delete."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from indexer.resolution import AssemblyInputs, NodeRef, Provenance
from indexer.storage.database import open_cache, open_cache_to_read

PROVENANCE = "built.sqlite"

# A row applies to the generations from `born` to the one before `died`. Names have equal length, so they sort by age.
_TABLES = """
CREATE TABLE IF NOT EXISTS written (generation TEXT PRIMARY KEY, mark TEXT, ground TEXT, corrections TEXT);
CREATE TABLE IF NOT EXISTS origins (
    id TEXT, signature TEXT, themes TEXT, renames TEXT, shown_as TEXT, born TEXT, died TEXT, PRIMARY KEY (id, born)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS places (
    path TEXT, ordinal INTEGER, id TEXT, born TEXT, died TEXT, PRIMARY KEY (path, ordinal, id, born)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS places_id ON places (id);
"""
_IN_IT = "born <= :generation AND (died IS NULL OR died > :generation)"


@dataclass(frozen=True, slots=True)
class SourceState:
    """The state of the corpus that a generation was written from.

    Attributes:
        mark: mark in the catalogue's journal; the generation holds no change made after it. None if unknown.
        inputs: what resources depended on besides their pages: versions of the program, settings and corrections.
    """

    mark: str | None
    inputs: AssemblyInputs


class ProvenanceStore:
    """A store of the provenance of resources, by generation and id.

    Its methods raise `sqlite3.Error` if the file becomes unusable while open; `Workspace` translates that error.

    Args:
        path: the file; created if it does not exist.

    Raises:
        EngineError: the file can be neither used nor replaced.
    """

    def __init__(self, path: Path) -> None:
        self._db = open_cache(path, _TABLES)

    def source_state(self, generation: str | None) -> SourceState | None:
        """Return the state of the corpus that a generation was written from, or None if it is not stored."""
        row = self._db.execute(
            "SELECT mark, ground, corrections FROM written WHERE generation = ?", (generation,)
        ).fetchone()
        return None if row is None else SourceState(row[0], AssemblyInputs(row[1], json.loads(row[2])))

    def provenances(self, generation: str | None) -> dict[str, Provenance] | None:
        """Return, by id, what a generation's resources were made from, or None if that is not stored."""
        if self.source_state(generation) is None:
            return None
        node_refs: defaultdict[str, list[NodeRef]] = defaultdict(list)
        for resource_id, *place in self._rows("id, path, ordinal", "places", generation):
            node_refs[resource_id].append(NodeRef(*place))
        rows = self._rows("id, signature, themes, renames, shown_as", "origins", generation)
        return {row[0]: _provenance(row, node_refs[row[0]]) for row in rows}

    def provenances_at(self, generation: str, node_refs: Iterable[NodeRef]) -> dict[str, Provenance]:
        """Return, by id, the provenance of the resources of a generation that were made from any of some nodes."""
        found = {
            row[0]
            for path, ordinal in node_refs
            for row in self._db.execute(
                f"SELECT id FROM places WHERE path = :path AND ordinal = :ordinal AND {_IN_IT}",  # noqa: S608
                {"path": path, "ordinal": ordinal, "generation": generation},
            )
        }
        return {resource_id: self._one(generation, resource_id) for resource_id in sorted(found)}

    def _one(self, generation: str, resource_id: str) -> Provenance:
        values = {"id": resource_id, "generation": generation}
        (row,) = self._db.execute(
            f"SELECT id, signature, themes, renames, shown_as FROM origins WHERE id = :id AND {_IN_IT}",  # noqa: S608
            values,
        )
        node_refs = self._db.execute(f"SELECT path, ordinal FROM places WHERE id = :id AND {_IN_IT}", values)  # noqa: S608
        return _provenance(row, [NodeRef(*place) for place in node_refs])

    def _rows(self, columns: str, table: str, generation: str | None) -> sqlite3.Cursor:
        query = f"SELECT {columns} FROM {table} WHERE {_IN_IT}"  # noqa: S608 - our own names
        return self._db.execute(query, {"generation": generation})

    def save(
        self,
        generation: str,
        source_state: SourceState,
        provenances: Mapping[str, Provenance],
        *,
        since: str | None = None,
        gone: Collection[str] = (),
    ) -> tuple[str, ...]:
        """Store the provenance of a generation; that of the previous one is kept for rollbacks.

        Args:
            generation: name of the generation.
            source_state: state of the corpus that it was written from.
            provenances: provenance of all its resources or, with `since`, of the new and rewritten ones.
            since: name of the generation that all other resources are shared with, or None.
            gone: ids of resources of `since` that were removed.

        Returns:
            Marks of the catalogue's journal that are still in use.
        """
        self._db.execute("BEGIN")
        (before,) = self._db.execute(
            "SELECT max(generation) FROM written WHERE generation < ?", (generation,)
        ).fetchone()
        self._db.execute("DELETE FROM written WHERE generation IS NOT ?", (before,))
        for table in ("origins", "places"):
            self._db.execute(f"DELETE FROM {table} WHERE died <= ? OR ? IS NULL", (before, before))  # noqa: S608
            if since is None:
                self._db.execute(f"UPDATE {table} SET died = ? WHERE died IS NULL", (generation,))  # noqa: S608
            else:
                self._db.executemany(
                    f"UPDATE {table} SET died = ? WHERE id = ? AND died IS NULL",  # noqa: S608
                    ((generation, resource_id) for resource_id in {*gone, *provenances}),
                )
        self._db.execute(
            "INSERT INTO written VALUES (?, ?, ?, ?)",
            (generation, source_state.mark, source_state.inputs.version, json.dumps(source_state.inputs.corrections)),
        )
        self._db.executemany(
            "INSERT INTO origins VALUES (?, ?, ?, ?, ?, ?, NULL)",
            (
                (i, o.signature, "\n".join(o.themes), o.renames, "\n".join(o.shown_as), generation)
                for i, o in provenances.items()
            ),
        )
        self._db.executemany(
            "INSERT INTO places VALUES (?, ?, ?, ?, NULL)",
            ((place.path, place.ordinal, i, generation) for i, o in provenances.items() for place in o.node_refs),
        )
        marks = self._db.execute("SELECT mark FROM written WHERE mark IS NOT NULL").fetchall()
        self._db.execute("COMMIT")
        return tuple(mark for (mark,) in marks)

    def rest_on(self, generation: str, source_state: SourceState) -> None:
        """Note that a generation is up to date with a newer state of the corpus, whose changes affect no resource."""
        self._db.execute(
            "UPDATE written SET mark = ?, ground = ?, corrections = ? WHERE generation = ?",
            (source_state.mark, source_state.inputs.version, json.dumps(source_state.inputs.corrections), generation),
        )

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def rewritten_between(path: Path, earlier: str, later: str) -> frozenset[str] | None:
    """Return the ids of the resources of two generations that are not the same in both, or None if that is not known.

    Args:
        path: the file of the provenance, which is only read.
        earlier: name of a generation.
        later: name of another one, written after it.
    """
    alive = "(%s.born <= :%s AND (%s.died IS NULL OR %s.died > :%s))"
    query = (
        "SELECT o.id FROM origins o JOIN origins e ON e.id = o.id "  # noqa: S608 - our own names
        f"WHERE {alive % ('o', 'later', 'o', 'o', 'later')} AND {alive % ('e', 'earlier', 'e', 'e', 'earlier')} "
        "AND (o.signature <> e.signature OR o.renames <> e.renames)"
    )
    values = {"earlier": earlier, "later": later}
    try:
        with closing(open_cache_to_read(path)) as database:
            known = database.execute("SELECT count(*) FROM written WHERE generation IN (:earlier, :later)", values)
            if known.fetchone()[0] < len({earlier, later}):
                return None
            return frozenset(resource_id for (resource_id,) in database.execute(query, values))
    except sqlite3.Error:
        return None  # it is a cache, which another run may be replacing


def _provenance(row: tuple[str, ...], node_refs: Iterable[NodeRef]) -> Provenance:
    _, signature, themes, renames, shown_as = row
    return Provenance(signature, _parts(themes), renames, _parts(shown_as), tuple(sorted(node_refs)))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()
