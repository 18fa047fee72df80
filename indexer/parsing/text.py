"""String functions shared by all parsers: cleaning, folding, shortening."""

from __future__ import annotations

import re
import textwrap
import unicodedata

from indexer.analysis import folding

UNTITLED = "La ressource n’a pas de titre : le début de son texte en tient lieu."
LONG_TITLE = "Le titre est très long : l’export a peut-être été mal découpé."
UNCERTAIN = (
    "La page montre une ressource privée, ou dont l’accès n’est pas clair, et sa mise en page ne dit pas sûrement à "
    "qui est ce texte : la ressource est tenue pour privée."
)
TITLE_DOUBTS = frozenset({UNTITLED, LONG_TITLE, UNCERTAIN})
"""Warnings given when a title may have been taken from the resource's text."""

# Invisible characters that get into pages by accident (numeric references, copies from word processors). Joiners
# (U+200C, U+200D) are kept, as emoji need them; direction marks are removed, as they would reorder the text around
# them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff]"
)
_SPACES = re.compile(r"[ \t\r\f\v]+")
_SPACES_AND_LINES = re.compile(r"[ \t\r\f\v\n]+")
_AROUND_LINES = re.compile(r" *\n *")
_BLANK_LINES = re.compile(r"\n{3,}")


def _visible(match: re.Match[str]) -> str:
    char = match.group()
    if char in "\u2028\u2029":
        return " "
    if "\x80" <= char <= "\x9f":
        # Browsers read these as Windows-1252, where they are dashes and apostrophes.
        return bytes([ord(char)]).decode("cp1252", "ignore")
    return ""


def clean(text: str) -> str:
    """Return a text in NFC without invisible characters (controls, soft hyphens, zero-width spaces).

    Args:
        text: any string.

    Returns:
        The clean text; C1 controls are replaced by the Windows-1252 characters with the same codes.
    """
    if text.isascii():
        return _INVISIBLE.sub("", text)
    text = _INVISIBLE.sub(_visible, text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def collapse(text: str) -> str:
    """Replace each run of plain spaces and line ends by one space; no-break spaces are kept, except at both ends."""
    return clean(_SPACES_AND_LINES.sub(" ", text)).strip()


def collapse_lines(text: str) -> str:
    """Replace each run of plain spaces by one space and of blank lines by one blank line; keep other line ends."""
    text = _SPACES.sub(" ", text)
    if "\n" in text:
        text = _BLANK_LINES.sub("\n\n", _AROUND_LINES.sub("\n", text))
    return clean(text).strip()


def preformatted(text: str) -> str:
    """Keep all line ends and the spaces inside lines; remove only the indentation that all lines share."""
    lines = [clean(line).rstrip() for line in text.replace("\r\n", "\n").expandtabs(4).split("\n")]
    return textwrap.dedent("\n".join(lines)).strip("\n")


def fold(text: str) -> str:
    """Return a text without case, accents and kinds of spaces, to compare wordings.

    Args:
        text: any string.

    Returns:
        The text in lower case, without accents, with single plain spaces and none around it.
    """
    return " ".join(folding.fold(text).split())


def shorten(text: str, limit: int = 90) -> str:
    """Return `text`, cut between two words to at most `limit` characters, with an ellipsis if it was cut."""
    if len(text) <= limit:
        return text
    head = text[:limit].rsplit(None, 1)[0] if " " in text[:limit] else text[:limit]
    return head.rstrip(" ,;:.\u00a0\u202f") + "…"
