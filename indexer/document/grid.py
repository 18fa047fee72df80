"""Lay out a table as a regular grid, with row and column spans as browsers read them."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.document.blocks import Block, Cell, Table

_MOST_COLUMNS = 100
"""Columns beyond this number are merged into the last: no real page has more, and a hostile one could have millions."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of a grid; one without `blocks` is an empty cell of the table, or was added to fill a gap in its row."""

    blocks: tuple[Block, ...]
    head: bool
    column: int
    colspan: int
    rowspan: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A regular table: all rows have the same width, no cells overlap, none extends below the last row.

    Attributes:
        head: the leading rows that have only head cells.
        body: the rows after them.
        width: number of columns.
    """

    head: tuple[tuple[GridCell, ...], ...]
    body: tuple[tuple[GridCell, ...], ...]
    width: int


def lay_out(table: Table) -> Grid | None:
    """Return the grid of a table, or None if it has no cells.

    Spans do not cross from the head into the body; rows and columns in which no cell begins are left out.
    """
    rows = [row for row in table.rows if row]
    if not rows:
        return None
    split = 0
    while split < len(rows) and all(cell.head for cell in rows[split]):
        split += 1
    if split == len(rows):
        split = 0  # in a table of head cells only, they head their rows
    parts = [_placed(rows[:split]), _placed(rows[split:])]
    begun = sorted({cell.column for part in parts for row in part for cell in row})
    order = {column: place for place, column in enumerate(begun)}
    width = len(begun)

    def narrowed(cell: GridCell) -> GridCell:
        spanned = sum(1 for column in begun if cell.column <= column < cell.column + cell.colspan)
        return GridCell(cell.blocks, cell.head, order[cell.column], spanned, cell.rowspan)

    head, body = ([[narrowed(cell) for cell in row] for row in part] for part in parts)
    return Grid(_filled(head, width), _filled(body, width), width)


def _placed(rows: list[tuple[Cell, ...]]) -> list[list[GridCell]]:
    """Return the cells of each row with their columns, as in HTML's table model, but with overlapping spans cut."""
    placed: list[list[GridCell]] = []
    covered: dict[int, int] = {}  # column → rows, this one included, that a cell from above still covers
    for number, row in enumerate(rows):
        cells: list[GridCell] = []
        column = 0
        taken = dict(covered)
        left = len(rows) - number
        for cell in row:
            while column in covered:
                column += 1
            if column >= _MOST_COLUMNS:
                if cells:
                    last = cells[-1]
                    cells[-1] = GridCell(last.blocks + cell.blocks, last.head, last.column, last.colspan, last.rowspan)
                    continue
                column = _MOST_COLUMNS
                while column in covered:
                    column += 1
            width = 1
            while width < cell.colspan and column + width < _MOST_COLUMNS and column + width not in covered:
                width += 1
            height = min(cell.rowspan or left, left)
            cells.append(GridCell(cell.blocks, cell.head, column, width, height))
            for spanned in range(column, column + width):
                taken[spanned] = height
            column += width
        placed.append(cells)
        covered = {column: rows_left - 1 for column, rows_left in taken.items() if rows_left > 1}
    return placed


def _filled(rows: list[list[GridCell]], width: int) -> tuple[tuple[GridCell, ...], ...]:
    """Return the rows, each with `width` columns: gaps are filled with empty cells."""
    filled: list[tuple[GridCell, ...]] = []
    covered: dict[int, int] = {}
    for row in rows:
        taken = dict(covered)
        for cell in row:
            for column in range(cell.column, cell.column + cell.colspan):
                taken[column] = cell.rowspan
        missing = [GridCell((), False, column, 1, 1) for column in range(width) if column not in taken]
        filled.append(tuple(sorted([*row, *missing], key=lambda cell: cell.column)))
        covered = {column: left - 1 for column, left in taken.items() if left > 1}
    return tuple(filled)
