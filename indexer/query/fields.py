"""The text fields of a resource, as every engine indexes them."""

from __future__ import annotations

from enum import IntEnum

from indexer.resource import Resource


class TextField(IntEnum):
    """Text fields, by their number in positions and masks (bit ``1 << number``)."""

    TITLE = 0
    SUMMARY = 1
    BODY = 2
    THEME = 3
    TYPE = 4


FIELD_NAMES: dict[str, TextField] = {field.name.lower(): field for field in TextField}
"""Names of the query language's tree, such as ``"title"``, to fields."""

ANYWHERE = ("title", "summary", "body")
"""Where a word without a field is looked for: typing « autres » must not list a whole type."""

MAX_POSITION = (1 << 17) - 1
"""Words past this number in one field keep their word but no longer their distance."""


def field_texts(resource: Resource) -> tuple[tuple[TextField, str], ...]:
    """The texts to index, in field order; empty ones are left out.

    A résumé usually repeats paragraphs of the body: those are indexed once, as summary.
    """
    summary = resource.summary or ""
    body = resource.body or ""
    if summary and body:
        repeated = {_squeeze(paragraph) for paragraph in _paragraphs(summary)}
        body = "\n\n".join(p for p in _paragraphs(body) if _squeeze(p) not in repeated)
    texts = (
        (TextField.TITLE, resource.title),
        (TextField.SUMMARY, summary),
        (TextField.BODY, body),
        (TextField.THEME, "\n".join(resource.themes)),
        (TextField.TYPE, resource.type or ""),
    )
    return tuple((field, text) for field, text in texts if text)


def _paragraphs(text: str) -> list[str]:
    return text.split("\n\n")


def _squeeze(paragraph: str) -> str:
    return " ".join(paragraph.split()).casefold()
