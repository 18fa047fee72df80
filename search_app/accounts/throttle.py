"""Throttling of sign-in, by account and by network address. Counts are shared by all workers and survive restarts.

Failures of the last hour are counted. Each further failure makes the next attempt wait longer, up to a temporary block.
An attempt that comes too early is refused before the account is looked up, so that it reveals nothing about it, and is
not counted, so that repeated attempts do not prolong a block.

An address from which a person has signed in before has a separate count for that account: strangers who guess passwords
from elsewhere block themselves, not that person.

The system clock may be changed meanwhile. A failure with a time in the future counts for an hour from when it is
noticed; one that is too old stays in the file, and counts again if the clock is set back.

Neither e-mail nor network addresses are stored, only keyed hashes of them.
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

from indexer.storage.database import Database, Durability
from search_app.accounts.network import client_network
from search_app.data_files import open_data_file

WINDOW = 3600
"""Number of seconds for which a failed sign-in counts."""

KEPT = 10_000
"""Number of latest failures that stay in the file even if they are too old to count."""

REMEMBERED = 90 * 24 * 3600
"""Number of seconds for which a network address is remembered as one from which a person has signed in."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long an attempt to sign in has to wait after a number of failures.

    Attributes:
        free: number of failures from which attempts have to wait.
        first: seconds to wait after that many failures; each further failure doubles them.
        most: number of failures that cause a block.
        block: duration of a block in seconds, which is also the longest wait.
    """

    free: int
    first: int
    most: int
    block: int

    def wait(self, failures: int) -> int:
        """Return the number of seconds between the last failure and the next attempt."""
        if failures < self.free:
            return 0
        return self.block if failures >= self.most else min(self.block, self.first * 2 ** (failures - self.free))


BY_ACCOUNT = Limit(free=3, first=5, most=10, block=900)
BY_ADDRESS = Limit(free=20, first=2, most=30, block=900)
"""Limit of a network address, higher than for an account, since a whole office may share one address."""

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
    # When a failure was first found to be in the future, because the clock had been set back.
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
    """One attempt to sign in.

    Attributes:
        wait: seconds to wait before trying again; 0 if this attempt may proceed.
        first: whether this is the first attempt refused since the last failure, the only one worth recording.
    """

    wait: int
    first: bool = False
    _account: str = ""
    _own: str = ""
    _pair: str = ""
    _ids: tuple[int, ...] = ()


class Throttle:
    """Counts failed sign-ins in one file, and decides how long attempts have to wait.

    Args:
        path: the SQLite file.
        secret: returns the key of the hashes; called once, when it is first needed.
        clock: returns seconds since 1970; replaces the system clock in tests.
    """

    def __init__(self, path: Path, secret: Callable[[], bytes], *, clock: Callable[[], float] | None = None) -> None:
        self._store = open_data_file(path, _SCHEMA, durability=Durability.NORMAL)
        self._secret = cache(secret)
        self._clock = clock or _now

    @property
    def database(self) -> Database:
        """The database that holds the failures."""
        return self._store

    def begin(self, email: str, address: str) -> Try:
        """Return an attempt, which says whether it may proceed. If so, it counts as a failure until `succeeded` is
        called.

        Attempts are counted before the password is checked, so that concurrent attempts are counted like successive
        ones.

        Args:
            email: key of the e-mail address (`email_address.key_of`), whether or not it has an account.
            address: network address of the client.

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
        """Return the number of seconds to wait after an attempt that failed.

        Raises:
            StoreError: the file cannot be used.
        """
        with self._store.reading() as database:
            if database is None:
                return 0
            return math.ceil(max(0.0, _wait(database, attempt._own, BY_ACCOUNT, self._clock())))

    def succeeded(self, attempt: Try) -> None:
        """Record that the password was right: delete the failures of this account, and remember the network address.

        Failures counted for the address alone are kept, so that the owner of one account cannot guess at others without
        limit.

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
        """Delete all data about an account.

        Returns:
            Number of rows deleted.

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
        """Return a short keyed hash of a network address, which shows whether two attempts came from the same address,
        but not from which.
        """
        return self._hash("address", client_network(address))[:8]

    def _hash(self, *parts: str) -> str:
        text = "\0".join(parts).encode("utf-8", "replace")
        return hashlib.blake2b(text, key=self._secret(), person=b"sign-in", digest_size=16).hexdigest()


def _now() -> float:
    return time.time()


def _wait(database: sqlite3.Connection, bucket: str, limit: Limit, now: float) -> float:
    """Return the number of seconds until an attempt may proceed; 0 or less if it may now.

    Args:
        database: a connection to the failures.
        bucket: keyed hash of what failures are counted by: an account, a network address, or both together.
        limit: how long attempts have to wait.
        now: seconds since 1970.
    """
    failures, last = database.execute(_COUNTING, {"now": now, "bucket": bucket}).fetchone()
    return 0.0 if last is None else last + limit.wait(failures) - now


def _tell(database: sqlite3.Connection, bucket: str) -> bool:
    last = "SELECT MAX(id) FROM failures WHERE bucket = ?"
    return database.execute(f"UPDATE failures SET told = 1 WHERE told = 0 AND id = ({last})", (bucket,)).rowcount > 0  # noqa: S608
