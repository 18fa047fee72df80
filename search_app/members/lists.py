"""The store of members' lists: resources in the order in which they were added, each with a note of the list's owner.

Resources are added to the *current* list of a member: the list that the member chose last. A list may be shared by a
link, of whose token only a hash is stored.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import RequestError
from indexer.storage.database import WAIT
from search_app.members.schema import DEFAULT_LIST, open_shelf
from search_app.messages import THIN, typeset

MOST_SELECTED = 1000
"""Largest number of resources of a list."""
MOST_LISTS = 30
"""Largest number of lists of a member."""
MAX_NAME = 100
MAX_NOTE = 1000
"""Largest number of characters of a note."""

_LISTS = "SELECT l.*, (SELECT COUNT(*) FROM items i WHERE i.list = l.id) AS size FROM lists l "
_LATEST = "ORDER BY l.chosen DESC, l.id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class NamedList:
    """A member's list of resources.

    Attributes:
        id: number of the list.
        account: key of its owner's account.
        name: its name.
        size: number of its resources.
        shared: whether it is shared by a link.
    """

    id: int
    account: str
    name: str
    size: int
    shared: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A resource of a list (its id), and the note of the list's owner about it, empty if there is none."""

    resource: str
    note: str


class Lists:
    """The lists of all members, in the file of the members' store.

    Args:
        path: the SQLite file, created by the first change.
        clock: returns the time in seconds since 1970.
        wait: seconds to wait for another process that is writing.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time, *, wait: float = WAIT) -> None:
        self._store = open_shelf(path, wait=wait)
        self._clock = clock

    # Lists

    def of(self, account: str) -> tuple[NamedList, ...]:
        """Return a member's lists, the oldest first.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._reading() as database:
            if database is None:
                return ()
            return tuple(map(_list, database.execute(_LISTS + "WHERE l.account = ? ORDER BY l.id", (account,))))

    def get(self, account: str, list_id: int) -> NamedList | None:
        """Return one of a member's lists, or None.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._one("WHERE l.account = ? AND l.id = ?", account, list_id)

    def current(self, account: str) -> NamedList | None:
        """Return a member's current list, to which resources are added, or None if the member has no list yet.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._one(f"WHERE l.account = ? {_LATEST}", account)

    def create(self, account: str, name: str) -> int:
        """Create a list, which becomes the current one, and return its number.

        Raises:
            RequestError: the member has too many lists.
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            return self._create(database, account, name)

    def choose(self, one: NamedList) -> None:
        """Make a list the current one.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            database.execute("UPDATE lists SET chosen = ? WHERE id = ?", (self._next(database, one.account), one.id))

    def rename(self, one: NamedList, name: str) -> None:
        """Give a list another name.

        Raises:
            StoreError: the file cannot be written.
        """
        self._store.change_existing("UPDATE lists SET name = ? WHERE id = ?", (name[:MAX_NAME], one.id))

    def delete(self, one: NamedList) -> None:
        """Delete a list, with its notes and its link.

        Raises:
            StoreError: the file cannot be written.
        """
        self._store.change_existing("DELETE FROM lists WHERE id = ?", (one.id,))

    # Resources

    def selected(self, account: str) -> tuple[str, ...]:
        """Return the ids of the resources in a member's current list, the last added first.

        Raises:
            StoreError: the file cannot be read.
        """
        current = self.current(account)
        return () if current is None else tuple(item.resource for item in self.items(current))

    def items(self, one: NamedList) -> tuple[Item, ...]:
        """Return the resources of a list, the last added first.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._reading() as database:
            if database is None:
                return ()
            rows = database.execute("SELECT resource, note FROM items WHERE list = ? ORDER BY rank DESC", (one.id,))
            return tuple(Item(row["resource"], row["note"]) for row in rows)

    def select(self, account: str, resource: str, one: NamedList | None = None) -> int:
        """Add a resource to a list, by default to the current one, and return the new size of the list. A resource that
        the list already has keeps its position.

        Raises:
            RequestError: the list is full.
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            list_id = one.id if one is not None else self._current(database, account)
            return _add(database, list_id, resource, "")

    def deselect(self, account: str, resource: str | None = None, one: NamedList | None = None) -> int:
        """Remove a resource from a list, or all resources if `resource` is None, and return how many are left. The list
        is the current one by default. A resource that is not in the list is no error.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            list_id = one.id if one is not None else self._current(database, account)
            database.execute(
                "DELETE FROM items WHERE list = ? AND (? IS NULL OR resource = ?)", (list_id, resource, resource)
            )
            return _size(database, list_id)

    def note(self, one: NamedList, resource: str, text: str) -> None:
        """Write a note about a resource of a list; an empty text removes the note.

        Raises:
            StoreError: the file cannot be written.
        """
        self._store.change_existing(
            "UPDATE items SET note = ? WHERE list = ? AND resource = ?", (text[:MAX_NOTE], one.id, resource)
        )

    def move(self, one: NamedList, target: NamedList, resource: str) -> None:
        """Move a resource of a list to another list of the same member, with its note.

        Raises:
            RequestError: the other list is full.
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            row = database.execute(
                "DELETE FROM items WHERE list = ? AND resource = ? RETURNING note", (one.id, resource)
            ).fetchone()
            if row is not None:
                _add(database, target.id, resource, row["note"])

    # Sharing

    def share(self, one: NamedList) -> str:
        """Share a list by a new link, which replaces any former one, and return the link's token. Only a hash of the
        token is stored.

        Raises:
            StoreError: the file cannot be written.
        """
        token = secrets.token_urlsafe(32)
        self._store.change_existing("UPDATE lists SET share = ? WHERE id = ?", (_hash(token), one.id))
        return token

    def unshare(self, one: NamedList) -> None:
        """Stop sharing a list: its link is no longer valid.

        Raises:
            StoreError: the file cannot be written.
        """
        self._store.change_existing("UPDATE lists SET share = NULL WHERE id = ?", (one.id,))

    def by_share(self, token: str) -> NamedList | None:
        """Return the list whose link has this token, or None; the caller checks that its owner's account is enabled.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._one("WHERE l.share = ?", _hash(token))

    def _create(self, database: sqlite3.Connection, account: str, name: str) -> int:
        (count,) = database.execute("SELECT COUNT(*) FROM lists WHERE account = ?", (account,)).fetchone()
        if count >= MOST_LISTS:
            raise RequestError(
                typeset(f"Vous avez déjà {MOST_LISTS} listes : supprimez-en une avant d’en créer une autre."),
                field="name",
            )
        row = database.execute(
            "INSERT INTO lists (account, name, chosen) VALUES (?, ?, ?) RETURNING id",
            (account, name[:MAX_NAME], self._next(database, account)),
        ).fetchone()
        return int(row["id"])

    def _current(self, database: sqlite3.Connection, account: str) -> int:
        row = database.execute(_LISTS + f"WHERE l.account = ? {_LATEST}", (account,)).fetchone()
        return int(row["id"]) if row is not None else self._create(database, account, DEFAULT_LIST)

    def _next(self, database: sqlite3.Connection, account: str) -> float:
        """Return a time, for a list that becomes the current one, that is later than the time recorded for any other
        list of the member, even if the clock was set back.
        """
        (last,) = database.execute("SELECT MAX(chosen) FROM lists WHERE account = ?", (account,)).fetchone()
        return max(self._clock(), (last or 0.0) + 1.0)

    def _one(self, condition: str, *values: str | int) -> NamedList | None:
        with self._reading() as database:
            if database is None:
                return None
            row = database.execute(_LISTS + condition, values).fetchone()
            return None if row is None else _list(row)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        with self._store.reading() as database:
            if database is not None:
                database.row_factory = sqlite3.Row
            yield database

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._store.changing() as database:
            database.row_factory = sqlite3.Row
            yield database


def _add(database: sqlite3.Connection, list_id: int, resource: str, note: str) -> int:
    count, last = database.execute(
        "SELECT COUNT(*), COALESCE(MAX(rank), 0) FROM items WHERE list = ?", (list_id,)
    ).fetchone()
    added = database.execute(
        "INSERT OR IGNORE INTO items (list, resource, rank, note) VALUES (?, ?, ?, ?)",
        (list_id, resource, last + 1, note),
    ).rowcount
    if added and count >= MOST_SELECTED:
        most = f"{MOST_SELECTED:,}".replace(",", THIN)
        raise RequestError(
            typeset(f"Cette liste est pleine ({most} ressources) : retirez-en avant d’en ajouter."), field="resource"
        )
    return int(count) + max(0, added)


def _size(database: sqlite3.Connection, list_id: int) -> int:
    return int(database.execute("SELECT COUNT(*) FROM items WHERE list = ?", (list_id,)).fetchone()[0])


def _list(row: sqlite3.Row) -> NamedList:
    return NamedList(row["id"], row["account"], row["name"], row["size"], row["share"] is not None)


def _hash(token: str) -> str:
    # The token is long and random and cannot be guessed, so a fast hash is enough.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
