"""Repair text that was encoded in UTF-8 twice ("CoopÃ©rative"), where it certainly was."""

from __future__ import annotations

import re
from html import unescape

import ftfy

from indexer.errors import PageError

# What the first byte of an accented letter, a quotation mark or a dash becomes, and what the second one may become.
_TRACE = re.compile(
    "[ÃÂÅ][\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]|â[€\x80]"
)
_LEFT = re.compile("Ã[\x80-\xbf\ufffd]|â€|Ã(?=[\\s<.,;:?!])|â\x80")
_A_GRAVE = re.compile("Ã(?=[ \n])")
_AS_ENTITIES = re.compile(r"&(?:Atilde|acirc|Acirc);(?:&#?\w{2,8};|[^&<>\s]){1,2}")
_ENTITY = re.compile(r"&(#?\w{2,8});")
_ACCENTED = re.compile("[àâçèéêëîïôùûœÀÇÈÉÊ’«»]")
_MANY = 20
_DAMAGED = (
    "Les accents de la page sont abîmés (UTF-8 lu deux fois) et rien ne dit sûrement ce qu’ils étaient : "
    "enregistrez la page à nouveau, en UTF-8."
)


def repair(text: str) -> str:
    """Return a page's text with doubly encoded characters repaired.

    Args:
        text: the decoded page, with its control characters, which may be halves of characters.

    Returns:
        The repaired text; unchanged if nothing is doubly encoded, or so little that the page may be quoting it.

    Raises:
        PageError: something doubly encoded cannot be repaired with certainty.
    """
    if "Ã" not in text and "â" not in text and "Â" not in text and "&Atilde;" not in text and "&acirc;" not in text:
        return text
    if "tilde;" in text or "circ;" in text:
        text = _AS_ENTITIES.sub(_with_characters, text)
    traces = len(_TRACE.findall(text)) + len(_LEFT.findall(text))
    if not traces:
        return text
    good = len(_ACCENTED.findall(_TRACE.sub("", text)))
    if good >= _MANY * traces:
        return text  # a page about encodings
    repaired = "\n".join(ftfy.fix_encoding(line) if _TRACE.search(line) else line for line in text.split("\n"))
    if repaired != text:
        repaired = _A_GRAVE.sub("à", repaired)
    if _LEFT.search(repaired):
        raise PageError(_DAMAGED)
    return repaired


def _with_characters(match: re.Match[str]) -> str:
    return _ENTITY.sub(
        lambda one: one.group() if one.group(1) in ("lt", "gt", "amp", "quot") else unescape(one.group()), match.group()
    )
