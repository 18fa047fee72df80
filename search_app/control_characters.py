"""Control characters, and halves of surrogate pairs: in no name, label or line that the site keeps."""

from __future__ import annotations

import re

CONTROLS = r"\x00-\x1f\x7f-\x9f\ud800-\udfff"
"""Their ranges, to stand between the brackets of a pattern."""

_CONTROLS = re.compile(f"[{CONTROLS}]+")


def has_controls(text: str) -> bool:
    """Return whether a text holds any of them."""
    return _CONTROLS.search(text) is not None


def without_controls(text: str) -> str:
    """Return a text with a space instead of each run of them."""
    return _CONTROLS.sub(" ", text)
