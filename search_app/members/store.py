"""The store of saved searches, by account: what they found and when, their private feeds, and mails about new hits."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from indexer.analysis import collation_key
from indexer.errors import RequestError
from indexer.storage.database import WAIT, Database
from search_app.errors import StoreError
from search_app.members.schema import open_shelf
from search_app.messages import typeset

MOST_SEARCHES = 30
MOST_NAME = 100
FEED_DAYS = 365
"""Number of days after which an unread private feed expires."""
MORNING = 7
"""Hour of the day at which news are sent, in local time."""
VISIT = 30 * 60
"""Number of seconds without a look at a saved search after which a visit is over; until then new resources stay new."""

_COUNTED = """
    SELECT s.*, (SELECT COUNT(*) FROM found f WHERE f.search = s.id AND f.present AND f.first > s.since) AS fresh
    FROM searches s
"""


@dataclass(frozen=True, slots=True)
class PrivateFeed:
    """The private feed of a saved search, without its secret. `search_app.accounts.rights` decides whether it is valid.

    Attributes:
        epoch: the account's `feed_epoch` when the feed was opened; increasing that of the account ends its feeds.
        made: day on which it was opened, ISO 8601; None for feeds of older versions, which did not record it.
        used: day of its last use, or None.
        expires: last day on which it is valid if nobody reads it until then (UTC).
        expired: whether that day has passed.
    """

    epoch: int
    made: str | None
    used: str | None
    expires: str
    expired: bool


class Frequency(StrEnum):
    """How often news of a search (resources that it newly finds) are sent by e-mail."""

    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that a member follows, or a visitor by e-mail.

    Attributes:
        id: number of the search.
        account: key of the member's account, or of the follower.
        name: name given by the member.
        arguments: query string of the search page, without the page number.
        fresh: number of resources that it first found since the last visit.
        generation: generation (version) of the index in which it was last run.
        feed: its private feed, or None.
        mail: how often its news are sent by e-mail, or None.
        mail_since: time up to which news were sent, in seconds since 1970.
        mail_refused: whether mails ended because the mail server refused one for good.
    """

    id: int
    account: str
    name: str
    arguments: str
    fresh: int
    generation: str | None
    feed: PrivateFeed | None
    mail: Frequency | None = None
    mail_since: float = 0.0
    mail_refused: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A resource, and the time at which a saved search first found it, in seconds since 1970."""

    resource: str
    first: float


class MembersStore:
    """The saved searches of all members, and of visitors who follow a search, in one file.

    Args:
        path: the SQLite file, created by the first change.
        clock: returns the time in seconds since 1970.
        wait: seconds to wait for another process that is writing.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time, *, wait: float = WAIT) -> None:
        self._store = open_shelf(path, wait=wait)
        self._clock = clock

    @property
    def database(self) -> Database:
        """The database of saved searches, lists and followers."""
        return self._store

    def forget(self, account: str) -> None:
        """Delete everything stored for an account.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._reading() as database:
            if database is None:
                return
        with self._changing() as database:
            for table in ("lists", "searches"):
                database.execute(f"DELETE FROM {table} WHERE account = ?", (account,))  # noqa: S608

    # Saved searches

    def save(self, account: str, name: str, arguments: str, found: Iterable[str], generation: str | None) -> int:
        """Save a search; the resources that it finds now do not count as new.

        Args:
            account: key of the account.
            name: name given by the member.
            arguments: query string of the search page.
            found: ids of the resources that it finds now.
            generation: generation (version) of the index that was searched.

        Returns:
            The number of the saved search.

        Raises:
            RequestError: the member has too many searches already.
            StoreError: the file cannot be written.
        """
        now = self._clock()
        with self._changing() as database:
            (count,) = database.execute("SELECT COUNT(*) FROM searches WHERE account = ?", (account,)).fetchone()
            if count >= MOST_SEARCHES:
                raise RequestError(
                    typeset(
                        f"Vous suivez déjà {MOST_SEARCHES} recherches : "
                        "supprimez-en une avant d’en enregistrer une autre."
                    ),
                    field="name",
                )
            saved = database.execute(
                "INSERT INTO searches (account, name, arguments, saved, since, visited, generation) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (account, name[:MOST_NAME], arguments, now, now, now, generation),
            ).fetchone()
            _note(database, saved["id"], found, now)
        return int(saved["id"])

    def searches(self, account: str) -> tuple[SavedSearch, ...]:
        """Return a member's searches, ordered by name.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._reading() as database:
            if database is None:
                return ()
            rows = database.execute(_COUNTED + "WHERE s.account = ? ORDER BY s.id", (account,))
            found = (_search(row, self._clock()) for row in rows)
            return tuple(sorted(found, key=lambda search: collation_key(search.name)))

    def search(self, account: str, search_id: int) -> SavedSearch | None:
        """Return one of a member's searches, or None.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._one("WHERE s.account = ? AND s.id = ?", account, search_id)

    def by_id(self, search_id: int) -> SavedSearch | None:
        """Return the search with a number, whoever follows it, or None; the caller checks who may change it.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._one("WHERE s.id = ?", search_id)

    def with_arguments(self, account: str, arguments: str) -> int | None:
        """Return the number of a member's search with these arguments, or None.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._reading() as database:
            if database is None:
                return None
            row = database.execute(
                "SELECT id FROM searches WHERE account = ? AND arguments = ? LIMIT 1", (account, arguments)
            ).fetchone()
            return None if row is None else int(row["id"])

    def fresh_total(self, account: str) -> int:
        """Return the number of different new resources of all of a member's searches, as last recorded.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._reading() as database:
            if database is None:
                return 0
            (count,) = database.execute(
                "SELECT COUNT(DISTINCT f.resource) FROM searches s JOIN found f ON f.search = s.id "
                "WHERE s.account = ? AND f.present AND f.first > s.since",
                (account,),
            ).fetchone()
            return int(count)

    def behind(self, account: str, generation: str | None, limit: int) -> tuple[SavedSearch, ...]:
        """Return up to `limit` of a member's searches that were last run in another generation of the index.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._reading() as database:
            if database is None:
                return ()
            rows = database.execute(
                _COUNTED + "WHERE s.account = ? AND s.generation IS NOT ? ORDER BY s.id LIMIT ?",
                (account, generation, limit),
            )
            return tuple(_search(row, self._clock()) for row in rows)

    def note(self, search: SavedSearch, found: Iterable[str], generation: str | None) -> None:
        """Record the resources that a search finds now; those that it never found before are new.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            _note(database, search.id, found, self._clock())
            database.execute("UPDATE searches SET generation = ? WHERE id = ?", (generation, search.id))

    def visit(self, search: SavedSearch) -> None:
        """Record that a member looks at the new resources: at the next visit they are no longer new.

        Raises:
            StoreError: the file cannot be written.
        """
        now = self._clock()
        with self._changing() as database:
            database.execute(
                "UPDATE searches SET since = CASE WHEN ? - visited > ? THEN visited ELSE since END, visited = ? "
                "WHERE id = ?",
                (now, VISIT, now, search.id),
            )

    def mark_seen(self, account: str) -> None:
        """Record that everything that a member's searches have found until now is seen.

        Raises:
            StoreError: the file cannot be written.
        """
        now = self._clock()
        # If the clock was set back, some resources were found at a time in the future: these are seen too.
        self._store.change_existing(
            "UPDATE searches SET visited = ?, "
            "since = MAX(?, (SELECT COALESCE(MAX(first), 0) FROM found WHERE search = searches.id)) WHERE account = ?",
            (now, now, account),
        )

    def fresh(self, search: SavedSearch, limit: int) -> tuple[Finding, ...]:
        """Return up to `limit` resources first found since the last visit, the last found first.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._findings(search, limit, fresh=True)

    def since_saved(self, search: SavedSearch, limit: int) -> tuple[Finding, ...]:
        """Return up to `limit` resources first found since the search was saved, the last found first.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._findings(search, limit, fresh=False)

    def rename(self, search: SavedSearch, name: str) -> None:
        """Give a search another name.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            database.execute("UPDATE searches SET name = ? WHERE id = ?", (name[:MOST_NAME], search.id))

    def delete(self, search: SavedSearch) -> None:
        """Delete a search and its private feed.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            database.execute("DELETE FROM searches WHERE id = ?", (search.id,))

    # News by e-mail

    def set_mail(self, search: SavedSearch, frequency: Frequency | None) -> None:
        """Have new hits of a search mailed from now on, or stop these mails (None).

        Raises:
            StoreError: the file cannot be written.
        """
        now = self._clock()
        due = None if frequency is None else next_morning(now, frequency)
        with self._changing() as database:
            database.execute(
                "UPDATE searches SET mail_since = IIF(mail IS NULL, ?, mail_since), "
                "mail_until = IIF(mail IS NULL, NULL, mail_until), mail = ?, mail_due = ?, mail_refused = 0 "
                "WHERE id = ?",
                (now, frequency, due, search.id),
            )

    def end_mail(self, search_id: int, *, refused: bool = False) -> None:
        """End mails about a search; it is no error if there are none.

        Args:
            search_id: number of the search.
            refused: whether they end because the mail server refused one for good.

        Raises:
            StoreError: the file cannot be written.
        """
        self._store.change_existing(
            "UPDATE searches SET mail = NULL, mail_due = NULL, mail_refused = ? WHERE id = ? AND mail IS NOT NULL",
            (refused, search_id),
        )

    def mail_due(self) -> tuple[SavedSearch, ...]:
        """Return the searches whose news are to be sent now.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._reading() as database:
            if database is None:
                return ()
            now = self._clock()
            rows = database.execute(_COUNTED + "WHERE s.mail_due <= ? ORDER BY s.mail_due, s.id", (now,))
            return tuple(_search(row, now) for row in rows)

    def news(self, search: SavedSearch, since: float, until: float) -> tuple[Finding, ...]:
        """Return the resources that a search first found after `since`, and not after `until`, the last found first.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._reading() as database:
            if database is None:
                return ()
            rows = database.execute(
                "SELECT resource, first FROM found WHERE search = ? AND present AND first > ? AND first <= ? "
                "ORDER BY first DESC, resource",
                (search.id, since, until),
            )
            return tuple(Finding(row["resource"], row["first"]) for row in rows)

    def news_begin(self, search: SavedSearch, until: float) -> float:
        """Record the time up to which the next mail of a search reports new hits, and return that time. If an earlier
        call recorded a time and the mail is not in the queue yet, that earlier time is kept and returned.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            row = database.execute(
                "UPDATE searches SET mail_until = COALESCE(mail_until, ?) WHERE id = ? RETURNING mail_until",
                (until, search.id),
            ).fetchone()
        return until if row is None else float(row["mail_until"])

    def news_ordered(self, search: SavedSearch, until: float) -> None:
        """Record that news up to a time are in the queue of mails, and when the next ones are due.

        Raises:
            StoreError: the file cannot be written.
        """
        due = None if search.mail is None else next_morning(self._clock(), search.mail)
        self._store.change_existing(
            "UPDATE searches SET mail_since = ?, mail_until = NULL, mail_due = ? WHERE id = ? AND mail IS NOT NULL",
            (until, due, search.id),
        )

    # Private feeds

    def open_feed(self, search: SavedSearch, epoch: int) -> str:
        """Open a private feed of a search, replacing the former one, and return its token, of which only a hash is
        stored.

        Args:
            search: the search.
            epoch: the account's `feed_epoch`, a number that is increased to end all its feeds.

        Raises:
            StoreError: the file cannot be written.
        """
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._changing() as database:
            database.execute(
                "UPDATE searches SET feed = ?, feed_epoch = ?, feed_made = ?, feed_used = NULL, feed_counted = ? "
                "WHERE id = ?",
                (_hash(token), epoch, now, now, search.id),
            )
        return token

    def close_feed(self, search: SavedSearch) -> None:
        """End the private feed of a search.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            database.execute("UPDATE searches SET feed = NULL WHERE id = ?", (search.id,))

    def note_feed_use(self, search: SavedSearch) -> None:
        """Record the current day as the day of last use, at most once a day. Does nothing if the file cannot be
        written.
        """
        now = self._clock()
        if search.feed is None or search.feed.used == _day(now):
            return
        with suppress(StoreError), self._reading() as database:
            # A single statement is atomic, so it needs no transaction, for whose lock it might have to wait.
            if database is not None:
                database.execute(
                    "UPDATE searches SET feed_used = ?, feed_counted = ? WHERE id = ?", (now, now, search.id)
                )

    def by_token(self, token: str) -> SavedSearch | None:
        """Return the search whose private feed has this token, or None; the caller checks that the account is enabled.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._one("WHERE s.feed = ?", _hash(token))

    def _one(self, condition: str, *values: str | int) -> SavedSearch | None:
        with self._reading() as database:
            if database is None:
                return None
            row = database.execute(_COUNTED + condition, values).fetchone()
            return None if row is None else _search(row, self._clock())

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

    def _findings(self, search: SavedSearch, limit: int, *, fresh: bool) -> tuple[Finding, ...]:
        with self._reading() as database:
            if database is None:
                return ()
            rows = database.execute(
                "SELECT f.resource, f.first FROM found f JOIN searches s ON s.id = f.search "
                "WHERE s.id = ? AND f.present AND f.first > CASE WHEN ? THEN s.since ELSE s.saved END "
                "ORDER BY f.first DESC, f.resource LIMIT ?",
                (search.id, fresh, limit),
            )
            return tuple(Finding(row["resource"], row["first"]) for row in rows)


def _note(database: sqlite3.Connection, search_id: int, found: Iterable[str], now: float) -> None:
    database.execute("UPDATE found SET present = 0 WHERE search = ?", (search_id,))
    database.executemany(
        "INSERT INTO found (search, resource, first) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET present = 1",
        ((search_id, resource, now) for resource in found),
    )


def _search(row: sqlite3.Row, now: float) -> SavedSearch:
    return SavedSearch(
        row["id"], row["account"], row["name"], row["arguments"], row["fresh"], row["generation"],
        feed=None if row["feed"] is None else _feed(row, now),
        mail=None if row["mail"] is None else Frequency(row["mail"]),
        mail_since=row["mail_since"],
        mail_refused=bool(row["mail_refused"]),
    )  # fmt: skip


def _feed(row: sqlite3.Row, now: float) -> PrivateFeed:
    made, used = row["feed_made"], row["feed_used"]
    expires = _day(row["feed_counted"] + FEED_DAYS * 24 * 3600)
    return PrivateFeed(
        row["feed_epoch"],
        None if made is None else _day(made),
        None if used is None else _day(used),
        expires,
        expires < _day(now),
    )


def next_morning(now: float, frequency: Frequency) -> float:
    """Return when the next mail about new hits is due, in seconds since 1970: at `MORNING` (local time) of the next day
    or of the next Monday.
    """
    local = datetime.fromtimestamp(now)
    days = 1 if frequency is Frequency.DAILY else 7 - local.weekday()
    return (local.replace(hour=MORNING, minute=0, second=0, microsecond=0) + timedelta(days=days)).timestamp()


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _hash(token: str) -> str:
    # The token is long and random and cannot be guessed, so a fast hash is enough.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
