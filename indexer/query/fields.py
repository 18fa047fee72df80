"""The text fields of a resource and their analysis, the same for every engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import itemgetter

from indexer.analysis import Analyzer, Token
from indexer.document.pages import Page
from indexer.query.page_tokens import split_tokens
from indexer.resource import Resource


class TextField(IntEnum):
    """The text fields of a resource, by their number in positions and in masks (bit ``1 << number``)."""

    TITLE = 0
    SUMMARY = 1
    BODY = 2
    THEME = 3
    TYPE = 4
    PUBLICATION = 5
    """The pages of all publications, one after another."""


FIELD_NAMES: dict[str, TextField] = {field.name.lower(): field for field in TextField}
"""The text field by its name in query trees, such as ``"title"``."""

ANYWHERE = ("title", "summary", "body", "publication")
"""Fields searched for a word without a field; not the type, since « autres » must not list a whole type."""

PAGE_GAP = 1 << 9
"""Number of positions skipped where phrases must not continue, such as between two publications: more than any phrase
of a query can span.
"""
MAX_POSITION = (1 << 29) - 1
"""Largest position in a field. Pages beyond it, after some hundred publications of thousands of pages in one resource,
are not indexed.
"""


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
    pages: tuple[AnalysedPage, ...] = ()
    """The bodies, headers and footers of pages of its publications, in order of position: the field PUBLICATION."""


@dataclass(frozen=True, slots=True)
class AnalysedPage:
    """The tokens of the body of a page, or of its running headers and footers.

    Attributes:
        document: number of the publication in its resource.
        number: number of the page in the file.
        label: page number that is printed on it, such as ``"iv"``; None where it equals `number`.
        start: position of its first token in the field PUBLICATION.
        size: number of tokens of the whole page.
        first: index, in `AnalysedResource.pages`, of the first entry (usually the body) of the same page.
        tokens: its tokens; their offsets refer to the text of the page.
        running: whether these are its running headers and footers rather than its body.
    """

    document: int
    number: int
    label: str | None
    start: int
    size: int
    first: int
    tokens: Sequence[Token]
    running: bool = False


def analyse(
    resource: Resource, analyzer: Analyzer, publications: Iterable[tuple[int, Sequence[Page]]] = ()
) -> AnalysedResource:
    """Analyse the text fields of a resource.

    Args:
        resource: the resource.
        analyzer: the French analysis.
        publications: for each publication that is searched its number, and its pages.
    """
    fields = tuple(AnalysedField(field, analyzer.tokens(text)) for field, text in field_texts(resource))
    return AnalysedResource(resource, fields, analyse_pages(publications, analyzer))


def analyse_pages(publications: Iterable[tuple[int, Sequence[Page]]], analyzer: Analyzer) -> tuple[AnalysedPage, ...]:
    """Analyse the pages of publications: of each, first the bodies of its pages, then running headers and footers.

    Positions continue from body to body, so that phrases may cross pages. They continue neither from one publication
    into the next nor into running headers and footers, which would separate the words of such phrases.

    Args:
        publications: for each publication its number in its resource, and its pages.
        analyzer: the French analysis.
    """
    analysed: list[AnalysedPage] = []
    position = 0
    for document, pages in sorted(publications, key=itemgetter(0)):
        split = [(page, split_tokens(page, analyzer)) for page in pages]
        firsts: dict[int, int] = {}
        for page, tokens in split:
            if tokens.body:
                firsts[page.number] = len(analysed)
                size = len(tokens.body) + len(tokens.running)
                analysed.append(
                    AnalysedPage(document, page.number, page.label, position, size, len(analysed), tokens.body)
                )
                position += len(tokens.body)
        for page, tokens in split:
            if tokens.running:
                position += PAGE_GAP
                first = firsts.get(page.number, len(analysed))
                size = len(tokens.body) + len(tokens.running)
                analysed.append(
                    AnalysedPage(document, page.number, page.label, position, size, first, tokens.running, running=True)
                )
                position += len(tokens.running)
        position += PAGE_GAP
    return tuple(page for page in analysed if page.start + len(page.tokens) <= MAX_POSITION)
