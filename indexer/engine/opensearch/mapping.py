"""The mapping of the indexes of a generation: names of fields, how terms, impacts and positions are written.

Analysis happens here, in Python; OpenSearch only splits what is written for it:

    impacts    ``économi|31205 social|12000``      a term, and the impact on its resource × `SCALE` as its frequency
    positions  ``loi econom|economi et _ solidair`` one item a word, its terms between bars; ``_``: any word, in queries
"""

from __future__ import annotations

from collections.abc import Iterable

from indexer.engine.opensearch.client import Json
from indexer.query import TextField

MAPPING_VERSION = 4
"""Version of the mapping. Increase it when the mapping or what is written in it changes: indexes are then rebuilt."""

SCALE = 20_000
"""Factor by which impacts are multiplied before they are rounded to whole numbers: the error stays below 0.00005."""
LARGEST_SUM = 2_000_000_000
"""Largest sum of term frequencies that is written in one field of a document; Lucene holds hardly more."""
CONTINUED = 200
"""Number of words of the following pages that are written after those of a page, so that phrases which cross pages are
found on the page on which they begin; hardly any phrase of a query can span more.
"""
OWN = "<"
"""Prefix of the terms that stand on a page itself; terms of the pages that follow, written after them, lack it."""
HOLE = "_"
"""Stands for a position of a phrase at which any word may be."""

OWN_FIELDS = tuple(field.name.lower() for field in TextField if field is not TextField.PUBLICATION)
"""Names of the text fields whose positions the resource itself holds; those of publications are held by pages."""

NO_ID = "\x00"
"""An id that no resource has, for queries that must match nothing."""


def _position_field() -> Json:
    return {"type": "text", "analyzer": "positions", "norms": False, "index_options": "positions"}


def _impact_field() -> Json:
    return {"type": "text", "analyzer": "impacts", "similarity": "impact", "norms": False, "index_options": "freqs"}


def _searched() -> Json:
    return {"type": "keyword", "doc_values": False}


def _number(kind: str) -> Json:
    return {"type": kind, "index": False}


def index_body(shards: int) -> Json:
    """Return settings and mapping of an index of resources, without replicas until it is complete."""
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": 0,
            "refresh_interval": "-1",
            "max_inner_result_window": 100_000,
            "mapping.nested_objects.limit": 100_000,
            "unassigned.node_left.delayed_timeout": "10s",
            "similarity": {
                "impact": {
                    "type": "scripted",
                    "script": {"source": f"return query.boost * doc.freq / {SCALE}.0;"},
                }
            },
            "analysis": {
                "tokenizer": {
                    "spaces": {"type": "char_group", "tokenize_on_chars": [" "], "max_token_length": 100_000}
                },
                "filter": {
                    "apart": {"type": "pattern_capture", "preserve_original": False, "patterns": ["([^|]+)"]},
                    "holes": {"type": "stop", "stopwords": [HOLE]},
                    "frequency": {"type": "delimited_term_freq", "delimiter": "|"},
                },
                "analyzer": {
                    "positions": {"type": "custom", "tokenizer": "spaces", "filter": ["apart", "holes"]},
                    "impacts": {"type": "custom", "tokenizer": "spaces", "filter": ["frequency"]},
                },
            },
        },
        "mappings": {
            "dynamic": "strict",
            "_source": {"includes": ["resource", "texts"]},
            "properties": {
                "id": {"type": "keyword"},
                "resource": {"type": "object", "enabled": False},
                "texts": {"type": "binary"},
                "line": {"type": "binary", "doc_values": True},
                "prominent": {"type": "binary", "doc_values": True},
                "record": {"type": "binary", "store": True},
                "placeholder": _searched(),
                "word": _impact_field(),
                "other": _impact_field(),
                **{name: _position_field() for name in OWN_FIELDS},
                "norm": {"properties": {name: _number("float") for name in OWN_FIELDS}},
                "exact": _searched(),
                "exact_in": _searched(),
                "form_in": _searched(),
                "of_type": {"type": "keyword"},
                "of_year": {"type": "integer"},
                "of_theme": {"type": "keyword"},
                "of_territory": {"type": "keyword"},
                "of_privacy": {"type": "boolean"},
                "of_publication": {"type": "boolean"},
                "of_format": {"type": "keyword"},
                "by_date": {"type": "integer"},
                "by_title": {"type": "keyword", "index": False},
                "pages": {
                    "type": "nested",
                    "properties": {
                        "document": {"type": "integer"},
                        "number": {"type": "integer"},
                        "label": {"type": "keyword", "index": False},
                        "norm": _number("float"),
                        "words": _position_field(),
                        "running": _position_field(),
                        "form": _searched(),
                    },
                },
            },
        },
    }


STATE_BODY: Json = {
    "settings": {"number_of_shards": 1, "refresh_interval": "-1", "unassigned.node_left.delayed_timeout": "10s"},
    "mappings": {"dynamic": "strict", "properties": {"state": {"type": "object", "enabled": False}}},
}
"""Settings and mapping of the index that holds the state and the lock."""


def words_body() -> Json:
    """Return settings and mapping of an index that holds the lexicon and titles of one half (public, private or
    placeholders) of a generation.
    """
    return {
        "settings": {
            "number_of_shards": 1,
            "number_of_replicas": 0,
            "refresh_interval": "-1",
            "unassigned.node_left.delayed_timeout": "10s",
        },
        "mappings": {
            "dynamic": "strict",
            "properties": {
                "part": {"type": "keyword"},
                "number": {"type": "integer"},
                "content": {"type": "binary"},
            },
        },
    }


def written(term: str) -> str:
    """Return a term or form as it is written, with the characters that separate terms or positions replaced."""
    if term.isalnum():
        return term
    plain = term.replace(" ", "\u2420").replace("|", "\u2758").encode("utf-8", "replace").decode()
    return "\u2581" if plain == HOLE else plain


def position(terms: Iterable[str]) -> str:
    """Return the terms of one position as they are written, separated by bars."""
    return "|".join(map(written, terms))
