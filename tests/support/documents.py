"""Strategies for random documents with hostile texts and addresses, for property tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from indexer.document import (
    Block,
    Caption,
    Cell,
    Document,
    Heading,
    ListBlock,
    Paragraph,
    Preformatted,
    Quotation,
    Run,
    Table,
)

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</p></li></table></section>",
    "{{ 7 * 7 }}",
    "&lt;b&gt; & &amp;",
    "javascript:alert(1)",
)
_WORDS = st.sampled_from(("mot", "élu·e·s", "L’été", "2 %", "deux\nlignes", *HOSTILE))
TARGETS = (
    "https://exemple.fr/a?b=c&d=<e>",
    "mailto:nous@exemple.fr",
    "javascript:alert(1)",
    "data:text/html,<script>",
    "https://exemple.fr/\"onmouseover='x'",
    "mailto:a@b.fr\" onclick=\"x",
)  # fmt: skip
_STYLES = st.tuples(st.booleans(), st.booleans(), st.sampled_from((None, None, *TARGETS)))
_RUNS = st.lists(st.tuples(_WORDS, _STYLES), min_size=1, max_size=3)

Leaf = tuple[str, Any]


def _nested(inner: st.SearchStrategy[Leaf]) -> st.SearchStrategy[Leaf]:
    blocks = st.lists(inner, max_size=3)
    cell = st.tuples(st.booleans(), st.integers(1, 4), st.integers(0, 4), blocks)
    return st.one_of(
        st.tuples(st.just("quote"), blocks),
        st.tuples(st.just("list"), st.tuples(st.booleans(), st.integers(0, 9), st.lists(blocks, max_size=3))),
        st.tuples(st.just("table"), st.tuples(st.none() | _RUNS, st.lists(st.lists(cell, max_size=4), max_size=4))),
    )


_LEAVES = st.one_of(
    st.tuples(st.sampled_from(("p", "pre", "caption")), _RUNS),
    st.tuples(st.integers(1, 6).map(lambda level: f"h{level}"), _RUNS),
)
_TREES = st.lists(st.recursive(_LEAVES, _nested, max_leaves=8), max_size=4)


class _Builder:
    """Builds the plain text of a tree of blocks, with separators between blocks."""

    def __init__(self) -> None:
        self.text = ""

    def runs(self, written: list[tuple[str, tuple[bool, bool, str | None]]]) -> tuple[Run, ...]:
        self.text += "\n\n• " if self.text else ""
        found = []
        for words, style in written:
            found.append(Run(len(self.text), len(self.text) + len(words), *style))
            self.text += words
        return tuple(found)

    def blocks(self, trees: list[Leaf]) -> tuple[Block, ...]:
        return tuple(self.block(kind, held) for kind, held in trees)

    def block(self, kind: str, held: Any) -> Block:
        leaves: dict[str, Callable[[tuple[Run, ...]], Block]] = {
            "p": Paragraph,
            "pre": Preformatted,
            "caption": Caption,
        }
        if kind in leaves:
            return leaves[kind](self.runs(held))
        if kind == "quote":
            return Quotation(self.blocks(held))
        if kind == "list":
            ordered, start, items = held
            return ListBlock(tuple(self.blocks(item) for item in items), ordered, start)
        if kind == "table":
            caption, rows = held
            runs = () if caption is None else self.runs(caption)
            return Table(
                tuple(
                    tuple(Cell(self.blocks(blocks), head, colspan, rowspan) for head, colspan, rowspan, blocks in row)
                    for row in rows
                ),
                runs,
            )
        return Heading(int(kind[1]), self.runs(held))


def _built(trees: list[Leaf]) -> Document:
    builder = _Builder()
    blocks = builder.blocks(trees)
    return Document(builder.text, blocks)


DOCUMENTS = _TREES.map(_built)
"""Strategy for documents with any nesting of blocks, and with hostile texts and link targets among others."""
