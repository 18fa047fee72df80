"""The four labels of a resource's fields, and how the value of the privacy label is read."""

from __future__ import annotations

import unicodedata
from enum import IntEnum

from indexer.parsing.shipped_profile import RTES, label_of
from indexer.parsing.text import clean, fold


class Label(IntEnum):
    """The label of a field; members are in the order in which the site prints them."""

    CATEGORY = 0
    TYPE = 1
    PRIVATE = 2
    SUMMARY = 3


#: Fields that follow one another are those of a resource only if they have at least one of these two labels.
ANCHORS = frozenset({Label.TYPE, Label.PRIVATE})

_NAMES = {
    fold(label_of("themes")): Label.CATEGORY,
    fold(label_of("type")): Label.TYPE,
    fold(label_of("private")): Label.PRIVATE,
    fold(label_of("summary")): Label.SUMMARY,
}
#: Signs that Drupal and its themes print for a boolean, without those that could mean either value.
_SIGNS = {"✔": "oui", "✓": "oui", "☑": "oui", "✅": "oui", "✖": "non", "✗": "non", "✘": "non", "❌": "non"}
_SELECTORS = str.maketrans("", "", "\ufe0e\ufe0f")
_BEGINNINGS = frozenset({"type", "type de", "ressource"})
_INITIALS = frozenset("cCtTrR")
_LONGEST = 60
_LOOK_ALIKES = str.maketrans(
    "\u0410\u0391\u0430\u03b1\u0421\u03f9\u0441\u1d04\u03f2\u0501\u0415\u0401\u0395\u0435\u0451\u03b5"
    "\u03ad\u1d07\u0261\u0406\u0399\u0456\u03b9\u0390\u03af\u0131\u041e\u039f\u043e\u03bf\u1d0f\u0420"
    "\u03a1\u0440\u03c1\u0433\u1d26\u0405\u0455\ua731\u0422\u03a4\u0442\u03c4\u03c5\u1d1c\u03bd\u0475"
    "\u1d20\u0423\u03a5\u04ae\u0443\u04af\u03b3\u01a6",
    "AAaaCCcccdEEEeeeeegIIiiiiiOOoooPPpprrSssTTttuuvvvYYYyyyR",
)
"""Replaces letters of other scripts by those of the labels that look like them; Unidecode would go by their sound."""
_ACCENTS = range(0x0300, 0x0330)
"""Combining marks above and below letters, without the overlays that follow them, which strike letters out."""


def recognise(text: str) -> Label | None:
    """Return the label that the whole of `text` is, or None.

    Args:
        text: an element's or a line's whole text.

    Returns:
        The label, ignoring case, accents, kinds of spaces and a final colon; None for anything else. Letters of other
        scripts that look like those of a label count as them: a privacy label taken for text would not protect its
        resource.
    """
    text = text.strip()
    if not text or len(text) > 2 * _LONGEST:
        return None
    if text[0].isascii() and text[0] not in _INITIALS:
        return None
    if not text.isascii():
        text = unicodedata.normalize("NFKC", clean(text)).translate(_LOOK_ALIKES).strip()
    if text[:1] not in _INITIALS or len(text) > _LONGEST:
        return None
    return _NAMES.get(fold(text.rstrip(" :\u00a0\u202f\t\n\r")))


def begins_label(text: str) -> bool:
    """Return whether `text` is the beginning of a label, whose rest may be in another element."""
    return text[:1] in _INITIALS and len(text) < _LONGEST and fold(text) in _BEGINNINGS


def is_sign(text: str) -> bool:
    """Return whether a text is a sign for « Oui » or « Non », such as "✔"."""
    return text.translate(_SELECTORS).strip() in _SIGNS


def plain_value(value: str) -> str:
    """Return a field's value without the colon that some pages print before it."""
    return value.strip().removeprefix(":").strip()


def read_privacy(values: tuple[str, ...] | list[str] | None) -> tuple[bool, str | None]:
    """Return whether a resource is private, from the values of « Ressource privée ».

    Only a clear « Non » makes a resource public, and only in Latin letters, not in letters of other scripts that look
    like them.

    Args:
        values: the field's values; None when the label is missing.

    Returns:
        Whether it is private, and a French warning where the page does not make that clear.
    """
    if values is None:
        return True, "Le libellé « Ressource privée » est absent : la ressource est tenue pour privée."
    read = {_plain(value.strip(" :\u00a0\u202f")) for value in values} - {""}
    if read and read <= _PUBLIC:
        return False, None
    if read and read <= _PRIVATE:
        return True, None
    if not read:
        return True, "« Ressource privée » n’a pas de valeur : la ressource est tenue pour privée."
    shown = ", ".join(value.strip()[:60] for value in values if value.strip())
    return True, f"« Ressource privée » vaut « {shown} », ni Oui ni Non : la ressource est tenue pour privée."


def same_value(value: str, stated: str) -> bool:
    """Return whether a field's value equals `stated`, ignoring case, accents and kinds of spaces."""
    return _plain(value.strip(" :\u00a0\u202f")) == _plain(stated.strip(" :\u00a0\u202f"))


def _plain(value: str) -> str:
    """Return a value in lower case without accents, with plain spaces; letters of other scripts stay as they are."""
    letters = unicodedata.normalize("NFD", clean(value))
    plain = " ".join("".join(char for char in letters if ord(char) not in _ACCENTS).lower().split())
    return _read_signs(plain)


def _read_signs(value: str) -> str:
    """Return a value with its sign replaced by the word that it stands for: "oui" for "✔" and for "✔ oui"."""
    first, _, rest = value.translate(_SELECTORS).partition(" ")
    if first not in _SIGNS:
        return value
    said = _SIGNS[first]
    return said if rest in ("", said) else value


_PUBLIC, _PRIVATE = (frozenset(map(_plain, values)) for values in (RTES.private.public, RTES.private.private))
