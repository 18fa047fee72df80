"""Wildcard patterns over folded forms: ``*`` is any run of letters, ``?`` one letter.

Matching a form takes time proportional to its length times the pattern's, for any pattern: each run of literals is
matched at the first place where it fits (R. Cox, « Glob Matching Can Be Simple And Fast Too », 2017). Atomic groups
keep the regular expression engine from backtracking; without them, ``*e*e*e*e*e*z`` would try every choice of five e's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

_CACHE_SIZE = 1 << 14


@lru_cache(maxsize=256)
def pattern_regex(pattern: str) -> re.Pattern[str]:
    """Compile a pattern, for use with fullmatch."""
    return re.compile(_expression(pattern, "."), re.DOTALL)


@lru_cache(maxsize=64)
def line_regex(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that finds, in a text of one form a line, the lines that it matches whole."""
    return re.compile("^(?:" + _expression(pattern, r"[^\n]") + ")$", re.MULTILINE)


@lru_cache(maxsize=32)
def first_match(patterns: Sequence[str]) -> Callable[[str], int | None]:
    """Return a function that gives the index of the first pattern that matches a whole form, or None.

    Args:
        patterns: the patterns. The function caches its results, since texts repeat the same words.
    """
    several = re.compile("|".join(f"({_expression(pattern, '.')})" for pattern in patterns), re.DOTALL)

    @lru_cache(maxsize=_CACHE_SIZE)
    def test(form: str) -> int | None:
        found = several.fullmatch(form)
        return None if found is None or found.lastindex is None else found.lastindex - 1

    return test


def _expression(pattern: str, letter: str) -> str:
    """Return the regular expression of a pattern.

    Args:
        pattern: the pattern.
        letter: what matches any one letter.
    """
    first, *others = re.split(r"\*+", pattern)
    literal = _literal(first, letter)
    if not others:
        return literal
    *middle, last = others
    inner = "".join(f"(?>{letter}*?{_literal(part, letter)})" for part in middle)
    return f"{literal}{inner}{letter}*{_literal(last, letter)}"


def _literal(part: str, letter: str) -> str:
    return "".join(letter if char == "?" else re.escape(char) for char in part)
