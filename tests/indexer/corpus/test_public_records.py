"""The record of which resources are or were public: when each changed, and what the record never contains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.corpus.public_records import PublicRecords, PublicState, RecordSet, Selection, public_state
from indexer.errors import CorpusError
from indexer.resource import PublishedDocument
from tests.support.awkward_records import record
from tests.support.clock import Clock

GUIDE = record(id="guide", title="Guide", type="Guide", themes=("Économie", "Eau & sols")).resource


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(tmp_path: Path, clock: Clock) -> PublicRecords:
    return PublicRecords(tmp_path / "public.sqlite", clock=clock)


def state(text: str, *sets: str) -> PublicState:
    return PublicState(text, tuple(RecordSet(one, one.upper()) for one in sets))


def told(records: PublicRecords, selection: Selection = Selection()) -> list[tuple[str, int, bool]]:  # noqa: B008
    return [(one.id, one.changed, one.deleted) for one in records.page(selection, limit=99)]


def test_without_a_file_there_is_nothing(records: PublicRecords) -> None:
    assert (records.generation(), records.earliest(), records.sets(), told(records)) == (None, None, (), [])
    assert (records.count(Selection()), records.get("a")) == (0, None)


def test_what_does_not_change_keeps_its_time(records: PublicRecords, clock: Clock) -> None:
    records.update("1", {"a": state("x"), "b": state("y")}, whole=True)
    clock.now += 60.2
    records.update("2", {"a": state("x"), "b": state("z")}, whole=True)
    assert told(records) == [("a", 1_000_000, False), ("b", 1_000_061, False)]
    assert (records.generation(), records.earliest()) == ("2", 1_000_000)


def test_a_part_leaves_the_others_as_they_are(records: PublicRecords, clock: Clock) -> None:
    records.update("1", {name: state(name) for name in "abc"}, whole=True)
    clock.now += 1
    records.update("2", {"b": None, "d": state("d")}, whole=False)
    assert told(records) == [
        ("a", 1_000_000, False), ("c", 1_000_000, False), ("b", 1_000_001, True), ("d", 1_000_001, False),
    ]  # fmt: skip


def test_what_is_gone_stays_told_and_may_come_back(records: PublicRecords, clock: Clock) -> None:
    records.update("1", {"a": state("x", "theme:eau")}, whole=True)
    clock.now += 1
    records.update("2", {}, whole=True)
    clock.now += 1
    records.update("3", {}, whole=True)
    assert told(records) == [("a", 1_000_001, True)]
    assert records.get("a").sets == ("theme:eau",)
    assert records.sets() == ()
    clock.now += 1
    records.update("4", {"a": state("x")}, whole=True)
    assert told(records) == [("a", 1_000_003, False)]


def test_what_was_never_public_leaves_no_trace(records: PublicRecords, tmp_path: Path) -> None:
    records.update("1", {"zanzibar": None, "a": state("x")}, whole=True)
    records.update("2", {"zanzibar": None, "quetsche": None}, whole=False)
    assert records.get("zanzibar") is None
    raw = (tmp_path / "public.sqlite").read_bytes()
    assert b"zanzibar" not in raw
    assert b"quetsche" not in raw


def test_sets_contain_those_below_them(records: PublicRecords) -> None:
    shown = {"a": state("x", "theme:eau", "type:guide"), "b": state("y", "theme:eau-vive"), "c": state("z")}
    records.update("1", shown, whole=True)

    def within(spec: str) -> list[str]:
        assert records.count(Selection(spec)) == len(records.page(Selection(spec), limit=9))
        return [one.id for one in records.page(Selection(spec), limit=9)]

    assert within("theme") == ["a", "b"]
    assert within("theme:eau") == ["a"]
    assert within("type") == ["a"]
    assert within("theme:eau:x") == within("them") == within("rien") == []


def test_one_page_after_another_gives_everything_once(records: PublicRecords, clock: Clock) -> None:
    for moment in range(4):
        clock.now += 1
        records.update(str(moment), {f"r{number}": state("x") for number in range(moment, 40, 4)}, whole=False)
    seen, after = [], None
    while page := records.page(Selection(), after=after, limit=7):
        seen += [one.id for one in page]
        after = (page[-1].changed, page[-1].id)
    assert len(seen) == 40 == len(set(seen))
    assert seen == [name for name, *_ in told(records)]


def test_a_span_includes_both_ends(records: PublicRecords, clock: Clock) -> None:
    for name in "abc":
        records.update(name, {name: state(name)}, whole=False)
        clock.now += 1
    chosen = Selection(since=1_000_001, until=1_000_002)
    assert [name for name, *_ in told(records, chosen)] == ["b", "c"]
    assert records.count(chosen) == 2


def test_a_private_resource_has_no_public_state() -> None:
    assert public_state(replace(GUIDE, private=True)) is None


def test_sets_of_a_resource() -> None:
    assert [(one.spec, one.name) for one in public_state(GUIDE).sets] == [
        ("theme:economie", "Économie"), ("theme:eau-sols", "Eau & sols"), ("type:guide", "Guide"),
    ]  # fmt: skip
    assert public_state(replace(GUIDE, themes=(), type=None)).sets == ()
    assert len(public_state(replace(GUIDE, themes=("★", "☆"))).sets) == 3
    assert len(public_state(replace(GUIDE, themes=("Économie", "ECONOMIE"))).sets) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x"}, {"body": "x"}, {"summary": "x"}, {"type": None}, {"themes": ()}, {"date": "2020"},
        {"author": "x"}, {"url": None}, {"territories": ("D31",)},
        {"documents": (PublishedDocument(1, "a.pdf", "d", "t", "application/pdf", 1, "read"),)},
    ],
)  # fmt: skip
def test_what_visitors_see_changes_the_digest(change: dict[str, object]) -> None:
    assert public_state(replace(GUIDE, **change)).digest != public_state(GUIDE).digest  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"source": "autre.html"}, {"warnings": ("x",)}])
def test_what_only_staff_see_does_not(change: dict[str, object]) -> None:
    assert public_state(replace(GUIDE, **change)) == public_state(GUIDE)  # type: ignore[arg-type]


def test_a_set_is_named_by_its_best_spelling(records: PublicRecords) -> None:
    names = ("MOBILITE", "Mobilité", "mobilite")
    shown = {str(n): PublicState("x", (RecordSet("theme:mobilite", name),)) for n, name in enumerate(names)}
    records.update("1", shown, whole=True)
    assert records.sets() == (RecordSet("theme:mobilite", "Mobilité"),)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "public.sqlite").write_bytes(b"pas une base " * 99)
    for use in (
        lambda one: one.generation(), lambda one: one.update("1", {}, whole=True), lambda one: one.examine(),
    ):  # fmt: skip
        with pytest.raises(CorpusError, match="Le registre des ressources publiques"):
            use(PublicRecords(tmp_path / "public.sqlite"))
