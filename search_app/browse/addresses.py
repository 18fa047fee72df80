"""The addresses of pages of territories and themes.

The address of a territory begins with its code, by which it is found. The address of a theme consists of the words of
its key (the normalised name), so that no two themes have the same address.
"""

from __future__ import annotations

import hashlib
import re

from flask import url_for

from indexer.analysis import slug, theme_key
from indexer.territories import gazetteer

_LONGEST = 80
_PLAIN = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")


def territory_slug(code: str) -> str:
    """Return the last part of the address of the territory with an official code: its code and its name."""
    name = slug(gazetteer().name(code), whole_words=True)
    return f"{code.lower()}-{name}" if name else code.lower()


def territory_path(code: str) -> str:
    """Return the path of the page of the territory with an official code."""
    return url_for("browse.territory", territory_slug=territory_slug(code))


def code_of(place: str) -> str:
    """Return the code with which `place`, the last part of an address, begins; it need not be that of a territory."""
    return place.partition("-")[0].upper()


def theme_slug(theme: str) -> str:
    """Return the last part of the address of a theme: the words of its key, with a digest if other themes could have
    the same words.
    """
    key = theme_key(theme)
    words = key.replace(" ", "-")
    if _PLAIN.fullmatch(key) and len(words) <= _LONGEST:
        return words
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{slug(key, whole_words=True)}--{digest}"


def theme_path(theme: str) -> str:
    """Return the path of the page of a theme."""
    return url_for("browse.theme", theme_slug=theme_slug(theme))
