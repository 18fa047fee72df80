"""The text fields of a resource and their analysis, the same for every engine."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

from indexer.analysis import Analyzer, Token
from indexer.resource import Resource


class TextField(IntEnum):
    """Text fields, by their number in positions and masks (bit ``1 << number``)."""

    TITLE = 0
    SUMMARY = 1
    BODY = 2
    THEME = 3
    TYPE = 4


FIELD_NAMES: dict[str, TextField] = {field.name.lower(): field for field in TextField}
"""The text field by its name in query trees, such as ``"title"``."""

ANYWHERE = ("title", "summary", "body")
"""Fields searched for a word without a field; not the type, since « autres » must not list a whole type."""

MAX_POSITION = (1 << 17) - 1
"""Positions in one field do not exceed this; words beyond it can be found, but not as parts of phrases."""


def field_texts(resource: Resource) -> tuple[tuple[TextField, str], ...]:
    """Return the texts of a resource to index, in field order, without empty ones.

    The summary usually repeats paragraphs of the body; those are indexed once, as summary.
    """
    texts = (
        (TextField.TITLE, resource.title),
        (TextField.SUMMARY, resource.summary or ""),
        (TextField.BODY, without(resource.body or "", repeated_paragraphs(resource))),
        (TextField.THEME, "\n".join(resource.themes)),
        (TextField.TYPE, resource.type or ""),
    )
    return tuple((field, text) for field, text in texts if text)


def repeated_paragraphs(resource: Resource) -> list[int]:
    """Return the indexes of the paragraphs of the body that the summary repeats; spaces and case are ignored."""
    if not resource.summary or not resource.body:
        return []
    held = {_squeeze(paragraph) for paragraph in _paragraphs(resource.summary)}
    return [number for number, p in enumerate(_paragraphs(resource.body)) if _squeeze(p) in held]


def without(text: str, paragraphs: Collection[int]) -> str:
    """Return a text without the paragraphs at the given indexes."""
    if not paragraphs:
        return text
    return "\n\n".join(p for number, p in enumerate(_paragraphs(text)) if number not in paragraphs)


def _paragraphs(text: str) -> list[str]:
    return text.split("\n\n")


def _squeeze(paragraph: str) -> str:
    return " ".join(paragraph.split()).casefold()


@dataclass(frozen=True, slots=True)
class AnalysedField:
    """The tokens of one text field; the index of a token is its position."""

    field: TextField
    tokens: list[Token]


@dataclass(frozen=True, slots=True)
class AnalysedResource:
    """A resource and the tokens of its text fields, in field order."""

    resource: Resource
    fields: tuple[AnalysedField, ...]


def analyse(resource: Resource, analyzer: Analyzer) -> AnalysedResource:
    """Analyse the text fields of a resource."""
    fields = tuple(AnalysedField(field, analyzer.tokens(text)) for field, text in field_texts(resource))
    return AnalysedResource(resource, fields)
