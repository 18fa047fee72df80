"""Find French dates in text: full dates, months with a year, bare years.

Every search starts from four digits that may be a year and looks at the text around them, since pages are long and
years few.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.parsing.text import fold

EARLIEST_YEAR = 1990

_MONTHS = {
    "jan": 1, "fev": 2, "fevr": 2, "mar": 3, "avr": 4, "mai": 5, "juin": 6, "jui": 6,
    "juil": 7, "jul": 7, "aou": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_MONTH = (
    r"janvier|janv|jan|f[ée]vrier|f[ée]vr|f[ée]v|mars|avril|avr|mai|juin|juillet|juil|ao[ûu]t|septembre|sept|sep"
    r"|octobre|oct|novembre|nov|d[ée]cembre|d[ée]c"
)
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
_MONTH_BEFORE = re.compile(rf"(?<![^\W\d_])({_MONTH})\b\.?,?[\s]*\Z", re.IGNORECASE)
_DAY_BEFORE = re.compile(r"(?<!\w)(?<!\d[.,])(\d{1,2})\s?(?:er|ᵉʳ|ère|e)?\s*\Z", re.IGNORECASE)
_NUMERIC_BEFORE = re.compile(r"(?<![\w/.-])(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?\2\s?\Z")
_MONTH_NUMBER_BEFORE = re.compile(r"(?<![\w/.°º-])(?<!n° )(0[1-9]|1[0-2])/\Z")
_ISO_AFTER = re.compile(r"([-/])(\d{2})\1(\d{2})(?:(?=T\d)|(?![\w/-]))")
_CONTEXT = 32

_STAMP = re.compile(r"\s*(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?(?:[T\s].*)?\s*", re.DOTALL)

# A bare year is only four digits: the text around it distinguishes it from the number of a law or article, or a price.
_NO_YEAR_BEFORE = re.compile(
    r"(?:[^\W\d]|[#@°º$€£_]|\d[.,\u00a0\u202f]|[^\W\d]\.|[^\d\s-]/|(?<!\d{4})\s/"
    r"|\b(?:n\s?[°º]|no|num[ée]ros?|n°s|art|articles?|pages?|p|cs|bp)\.?\s*)\Z",
    re.IGNORECASE,
)
_LAW_BEFORE = re.compile(
    r"\b(?:loi|d[ée]cret|ordonnance|arr[êe]t[ée]|circulaire|directive|r[èe]glement)s?\s*(?:\([^)]*\)\s*)?\Z",
    re.IGNORECASE,
)
_NO_YEAR_AFTER = re.compile(
    r"[^\W\d]|_|[.,]\d|[-‑]\d{3}(?!\d)|/\d{1,3}(?!\d)|/(?!(?:19|20)\d\d(?!\d))\d{4}|[\u00a0\u202f]\d{3}(?!\d)"
    r"|\s*(?:€|[km]€|%|euros?\b|emplois?\b|habitants?\b|personnes?\b|salari[ée]|structures?\b|places?\b|logements?\b"
    r"|kilom[èe]tres?\b|km\b|m[²2]\b|tonnes?\b|kg\b|heures?\b|participants?\b|visiteurs?\b|entreprises?\b"
    r"|associations?\b|communes?\b|b[ée]n[ée]voles?\b|adh[ée]rent|postes?\b|fois\b|signes?\b|mots?\b)",
    re.IGNORECASE,
)
_NUMBERED_AFTER = re.compile(r"[-‑]\d{1,4}(?!\d)|/\d")
_LIMITS_OF_ONLY = re.compile(
    r"(?:\b(?:le|en|a|de|date|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mar|mer|jeu|ven|sam|dim)\b\.?"
    r"|\d{1,2}\s?[h:]\s?(?:\d{2}(?::\d{2})?)?|[\s,:|()–—·•-]+)*"
)


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A date as precisely as it is known; an unknown month or day is 0, so that dates can be sorted."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def iso(self) -> str:
        """The date in ISO 8601, as precisely as it is known: ``2024-02-16``, ``2021-11``, ``2019``."""
        if self.day:
            return f"{self.year:04}-{self.month:02}-{self.day:02}"
        return f"{self.year:04}-{self.month:02}" if self.month else f"{self.year:04}"


@dataclass(frozen=True, slots=True)
class DateMatch:
    """A date and its offsets in the text."""

    date: PartialDate
    start: int
    end: int


def _possible(year: int, month: int = 0, day: int = 0, *, latest: int) -> PartialDate | None:
    """Return the date if it is in the calendar and its year is from `EARLIEST_YEAR` to `latest`, else None; a month or
    day of 0 is unknown.
    """
    if not EARLIEST_YEAR <= year <= latest:
        return None
    try:
        datetime.date(year, month or 1, day or 1)
    except ValueError:
        return None
    return PartialDate(year, month, day)


def latest_year(today: datetime.date | None = None) -> int:
    """Return the last plausible year of a resource: next year, for announced events.

    Args:
        today: for tests; the current date when None.
    """
    return (today or datetime.date.today()).year + 1


def _month_number(name: str) -> int:
    folded = fold(name)
    return next(_MONTHS[folded[:size]] for size in (4, 3) if folded[:size] in _MONTHS)


def _dated(text: str, latest: int) -> Iterator[DateMatch]:
    """Yield every full date and every month with a year in `text`, up to the year `latest`."""
    for match in _YEAR.finditer(text):
        start, end, year = match.start(), match.end(), int(match.group())
        before = text[max(0, start - _CONTEXT) : start]
        offset = start - len(before)
        after = text[end : end + 1]
        if after.isalnum() or after == "_":
            continue
        if month := _MONTH_BEFORE.search(before):
            number = _month_number(month.group(1))
            day = _DAY_BEFORE.search(before[: month.start()])
            date = _possible(year, number, int(day.group(1)) if day else 0, latest=latest)
            # "31 février 2024" and "0 mars 2024" count neither as dates nor as months.
            if date and (not day or date.day):
                yield DateMatch(date, offset + (day or month).start(), end)
        elif numeric := _NUMERIC_BEFORE.search(before):
            date = _possible(year, int(numeric.group(3)) or 13, int(numeric.group(1)) or 32, latest=latest)
            if date and not re.match(r"[./-]?\d", text[end : end + 2]):
                yield DateMatch(date, offset + numeric.start(), end)
        elif iso := _ISO_AFTER.match(text, end):
            glued = re.search(r"[\w/-]\Z", before)
            date = _possible(year, int(iso.group(2)) or 13, int(iso.group(3)) or 32, latest=latest)
            if date and not glued:
                yield DateMatch(date, start, iso.end())
        elif (short := _MONTH_NUMBER_BEFORE.search(before)) and (
            date := _possible(year, int(short.group(1)), latest=latest)
        ):
            yield DateMatch(date, offset + short.start(), end)


def find_full_dates(text: str, *, today: datetime.date | None = None) -> list[DateMatch]:
    """Return the full dates in `text`, in order; for a range of days, the last day.

    Args:
        text: any text, NFC.
        today: for tests; the current date when None.

    Returns:
        Dates that exist in the calendar, from 1990 to next year.
    """
    return [found for found in _dated(text, latest_year(today)) if found.date.day]


def find_months(text: str, *, today: datetime.date | None = None) -> list[DateMatch]:
    """Return the months with a year but no day in `text`, in order, from 1990 to next year; `today` is for tests."""
    return [found for found in _dated(text, latest_year(today)) if not found.date.day]


def find_years(text: str, *, today: datetime.date | None = None) -> list[DateMatch]:
    """Return the bare years in `text`, both years of "2014-2020" included, in order, from 1990 to next year; `today`
    is for tests.

    Numbers of laws and articles, prices, quantities and digits inside words do not count.
    """
    latest, years = latest_year(today), []
    for match in _YEAR.finditer(text):
        before, after = text[max(0, match.start() - _CONTEXT) : match.start()], text[match.end() : match.end() + 24]
        date = _possible(int(match.group()), latest=latest)
        if date is None or _NO_YEAR_BEFORE.search(before) or _NO_YEAR_AFTER.match(after):
            continue
        if _LAW_BEFORE.search(before) and _NUMBERED_AFTER.match(after):
            continue
        years.append(DateMatch(date, match.start(), match.end()))
    return years


def mentions_year(text: str) -> bool:
    """Return whether `text` has four digits that may be a year: a quick test before slower ones."""
    return _YEAR.search(text) is not None


def read_stamp(value: str, *, today: datetime.date | None = None) -> PartialDate | None:
    """Return the date of a machine-readable value (`<time datetime>`, a meta tag), or of a date in words.

    Args:
        value: ``2024-02-16T10:00:00+01:00``, ``2021-11``, ``18/03/2021``, "2 juillet 2025"…
        today: for tests; the current date when None.

    Returns:
        The date as written, whatever its time zone; None if there is none or its year is not plausible.
    """
    if match := _STAMP.fullmatch(value):
        year, month, day = match.groups()
        if (month and not int(month)) or (day and not int(day)):
            return None
        return _possible(int(year), int(month or 0), int(day or 0), latest=latest_year(today))
    found = next(_dated(value, latest_year(today)), None)
    return found.date if found else None


def read_only_date(text: str, *, today: datetime.date | None = None) -> PartialDate | None:
    """Return the date of a text that holds only a date, possibly with the day of the week and a time ("jeu 18/03/2021 -
    16:33").

    Args:
        text: an element's whole text.
        today: for tests; the current date when None.

    Returns:
        A full date, or a month with a year; None when the text holds anything else.
    """
    if len(text) > 60:
        return None
    for found in _dated(text, latest_year(today)):
        rest = fold(f"{text[: found.start]} | {text[found.end :]}")
        rest = re.sub(r"\bt(?=\d\d:)|(?<=\d)z$|[+-]\d\d:?\d\d$", " ", rest)
        if _LIMITS_OF_ONLY.fullmatch(rest):
            return found.date
    return None
