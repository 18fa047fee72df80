"""Formats stored values for display: dates, numbers, addresses. Without Flask or HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from indexer.analysis import is_stop_word
from indexer.resource import YearSource
from search_app import messages
from search_app.control_characters import CONTROLS_BUT_SPACES

SHORT_NAME = 16
"""Largest number of characters of a short name of the site, as OpenSearch description documents (1.1) require."""

_YEAR_SOURCES: Mapping[YearSource, str] = {
    YearSource.STAFF: "corrigée par l’équipe",
    YearSource.PAGE: "d’après la page",
    YearSource.TITLE: "d’après le titre",
    YearSource.TEXT: "d’après le texte",
}
_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_CONTROL = re.compile(rf"[{CONTROLS_BUT_SPACES}\ufffe\uffff]")
_BREAKABLE = re.compile(r"[^\S\u00a0\u2007\u202f]+")
_HIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f]")
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{2,4})$")
_FORMATS = {"pdf", "doc", "docx", "odt", "xls", "xlsx", "ods", "csv", "ppt", "pptx", "odp", "zip", "mp3", "mp4"}


def date_in_words(date: str) -> str:
    """Return a date in French words: « 16 février 2024 », « novembre 2021 » or « 2019 ». A date in another format is
    returned unchanged.
    """
    parts = date.split("-")
    if not all(part.isdecimal() for part in parts) or not 1 <= len(parts) <= 3:
        return date
    if len(parts) == 1:
        return date
    month = int(parts[1])
    if not 1 <= month <= 12:
        return date
    words = f"{_MONTHS[month - 1]} {parts[0]}"
    if len(parts) == 2:
        return words
    day = int(parts[2])
    return f"{'1ᵉʳ' if day == 1 else day}{messages.NO_BREAK}{words}"


def year_in_words(year: int | None, source: YearSource | None) -> str:
    """Return a year and where it was found, such as « 2023, d’après le texte »; « Sans année » if unknown."""
    if year is None:
        return messages.NO_VALUE["year"]
    return f"{year}, {_YEAR_SOURCES[source]}" if source else str(year)


def number(value: int) -> str:
    """Return a number with thin no-break spaces between thousands."""
    return f"{value:,}".replace(",", messages.THIN)


def size_in_words(size: int) -> str:
    """Return a size in bytes as people read it: « 812 ko », « 1,4 Mo »."""
    if size < 1_000_000:
        return f"{number(max(1, round(size / 1000)))}{messages.NO_BREAK}ko"
    return f"{size / 1e6:.1f}{messages.NO_BREAK}Mo".replace(".", ",")


def page_in_words(page: int, label: str | None) -> str:
    """Return how a page of a file is named: « p. 37 », or « p. iv (4ᵉ du fichier) » if it has another label.

    Args:
        page: place of the page in the file, from 1.
        label: name that the file gives to the page, such as « iv »; None if it is the number of its place.
    """
    name, place = page_name(page, label)
    return name if place is None else f"{name} ({place})"


def page_name(page: int, label: str | None) -> tuple[str, str | None]:
    """Return the name of a page, « p. 37 » or « p. iv », and if it has a label its place, « 4ᵉ du fichier », else None.

    Args:
        page: place of the page in the file, from 1.
        label: name that the file gives to the page, such as « iv »; None if it is the number of its place.
    """
    if label is None:
        return f"p.{messages.NO_BREAK}{number(page)}", None
    return f"p.{messages.NO_BREAK}{one_line(label)}", f"{ordinal(page)} du fichier"


def ordinal(value: int) -> str:
    """Return a number as the rank of something feminine: « 1ʳᵉ », « 2ᵉ »."""
    return "1ʳᵉ" if value == 1 else f"{number(value)}ᵉ"


def http_url(address: str | None) -> str | None:
    """Return the address if it is safe to link to (http or https, a host, no hidden characters), else None."""
    if not address or _HIDDEN.search(address):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and host else None


def host(address: str) -> str:
    """Return the host of an address, without « www. »."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def document_format(address: str) -> str | None:
    """Return the format of a document, such as « PDF », from the ending of its address; None if that is unknown."""
    try:
        path = unquote(urlsplit(address).path)
    except ValueError:
        return None
    found = _EXTENSION.search(path)
    return found[1].upper() if found and found[1].lower() in _FORMATS else None


@lru_cache(maxsize=8)
def short_name(name: str, limit: int = SHORT_NAME) -> str:
    """Return the beginning of a name within a limit: whole words, the last of which is no article, preposition or dash.

    Args:
        name: name of the site.
        limit: largest number of characters.
    """
    words = one_line(name).split()
    whole = " ".join(words)
    if len(whole) <= limit:
        return whole
    while words and (len(" ".join(words)) > limit or _waits(words[-1])):
        words.pop()
    return " ".join(words).rstrip(" ,;:") or whole[: limit - 1].rstrip() + "…"


def _waits(word: str) -> bool:
    """Return whether a word cannot end a name, since more must follow: an article, a preposition, a dash."""
    letters = [part for part in re.split(r"\W+", word.casefold()) if part]
    return all(map(is_stop_word, letters))


def printable(text: str) -> str:
    """Return the text without control characters and lone surrogates, which text formats cannot contain; line ends are
    kept.
    """
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """Return a text on one line, for fields that programs read: each run of spaces becomes one plain space."""
    return " ".join(printable(text).split())


def on_one_line(text: str) -> str:
    """Return a text on one line, for people to read: each run of spaces becomes one, but no-break spaces stay."""
    return _BREAKABLE.sub(" ", printable(text)).strip()
