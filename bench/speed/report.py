"""Figures and targets, and their output as text, Markdown and JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        part: part of the bench, such as "search".
        size: pages of the corpus.
        engine: the engine that was measured.
        measure: what was measured, such as "warm, common word, p95".
        value: the number.
        unit: of the value.
    """

    part: str
    size: int
    engine: str
    measure: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Target:
    """A limit for a figure.

    Attributes:
        text: description of the target.
        size: pages of the corpus.
        value: the measured value.
        limit: largest acceptable value.
        unit: of both; "×" for ratios.
    """

    text: str
    size: int
    value: float
    limit: float
    unit: str

    @property
    def reached(self) -> bool:
        """Return whether the target was reached; a value that could not be measured does not reach it."""
        return self.value <= self.limit


@dataclass
class Report:
    """All results of a run.

    Attributes:
        command: the command line that made it.
        figures, targets: in the order they were measured.
        notes: sentences on the method, and on what could not be measured.
        tables: pairs of a title and a Markdown table, in the order they were added.
    """

    command: str
    figures: list[Figure] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tables: list[tuple[str, str]] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        """Add a note, unless it was added before."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def add(self, part: str, size: int, engine: str, measure: str, value: float, unit: str) -> None:
        """Add a figure."""
        self.figures.append(Figure(part, size, engine, measure, value, unit))

    def aim(self, text: str, size: int, value: float, limit: float, unit: str) -> None:
        """Add a target: a limit, and the value that was measured.

        Args:
            text: description of the target.
            size: pages of the corpus.
            value: the measured value.
            limit: largest acceptable value.
            unit: of both; "×" for ratios.
        """
        self.targets.append(Target(text, size, value, limit, unit))

    def table(self, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Add a Markdown table."""
        self.tables.append((title, markdown_table(head, rows)))

    def markdown(self, picture: str | None) -> str:
        """Return the whole report as Markdown.

        Args:
            picture: link to the plot of growth, or None.
        """
        parts = ["# Speed", f"Made by `{self.command}`.", *self.notes]
        if self.targets:
            parts.append(f"## Targets\n\n{self._targets()}")
        if picture is not None:
            parts.append(f"![Growth of each cost with the number of pages]({picture})")
        parts += [f"## {title}\n\n{table}" for title, table in self.tables]
        return "\n\n".join(parts) + "\n"

    def _targets(self) -> str:
        rows = [
            (
                f"{target.size:,}",
                target.text,
                f"{shown(target.value)} {target.unit}",
                f"≤ {shown(target.limit)} {target.unit}",
                "reached" if target.reached else "**missed**",
            )
            for target in self.targets
        ]
        return markdown_table(("pages", "what", "measured", "target", ""), rows)

    def json(self) -> str:
        """Return the whole report as JSON."""
        held = asdict(self)
        held["targets"] = [{**asdict(target), "reached": target.reached} for target in self.targets]
        del held["tables"]
        return json.dumps(held, ensure_ascii=False, indent=1) + "\n"


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, its cells padded so that columns are aligned in the source text too."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (head, *rows)
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def shown(value: float) -> str:
    """Return a number with about three significant digits, or a dash for NaN."""
    if math.isnan(value):
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
