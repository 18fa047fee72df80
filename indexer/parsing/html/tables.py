"""Tables of resources whose labels are column heads, or attributes of cells: give each row its own labels, so that the
row is read as a node (a resource).
"""

from __future__ import annotations

from collections.abc import Iterable

from bs4 import BeautifulSoup
from bs4.element import Tag

from indexer.parsing.html.markup import TITLE_TOKEN, attribute, is_node_like, tokens
from indexer.parsing.labels import ANCHORS, Label, recognise
from indexer.parsing.text import collapse, fold

_TITLE_HEADS = frozenset(
    {
        "titre",
        "intitule",
        "nom",
        "ressource",
        "ressources",
        "title",
        "document",
        "publication",
        "fiche",
        "titre de la ressource",
    }
)
_MOST_COLUMNS = 40
_NAMING = ("data-label", "data-title", "data-th")


def spread_column_labels(soup: BeautifulSoup, tables: Iterable[Tag]) -> bool:
    """Copy the labels at the head of a table of resources into each of its rows.

    A table lists resources if « Type de ressource » or « Ressource privée » heads a column and each row has a title: a
    link, or the cell of a column headed as a title. Tables inside a node are part of its text.

    Args:
        soup: the page, changed in place.
        tables: tables with a possible label in the first row.

    Returns:
        Whether anything was changed.
    """
    changed = False
    for table in tables:
        if not any(is_node_like(outer) for outer in table.parents):
            changed = _spread(soup, table) or changed
    return changed


def write_cell_labels(soup: BeautifulSoup, cells: Iterable[Tag]) -> bool:
    """Write into cells the labels that only an attribute gives (`data-label`), which style sheets print.

    Rows that already hold a label, as in tables with a head, stay as they are; so do tables inside a node.

    Args:
        soup: the page, changed in place.
        cells: the cells with such an attribute.

    Returns:
        Whether anything was changed.
    """
    rows: dict[int, tuple[Tag, list[tuple[Tag, str]]]] = {}
    for cell in cells:
        if cell.parent is not None:
            name = next(filter(None, (attribute(cell, one).strip() for one in _NAMING)), "")
            rows.setdefault(id(cell.parent), (cell.parent, []))[1].append((cell, name))
    changed = False
    for row, named in rows.values():
        labels = {id(cell): label for cell, name in named if (label := recognise(name)) is not None}
        if not ANCHORS & set(labels.values()) or len(set(labels.values())) < len(labels):
            continue
        if any(recognise(text) is not None for text in row.stripped_strings):
            continue
        if row.name == "tr":
            if any(is_node_like(outer) for outer in row.parents):
                continue
            row["class"] = f"{attribute(row, 'class')} views-row".strip()
        for cell, name in named:
            if id(cell) in labels:
                _label(soup, cell, name)
            elif fold(name) in _TITLE_HEADS and cell.find(["h2", "h3", "h4"]) is None:
                cell["class"] = f"{attribute(cell, 'class')} views-field-title".strip()
        changed = True
    return changed


def _spread(soup: BeautifulSoup, table: Tag) -> bool:
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    head = next((row for row in rows if _cells(row)), None)
    if head is None or len(rows) < 2:
        return False
    labels: dict[int, Label] = {}
    written: dict[int, str] = {}
    by_id: dict[str, int] = {}
    titled: set[int] = set()
    heads = _placed(head, {})
    for column, cell in heads:
        text = collapse(cell.get_text(" "))
        written[column] = text
        if identity := attribute(cell, "id"):
            by_id[identity] = column
        if (label := recognise(text)) is not None:
            labels[column] = label
        if fold(text) in _TITLE_HEADS or any(TITLE_TOKEN.fullmatch(token) for token in tokens(cell)):
            titled.add(column)
    if not ANCHORS & set(labels.values()) or len(heads) == len(labels) or len(set(labels.values())) < len(labels):
        return False
    is_head = all(cell.name == "th" for _, cell in heads) or (head.parent is not None and head.parent.name == "thead")
    if not is_head and len(labels) < 2:
        return False
    body: list[tuple[Tag, list[tuple[int, Tag]]]] = []
    spans: dict[int, int] = {}
    for row in rows[rows.index(head) + 1 :]:
        cells = _placed(row, spans)
        named = [
            (by_id.get(attribute(cell, "headers").split()[0], column), cell)
            if attribute(cell, "headers")
            else (column, cell)
            for column, cell in cells
        ]
        if any(recognise(cell.get_text()) is not None for _, cell in cells):
            return False  # rows with their own labels are not resources of such a table
        if len(named) > 1:
            body.append((row, named))
    linked = [any(cell.find("a", href=True) for column, cell in cells if column not in labels) for _, cells in body]
    if not body or not (titled or all(linked)):
        return False
    for row, cells in body:
        for column, cell in cells:
            if column in labels:
                _label(soup, cell, written[column])
            elif column in titled and cell.find(["h2", "h3", "h4"]) is None:
                cell["class"] = f"{attribute(cell, 'class')} views-field-title".strip()
        row["class"] = f"{attribute(row, 'class')} views-row".strip()
    head.extract()
    return True


def _cells(row: Tag) -> list[Tag]:
    return [child for child in row.children if isinstance(child, Tag) and child.name in ("td", "th")]


def _placed(row: Tag, spans: dict[int, int]) -> list[tuple[int, Tag]]:
    """Return a row's cells as (column, cell); `spans` counts, by column, the rows that cells from above still cover."""
    placed: list[tuple[int, Tag]] = []
    column = 0
    covered = {place for place, left in spans.items() if left > 0}
    for place in covered:
        spans[place] -= 1
    for cell in _cells(row)[:_MOST_COLUMNS]:
        while column in covered:
            column += 1
        placed.append((column, cell))
        width, height = _number(cell, "colspan"), _number(cell, "rowspan")
        for place in range(column, column + width):
            if height > 1:
                spans[place] = height - 1
        column += width
    return placed


def _number(cell: Tag, name: str) -> int:
    value = attribute(cell, name).strip()
    return min(max(int(value), 1), _MOST_COLUMNS) if value.isascii() and value.isdecimal() else 1


def _label(soup: BeautifulSoup, cell: Tag, text: str) -> None:
    value = soup.new_tag("div", attrs={"class": "field__item"})
    for child in list(cell.contents):
        value.append(child.extract())
    label = soup.new_tag("div", attrs={"class": "field__label"})
    label.string = text
    field = soup.new_tag("div", attrs={"class": "field"})
    field.extend([label, value])
    cell.append(field)
