"""Control characters and lone surrogates, which no name, label or line that the site stores may contain."""

from __future__ import annotations

import re

CONTROLS = r"\x00-\x1f\x7f-\x9f\ud800-\udfff"
"""Ranges of control characters and lone surrogates, for use inside the brackets of a regular expression."""

CONTROLS_BUT_SPACES = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
"""Ranges of `CONTROLS` except for tabs and line ends, for texts of several lines."""
DIRECTION_MARKS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Invisible characters that change the direction of the text around them."""

_CONTROLS = re.compile(f"[{CONTROLS}]+")


def has_controls(text: str) -> bool:
    """Return whether a text contains control characters or lone surrogates."""
    return _CONTROLS.search(text) is not None


def without_controls(text: str) -> str:
    """Return a text in which each run of control characters or lone surrogates is replaced by a space."""
    return _CONTROLS.sub(" ", text)
