"""Normalization, the first step: look-alike characters become one, invisible characters are removed.

Only pieces cut out of a text are cleaned, so that offsets still refer to the original text.
"""

from __future__ import annotations

import re
import unicodedata

# Typewriter, typographic and modifier apostrophes, prime, quotes and accents used for one, full width.
APOSTROPHES = "'\u2019\u02bc\u2032\u2018\u201b\u00b4`\uff07"
HYPHENS = "-\u2010\u2011\u2012\u2013\u2212"
# Middle dots of inclusive writing: keyboards, word processors and PDF fonts each have their own.
MIDDLE_DOTS = "\u00b7\u0387\u2022\u2027\u22c5\u2219\u16eb\u2e31\u30fb\uff65"
FULL_STOPS = ".\u2024\uff0e"
# Invisible: soft hyphen, grapheme joiner, zero-width space and joiners, directional marks, word joiner, BOM.
INVISIBLE = "\u00ad\u034f\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
NO_BREAK_SPACES = "\u00a0\u2007\u2009\u202f"

_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "ĳ": "ij", "Ĳ": "IJ"}
_CLEANED = str.maketrans(
    dict.fromkeys(INVISIBLE, "")
    | dict.fromkeys(APOSTROPHES, "'")
    | dict.fromkeys(HYPHENS, "-")
    | dict.fromkeys(MIDDLE_DOTS, "·")
    | dict.fromkeys(FULL_STOPS, ".")
    | _LIGATURES
)

# A letter or digit that may begin a word; ordinal signs (n º) and the apostrophe that Unicode calls a letter may not.
LETTER = r"[^\W_ºªʼꞏ]"
# What may follow it: letters, combining accents (NFD), and invisible characters.
INNER = rf"(?:{LETTER}|[\u0300-\u036f{INVISIBLE}])"
RUN = re.compile(rf"{LETTER}{INNER}*")


def clean(piece: str) -> str:
    """Return a piece of text with one spelling of each character.

    Args:
        piece: letters and marks of a text.

    Returns:
        The piece in NFC, without invisible characters, with typographic ligatures spelt out and one variant of each
        punctuation mark.
    """
    if piece.isascii():
        return piece
    return unicodedata.normalize("NFC", piece.translate(_CLEANED))
