"""Queries: requests and responses, the query language, and plans.

The site and the pipeline import from here, besides the modules `lexer`, which takes a query apart, and
`page_highlighting`, for pages of publications. Engines, which execute plans, also import the modules `plan`, `scoring`,
`facets`, `snippets`, `wildcards`, `feedback`, `spelling` and `relaxation`; the last three need numpy, and so are not
imported here.
"""

from indexer.query.completion import Completion, CompletionKind
from indexer.query.facets import FORMATS, NONE
from indexer.query.fields import FIELD_NAMES, TextField
from indexer.query.highlighting import find_highlights
from indexer.query.naming import ValueNamed, territories_named, values_named, words_without
from indexer.query.parser import parse
from indexer.query.planner import Planner
from indexer.query.related import related_request
from indexer.query.request import (
    MAX_FILTERS,
    MAX_PAGE_HITS,
    MAX_PASSAGES,
    MAX_PER_PAGE,
    MAX_REACH,
    Facets,
    FacetValue,
    Hit,
    Matching,
    PageHit,
    Piece,
    SearchRequest,
    SearchResponse,
    Sort,
)
from indexer.query.snippets import Highlight
from indexer.query.unparse import to_text

__all__ = [
    "FIELD_NAMES",
    "FORMATS",
    "MAX_FILTERS",
    "MAX_PAGE_HITS",
    "MAX_PASSAGES",
    "MAX_PER_PAGE",
    "MAX_REACH",
    "NONE",
    "Completion",
    "CompletionKind",
    "FacetValue",
    "Facets",
    "Highlight",
    "Hit",
    "Matching",
    "PageHit",
    "Piece",
    "Planner",
    "SearchRequest",
    "SearchResponse",
    "Sort",
    "TextField",
    "ValueNamed",
    "find_highlights",
    "parse",
    "related_request",
    "territories_named",
    "to_text",
    "values_named",
    "words_without",
]
