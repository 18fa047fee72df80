"""Control characters, and halves of surrogate pairs: in no name, label or line that the site keeps."""

from __future__ import annotations

import re

CONTROLS = r"\x00-\x1f\x7f-\x9f\ud800-\udfff"
"""Their ranges, to stand between the brackets of a pattern."""

CONTROLS_BUT_SPACES = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"
"""The same, less tabs and line ends, for texts of several lines."""
DIRECTION_MARKS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Characters that nobody sees and that reorder the text around them."""

_CONTROLS = re.compile(f"[{CONTROLS}]+")


def has_controls(text: str) -> bool:
    """Return whether a text holds any of them."""
    return _CONTROLS.search(text) is not None


def without_controls(text: str) -> str:
    """Return a text with a space instead of each run of them."""
    return _CONTROLS.sub(" ", text)
