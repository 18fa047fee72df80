"""The accent colour of the site: whether it is legible, and the colours derived from it.

Contrast is computed as in WCAG 2.2 (relative luminance of sRGB); level AA requires 4.5 for text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

ENOUGH = 4.5
BRIGHT = 7.0
"""Contrast to which an accent is lightened on the dark theme, more than AA requires, for comfortable reading."""

PAPER, SOFT = "#fbf9f5", "#5d5850"
DARK_PAPER, DARK_RAISED, DARK_SOFT = "#181715", "#211f1c", "#aea698"
"""Colours of the dark theme: background of the page, of raised boxes, and subdued text. The accent must be legible on
both backgrounds. A test checks that the style sheet has the same colours.
"""

_HEX = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Tones:
    """Colours derived from the accent, for light or dark mode: the accent, text on it, and the tint behind chips."""

    accent: str
    accent_ink: str
    accent_wash: str


@dataclass(frozen=True, slots=True)
class Accent:
    """A legible accent: its tones in light and in dark mode."""

    light: Tones
    dark: Tones


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours written ``#rrggbb``, from 1 to 21.

    https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=4)
def read_accent(text: str) -> Accent:
    """Return the tones of an accent for both themes; for the dark theme the accent is lightened until it is legible.

    Raises:
        ValueError: the text is not a colour, or is too pale for text on the light theme; the message is a French
            sentence.
    """
    colour = text.strip().casefold()
    if not _HEX.fullmatch(colour):
        raise ValueError("qui n’est pas une couleur : écrivez un dièse et six chiffres, par exemple #8a2f1b")
    found = contrast(colour, PAPER)
    if found < ENOUGH:
        shown = f"{found:.1f}".replace(".", ",")
        raise ValueError(
            f"trop pâle pour être lu sur le fond des pages : son contraste est de {shown}, il en faut au moins 4,5. "
            "Choisissez une couleur plus sombre"
        )
    bright = next(
        tone
        for tone in (_mix(colour, "#ffffff", part / 20) for part in range(21))
        if min(contrast(tone, DARK_PAPER), contrast(tone, DARK_RAISED)) >= BRIGHT
    )
    return Accent(
        light=Tones(colour, "#ffffff", _wash(colour, PAPER, SOFT)),
        dark=Tones(bright, DARK_PAPER, _wash(bright, DARK_PAPER, DARK_SOFT)),
    )


def _wash(accent: str, paper: str, soft: str) -> str:
    """Return the background `paper` tinted with the accent, by at most an eighth, so that the accent and subdued text
    (`soft`) stay legible on it.
    """
    tones = (_mix(paper, accent, part / 80) for part in range(10, 0, -1))
    return next((tone for tone in tones if min(contrast(accent, tone), contrast(soft, tone)) >= ENOUGH), paper)


def _mix(one: str, other: str, part: float) -> str:
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _luminance(colour: str) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
