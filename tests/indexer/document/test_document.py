"""Shapes of documents (outlines as JSON): round trips, damage, lists recognised from characters; grids of tables."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.document import (
    MAX_DEPTH,
    Cell,
    Document,
    ListBlock,
    Paragraph,
    Quotation,
    Run,
    Table,
    from_text,
    lay_out,
    leaves,
    read,
    write,
)
from tests.support.documents import DOCUMENTS


@given(DOCUMENTS)
def test_a_shape_is_read_as_it_was_written(document: Document) -> None:
    again = read(document.text, write(document))
    assert again == document if document.text else again == from_text("")
    assert [document.words(runs) for runs in leaves(again.blocks)] == [
        words for words in document.text.split("\n\n• ") if words
    ]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.sampled_from(["q", "u", "o", "t", "x"]),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=30,
)


@given(_JSON.map(json.dumps) | _JSON.map(lambda held: json.dumps([1, [], held])) | st.text(max_size=20))
def test_a_damaged_shape_gives_a_document_of_the_text(shape: str) -> None:
    """Whatever the shape (outline) contains, every run (stretch of text in one style) is within the text."""
    found = read("Un texte.\n\n• deux", shape)
    assert found.text == "Un texte.\n\n• deux"
    for runs in leaves(found.blocks):
        assert runs
        assert all(0 <= run.start < run.end <= len(found.text) for run in runs)


def test_a_shape_nested_too_deep_is_not_read() -> None:
    inner = Paragraph((Run(0, 3),))
    for _ in range(MAX_DEPTH):
        inner = Quotation((inner,))
    assert read("mot", write(Document("mot", (inner,)))).blocks == (inner,)
    assert read("mot", write(Document("mot", (Quotation((inner,)),)))) == from_text("mot")
    assert read("mot", "[1,[]," + "[" * 100_000) == from_text("mot")


def test_a_shape_of_another_version_is_not_read() -> None:
    assert read("mot", "[2,[],[[1,0,3]]]") == from_text("mot")
    assert read("mot", "[1,[],[[1,0,3]]]") != from_text("mot")


def outline(document: Document) -> list[str | list[str]]:
    """Return paragraphs as strings, and lists as lists of strings; items of numbered lists begin with "#"."""
    found: list[str | list[str]] = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            found.append(document.words(block.runs))
        elif isinstance(block, ListBlock):
            sign = "#" if block.ordered else ""
            found.append([sign + document.words(one.runs) for item in block.items for one in item])  # type: ignore[union-attr]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, []),
        ("", []),
        ("Un.\n\nDeux.", ["Un.", "Deux."]),
        ("Un,\nsuite.\n \nDeux.", ["Un,\nsuite.", "Deux."]),
        ("• a\n\n• b", [["a", "b"]]),
        ("Voici :\n• a\n• b\nfin", ["Voici :", ["a", "b"], "fin"]),
        ("•sans espace", ["•sans espace"]),
        ("• seul", [["seul"]]),
        # A single line with a dash or number is text; two consecutive ones are a list.
        ("– a", ["– a"]),
        ("- a\n\n- b\n\nfin", [["a", "b"], "fin"]),
        ("– a\n\n• b", ["– a", ["b"]]),
        ("1. a\n\n2. b\n\n4. c", [["#a", "#b"], "4. c"]),
        ("2. a\n\n3. b", ["2. a", "3. b"]),
        ("1) a\n2) b", [["#a", "#b"]]),
        ("1. Objet\n\nLe texte.\n\n2. Moyens", ["1. Objet", "Le texte.", "2. Moyens"]),
        ("2024 fut\n\n2025 sera", ["2024 fut", "2025 sera"]),
        ("-20 %\n\n-30 %", ["-20 %", "-30 %"]),
    ],
)
def test_lists_written_with_signs(text: str | None, expected: list[str | list[str]]) -> None:
    assert outline(from_text(text)) == expected


@given(st.text(alphabet="a •\n-1.2 ", max_size=40))
def test_no_letter_is_lost(text: str) -> None:
    document = from_text(text)
    shown = "".join(document.words(runs) for runs in leaves(document.blocks))
    assert shown.count("a") == text.count("a")
    assert not any(document.words(runs) == "" for runs in leaves(document.blocks))


def _cell(head: bool = False, colspan: int = 1, rowspan: int = 1) -> Cell:
    return Cell((), head, colspan, rowspan)


@pytest.mark.parametrize(
    ("rows", "head", "body"),
    [
        # Short rows are filled; a column in which no cell begins is dropped.
        ([[_cell(), _cell()], [_cell()]], [], [[(0, 1, 1), (1, 1, 1)], [(0, 1, 1), (1, 1, 1)]]),
        ([[_cell(colspan=3)], [_cell(), _cell()]], [], [[(0, 2, 1)], [(0, 1, 1), (1, 1, 1)]]),
        ([[_cell(colspan=9)], [_cell(colspan=9)]], [], [[(0, 1, 1)], [(0, 1, 1)]]),
        # A cell that spans rows shifts those of the next row, and ends with its part of the table.
        ([[_cell(rowspan=2), _cell()], [_cell()]], [], [[(0, 1, 2), (1, 1, 1)], [(1, 1, 1)]]),
        ([[_cell(rowspan=0), _cell()], [_cell()]], [], [[(0, 1, 2), (1, 1, 1)], [(1, 1, 1)]]),
        ([[_cell(True, rowspan=5)], [_cell()]], [[(0, 1, 1)]], [[(0, 1, 1)]]),
        # Cells do not overlap.
        (
            [[_cell(), _cell(rowspan=2)], [_cell(colspan=3)]],
            [],
            [[(0, 1, 1), (1, 1, 2)], [(0, 1, 1)]],
        ),
        ([[_cell(True)], [_cell(True)]], [], [[(0, 1, 1)], [(0, 1, 1)]]),
    ],
)
def test_grids(
    rows: list[list[Cell]], head: list[list[tuple[int, int, int]]], body: list[list[tuple[int, int, int]]]
) -> None:
    grid = lay_out(Table(tuple(map(tuple, rows))))
    assert grid is not None
    assert [[(c.column, c.colspan, c.rowspan) for c in row] for row in grid.head] == head
    assert [[(c.column, c.colspan, c.rowspan) for c in row] for row in grid.body] == body


CELLS = st.builds(_cell, st.booleans(), st.integers(1, 120), st.integers(0, 6))


@given(st.lists(st.lists(CELLS, max_size=5), max_size=6))
def test_every_grid_is_regular(rows: list[list[Cell]]) -> None:
    grid = lay_out(Table(tuple(map(tuple, rows))))
    if grid is None:
        assert not any(rows)
        return
    for part in (grid.head, grid.body):
        covered: dict[tuple[int, int], int] = {}
        for number, row in enumerate(part):
            assert row
            for cell in row:
                for down in range(cell.rowspan):
                    for across in range(cell.colspan):
                        place = number + down, cell.column + across
                        covered[place] = covered.get(place, 0) + 1
        assert covered == {(r, c): 1 for r in range(len(part)) for c in range(grid.width)}
    begun = {cell.column for part in (grid.head, grid.body) for row in part for cell in row}
    assert begun == set(range(grid.width))


def test_a_table_without_a_cell_has_no_grid() -> None:
    assert lay_out(Table(((), ()))) is None
