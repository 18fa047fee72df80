"""Nothing was found: what to change in the search, and how many resources that would give.

Each way costs one search without hits or snippets; ways that would give nothing are not offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from indexer.query import lexer
from indexer.query.lexer import TokenKind
from indexer.query.request import SearchRequest, SearchResponse
from search_app import messages
from search_app.messages import searching
from search_app.search import params
from search_app.search.params import FacetName

THEMES = 8
_FACETS: tuple[FacetName, ...] = ("type", "theme", "year", "private")
_NEGATIONS = {TokenKind.MINUS, TokenKind.NOT}

Search = Callable[[SearchRequest], SearchResponse]
Address = Callable[[SearchRequest], str]


@dataclass(frozen=True, slots=True)
class Way:
    """A way out: what it does, where it leads and how many resources stand there."""

    label: str
    href: str
    total: int


@dataclass(frozen=True, slots=True)
class Rescue:
    """Ways out of an empty result.

    Attributes:
        filters: filters to do without, the most fruitful first.
        words: looser ways to match the words.
        themes: the largest themes of the reader's archive.
    """

    filters: tuple[Way, ...]
    words: tuple[Way, ...]
    themes: tuple[Way, ...]


def make(request: SearchRequest, search: Search, address: Address, labels: Callable[[FacetName, str], str]) -> Rescue:
    """Work out what would help.

    Args:
        request: a search that found nothing.
        search: the engine's.
        address: gives the address of a request.
        labels: gives what people read for a facet's value.
    """

    def ways(offers: Iterable[tuple[str, SearchRequest]]) -> list[Way]:
        counted = [Way(label, address(asked), _count(asked, search)) for label, asked in offers]
        return [way for way in counted if way.total]

    narrower, bare = list(_narrower(request, labels)), params.without_filters(request)
    filters = sorted(ways(narrower), key=lambda way: -way.total)
    if len(narrower) > 1:
        filters += ways([(searching.NO_FILTER, bare)])
    words: list[Way] = []
    for way in ways(_looser(request)):
        # Looser still, but no more of them: not worth another line.
        if not words or way.total > words[-1].total:
            words.append(way)
    if narrower and not filters and not words:
        words = ways((searching.ANY_WORD_ANYWHERE, asked) for _, asked in _looser(bare)[-1:])
    everything = search(SearchRequest(audience=request.audience, per_page=1, snippets=False))
    themes = [value for value in everything.facets.theme if value.value != params.NONE][:THEMES]
    return Rescue(
        filters=tuple(filters),
        words=tuple(words),
        themes=tuple(
            Way(theme.label, address(SearchRequest(audience=request.audience, themes=(theme.value,))), theme.count)
            for theme in themes
        ),
    )


def _count(request: SearchRequest, search: Search) -> int:
    return search(replace(request, page=1, per_page=1, snippets=False)).total


def _narrower(request: SearchRequest, labels: Callable[[FacetName, str], str]) -> Iterable[tuple[str, SearchRequest]]:
    """The request without each of its filters in turn."""
    for name in _FACETS:
        values = params.selected(request, name)
        if values:
            named = ", ".join(labels(name, value) for value in values)
            yield searching.drop_filter(messages.FACETS[name], named), params.without_facet(request, name)
    if request.year_from is not None or request.year_to is not None:
        span = messages.years_between(request.year_from, request.year_to)
        yield searching.drop_filter(messages.FACETS["year"], span), params.without_span(request)


def _looser(request: SearchRequest) -> list[tuple[str, SearchRequest]]:
    """The request's words without signs, then any of them."""
    words, bare = _words(request.query)
    offers = []
    if words and not bare:
        offers.append((searching.WORDS_ALONE, params.with_query(request, " ".join(words))))
    if len(words) > 1:
        offers.append((searching.ANY_WORD, params.with_query(request, " OU ".join(words))))
    return offers


def _words(query: str) -> tuple[list[str], bool]:
    """The words that are looked for, each once, and whether the query is nothing but them."""
    found: dict[str, None] = {}
    bare, refused = True, False
    for token in lexer.tokenize(lexer.clean(query)):
        match token.kind:
            case TokenKind.WORD | TokenKind.PREFIX | TokenKind.WILDCARD:
                if not refused:
                    found[token.source] = None
                refused = False
            case TokenKind.PHRASE:
                if not refused:
                    found.update(dict.fromkeys(token.text.split()))
                bare = refused = False
            case TokenKind.END | TokenKind.NOTHING:
                pass
            case kind:
                refused = kind in _NEGATIONS or token.text == lexer.YEAR
                bare = False
    return list(found), bare
