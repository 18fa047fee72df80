"""The lines of a page as a reader gives them, cleaned, and which of them end in the middle of a word."""

from __future__ import annotations

import re
from dataclasses import dataclass

from indexer.parsing.text import clean

SOFT = "\ue000"
"""Stands for a soft hyphen, which `clean` would remove, until `Vocabulary.settle` decides what it means."""
HYPHENS = "-\u2010\u2011"
MARKED = "\ufffe"
"""Character by which PDFium replaces a hyphen and the end of a line after it, between two letters."""

_PRIVATE = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010fffd]")
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_TABLE = str.maketrans(_LIGATURES)
_SPACES = re.compile(r"[ \t\f\v]+")
_LEADERS = re.compile(r"(?:[ \u00a0]?[.…]){4,}")
_ENDS = re.compile(r"\r\n?|\n|(?<=\ufffe)")
_CUT = re.compile(rf"[^\W_]([{HYPHENS}{SOFT}{MARKED}])\Z")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page.

    Attributes:
        text: its text, without the hyphen at its end if that may cut a word.
        cut: the hyphen left out of `text`, as it is written; empty if the line does not end with one, or the next line
            does not begin with a word.
    """

    text: str
    cut: str = ""


def read_lines(raw: str) -> list[Line]:
    """Return the lines of a page that have any text.

    Args:
        raw: text of the page; lines end with CR LF, CR, LF, or with `MARKED` inside a word.
    """
    texts = [_tidy(one) for one in _ENDS.split(raw)]
    texts = [one for one in texts if one and one != MARKED]
    lines = []
    for number, text in enumerate(texts, 1):
        following = texts[number] if number < len(texts) else ""
        found = _CUT.search(text)
        if found and following[:1].isalnum():
            lines.append(Line(text[:-1], found[1]))
        else:
            lines.append(Line(text.replace(MARKED, "-").replace(SOFT + " ", "- ").removesuffix(SOFT)))
    return lines


def _tidy(text: str) -> str:
    ends = text.endswith(MARKED)
    text = _PRIVATE.sub(" ", text).replace("\u00ad", SOFT)
    text = clean(text.translate(_TABLE))
    text = _LEADERS.sub("...", _SPACES.sub(" ", text)).strip()
    return text + MARKED if ends else text
