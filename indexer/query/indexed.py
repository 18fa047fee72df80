"""What every engine keeps of a resource for sorts, corrections and exact matches."""

from __future__ import annotations

import re

from indexer.analysis import Word, fold
from indexer.resource import Resource

_ISO_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")


def date_key(resource: Resource) -> int:
    """Return the date as yyyymmdd with zeros for unknown parts, so that « 2021 » sorts before any day of 2021. A date
    that is not ISO 8601 gives the year alone; 0 if that is unknown too.
    """
    if resource.date is None or _ISO_DATE.fullmatch(resource.date) is None:
        return (resource.year or 0) * 10_000
    return int(resource.date.replace("-", "").ljust(8, "0"))


def form_entry(exact: str) -> str:
    """Return the lexicon entry of a written form, ``folded NUL exact``; the folded form has no apostrophes."""
    return fold(exact).replace("'", "") + "\0" + exact


def form_entries(word: Word) -> tuple[str, ...]:
    """Return the lexicon entries of a word, ``folded NUL exact``, which sort by folded form.

    Only the first form of an inclusive word or compound keeps its accents.
    """
    return tuple(dict.fromkeys((form_entry(word.exact), *(f"{form}\0{form}" for form in word.forms[1:]))))
