"""One search over what a reader sees: hits of a plan (analysed query), the best reranked, facets, missing words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engine.opensearch import filters
from indexer.engine.opensearch.client import Json
from indexer.engine.opensearch.compiler import Countable, Held, counted, holders, near, scored, term_impact
from indexer.engine.opensearch.documents import Line, prominent_terms, unpacked
from indexer.engine.opensearch.mapping import NO_ID
from indexer.engine.opensearch.reading import Session, count_body, total_of
from indexer.query import SearchRequest, Sort, scoring
from indexer.query.feedback import DOCS, TERMS, Prominent, expansion, feedback
from indexer.query.plan import All, Plan, WordPair
from indexer.query.relaxation import Decision

_IN_TITLE = ("title",)
_IN_TEXT = ("title", "summary", "body", "publication")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit before it is shown.

    Attributes:
        id: id of the resource.
        score: its score (float32).
        packed: its `Line`, packed; it is only unpacked if the hit is shown, as ten of fifty are.
        prominent: its prominent terms, packed.
        held: names of the named queries that it matches: ``w0`` for the first word, ``n0`` and ``t0`` for the first
            pair of neighbouring words (in any text, in the title).
    """

    id: str
    score: np.float32
    packed: str
    prominent: str
    held: frozenset[str]

    @property
    def line(self) -> Line:
        """The data of the resource that lists show, unpacked on each access."""
        return unpacked(self.packed)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search for a plan returns.

    Attributes:
        total: number of resources that match the plan and pass the filters.
        strict: number of those that match the plan that requires all words and pass the filters.
        hits: the best hits if they are to be reranked, else those of the page.
        aggregations: counts of facets, as OpenSearch returns them.
    """

    total: int
    strict: int
    hits: tuple[Candidate, ...]
    aggregations: Json


class Ranking:
    """The searches of one request over the resources of one reader. Each plan is searched once.

    Args:
        session: sends the requests.
        request: the request, whose filters, sort and page are applied.
    """

    def __init__(self, session: Session, request: SearchRequest) -> None:
        self._session = session
        self._request = request
        self._filters = filters.filters(request)
        self._found: dict[Plan, Found] = {}

    def held(self, plan: Plan) -> int:
        """Return how many resources of the reader match a plan."""
        return self._session.count(plan)

    def found(self, plan: Plan, strict: Plan, pairs: tuple[WordPair, ...], *, plain: bool) -> Found:
        """Search for a plan, or return what an earlier search for it has found.

        Args:
            plan: the plan.
            strict: the plan that requires all words.
            pairs: neighbouring words of the query.
            plain: whether the query consists of plain words.

        Raises:
            MovedOnError: another generation is current.
            EngineError: the cluster cannot answer.
        """
        known = self._found.get(plan)
        if known is None:
            known = self._found[plan] = self._search(plan, strict, pairs, plain=plain)
        return known

    def page(self, decision: Decision) -> list[Candidate]:
        """Return the requested page of hits, in order; `decision` holds the plan that was chosen for the query."""
        hits = list(self.found(decision.plan, decision.strict, decision.pairs, plain=decision.plain).hits)
        first = (self._request.page - 1) * self._request.per_page
        if not self._is_reranked(decision.pairs, plain=decision.plain):
            return hits
        best = self._reranked(hits[: scoring.RERANKED], decision)
        return [*best, *hits[scoring.RERANKED :]][first : first + self._request.per_page]

    def missing(self, decision: Decision, hit: Candidate) -> tuple[str, ...]:
        """Return the words of the query, as typed, that a hit lacks; none if the plan requires all words."""
        return tuple(word for number, word in enumerate(decision.words) if f"w{number}" not in hit.held)

    def _is_reranked(self, pairs: tuple[WordPair, ...], *, plain: bool) -> bool:
        first = (self._request.page - 1) * self._request.per_page
        return self._request.order is Sort.RELEVANCE and bool(pairs or plain) and first < scoring.RERANKED

    def _search(self, plan: Plan, strict: Plan, pairs: tuple[WordPair, ...], *, plain: bool) -> Found:
        request, session = self._request, self._session
        first = (request.page - 1) * request.per_page
        reranked = self._is_reranked(pairs, plain=plain)
        most = isinstance(plan, All) and plan.most
        wanted: list[Countable] = [*counted(plan)]
        wanted += [Held(terms) for pair in pairs for terms in (pair.before, pair.after)] if reranked else []
        counts = session.ensure(wanted)
        named = self._near(pairs) if reranked else {}
        if isinstance(plan, All) and most:
            named |= {f"w{number}": holders(child, counts) for number, child in enumerate(plan.children)}
        body: Json = {
            "from": 0 if reranked else first,
            "size": max(first + request.per_page, scoring.RERANKED) if reranked else request.per_page,
            "track_total_hits": True,
            "track_scores": True,
            "stored_fields": "_none_",
            "docvalue_fields": ["id", "line", *(["prominent"] if reranked and plain else [])],
            "query": {"bool": {"must": [scored(plan, counts)], "should": _named(named)}},
            "sort": filters.order(request.order),
            "aggs": filters.aggregations(self._filters, session.view.names),
        }
        if self._filters:
            body["post_filter"] = filters.every(self._filters.values())
        bodies = [body]
        if strict != plan and self._filters:
            session.ensure(counted(strict))
            strictly = {"bool": {"filter": [holders(strict, session.view.counts), *self._filters.values()]}}
            bodies.append(count_body(strictly))
        answers = session.msearch(bodies)
        total = total_of(answers[0])
        all_words = total
        if strict != plan:
            all_words = total_of(answers[1]) if self._filters else session.count(strict)
        hits = tuple(_candidate(hit) for hit in answers[0]["hits"]["hits"])
        return Found(total, all_words, hits, answers[0]["aggregations"])

    @staticmethod
    def _near(pairs: Sequence[WordPair]) -> dict[str, Json]:
        named = {f"n{number}": near(pair, _IN_TEXT) for number, pair in enumerate(pairs)}
        return named | {f"t{number}": near(pair, _IN_TITLE) for number, pair in enumerate(pairs)}

    # Reranking

    def _reranked(self, hits: Sequence[Candidate], decision: Decision) -> list[Candidate]:
        """Return the best hits, sorted again by scores that include word proximity and relevance feedback."""
        scores = np.array([hit.score for hit in hits], dtype=np.float32)
        if decision.pairs:
            scores = scores + self._proximity(hits, decision.pairs)
        if decision.plain:
            scores = scores + self._feedback(hits, scores)
        order = _best_first(hits, scores)
        return [replace(hits[index], score=scores[index]) for index in order]

    def _proximity(self, hits: Sequence[Candidate], pairs: Sequence[WordPair]) -> NDArray[Any]:
        """Return the bonus of each hit for neighbouring words of the query that it holds near each other (float32)."""
        counts = self._session.view.counts
        bonus = np.zeros(len(hits), dtype=np.float32)
        for number, pair in enumerate(pairs):
            worth = np.float32(scoring.NEAR_BONUS * min(counts.idf(Held(pair.before)), counts.idf(Held(pair.after))))
            factors = [
                scoring.NEAR_IN_TITLE if f"t{number}" in hit.held else float(f"n{number}" in hit.held) for hit in hits
            ]
            bonus += worth * np.array(factors, dtype=np.float32)
        return bonus

    def _feedback(self, hits: Sequence[Candidate], scores: NDArray[Any]) -> NDArray[Any]:
        """Return what relevance feedback (prominent terms of the best hits) adds to the score of each hit (float32)."""
        order = _best_first(hits, scores)
        best = [
            Prominent(float(scores[index]), *prominent_terms(hits[index].prominent))
            for index in order[:DOCS]
            if hits[index].prominent
        ]
        told = [one for one in best if one.tells]
        terms = [term for term, _ in expansion(told, TERMS)] if told and len(hits) > 1 else []
        impacts = self._impacts(hits, terms) if terms else {}

        def prominent(index: int) -> Prominent[str]:
            return Prominent(float(scores[index]), *prominent_terms(hits[index].prominent))

        return feedback(scores, order, prominent, impacts.__getitem__)

    def _impacts(self, hits: Sequence[Candidate], terms: Sequence[str]) -> Mapping[str, NDArray[Any]]:
        """Return, for each of some terms, its idf times its impact on each hit."""
        session = self._session
        counts = session.ensure([Held((term,)) for term in terms])
        query: Json = {
            "bool": {
                "filter": [{"terms": {"id": [hit.id for hit in hits]}}],
                "should": [_with_name(term_impact(term), str(number)) for number, term in enumerate(terms)],
            }
        }
        body: Json = {"size": len(hits), "stored_fields": "_none_", "docvalue_fields": ["id"], "query": query}
        answer = session.search(body, "&include_named_queries_score=true")
        rows = {hit.id: row for row, hit in enumerate(hits)}
        idf = [counts.idf(Held((term,))) for term in terms]
        impacts = {term: np.zeros(len(hits), dtype=np.float64) for term in terms}
        for hit in answer["hits"]["hits"]:
            row = rows[hit["fields"]["id"][0]]
            for number, impact in (hit.get("matched_queries") or {}).items():
                which = int(number)
                impacts[terms[which]][row] = impact * idf[which]
        return impacts


def _best_first(hits: Sequence[Candidate], scores: NDArray[Any]) -> list[int]:
    return sorted(range(len(hits)), key=lambda index: (-scores[index], hits[index].id))


def _with_name(query: Json, name: str) -> Json:
    ((kind, body),) = query.items()
    return {kind: {**body, "_name": name}}


def _named(queries: Mapping[str, Json]) -> list[Json]:
    """Return a query that matches nothing itself, but makes OpenSearch say which of some queries, by name, each hit
    matches. OpenSearch tries them on the returned hits alone.
    """
    if not queries:
        return []
    named = [{"bool": {"filter": [query], "_name": name}} for name, query in queries.items()]
    return [{"bool": {"filter": [{"term": {"id": NO_ID}}, {"bool": {"should": named}}]}}]


def _candidate(hit: Json) -> Candidate:
    fields = hit["fields"]
    prominent = fields.get("prominent", ("",))[0]
    score = np.float32(hit["_score"] or 0.0)
    return Candidate(fields["id"][0], score, fields["line"][0], prominent, frozenset(hit.get("matched_queries", ())))
