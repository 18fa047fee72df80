"""Changed searches to offer when a search found nothing, with the number of resources that each finds.

Each candidate costs one search without hits or snippets; those that find nothing are not offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from indexer.query import Matching, SearchRequest, SearchResponse, lexer
from indexer.query.lexer import TokenKind
from search_app import messages
from search_app.search import params
from search_app.search.params import FacetName

THEMES = 8
_FACETS: tuple[FacetName, ...] = ("type", "theme", "territory", "year", "private", "publication", "format")
_NEGATIONS = {TokenKind.MINUS, TokenKind.NOT}

Search = Callable[[SearchRequest], SearchResponse]
Address = Callable[[SearchRequest], str]


@dataclass(frozen=True, slots=True)
class Offer:
    """A changed search: the description of the change, its address and the number of resources that it finds."""

    label: str
    href: str
    total: int


@dataclass(frozen=True, slots=True)
class ZeroResults:
    """The changed searches offered on a page without results.

    Attributes:
        filters: searches without one of the filters, those that find most first.
        words: searches that match the words less strictly.
        themes: the largest themes that the reader may see.
    """

    filters: tuple[Offer, ...]
    words: tuple[Offer, ...]
    themes: tuple[Offer, ...]


def make(
    request: SearchRequest, search: Search, address: Address, labels: Callable[[FacetName, str], str]
) -> ZeroResults:
    """Return the changed searches that would find something.

    Args:
        request: a search that found nothing.
        search: the engine's `search`.
        address: returns the address of a request.
        labels: returns the label of a facet's value.

    Raises:
        EngineError: the engine cannot answer.
    """

    def counted(offers: Iterable[tuple[str, SearchRequest]]) -> list[Offer]:
        found = [Offer(label, address(asked), _count(asked, search)) for label, asked in offers]
        return [offer for offer in found if offer.total]

    narrower, bare = list(_narrower(request, labels)), params.without_filters(request)
    filters = sorted(counted(narrower), key=lambda offer: -offer.total)
    if len(narrower) > 1:
        filters += counted([("Retirer tous les filtres", bare)])
    words: list[Offer] = []
    for offer in counted(_looser(request)):
        # Less strict, but finding no more: not worth another line.
        if not words or offer.total > words[-1].total:
            words.append(offer)
    if narrower and not filters and not words:
        words = counted(("Chercher l’un ou l’autre de ces mots, sans filtre", asked) for _, asked in _looser(bare)[-1:])
    everything = search(SearchRequest(audience=request.audience, per_page=1, snippets=False))
    themes = [value for value in everything.facets.theme if value.value != params.NONE][:THEMES]
    return ZeroResults(
        filters=tuple(filters),
        words=tuple(words),
        themes=tuple(
            Offer(theme.label, address(SearchRequest(audience=request.audience, themes=(theme.value,))), theme.count)
            for theme in themes
        ),
    )


def _count(request: SearchRequest, search: Search) -> int:
    return search(replace(request, page=1, per_page=1, snippets=False)).total


def _narrower(request: SearchRequest, labels: Callable[[FacetName, str], str]) -> Iterable[tuple[str, SearchRequest]]:
    """Yield a description and a request for each filter: the request without that filter."""
    for name in _FACETS:
        values = params.selected(request, name)
        if values:
            named = ", ".join(labels(name, value) for value in values)
            yield _drop_filter(messages.FACETS[name], named), params.without_facet(request, name)
    if request.year_from is not None or request.year_to is not None:
        span = messages.years_between(request.year_from, request.year_to)
        yield _drop_filter(messages.FACETS["year"], span), params.without_span(request)


def _drop_filter(facet: str, values: str) -> str:
    return messages.typeset(f"Retirer le filtre « {facet} :") + f" {values}{messages.NO_BREAK}»"


def _looser(request: SearchRequest) -> list[tuple[str, SearchRequest]]:
    """Return less strict requests with their descriptions: one that does not require all words, one with the bare words
    without operators, and one that requires any of the words.
    """
    words, bare = _words(request.query)
    offers = []
    if request.match is Matching.ALL:
        request = params.matched(request, None)
        offers.append(("Ne pas exiger tous les mots", request))
    if words and not bare:
        offers.append(
            ("Chercher les mots seuls, sans guillemets ni signes", params.with_query(request, " ".join(words)))
        )
    if len(words) > 1:
        offers.append(("Chercher l’un ou l’autre de ces mots", params.with_query(request, " OU ".join(words))))
    return offers


def _words(query: str) -> tuple[list[str], bool]:
    """Return the distinct words of a query, and whether it consists of plain words only."""
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
