"""Recognise lists that a text marks with bullets, dashes or numbers, as in exports and pages pasted from word
processors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from indexer.document.blocks import Block, Document, ListBlock, Paragraph, Run

_LINE = re.compile(r"[^\n]+")
_SIGN = re.compile(r"(?:(?P<bullet>[•●▪■◦‣])|(?P<dash>[-–—*])|(?P<number>[0-9]{1,3})[.)])\s+(?=\S)")
_MAY_BEGIN = frozenset("•●▪■◦‣-–—*0123456789")
_BLANK_LINES = re.compile(r"\n\s*\n")


class _Line(NamedTuple):
    """A line of a text, without the spaces around it.

    Attributes:
        start, end: offsets of the line in the text.
        words: offset at which its text begins, after a list sign.
        kind: kind of its list sign, ``"bullet"``, ``"dash"`` or ``"number"``; empty without a sign.
        number: the number in its list sign, else 0.
        paragraph: index of the paragraph that it belongs to.
    """

    start: int
    end: int
    words: int
    kind: str
    number: int
    paragraph: int


def from_text(text: str | None) -> Document:
    """Return the document of a text that has no stored shape (its outline as JSON); None is an empty text.

    Blank lines separate paragraphs. Lines with a bullet are list items; lines with a dash are too if at least two
    follow each other, and lines with a number if they count up from 1.
    """
    text = text or ""
    paragraphs: list[Paragraph] = []
    start = 0
    for end, following in [*(match.span() for match in _BLANK_LINES.finditer(text)), (len(text), len(text))]:
        part = text[start:end]
        if bare := part.strip():
            first = start + len(part) - len(part.lstrip())
            paragraphs.append(Paragraph((Run(first, first + len(bare)),)))
        start = following
    return Document(text, with_lists(text, paragraphs))


def with_lists(text: str, paragraphs: Sequence[Paragraph]) -> tuple[Block, ...]:
    """Return adjacent paragraphs as blocks, with the lines that are list items made into lists.

    Args:
        text: the document's text.
        paragraphs: adjacent paragraphs of it; none is empty.
    """
    found: list[Block] = []
    signed: list[Paragraph] = []
    for one in paragraphs:
        start = one.runs[0].start
        if (text[start] in _MAY_BEGIN and _SIGN.match(text, start)) or text.find("\n", start, one.runs[-1].end) >= 0:
            signed.append(one)
        else:
            if signed:
                found += _listed(text, signed)
                signed = []
            found.append(one)
    return (*found, *_listed(text, signed)) if signed else tuple(found)


def _listed(text: str, paragraphs: Sequence[Paragraph]) -> list[Block]:
    lines = [line for number, one in enumerate(paragraphs) for line in _lines(text, one, number)]
    found: list[Block] = []
    place = 0
    while place < len(lines):
        size = _list_at(lines, place)
        first = lines[place]
        if size:
            items = lines[place : place + size]
            found.append(
                ListBlock(
                    tuple((Paragraph(_cut(paragraphs[item.paragraph].runs, item.words, item.end)),) for item in items),
                    ordered=first.kind == "number",
                )
            )
        else:
            size = 1
            while (
                place + size < len(lines)
                and lines[place + size].paragraph == first.paragraph
                and not _list_at(lines, place + size)
            ):
                size += 1
            found.append(Paragraph(_cut(paragraphs[first.paragraph].runs, first.start, lines[place + size - 1].end)))
        place += size
    return found


def _lines(text: str, paragraph: Paragraph, number: int) -> list[_Line]:
    lines = []
    for match in _LINE.finditer(text, paragraph.runs[0].start, paragraph.runs[-1].end):
        line = match.group()
        start = match.start() + len(line) - len(line.lstrip())
        end = match.start() + len(line.rstrip())
        if start >= end:
            continue
        sign = _SIGN.match(text, start, end)
        if sign is None:
            lines.append(_Line(start, end, start, "", 0, number))
        else:
            lines.append(_Line(start, end, sign.end(), sign.lastgroup or "", int(sign["number"] or 0), number))
    return lines


def _list_at(lines: list[_Line], place: int) -> int:
    """Return how many lines from `place` on belong to one list, 0 if none."""
    first = lines[place]
    if not first.kind or (first.kind == "number" and first.number != 1):
        return 0
    size = 1
    while place + size < len(lines):
        line = lines[place + size]
        if line.kind != first.kind or (line.kind == "number" and line.number != size + 1):
            break
        size += 1
    return size if size > 1 or first.kind == "bullet" else 0


def _cut(runs: Sequence[Run], start: int, end: int) -> tuple[Run, ...]:
    """Return the parts of some runs between two offsets."""
    return tuple(
        Run(max(run.start, start), min(run.end, end), run.strong, run.emphasis, run.target)
        for run in runs
        if run.start < end and run.end > start
    )
