"""Choose a resource's date among those in its page, its title and its text."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass

from indexer.parsing.dates.find import (
    DateMatch,
    PartialDate,
    find_full_dates,
    find_months,
    find_years,
    mentions_year,
    read_only_date,
)
from indexer.parsing.text import fold
from indexer.resource import YearSource

_PUBLISHED = re.compile(
    r"(?:(?:article|actualite|ressource|document|fiche|page|contenu)\s+)?"
    r"(?:publiee?s?|postee?|soumise?|mise?\s+en\s+ligne|paru[e]?|creee?|date\s+de\s+(?:publication|parution|mise\s+en\s+ligne))\b"
)
_UPDATED = re.compile(r"mise?s?\s+[aà]\s+jour|m\.?[aà]\.?j\b|modifi[ée]|actualis[ée]|derni[èe]re", re.IGNORECASE)
_AUTHOR = re.compile(r"(?:par|dans|rubrique|categorie)\b.{1,60}")
_FIRST_BY = re.compile(
    r"(?:(?:publiee?|postee?|redigee?|ecrite?|proposee?|soumise?)\s+)?(?:par|by)\s+(?P<name>.{2,80})"
)
_SEPARATORS = " \t\u00a0\u202f,;:|/()–—·•-"
_WEEKDAY = re.compile(r"(?:\ble\b|\bce\b|\b(?:lun|mar|mercre|jeu|vendre|same)di\b|\bdimanche\b|[\s,;:|/()–—·•-])*")
_WEEKDAY_END = re.compile(
    r"(?:\s*[,;|/(–—·•-]\s*|\s+(?=le\b)|\s+(?=(?:lun|mar|mercre|jeu|vendre|same)di\b|dimanche\b))"
    r"(?:le\b|ce\b|(?:lun|mar|mercre|jeu|vendre|same)di\b|dimanche\b|[\s,;:|/()–—·•-])*\Z",
    re.IGNORECASE,
)
_HOUR = re.compile(r"\s*(?:(?:à|a|-|,)\s*)?\d{1,2}\s?[h:]\s?(?:\d{2})?")
_FILL = re.compile(
    r"\b(?:le|en|a|au|dans|lun|mar|mer|jeu|ven|sam|dim)(?:[a-z]*di|anche)?\b\.?|\d{1,2}\s?[h:]\s?(?:\d{2})?"
)

_SIGN_AFTER = re.compile(r"\s+[|·•–—-]\s*$")
_SIGN_BEFORE = re.compile(r"\s*[|·•–—-]\s+")
_EDITORS = frozenset(["la redaction", "redaction", "l'equipe", "equipe"])
#: A person's name: two or three words, each with a capital; a title has other words.
_NAME = re.compile(r"[^\W\d_a-zà-ÿ][\w’'.-]*(?: [^\W\d_a-zà-ÿ][\w’'-]+){1,2}")


@dataclass(frozen=True, slots=True)
class Dating:
    """A resource's date and year, and where they were read; all None if unknown."""

    date: str | None = None
    year: int | None = None
    source: YearSource | None = None


def read_published(text: str, *, today: datetime.date | None = None, lenient: bool = False) -> PartialDate | None:
    """Return the first date of a line such as "Publié le 2 juillet 2025 - mis à jour le 11 juillet 2025".

    Args:
        text: an element's or a line's whole text.
        today: for tests; the current date when None.
        lenient: accept further words after the date, for elements where a page usually prints its date.

    Returns:
        The date of publication; None when the text is not such a line, for example a sentence that begins like one.
    """
    if len(text) > 200 or not mentions_year(text):
        return None
    folded = fold(text)
    start = _PUBLISHED.match(folded)
    if not start and not (lenient and " le " in f" {folded}" and re.match(r"par\b", folded)):
        return None
    said = _UPDATED.split(text, maxsplit=1)[0]
    found = min([*find_full_dates(said, today=today), *find_months(said, today=today)], key=_position, default=None)
    if found is None:
        return None
    if lenient:
        return found.date
    left = fold(f"{said[: found.start]} | {said[found.end :]}")
    left = re.sub(r"[\s,:|()–—·•.-]+", " ", _FILL.sub(" ", _PUBLISHED.sub(" ", left, count=1))).strip()
    if left and (said.rstrip().endswith((".", "!", "?", "…")) or not _AUTHOR.fullmatch(left)):
        return None  # a sentence
    return found.date


def is_update(text: str) -> bool:
    """Return whether a text, the words before a date, says that it is the date of an update."""
    return _UPDATED.search(text) is not None


def read_head_date(text: str, *, today: datetime.date | None = None, lenient: bool = False) -> PartialDate | None:
    """Return the date in an element above a resource's text: a publication line, a byline, or only a date; else None.

    `lenient` accepts further words after the date of a publication line; `today` is for tests, None is the current
    date.
    """
    date = read_published(text, today=today, lenient=lenient) or read_only_date(text, today=today)
    if date is None and (found := _byline(text, today)):
        date = found[1]
    return date


def read_byline(text: str, *, today: datetime.date | None = None) -> str | None:
    """Return the author of a byline ("16 février 2024, par …", "Par … | 16 février 2024", "Publié par … le …").

    None for any other text.

    Args:
        text: an element's or a line's whole text.
        today: for tests; the current date when None.
    """
    found = _byline(text, today)
    return found[0] if found else None


def _byline(text: str, today: datetime.date | None) -> tuple[str, PartialDate] | None:
    """Return the name and the date of a line that holds only these, in either order; else None."""
    if len(text) > 160 or not mentions_year(text):
        return None
    said = _UPDATED.split(text, maxsplit=1)[0].strip(_SEPARATORS)
    found = min(find_full_dates(said, today=today), key=_position, default=None)
    if found is None:
        return None
    before, after = said[: found.start], said[found.end :]
    if hour := _HOUR.match(after):
        after = after[hour.end() :]
    if name := _signed(before, after):
        return name, found.date
    if _WEEKDAY.fullmatch(fold(before)) or (before and _PUBLISHED.match(fold(before)) and _is_fill(before)):
        name = _named(after.strip(_SEPARATORS))
    elif not after.strip(_SEPARATORS) and (cut := _WEEKDAY_END.search(before)):
        name = _named(before[: cut.start()].strip(_SEPARATORS))
    else:
        return None
    return (name, found.date) if name else None


def _signed(before: str, after: str) -> str | None:
    """Return the name that only punctuation separates from a date, as in "Jeanne Roux · 16 février 2024"; else None.

    Args:
        before: the text before the date.
        after: the text after the date.
    """
    for text, match in ((before, _SIGN_AFTER.search(before)), (after, _SIGN_BEFORE.match(after))):
        other = after if text is before else before
        if match is None or other.strip(_SEPARATORS):
            continue
        name = (text[: match.start()] + text[match.end() :]).strip()
        folded = fold(name)
        if folded in _EDITORS or (_NAME.fullmatch(name) and not _FIRST_BY.match(folded)):
            return name
    return None


def _is_fill(text: str) -> bool:
    left = _FILL.sub(" ", _PUBLISHED.sub(" ", fold(text), count=1))
    return not left.strip(_SEPARATORS)


def _named(text: str) -> str | None:
    """Return the name after "par"; None for a sentence."""
    words = fold(text)
    match = _FIRST_BY.fullmatch(words)
    if match is None or text.rstrip().endswith((".", "!", "?", "…", ";")) or len(text) > 100:
        return None
    name = text.split(None)
    while name and fold(name[0]) not in ("par", "by"):
        name.pop(0)
    said = " ".join(name[1:])
    lowered = fold(said)
    return said if said[:1].isupper() or lowered.startswith(("la ", "le ", "l'", "l’", "admin")) else None


def _position(found: DateMatch) -> int:
    return found.start


def choose(
    *, page: Iterable[PartialDate] = (), title: str = "", text: str = "", today: datetime.date | None = None
) -> Dating:
    """Return the date of a resource from the best evidence available.

    In order: the dates of the page itself; a full date in the title; a full date in the text; month and year in the
    title; a bare year in the title; month and year in the text. Among several of one kind, the latest wins. A bare year
    in the text never counts.

    Args:
        page: dates that the page itself gives, all of the most reliable kind (`PageDates.best`).
        title: the resource's title.
        text: its body and summary.
        today: for tests; the current date when None.

    Returns:
        The date as precisely as it is known, its year, and where it was read.
    """

    def dating(dates: list[PartialDate], source: YearSource) -> Dating:
        latest = max(dates)
        return Dating(latest.iso, latest.year, source)

    if dates := list(page):
        return dating(dates, YearSource.PAGE)
    if found := find_full_dates(title, today=today):
        return dating([one.date for one in found], YearSource.TITLE)
    if found := find_full_dates(text, today=today):
        return dating([one.date for one in found], YearSource.TEXT)
    if found := find_months(title, today=today) or find_years(title, today=today):
        return dating([one.date for one in found], YearSource.TITLE)
    if found := find_months(text, today=today):
        return dating([one.date for one in found], YearSource.TEXT)
    return Dating()
