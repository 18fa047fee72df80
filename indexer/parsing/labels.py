"""The four labels of a resource, and what the privacy label's value says."""

from __future__ import annotations

from enum import IntEnum

from indexer.parsing.text import fold


class Label(IntEnum):
    """A field's label; the order is the one in which the site prints them."""

    CATEGORY = 0
    TYPE = 1
    PRIVATE = 2
    SUMMARY = 3


#: The two labels that make a run of fields a resource's.
ANCHORS = frozenset({Label.TYPE, Label.PRIVATE})

_NAMES = {
    "categorie": Label.CATEGORY,
    "type de ressource": Label.TYPE,
    "ressource privee": Label.PRIVATE,
    "resume": Label.SUMMARY,
}
_BEGINNINGS = frozenset({"type", "type de", "ressource"})
_INITIALS = frozenset("cCtTrR")
_LONGEST = 60


def recognise(text: str) -> Label | None:
    """Which label `text` is, as a whole.

    Args:
        text: an element's or a line's whole text.

    Returns:
        The label, case, accents, kinds of spaces and a final colon apart; None for anything else.
    """
    text = text.strip()
    if not text or text[0] not in _INITIALS or len(text) > _LONGEST:
        return None
    return _NAMES.get(fold(text.rstrip(" :\u00a0\u202f\t\n\r")))


def begins_label(text: str) -> bool:
    """Whether `text` is the first words of a label, which elements may split."""
    return text[:1] in _INITIALS and len(text) < _LONGEST and fold(text) in _BEGINNINGS


def plain_value(value: str) -> str:
    """A field's value less the colon that some pages print between label and value."""
    return value.strip().removeprefix(":").strip()


def read_privacy(values: tuple[str, ...] | list[str] | None) -> tuple[bool, str | None]:
    """Whether a resource is private, from the values of « Ressource privée ».

    Only a clear « Non » makes a resource public.

    Args:
        values: the field's values; None when the label is missing.

    Returns:
        The privacy, and a warning in French where the page does not say it clearly.
    """
    if values is None:
        return True, "Le libellé « Ressource privée » est absent : la ressource est tenue pour privée."
    read = {fold(value.strip(" :\u00a0\u202f")) for value in values} - {""}
    if read == {"non"}:
        return False, None
    if read == {"oui"}:
        return True, None
    if not read:
        return True, "« Ressource privée » n’a pas de valeur : la ressource est tenue pour privée."
    shown = ", ".join(value.strip()[:60] for value in values if value.strip())
    return True, f"« Ressource privée » vaut « {shown} », ni Oui ni Non : la ressource est tenue pour privée."
