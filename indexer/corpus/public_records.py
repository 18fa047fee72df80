"""The record of which resources were public, and when that changed, for harvesters (programs that copy the catalogue by
OAI-PMH). One SQLite file in the corpus.

A resource enters it when visitors first see it, and never leaves it: once they no longer see it, its record is kept as
a deleted one. A resource that was never public has no row, so nothing in the record depends on it.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.analysis import best_form, slug
from indexer.errors import CorpusError
from indexer.resource import Resource
from indexer.storage.database import Database, Step
from indexer.storage.os_errors import Reason

PUBLIC_RECORDS = "public.sqlite"
"""Name of the file in the corpus."""
THEME, TYPE = "theme", "type"
"""Names of the two top-level sets: every other set is below one of them."""

_LONGEST_NAME = 200
_STEPS: tuple[Step, ...] = (
    (
        """CREATE TABLE records (
    id TEXT PRIMARY KEY, changed INTEGER NOT NULL, deleted INTEGER NOT NULL, digest TEXT NOT NULL
) WITHOUT ROWID""",
        "CREATE INDEX records_changed ON records (changed, id)",
        """CREATE TABLE memberships (
    id TEXT NOT NULL, spec TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (id, spec)
) WITHOUT ROWID""",
        "CREATE INDEX memberships_spec ON memberships (spec, id)",
        "CREATE TABLE state (generation TEXT NOT NULL)",
    ),
)


@dataclass(frozen=True, slots=True)
class RecordSet:
    """A set of records: its name in OAI-PMH, such as ``theme:alimentation``, and its name for people."""

    spec: str
    name: str


@dataclass(frozen=True, slots=True)
class PublicState:
    """What visitors see of a resource: a digest of it, and the sets that it is in."""

    digest: str
    sets: tuple[RecordSet, ...]


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """A resource that is or was public.

    Attributes:
        id: its id.
        changed: when visitors first saw it as it is now or, if it is deleted, when they stopped seeing it: seconds
            since 1970.
        deleted: whether they no longer see it.
        sets: names of its sets; those that it was in, if it is deleted.
    """

    id: str
    changed: int
    deleted: bool
    sets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Conditions on records: in a set, and changed in a span of time (seconds since 1970, both ends included).

    None sets no condition.
    """

    spec: str | None = None
    since: int | None = None
    until: int | None = None


def public_state(resource: Resource) -> PublicState | None:
    """Return what visitors see of a resource, or None if it is private."""
    if resource.private:
        return None
    seen = [
        *(resource.url, resource.title, resource.body, resource.summary, resource.type, resource.themes),
        *(resource.date, resource.year, resource.author, [(one.url, one.label) for one in resource.attachments]),
        [(one.n, one.name, one.title, one.digest, one.media_type) for one in resource.documents],
        resource.territories,
    ]
    digest = hashlib.blake2b(json.dumps(seen).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    named = [(THEME, theme) for theme in resource.themes] + ([] if resource.type is None else [(TYPE, resource.type)])
    sets = {spec: RecordSet(spec, name) for kind, name in named for spec in [f"{kind}:{_spec(name)}"]}
    return PublicState(digest, tuple(sets.values()))


def _spec(name: str) -> str:
    short = slug(name, limit=_LONGEST_NAME)
    return short or hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


class PublicRecords:
    """The records of all resources of an archive that are or were public.

    Args:
        path: the SQLite file; the first change creates it.
        clock: returns the seconds since 1970.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._store = Database(path, _STEPS, unusable=lambda reason: _unusable(path, reason))
        self._clock = clock

    def generation(self) -> str | None:
        """Return the name of the generation (version of the index) whose public resources are recorded, or None.

        Raises:
            CorpusError: the file cannot be read.
        """
        with self._store.reading() as database:
            row = None if database is None else database.execute("SELECT generation FROM state").fetchone()
        return None if row is None else str(row[0])

    def update(self, generation: str, states: Mapping[str, PublicState | None], *, whole: bool) -> None:
        """Record what visitors see in a new generation; records that did not change keep their time.

        Args:
            generation: name of the generation.
            states: what visitors see of each resource, by id; None for resources that they do not see.
            whole: whether `states` names all resources that visitors see, so that all others become deleted ones.

        Raises:
            CorpusError: the file cannot be written.
        """
        with self._store.changing() as database:
            known = {
                name: (digest, bool(deleted))
                for name, digest, deleted in database.execute("SELECT id, digest, deleted FROM records")
            }
            shown = {name: state for name, state in states.items() if state is not None}
            gone = (known.keys() - shown.keys()) if whole else (states.keys() - shown.keys())
            deleted = [name for name in gone if name in known and not known[name][1]]
            changed = {name: state for name, state in shown.items() if known.get(name) != (state.digest, False)}
            # The next full second, so that a harvester that asks meanwhile for what changed since then misses nothing.
            now = math.ceil(self._clock())
            database.executemany(
                "UPDATE records SET deleted = 1, changed = ? WHERE id = ?", ((now, n) for n in deleted)
            )
            database.executemany(
                "INSERT OR REPLACE INTO records (id, changed, deleted, digest) VALUES (?, ?, 0, ?)",
                ((name, now, state.digest) for name, state in changed.items()),
            )
            database.executemany("DELETE FROM memberships WHERE id = ?", ((name,) for name in changed))
            database.executemany(
                "INSERT INTO memberships (id, spec, name) VALUES (?, ?, ?)",
                ((name, one.spec, one.name) for name, state in changed.items() for one in state.sets),
            )
            database.execute("DELETE FROM state")
            database.execute("INSERT INTO state (generation) VALUES (?)", (generation,))

    def page(
        self, selection: Selection, *, after: tuple[int, str] | None = None, limit: int
    ) -> tuple[PublicRecord, ...]:
        """Return records in the order of their times, then ids.

        Args:
            selection: conditions that the records meet.
            after: time and id of the record after which to begin, or None for the first ones.
            limit: largest number of records.

        Raises:
            CorpusError: the file cannot be read.
        """
        condition, values = _where(selection)
        if after is not None:
            condition, values = f"{condition} AND (changed, id) > (?, ?)", [*values, *after]
        query = f"SELECT id, changed, deleted FROM records WHERE {condition} ORDER BY changed, id LIMIT ?"  # noqa: S608
        with self._store.reading() as database:
            if database is None:
                return ()
            return tuple(_record(database, row) for row in database.execute(query, [*values, limit]).fetchall())

    def count(self, selection: Selection) -> int:
        """Return the number of records that meet the conditions.

        Raises:
            CorpusError: the file cannot be read.
        """
        condition, values = _where(selection)
        with self._store.reading() as database:
            if database is None:
                return 0
            query = f"SELECT COUNT(*) FROM records WHERE {condition}"  # noqa: S608 - our own conditions
            return int(database.execute(query, values).fetchone()[0])

    def get(self, resource_id: str) -> PublicRecord | None:
        """Return the record of a resource, or None if it was never public.

        Raises:
            CorpusError: the file cannot be read.
        """
        with self._store.reading() as database:
            if database is None:
                return None
            row = database.execute("SELECT id, changed, deleted FROM records WHERE id = ?", (resource_id,)).fetchone()
            return None if row is None else _record(database, row)

    def sets(self) -> tuple[RecordSet, ...]:
        """Return the sets that public resources are in, ordered by their names in OAI-PMH.

        Raises:
            CorpusError: the file cannot be read.
        """
        with self._store.reading() as database:
            rows: Iterable[tuple[str, str]] = (
                ()
                if database is None
                else database.execute(
                    "SELECT DISTINCT spec, name FROM memberships NATURAL JOIN records WHERE NOT deleted"
                ).fetchall()
            )
        names: defaultdict[str, set[str]] = defaultdict(set)
        for spec, name in rows:
            names[spec].add(name)
        return tuple(RecordSet(spec, best_form(names[spec])) for spec in sorted(names))

    def earliest(self) -> int | None:
        """Return the earliest `changed` of all records, in seconds since 1970, or None if there is no record.

        Raises:
            CorpusError: the file cannot be read.
        """
        with self._store.reading() as database:
            row = (None,) if database is None else database.execute("SELECT MIN(changed) FROM records").fetchone()
        return None if row[0] is None else int(row[0])

    def examine(self) -> None:
        """Check that the file, if it exists, can be used.

        Raises:
            CorpusError: the file cannot be used.
        """
        self._store.examine()


def _where(selection: Selection) -> tuple[str, list[int | str]]:
    parts, values = ["1"], list[int | str]()
    if selection.since is not None:
        parts.append("changed >= ?")
        values.append(selection.since)
    if selection.until is not None:
        parts.append("changed <= ?")
        values.append(selection.until)
    if selection.spec is not None:
        # A set contains the sets below it, whose names begin with its own and a colon.
        parts.append("id IN (SELECT id FROM memberships WHERE spec = ? OR (spec > ? AND spec < ?))")
        values += [selection.spec, selection.spec + ":", selection.spec + ";"]
    return " AND ".join(parts), values


def _record(database: sqlite3.Connection, row: tuple[str, int, int]) -> PublicRecord:
    held = database.execute("SELECT spec FROM memberships WHERE id = ? ORDER BY spec", (row[0],))
    return PublicRecord(row[0], row[1], bool(row[2]), tuple(spec for (spec,) in held))


def _unusable(path: Path, reason: Reason) -> CorpusError:
    advice = "restaurez-le d’une sauvegarde"
    return CorpusError(
        f"Le registre des ressources publiques « {path} » ne peut être lu ou écrit {reason.then(advice)}."
    )
