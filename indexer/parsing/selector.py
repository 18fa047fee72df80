"""CSS selectors that are matched in one pass over a page, however they are written.

soupsieve reads and matches each compound selector (`article.node`, `[itemprop="name"]`). The combinators between them
(space, `>`, `+`, `~`) are handled here: soupsieve searches the ancestors again at every element, in a time that is
exponential in the number of combinators. The only pseudo-class accepted is `:not` of a compound selector, since others
walk over siblings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import soupsieve
from bs4.element import Tag

MAX_LENGTH = 300
_NAME = r"(?:[-\w\u0080-\U0010ffff]|\\.)+"
_ATTRIBUTE = rf"""\[\s*{_NAME}\s*(?:[~|^$*]?=\s*(?:"[^"\\]*"|'[^'\\]*'|{_NAME})\s*[is]?\s*)?\]"""
_SIMPLE = rf"(?:[.#]{_NAME}|{_ATTRIBUTE})"
_NOT = rf":not\(\s*(?:{_NAME}{_SIMPLE}*|{_SIMPLE}+)\s*\)"
_COMPOUND = re.compile(rf"(?:(?:{_NAME}|\*){_SIMPLE}*|{_SIMPLE}+)(?:{_NOT})*|(?:{_NOT})+")
_COMMA = re.compile(r"\s*,\s*")
_COMBINATOR = re.compile(r"\s*([>+~])\s*|(\s+)")
_NEEDS = re.compile(rf"({_NAME})|\.({_NAME})|#({_NAME})")


class SelectorError(ValueError):
    """Raised for a selector that cannot be used; the message says why, in French."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A compound selector and the combinator before it, "" for the first one."""

    combinator: str
    compound: str


@dataclass(frozen=True, slots=True)
class Selector:
    """A parsed selector.

    Attributes:
        text: as written.
        chains: the compound selectors of each part between commas.
    """

    text: str
    chains: tuple[tuple[_Step, ...], ...]


def read_selector(text: str) -> Selector:
    """Parse a selector.

    Raises:
        SelectorError: it is malformed, too long, or uses syntax that is not accepted.
    """
    if len(text) > MAX_LENGTH:
        raise SelectorError(f"le sélecteur a plus de {MAX_LENGTH} caractères")
    chains, steps, position, combinator = [], [], 0, ""
    text = text.strip()
    while True:
        found = _COMPOUND.match(text, position)
        if found is None or not found.group():
            raise SelectorError(_why(text, position))
        try:
            soupsieve.compile(found.group())
        except (soupsieve.SelectorSyntaxError, ValueError, NotImplementedError) as error:
            raise SelectorError(_why(text, position)) from error
        steps.append(_Step(combinator, found.group()))
        position = found.end()
        comma = _COMMA.match(text, position)
        if position == len(text) or comma is not None:
            chains.append(tuple(steps))
            if comma is None:
                return Selector(text, tuple(chains))
            position, combinator, steps = comma.end(), "", []
            continue
        between = _COMBINATOR.match(text, position)
        if between is None:
            raise SelectorError(_why(text, position))
        combinator, position = between.group(1) or " ", between.end()


def _why(text: str, position: int) -> str:
    rest = text[position : position + 40]
    if rest.startswith(":"):
        return f"« {rest} » : seul « :not(…) » est admis après deux-points"
    return f"le sélecteur se lit mal à partir de « {rest} »" if rest else "le sélecteur est incomplet"


def select(root: Tag, selectors: Iterable[Selector]) -> Mapping[str, list[Tag]]:
    """Return the elements that each selector matches, in page order, by the text of the selector.

    Args:
        root: the whole document.
        selectors: the selectors, all matched in the same pass.
    """
    wanted = {one.text: one for one in selectors}
    found: dict[str, list[Tag]] = {text: [] for text in wanted}
    chains = [(text, chain) for text, one in wanted.items() for chain in one.chains]
    # Levels hold the prefixes of chains, as (chain, step), matched by the parent, by ancestors and by earlier siblings.
    stack: list[_Level] = [_Level(frozenset(), frozenset(), _children(root))]
    while stack:
        level = stack[-1]
        tag = next(level.children, None)
        if tag is None:
            stack.pop()
            continue
        own = set()
        for number, (text, chain) in enumerate(chains):
            for place, step in enumerate(chain):
                if place and (number, place - 1) not in level.reached(step.combinator):
                    continue
                if not _matches(tag, step.compound):
                    continue
                own.add((number, place))
                if place == len(chain) - 1 and not (found[text] and found[text][-1] is tag):
                    found[text].append(tag)
        level.before = frozenset(own)
        level.earlier = level.earlier | own if own else level.earlier
        stack.append(_Level(frozenset(own), level.around | own if own else level.around, _children(tag)))
    return found


def _children(tag: Tag) -> Iterator[Tag]:
    return (child for child in tag.children if isinstance(child, Tag))


class _Level:
    """The children of one element during the pass, and the beginnings of selectors that are matched by that element, by
    those around it and by its children so far.
    """

    __slots__ = ("around", "before", "children", "earlier", "parent")

    def __init__(
        self, parent: frozenset[tuple[int, int]], around: frozenset[tuple[int, int]], children: Iterator[Tag]
    ) -> None:
        self.parent, self.around, self.children = parent, around, children
        self.before: frozenset[tuple[int, int]] = frozenset()
        self.earlier: frozenset[tuple[int, int]] = frozenset()

    def reached(self, combinator: str) -> frozenset[tuple[int, int]]:
        """Return the beginnings of selectors that match an element to which a combinator refers: the parent (>), the
        sibling before (+), a sibling before (~), else any ancestor. Each is a pair: the number of a selector, and the
        index of the last of its steps that matches.
        """
        if combinator == ">":
            return self.parent
        if combinator == "+":
            return self.before
        return self.earlier if combinator == "~" else self.around


def _matches(tag: Tag, compound: str) -> bool:
    name, classes, ident = _needs(compound)
    if name is not None and tag.name.lower() != name:
        return False
    if classes and not classes <= set(str(tag.get("class") or "").split()):
        return False
    if ident is not None and tag.get("id") != ident:
        return False
    return _is_plain(compound) or soupsieve.match(compound, tag)


@cache
def _needs(compound: str) -> tuple[str | None, frozenset[str], str | None]:
    """Return the name, classes and id that an element must have to match: a cheap test before soupsieve's."""
    bare = re.split(r"[\[:\\]", compound, maxsplit=1)[0]
    name, classes, ident = None, set(), None
    for found in _NEEDS.finditer(bare):
        if found.group(1):
            name = found.group(1).lower()
        elif found.group(2):
            classes.add(found.group(2))
        else:
            ident = found.group(3)
    return name, frozenset(classes), ident


@cache
def _is_plain(compound: str) -> bool:
    return re.fullmatch(r"[\w-]*(?:\.[\w-]+|#[\w-]+)*", compound) is not None and compound.count("#") < 2
