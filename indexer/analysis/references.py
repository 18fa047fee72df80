"""References: articles of law and registration numbers, each of which is written in several ways, are one word.

"L2111-3", "L. 2111-3" and "L.2111-3" have one normal form, as have a SIRET in one block and one in groups. Words that
only announce a reference are not searched: "n°" is left out, "art." and "article" before a reference are stop words.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from indexer.analysis.normalization import APOSTROPHES, FULL_STOPS, HYPHENS, NO_BREAK_SPACES

_SPACE = f"[ {NO_BREAK_SPACES}]"
_STOP = f"[{re.escape(FULL_STOPS)}]"
_HYPHEN = f"[{re.escape(HYPHENS)}]"
_END = r"(?![\w\u0300-\u036f])"
_YEAR = r"(?:19|20)\d\d"
_NUMBERS = rf"(?:{_HYPHEN}\d{{1,5}}){{1,5}}"

# Parts of a code of law: legislative, organic, regulatory (with a star: decided by the council of ministers), decrees
# and orders. Bare letters before a number are met elsewhere too, hence the digits that each way of writing wants.
_LAW = (
    rf"(?<!\w)(?:"
    rf"(?:L{_STOP}?[OP]|[LRD]){_STOP}?\*?{_STOP}?{_SPACE}?\*?{_SPACE}?\d{{1,4}}{_NUMBERS}"
    rf"|[lrd]{_STOP}?{_SPACE}?(?!{_YEAR}{_HYPHEN}{_YEAR})\d{{3,4}}{_NUMBERS}"
    rf"|(?:A{_STOP}?{_SPACE}?|a{_STOP}{_SPACE}?)\d{{3,4}}{_NUMBERS}"
    rf"|[LRD]{_STOP}?{_SPACE}?(?!{_YEAR}(?!\d))\d{{3,4}}"
    rf"){_END}"
)
# The space that follows is part of the chunk, so that "article" elsewhere stays a word like any other.
_ARTICLE = (
    rf"(?<!\w)(?:[lLdD][{re.escape(APOSTROPHES)}])?(?i:art(?:icles?)?){_STOP}?{_SPACE}(?={_LAW})"
    rf"|(?<!\w)(?i:art){_STOP}(?={_LAW})"
)
# "n° 2021-1104" is "2021-1104"; "no" stands for "n°" only where what follows can be nothing but a reference.
_NUMBER_SIGN = rf"(?<!\w)[nN](?:[°º]s?(?={_SPACE}?\d)|[oO]{_SPACE}(?=\d{{2,4}}{_HYPHEN}\d))"
# Number of a company (SIREN, nine digits) with that of its establishment (five): a SIRET.
_SIRET = (
    rf"(?<![\w.,])(?:\d{{14}}|\d{{9}}{_SPACE}\d{{5}}"
    rf"|\d{{3}}(?:{_SPACE}\d{{3}}){{2}}{_SPACE}(?:\d{{5}}|\d{{3}}{_SPACE}\d\d)"
    rf"|\d{{3}}(?:{_STOP}\d{{3}}){{2}}{_STOP}\d{{5}}){_END}"
)
# Most words cannot begin a reference: two characters tell, which keeps the tokenizer fast.
_GATE = (
    rf"(?=\d|[LRDAlrda][{re.escape(FULL_STOPS)} {NO_BREAK_SPACES}*\dOP]|[nN][°ºoO]"
    rf"|[aA][rR][tT]|[lLdD][{re.escape(APOSTROPHES)}][aA][rR][tT])"
)
ANY = rf"{_GATE}(?:{_LAW}|{_ARTICLE}|{_NUMBER_SIGN}|{_SIRET})"
"""Source of a regular expression that matches all references, and the words and signs that announce them."""

_READ_LAW = re.compile(rf"(?:([lrda]){_STOP}?([op]?))(?:{_STOP}|{_SPACE}|\*)*(\d+(?:{_HYPHEN}\d+)*)", re.IGNORECASE)
_READ_ARTICLE = re.compile(
    rf"(?:[ld][{re.escape(APOSTROPHES)}])?(art(?:icles?)?)(?:{_STOP}{_SPACE}?|{_SPACE})", re.IGNORECASE
)
_READ_NUMBER_SIGN = re.compile(rf"n(?:[°º]s?|o{_SPACE})", re.IGNORECASE)
_READ_SIRET = re.compile(rf"\d+(?:(?:{_SPACE}|{_STOP})\d+)*")
_SIREN_DIGITS, _SIRET_DIGITS = 9, 14


class Reference(NamedTuple):
    """A reference, or the word that announces one, in a chunk of a text (see `tokenizer`).

    Attributes:
        terms: its normal form, then shorter or looser forms that find it; none for a sign to leave out.
        start: offset in the chunk.
        end: offset past its last character.
        introduces: whether it only announces a reference ("art.").
    """

    terms: tuple[str, ...]
    start: int
    end: int
    introduces: bool = False


def read(chunk: str) -> Reference | None:
    """Read a chunk as a reference.

    Args:
        chunk: a match of `tokenizer.CHUNKS`.

    Returns:
        The reference, or None for any other chunk.
    """
    law = _READ_LAW.fullmatch(chunk)
    if law is not None:
        return Reference(_law_terms((law[1] + law[2]).lower(), re.findall(r"\d+", law[3])), 0, len(chunk))
    article = _READ_ARTICLE.fullmatch(chunk)
    if article is not None:
        return Reference(("article",), article.start(1), article.end(1), introduces=True)
    if _READ_NUMBER_SIGN.fullmatch(chunk):
        return Reference((), 0, 0)
    digits = "".join(re.findall(r"\d+", chunk)) if _READ_SIRET.fullmatch(chunk) else ""
    if len(digits) == _SIRET_DIGITS:
        return Reference((digits, digits[:_SIREN_DIGITS]), 0, len(chunk))
    return None


def _law_terms(part: str, numbers: list[str]) -> tuple[str, ...]:
    """Return the index terms of an article of law, made of its letter (`part`) and the parts of its number: the whole
    reference, then its beginnings, then the same without the letter ("l2111-3", "l2111", "2111-3", "2111").
    """
    shorter = ["-".join(numbers[:count]) for count in range(len(numbers), 0, -1)]
    return (*(part + number for number in shorter), *shorter)
