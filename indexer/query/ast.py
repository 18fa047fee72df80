"""The query tree: what a person typed, before any analysis of words.

    tree = Term | Phrase | Prefix | Wildcard | YearRange | InTerritory | And | Or | Not

`field` is None for « anywhere », else one of `indexer.query.fields.FIELD_NAMES`. Trees are small and frozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True, slots=True)
class Term:
    """A word as typed (it may hold an apostrophe, hyphens, full stops)."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow one another in order, with at most `slop` other positions between them in all."""

    text: str
    slop: int = 0
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words that begin with `text`."""

    text: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Words that match `pattern`, where ``*`` is any run of letters and ``?`` one letter."""

    pattern: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class YearRange:
    """Years from `low` to `high`, inclusive; None leaves that end open. Both None selects resources without a year."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class InTerritory:
    """Resources of a territory, those of the territories in it included.

    Attributes:
        name: its name or code, folded; None selects resources without a territory.
        codes: the territories of this name; any of them matches.
    """

    name: str | None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class And:
    """All children match. If `relaxable`, they are plain words typed without operators, most of which may be enough."""

    children: tuple[Tree, ...]
    relaxable: bool = False


@dataclass(frozen=True, slots=True)
class Or:
    """Any child matches."""

    children: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The child does not match."""

    child: Tree


Tree = Union[Term, Phrase, Prefix, Wildcard, YearRange, InTerritory, And, Or, Not]


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A parsed query.

    Attributes:
        tree: None where there is nothing to look for: everything matches, unless `wordless`.
        messages: French sentences on what was ignored.
        wordless: something was typed, but no letter, digit or star: nothing matches.
    """

    tree: Tree | None
    messages: tuple[str, ...] = ()
    wordless: bool = False
