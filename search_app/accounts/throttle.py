"""Sign-in slowed, then blocked, by account and by address. Counts are shared by all workers and outlive restarts.

The failures of the last hour are counted; each further one makes the next try wait longer, up to a block that passes
by itself. A try that comes too early is refused before the account is looked at, so that it tells nothing of it,
and is not counted, so that nobody makes a block longer by insisting.

A person who has signed in from an address has a count of their own there: strangers who guess at the account from
elsewhere block themselves, not that person.

The machine's clock may be set while failures count. A failure whose time lies ahead counts from the moment when that is
seen, for as long as any other; one that looks old stays in the file, and counts again where the clock comes back.

Neither e-mail nor network addresses are kept, only keyed hashes of them.
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from indexer.storage.database import Durability
from search_app.data_files import open_data_file
from search_app.network import client_network

WINDOW = 3600
"""Seconds for which a failure counts."""

KEPT = 10_000
"""Failures that stay in the file when they count no more, the latest ones."""

REMEMBERED = 90 * 24 * 3600
"""Seconds for which an address is remembered as one from which a person signs in."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a try waits after so many failures.

    Attributes:
        free: from this many failures on, a try waits.
        first: seconds to wait then; each further failure doubles them.
        most: failures that block.
        block: seconds of a block, and the longest wait.
    """

    free: int
    first: int
    most: int
    block: int

    def wait(self, failures: int) -> int:
        """Return the seconds between the last failure and the next try."""
        if failures < self.free:
            return 0
        return self.block if failures >= self.most else min(self.block, self.first * 2 ** (failures - self.free))


BY_ACCOUNT = Limit(free=3, first=5, most=10, block=900)
BY_ADDRESS = Limit(free=20, first=2, most=30, block=900)
"""Higher: a whole office may stand behind one address."""

_SCHEMA = (
    (
        """
        CREATE TABLE failures (
            id INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL, at REAL NOT NULL,
            told INTEGER NOT NULL DEFAULT 0
        )
        """,
        "CREATE INDEX failures_bucket ON failures (bucket, at)",
        "CREATE INDEX failures_at ON failures (at)",
        "CREATE TABLE known (account TEXT NOT NULL, pair TEXT PRIMARY KEY, at REAL NOT NULL)",
    ),
    # When a failure was first seen to lie ahead of the clock, which somebody had set back.
    ("ALTER TABLE failures ADD COLUMN back REAL",),
)
_COUNTING = f"""
    SELECT COUNT(since), MAX(since) FROM (
        SELECT CASE
            WHEN at <= :now AND at > :now - {WINDOW} THEN at
            WHEN back <= :now AND back > :now - {WINDOW} THEN back
        END AS since
        FROM failures WHERE bucket = :bucket
    )
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Try:
    """One try at signing in.

    Attributes:
        wait: seconds to wait before the next one; 0 if this one may go on.
        first: whether this is the first try that was refused since the last failure: what is worth noting.
    """

    wait: int
    first: bool = False
    _account: str = ""
    _own: str = ""
    _pair: str = ""
    _ids: tuple[int, ...] = ()


class Throttle:
    """Counts failures in one file.

    Args:
        path: the SQLite file.
        secret: gives the key of the hashes; called once, when first needed.
        clock: gives seconds since 1970, instead of the machine's.
    """

    def __init__(self, path: Path, secret: Callable[[], bytes], *, clock: Callable[[], float] | None = None) -> None:
        self._store = open_data_file(path, _SCHEMA, durability=Durability.NORMAL)
        self._secret = cache(secret)
        self._clock = clock or _now

    def begin(self, email: str, address: str) -> Try:
        """Return whether a try may go on. If so it counts as a failure until `succeeded` says otherwise.

        Counted first, checked after: tries sent all at once are counted like tries sent in turn.

        Args:
            email: folded address of the account, whether there is one or not.
            address: network address that the try comes from.

        Raises:
            StoreError: the file cannot be used.
        """
        now = self._clock()
        account, pair = self._hash("account", email), self._hash("pair", email, client_network(address))
        with self._store.changing() as database:
            database.execute("UPDATE failures SET back = ? WHERE at > ? AND (back IS NULL OR back > ?)", (now,) * 3)
            database.execute(
                "DELETE FROM failures WHERE at <= ? AND id <= (SELECT MAX(id) FROM failures) - ?", (now - WINDOW, KEPT)
            )
            database.execute("DELETE FROM known WHERE at <= ?", (now - REMEMBERED,))
            known = database.execute("SELECT 1 FROM known WHERE pair = ?", (pair,)).fetchone()
            own = pair if known else account
            buckets = ((own, BY_ACCOUNT), (self._hash("address", client_network(address)), BY_ADDRESS))
            waits = [(_wait(database, bucket, limit, now), bucket) for bucket, limit in buckets]
            longest, bucket = max(waits)
            if longest > 0:
                return Try(math.ceil(longest), _tell(database, bucket))
            ids = tuple(
                int(database.execute("INSERT INTO failures (bucket, at) VALUES (?, ?)", (b, now)).lastrowid or 0)
                for b, _ in buckets
            )
        return Try(0, _account=account, _own=own, _pair=pair, _ids=ids)

    def wait_after(self, attempt: Try) -> int:
        """Return the seconds before a next try, this one having failed.

        Raises:
            StoreError: the file cannot be used.
        """
        with self._store.reading() as database:
            if database is None:
                return 0
            return math.ceil(max(0.0, _wait(database, attempt._own, BY_ACCOUNT, self._clock())))

    def succeeded(self, attempt: Try) -> None:
        """Note that the password was right: forget the failures of this account, and remember the address.

        Those of the address stay: someone with an account must not guess at others' without end.

        Raises:
            StoreError: the file cannot be used.
        """
        with self._store.changing() as database:
            database.execute("DELETE FROM failures WHERE bucket = ?", (attempt._own,))
            database.executemany("DELETE FROM failures WHERE id = ?", ((number,) for number in attempt._ids))
            database.execute(
                "INSERT OR REPLACE INTO known VALUES (?, ?, ?)", (attempt._account, attempt._pair, self._clock())
            )

    def forget(self, email: str) -> int:
        """Erase all that is kept of an account.

        Returns:
            How many rows there were.

        Raises:
            StoreError: the file cannot be used.
        """
        account = self._hash("account", email)
        with self._store.changing() as database:
            pairs = database.execute("SELECT pair FROM known WHERE account = ?", (account,)).fetchall()
            buckets = [(account,), *pairs]
            gone = database.executemany("DELETE FROM failures WHERE bucket = ?", buckets).rowcount
            return gone + database.execute("DELETE FROM known WHERE account = ?", (account,)).rowcount

    def origin(self, address: str) -> str:
        """Return a short name for a network address: it tells whether two tries came from one place, and not which."""
        return self._hash("address", client_network(address))[:8]

    def _hash(self, *parts: str) -> str:
        text = "\0".join(parts).encode("utf-8", "replace")
        return hashlib.blake2b(text, key=self._secret(), person=b"sign-in", digest_size=16).hexdigest()


def _now() -> float:
    return time.time()


def _wait(database: sqlite3.Connection, bucket: str, limit: Limit, now: float) -> float:
    """Return the seconds until a try of this bucket may go on; not above 0 if it may now."""
    failures, last = database.execute(_COUNTING, {"now": now, "bucket": bucket}).fetchone()
    return 0.0 if last is None else last + limit.wait(failures) - now


def _tell(database: sqlite3.Connection, bucket: str) -> bool:
    last = "SELECT MAX(id) FROM failures WHERE bucket = ?"
    return database.execute(f"UPDATE failures SET told = 1 WHERE told = 0 AND id = ({last})", (bucket,)).rowcount > 0  # noqa: S608
