"""What the answer of a site means: a page, a page that is gone, or something that is neither content nor a deletion."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from indexer.gathering.fetching import Fetched
from indexer.gathering.links import PageLinks

_WORD = re.compile(r"\w+")
_SIGN_IN_PATH = re.compile(
    r"/(?:user/login|login|signin|sign-in|connexion|se-connecter|identification|wp-login\.php|cas/login|auth)\b",
    re.IGNORECASE,
)
_SIGN_IN_TITLE = re.compile(
    r"\b(?:connexion|se connecter|identifi(?:ez-vous|cation)|log ?in|sign ?in|accès réservé|acc[eè]s refusé)\b",
    re.IGNORECASE,
)
_MAINTENANCE = re.compile(
    r"\b(?:en maintenance|site (?:est )?(?:actuellement )?en travaux|under maintenance|maintenance en cours"
    r"|temporairement indisponible|temporarily unavailable|be back soon)\b",
    re.IGNORECASE,
)
_COOKIES = re.compile(r"\bcookies?\b", re.IGNORECASE)
_SHORT = 400
"""Number of different words below which a page that asks about cookies or announces maintenance is no content."""
_ALIKE = 0.9


class Answer(StrEnum):
    """What the answer to a request for a page tells about that page."""

    PAGE = "page"
    UNCHANGED = "unchanged"
    GONE = "gone"
    MISSING = "missing"
    DENIED = "denied"
    SIGN_IN = "sign-in"
    COOKIE_WALL = "cookies"
    MAINTENANCE = "maintenance"
    OTHER_FILE = "other"
    BUSY = "busy"
    FAILED = "failed"

    @property
    def is_deletion(self) -> bool:
        """Return whether the page is no longer on the site, as far as this answer tells."""
        return self in {Answer.GONE, Answer.MISSING}

    @property
    def is_refusal(self) -> bool:
        """Return whether the site refused to show the page with the credentials of the request."""
        return self in {Answer.DENIED, Answer.SIGN_IN}


@dataclass(frozen=True, slots=True)
class NotFoundPage:
    """The page that a site shows for an address that it does not have, with status 200.

    Attributes:
        title: its title.
        words: its words, except those of the address asked for.
        links: its links.
        asks_password: whether it has a password field; if so, every page of the site is taken to have one.
    """

    title: str
    words: frozenset[str]
    links: frozenset[str]
    asks_password: bool


def random_path() -> str:
    """Return a random path that no site has, to learn how a site answers for pages that do not exist."""
    return f"/page-inexistante-{secrets.token_hex(8)}"


def not_found_page(page: PageLinks, asked: str) -> NotFoundPage:
    """Return what characterises the page that a site shows for addresses that it does not have.

    Args:
        page: the page shown for a random address.
        asked: that address, whose words the page may repeat.
    """
    return NotFoundPage(page.title, _words(page.text) - _words(asked), frozenset(page.links), page.asks_password)


def meaning_of_status(answer: Fetched) -> Answer | None:
    """Return what the status of an answer means; None for 200, whose page has to be looked at."""
    status = answer.status
    if status == 200:
        html = answer.media_type in {"", "text/html", "application/xhtml+xml"}
        return None if html else Answer.OTHER_FILE
    if status == 304:
        return Answer.UNCHANGED
    if status == 410:
        return Answer.GONE
    if status == 404:
        return Answer.MISSING
    if status in {401, 403, 407, 451}:
        return Answer.DENIED
    if status in {429, 503}:
        return Answer.BUSY
    return Answer.FAILED


def meaning_of_page(answer: Fetched, page: PageLinks, *, shows: bool, probe: NotFoundPage | None) -> Answer:
    """Return what a page with status 200 means.

    Args:
        answer: the answer that brought the page.
        page: the links, title and text of the page.
        shows: whether the page shows a resource; such a page is content, whatever else is on it.
        probe: the page that the site shows, with status 200, for a random address; None if its status was another.
    """
    if shows:
        return Answer.PAGE
    words = _words(page.text)
    usual = probe is not None and probe.asks_password
    path = urlsplit(answer.address).path
    if page.asks_password and not usual and (_SIGN_IN_PATH.search(path) or _SIGN_IN_TITLE.search(page.title)):
        return Answer.SIGN_IN
    if answer.moved and _SIGN_IN_PATH.search(path):
        return Answer.SIGN_IN
    if probe is not None and page.title == probe.title and _alike(words - _words(answer.asked), probe.words):
        return Answer.MISSING
    if len(words) < _SHORT:
        if _MAINTENANCE.search(f"{page.title} {page.text[:2000]}"):
            return Answer.MAINTENANCE
        if len(_COOKIES.findall(page.text)) >= 3 and len(page.links) <= 3:
            return Answer.COOKIE_WALL
    return Answer.PAGE


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(text.lower()) if not any(char.isdigit() for char in word))


def _alike(a: frozenset[str], b: frozenset[str]) -> bool:
    return len(a & b) >= _ALIKE * max(len(a | b), 1)
