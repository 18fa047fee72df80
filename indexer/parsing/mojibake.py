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
_AS_ENTITIES = re.compile(
    r"&(?:Atilde|acirc|Acirc|Aring|#19[457]|#226|#[xX](?:[cC][235]|[eE]2));(?:&#?\w{2,8};|[^&<>\s]){1,2}"
)
_BEGINS_ENTITY = ("&Atilde;", "&acirc;", "&#195;", "&#226;", "&#xc3;", "&#xC3;", "&#xe2;", "&#xE2;")
_LONE = re.compile("Ã(?=[\\s<.,;:?!])")
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
    entities = "&" in text and any(one in text for one in _BEGINS_ENTITY)
    if not entities and "Ã" not in text and "â" not in text and "Â" not in text:
        return text
    if entities:
        text = _AS_ENTITIES.sub(_with_characters, text)
    traces = len(_TRACE.findall(text)) + len(_LEFT.findall(text))
    if not traces:
        return text
    good = len(_ACCENTED.findall(_TRACE.sub("", text)))
    if good >= _MANY * traces:
        return text  # a page about encodings
    if good and traces == len(_LONE.findall(text)):
        return text  # the letter itself: "Ã " is all that is left of "à" only where no accent is whole
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
