"""The audit log: entries are added and never changed; entries about a person can be pseudonymised."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from search_app.accounts.audit import COMMAND_LINE, MAX_TEXT, Audit
from search_app.errors import AccountError, StoreError

ANNE, BOB = "anne@exemple.fr", "bob@exemple.fr"


class Clock:
    """A clock that tests can set."""

    def __init__(self) -> None:
        self.set: datetime | None = None

    def __call__(self) -> datetime:
        return self.set or datetime.now(UTC)

    def day(self, text: str) -> None:
        self.set = datetime.fromisoformat(f"{text}T10:00:00+00:00")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite"


@pytest.fixture
def audit(path: Path, clock: Clock) -> Audit:
    return Audit(path, clock=clock)


def test_lines_in_order(audit: Audit) -> None:
    assert audit.entries() == ()
    before = datetime.now(UTC).replace(microsecond=0)
    audit.record("sign-in", ANNE)
    audit.record("account-role", COMMAND_LINE, "staff", subject=BOB)
    first, second = audit.entries()
    assert (first.number, first.action, first.actor, first.subject, first.detail) == (1, "sign-in", ANNE, "", "")
    assert (second.action, second.actor, second.subject, second.detail) == ("account-role", COMMAND_LINE, BOB, "staff")
    assert before <= first.at <= second.at <= datetime.now(UTC)
    assert audit.entries(limit=1) == (second,)


def test_since(audit: Audit, clock: Clock) -> None:
    for day in ("2024-02-15", "2024-02-16", "2024-02-17"):
        clock.day(day)
        audit.record("sign-in", day)
    assert [entry.actor for entry in audit.entries(since=date(2024, 2, 16))] == ["2024-02-16", "2024-02-17"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET actor = 'autre'",
        "UPDATE entries SET detail = '' WHERE id = 1",
        "DELETE FROM entries",
        "DELETE FROM entries WHERE id = 1",
        "INSERT OR REPLACE INTO entries VALUES (1, '', 'autre', '', '', '')",
        "UPDATE OR REPLACE entries SET id = 2 WHERE id = 1",
    ],
)
def test_the_file_itself_refuses_changes(audit: Audit, path: Path, change: str) -> None:
    audit.record("sign-in", ANNE)
    audit.record("sign-in", BOB)
    before = audit.entries()
    database = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        database.execute(change)
    database.close()
    assert audit.entries() == before


def test_erasure_leaves_all_but_the_address(audit: Audit, path: Path) -> None:
    audit.record("sign-in", ANNE)
    audit.record("account-role", ANNE, "staff", subject=BOB)
    audit.record("account-role", BOB, "staff", subject=ANNE)
    audit.record("sign-in", f"jo{ANNE}")
    assert audit.erase(ANNE) == 3
    assert audit.erase(ANNE) == 0
    one, two, three, four = audit.entries()
    assert one.actor == two.actor == three.subject
    assert one.actor.startswith("erased-")
    assert (two.subject, three.actor, four.actor) == (BOB, BOB, f"jo{ANNE}")
    assert (two.detail, [e.number for e in audit.entries()]) == ("staff", [1, 2, 3, 4])
    assert path.read_bytes().count(ANNE.encode()) == 1
    # Entries are protected from changes again.
    database = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        database.execute("UPDATE entries SET actor = 'x'")
    database.close()


def test_purged_by_the_first_line_of_a_day(path: Path, clock: Clock) -> None:
    audit = Audit(path, 30, clock=clock)
    for text, actor in (("2024-01-01", ANNE), ("2024-01-02", BOB), ("2024-01-20", "carole@exemple.fr")):
        clock.day(text)
        audit.record("sign-in", actor)
    clock.day("2024-01-31")
    assert [entry.number for entry in audit.entries()] == [1, 2, 3]
    clock.day("2024-02-01")
    # Old entries are not shown even before they are deleted; the next entry deletes them.
    assert [entry.number for entry in audit.entries()] == [2, 3]
    assert ANNE.encode() in path.read_bytes()
    audit.record("sign-in", BOB)
    assert [entry.number for entry in Audit(path, clock=clock).entries()] == [2, 3, 4]  # numbers are not reused
    assert ANNE.encode() not in path.read_bytes()
    # Entries are protected from changes again.
    database = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        database.execute("DELETE FROM entries")
    database.close()


def test_purged_when_the_site_starts(path: Path, clock: Clock) -> None:
    clock.day("2024-01-01")
    Audit(path, clock=clock).record("sign-in", ANNE)
    clock.day("2025-01-01")
    Audit(path, 365, clock=clock).purge()
    assert ANNE.encode() not in path.read_bytes()


def test_kept_for_ever_where_told(path: Path, clock: Clock) -> None:
    clock.day("2004-01-01")
    Audit(path, 0, clock=clock).record("sign-in", ANNE)
    clock.day("2024-01-01")
    Audit(path, 0, clock=clock).record("sign-in", BOB)
    assert [entry.actor for entry in Audit(path, 0, clock=clock).entries()] == [ANNE, BOB]


def test_a_purge_that_cannot_be_made_stops_nothing(
    path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Audit(tmp_path / "absent.sqlite", 30).purge()
    assert not (tmp_path / "absent.sqlite").exists()
    path.write_bytes(b"abime" * 1000)
    Audit(path, 30).purge()
    assert [record.message.split(" : ")[0] for record in caplog.records] == ["journal des actions non purgé"]


def test_a_line_and_its_change_happen_together(audit: Audit) -> None:
    def refused() -> None:
        with audit.recording("account-added", COMMAND_LINE):
            raise AccountError("non")

    with pytest.raises(AccountError):
        refused()
    assert audit.entries() == ()
    with audit.recording("account-added", COMMAND_LINE):
        pass
    assert len(audit.entries()) == 1


def test_nothing_is_done_that_cannot_be_noted(path: Path) -> None:
    path.write_bytes(b"abime" * 1000)
    done = []

    def change() -> None:
        with Audit(path).recording("account-added", COMMAND_LINE):
            done.append(True)

    with pytest.raises(StoreError, match=r"audit\.sqlite"):
        change()
    assert done == []


def test_a_line_is_one_line(audit: Audit) -> None:
    audit.record("a\nb", "x\x00y\x1b[31m\udc80", "z" * 10_000)
    (entry,) = audit.entries()
    assert (entry.action, entry.actor) == ("a b", "x y [31m ")
    assert len(entry.detail) == MAX_TEXT
