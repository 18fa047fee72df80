"""AnalysedResource: a resource analysed once, for both the arrays and the index of record."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.analysis.analyzer import Analyzer
from indexer.analysis.token import Token
from indexer.query.fields import TextField, field_texts
from indexer.resource import Resource


@dataclass(frozen=True, slots=True)
class AnalysedField:
    """Tokens of one text field; a token's index in the list is its position."""

    field: TextField
    tokens: list[Token]


@dataclass(frozen=True, slots=True)
class AnalysedResource:
    """A resource and the tokens of its text fields, in field order."""

    resource: Resource
    fields: tuple[AnalysedField, ...]


def analyse(resource: Resource, analyzer: Analyzer) -> AnalysedResource:
    """Analyse a resource's text fields."""
    fields = tuple(AnalysedField(field, analyzer.tokens(text)) for field, text in field_texts(resource))
    return AnalysedResource(resource, fields)
