"""MemoryEngine: implements the engine contract with dicts and loops, as a reference for other engines.

It is slow on purpose: nothing is precomputed, so that its correctness can be checked by reading it.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from indexer.analysis import SYNONYMS_FILE, Analyzer, Synonyms, Word, fold, sort_form, theme_key
from indexer.engine import DocumentPages, IndexStatus
from indexer.engine.placeholder import is_titled, placeholder
from indexer.errors import IndexBusyError, IndexMissingError
from indexer.query import (
    FORMATS,
    MAX_PAGE_HITS,
    MAX_PASSAGES,
    Completion,
    CompletionKind,
    Facets,
    Highlight,
    Hit,
    PageHit,
    Piece,
    Planner,
    SearchRequest,
    SearchResponse,
    Sort,
    scoring,
)
from indexer.query.completion import Candidates, chosen, completion_words, may_slip
from indexer.query.facets import alphabetical, asked_privacy, build_facets, facet_counts, in_order_of_names
from indexer.query.plan import All, Any, Either, Expand, Plan, Sequence, Words
from indexer.query.relaxation import Decision, World, decide, respelled
from indexer.query.snippets import HighlightedText, best_snippet
from indexer.query.spelling import Speller, edit_distance, lexicon_of
from indexer.query.wildcards import pattern_regex
from indexer.resource import Audience, Resource
from indexer.territories import gazetteer
from tests.support.scoring_by_definition import (
    FIELDS,
    Document,
    PublishedPage,
    ReferenceSearcher,
    Scores,
    between,
    chains,
)


def filters(request: SearchRequest) -> dict[str, Callable[[Resource], bool]]:
    """Return a predicate for each filter, by the name of its facet."""
    wanted = {None if theme is None else theme_key(theme) for theme in request.themes}
    bounded = request.year_from is not None or request.year_to is not None
    return {
        "type": lambda r: not request.types or r.type in request.types,
        "year": lambda r: (
            (not request.years or r.year in request.years)
            and (not bounded or (r.year is not None and between(request.year_from, r.year, request.year_to)))
        ),
        "theme": lambda r: not wanted or bool(wanted & ({theme_key(t) for t in r.themes} or {None})),
        "territory": lambda r: not request.territories or bool({*request.territories} & ({*lies_in(r)} or {None})),
        "private": lambda r: not request.private or r.private in asked_privacy(request),
        "publication": lambda r: request.with_publication is None or bool(r.documents) == request.with_publication,
        "format": lambda r: (
            not request.formats or any(document.media_type in request.formats for document in r.documents)
        ),
    }


def lies_in(resource: Resource) -> tuple[str, ...]:
    """Return the codes of a resource's territories and of the larger ones that contain them."""
    return gazetteer().with_ancestors(resource.territories)


def facets(request: SearchRequest, searcher: ReferenceSearcher, matching: list[Resource]) -> Facets:
    """Return the counts of each facet under all filters but its own."""
    tests = filters(request)
    seen = {
        name: [r for r in matching if all(test(r) for other, test in tests.items() if other != name)] for name in tests
    }
    types = Counter(r.type for r in seen["type"])
    years = Counter(r.year for r in seen["year"])
    themes = Counter(theme for r in seen["theme"] for theme in searcher.themes(r))
    territories = Counter(code for r in seen["territory"] for code in lies_in(r))
    private = sum(r.private for r in seen["private"])
    published = sum(bool(r.documents) for r in seen["publication"])
    formats = Counter(media_type for r in seen["format"] for media_type in {d.media_type for d in r.documents})
    return build_facets(
        request,
        types=facet_counts(alphabetical(filter(None, types)), types, types[None]),
        years=facet_counts(sorted(filter(None, years), reverse=True), years, years[None]),
        themes=facet_counts(alphabetical(themes), themes, sum(not r.themes for r in seen["theme"])),
        private=(len(seen["private"]) - private, private),
        publication=(len(seen["publication"]) - published, published),
        territories=facet_counts(
            in_order_of_names(territories), territories, sum(not r.territories for r in seen["territory"])
        ),
        formats=[(name, formats[media_type]) for name, media_type in FORMATS.items() if formats[media_type]],
        theme_key=theme_key,
    )


def in_order(scores: Scores, order: Sort, searcher: ReferenceSearcher) -> list[str]:
    """Return the ids of scored resources, sorted by `order`; ties are broken by id."""
    documents = searcher.documents
    keys: dict[Sort, Callable[[str], object]] = {
        Sort.RELEVANCE: lambda key: (-scores[key], key),
        Sort.NEWEST: lambda key: (-documents[key].date_key, key),
        Sort.OLDEST: lambda key: (documents[key].date_key == 0, documents[key].date_key, key),
        Sort.TITLE: lambda key: (sort_form(documents[key].resource.title), key),
    }
    return sorted(scores, key=keys[order])


def leaves(plan: Plan) -> Iterator[Words | Sequence | Expand]:
    """Yield the leaves (words, phrases, patterns) of a query plan in order, but not those that are excluded."""
    if isinstance(plan, Words | Sequence | Expand):
        yield plan
    elif isinstance(plan, Either):
        yield from plan.alternatives
    elif isinstance(plan, All | Any):
        for child in plan.children:
            yield from leaves(child)


def snippet(plan: Plan, document: Document) -> tuple[Piece, ...]:
    """Return the best passage of the summary or body, in pieces.

    A word that several leaves of the plan match is highlighted for the first of them.
    """
    texts = []
    for field in ("summary", "body"):
        tokens, groups, spread = document.tokens[field], {}, []
        for group, leaf in enumerate(leaves(plan)):
            if isinstance(leaf, Expand):
                regex = pattern_regex(leaf.pattern)
                spread += [(token, group) for token in tokens if any(map(regex.fullmatch, token.word.forms))]
                continue
            places = document.places(field, leaf.terms) if isinstance(leaf, Words) else []
            if isinstance(leaf, Sequence):
                places = [at for chain in chains(leaf, document, field) for at in chain]
            for at in places if field in leaf.fields else ():
                groups.setdefault(at, group)
        found = [*((tokens[at], groups[at]) for at in sorted(groups)), *spread]
        marks = sorted(
            (Highlight(token.start, token.end, group) for token, group in found), key=lambda mark: mark.start
        )
        if field in document.texts:
            texts.append(HighlightedText(document.texts[field], tuple(marks)))
    return best_snippet(texts)


def page_passage(plan: Plan, document: Document, page: PublishedPage) -> tuple[Piece, ...]:
    """Return the best passage of a publication's page, in pieces, without its running headers and footers."""
    groups: dict[int, int] = {}
    marks: list[Highlight] = []
    for group, leaf in enumerate(leaf for leaf in leaves(plan) if "publication" in leaf.fields):
        if isinstance(leaf, Expand):
            regex = pattern_regex(leaf.pattern)
            marks += [Highlight(t.start, t.end, group) for t in page.tokens if any(map(regex.fullmatch, t.word.forms))]
        elif isinstance(leaf, Words):
            for at in document.places("publication", leaf.terms):
                groups.setdefault(at, group)
        else:
            for at in (at for chain in chains(leaf, document, "publication") for at in chain):
                groups.setdefault(at, group)
    marks += [Highlight(t.start, t.end, groups[t.position]) for t in page.tokens if t.position in groups]
    marks.sort(key=lambda mark: mark.start)
    parts = []
    for start, end in page.page.body:
        inside = [mark for mark in marks if start <= mark.start and mark.end <= end]
        moved = tuple(Highlight(mark.start - start, mark.end - start, mark.group) for mark in inside)
        parts.append(HighlightedText(page.page.text[start:end], moved))
    return tuple(Piece(piece.text.replace("-\u00ad", "-"), piece.matched) for piece in best_snippet(parts))


def page_hits(
    searcher: ReferenceSearcher, plan: Plan, key: str, chosen: Iterable[tuple[int, int]], *, snippets: bool
) -> tuple[PageHit, ...]:
    """Return hits for the pages in `chosen` (number of the publication, number of the page), in that order.

    `key` is the id of their resource; with `snippets`, the first `MAX_PASSAGES` pages get their best passage.
    """
    document = searcher.documents[key]
    passages = MAX_PASSAGES if snippets else 0
    pages = {(page.document, page.page.number): page for page in document.pages}
    return tuple(
        PageHit(*name, pages[name].page.label, page_passage(plan, document, pages[name]) if place < passages else ())
        for place, name in enumerate(chosen)
    )


class Draft:
    """A change of the index of `MemoryEngine`: its `Writer`, which adds and removes resources."""

    def __init__(self, documents: dict[str, Document], analyzer: Analyzer) -> None:
        self.documents = documents
        self.analyzer = analyzer

    def put(self, resource: Resource, texts: tuple[DocumentPages, ...] = (), /) -> None:
        self.documents[resource.id] = Document(resource, self.analyzer, texts)

    def remove(self, resource_id: str, /, *, hidden: bool = False) -> None:
        self.documents.pop(resource_id, None)


class MemoryEngine:
    """An `Engine` over dictionaries."""

    def __init__(self, analyzer: Analyzer, *, placeholders: bool = False) -> None:
        self.analyzer = analyzer
        self.placeholders = placeholders
        self.planner = Planner(analyzer, Synonyms.load(SYNONYMS_FILE, analyzer))
        self.generation = 0
        self.documents: dict[str, Document] = {}
        self.searchers: dict[bool, ReferenceSearcher] = {}
        self.public = 0
        self.writing = threading.Lock()

    def searcher(self, audience: Audience) -> ReferenceSearcher:
        if not self.generation:
            raise IndexMissingError("Rien n’est encore indexé : lancez « python run.py index ».")
        return self.searchers[audience.sees_private]

    def search(self, request: SearchRequest, /) -> SearchResponse:
        searcher = self.searcher(request.audience)
        tests = filters(request).values()

        def kept_by(plan: Plan) -> Scores:
            return {
                k: s for k, s in searcher.run(plan).items() if all(t(searcher.documents[k].resource) for t in tests)
            }

        def holding(word: Word) -> int:
            return max(len(searcher.having(lambda d, t=term: d.holds((t,), FIELDS))) for term in word.asked)

        decision = decide(
            request.query,
            self.planner,
            World(
                visible=len(searcher.documents),
                held=lambda plan: len(searcher.run(plan)),
                kept=lambda plan: len(kept_by(plan)),
                respell=lambda text: respelled(
                    text, self.analyzer, Speller(lexicon_of(searcher.forms())), holding, self.planner.synonyms.holds
                ),
            ),
            request.match,
        )
        matching, kept = searcher.run(decision.plan), kept_by(decision.plan)
        if request.order is Sort.RELEVANCE:
            best = in_order(kept, request.order, searcher)[: scoring.RERANKED]
            for key in best:
                kept[key] += searcher.proximity_bonus(decision.pairs, key)
            if decision.plain:
                best = in_order({key: kept[key] for key in best}, request.order, searcher)
                for key, gain in zip(best, searcher.feedback(kept, best), strict=True):
                    kept[key] += gain
        first = (request.page - 1) * request.per_page
        page = in_order(kept, request.order, searcher)[first : first + request.per_page]
        return SearchResponse(
            query=request.query,
            total=len(kept),
            page=request.page,
            per_page=request.per_page,
            took_ms=0.0,
            sort=request.order,
            hits=tuple(self.hit(searcher, key, kept[key], decision, snippets=request.snippets) for key in page),
            facets=facets(request, searcher, [searcher.documents[key].resource for key in matching]),
            did_you_mean=decision.did_you_mean,
            corrected=decision.corrected,
            matching=decision.matching,
            messages=decision.messages,
            total_all=len(kept_by(decision.strict)),
            unknown=decision.unknown,
        )

    def hit(
        self, searcher: ReferenceSearcher, key: str, score: np.float32, decision: Decision, *, snippets: bool
    ) -> Hit:
        document, plan = searcher.documents[key], decision.plan
        parts = plan.children if isinstance(plan, All) and decision.words else ()
        r = document.resource
        scores = searcher.page_scores(plan, key)
        best = sorted(scores, key=lambda page: (-scores[page], page))[:MAX_PAGE_HITS]
        return Hit(
            id=r.id,
            url=r.url,
            title=r.title,
            type=r.type,
            year=r.year,
            year_source=r.year_source,
            date=r.date,
            private=r.private,
            themes=searcher.themes(r),
            score=round(float(score), 4),
            snippet=snippet(plan, document) if snippets else (),
            missing=tuple(w for w, part in zip(decision.words, parts, strict=True) if key not in searcher.run(part)),
            pages=page_hits(searcher, plan, key, best, snippets=snippets),
            pages_total=len(scores),
        )

    def pages(
        self, resource_id: str, query: str, /, *, audience: Audience, document: int | None = None, snippets: bool = True
    ) -> tuple[PageHit, ...]:
        searcher = self.searcher(audience)
        found = self.get(resource_id, audience=audience)
        planned = self.planner.read(query).planned
        for plan in (planned.strict, planned.loosest):
            if found is None or plan is None:
                break
            answering = sorted(searcher.page_scores(plan, found.id))
            if answering:
                chosen = [page for page in answering if document in {None, page[0]}]
                return page_hits(searcher, plan, found.id, chosen, snippets=snippets)
        return ()

    def get(self, resource_id: str, /, *, audience: Audience) -> Resource | None:
        searcher = self.searcher(audience)
        document = searcher.documents.get(resource_id)
        if document is None and audience.sees_private and self.placeholders:
            private = (d for d in searcher.documents.values() if has_placeholder(d.resource))
            document = next((d for d in private if placeholder_of(d.resource).id == resource_id), None)
        return document and replace(document.resource, themes=searcher.themes(document.resource))

    def suggest(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[str, ...]:
        found = self.candidates(prefix, audience)
        named = {one.text for one in (*found.phrases, *found.themes, *found.resources)}
        documents = [d for one in self.searcher(audience).documents.values() for d in one.resource.documents]
        named |= {one.text for one in found.documents} & {" ".join(d.title.split()) for d in documents if d.title}
        texts: dict[str, str] = {}
        for text in sorted(named, key=lambda text: (tier_of(completion_words(prefix), text), by_length(text))):
            texts.setdefault(words_alone(text), text)
        return tuple(texts.values())[:limit]

    def complete(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[Completion, ...]:
        return chosen(self.candidates(prefix, audience), limit)

    def candidates(self, prefix: str, audience: Audience) -> Candidates:
        """Return all completions of a prefix for an audience; as phrases, only titles that several resources have."""
        searcher, typed = self.searcher(audience), completion_words(prefix)
        resources = [document.resource for document in searcher.documents.values()]
        titles = Counter(r.title for r in resources)
        themes = Counter(theme for r in resources for theme in searcher.themes(r))
        found = [
            *(Completion(theme, CompletionKind.THEME, count) for theme, count in themes.items()),
            *(Completion(title, CompletionKind.PHRASE) for title, count in titles.items() if count > 1),
            *(Completion(r.title, CompletionKind.RESOURCE, resource=r.id) for r in resources if titles[r.title] == 1),
            *(
                Completion(" ".join((d.title or d.name).split()), CompletionKind.DOCUMENT, resource=r.id, document=d.n)
                for r in resources
                for d in r.documents
            ),
        ]
        tiers = {one: tier_of(typed, one.text) for one in found}
        best = min(tiers.values(), default=NO_MATCH)
        fit = [one for one in found if (tiers[one] == best if best >= SLIP else tiers[one] < SLIP)]
        fit = sorted(fit, key=lambda one: (tiers[one], by_length(one.text), one.resource or "", one.document or 0))
        if not typed or best == NO_MATCH:
            return Candidates()
        kinds = {kind: tuple(one for one in fit if one.kind is kind) for kind in CompletionKind}
        return Candidates(
            phrases=kinds[CompletionKind.PHRASE],
            themes=kinds[CompletionKind.THEME],
            resources=kinds[CompletionKind.RESOURCE],
            documents=kinds[CompletionKind.DOCUMENT],
        )

    @contextmanager
    def writer(self, *, fresh: bool) -> Iterator[Draft]:
        if not self.writing.acquire(blocking=False):
            raise IndexBusyError("Une autre indexation est en cours : attendez qu’elle finisse.")
        try:
            draft = Draft({} if fresh else dict(self.documents), self.analyzer)
            yield draft
            self.documents = dict(sorted(draft.documents.items()))
            public = {key: document for key, document in self.documents.items() if not document.resource.private}
            placeholders = [
                placeholder_of(d.resource)
                for d in self.documents.values()
                if self.placeholders and has_placeholder(d.resource)
            ]
            visible = {**public, **{made.id: Document(made, self.analyzer) for made in placeholders}}
            self.public = len(public)
            self.searchers = {
                False: ReferenceSearcher(dict(sorted(visible.items()))),
                True: ReferenceSearcher(self.documents),
            }
            self.generation += 1
        finally:
            self.writing.release()

    def status(self) -> IndexStatus:
        if not self.generation:
            return IndexStatus(None, 0, 0, None, stale=True)
        return IndexStatus(
            f"{self.generation:06}",
            self.public,
            len(self.documents),
            self.analyzer.fingerprint,
            placeholders=len(self.searchers[False].documents) - self.public,
        )

    def close(self) -> None:
        """Do nothing: there is nothing to release."""


def has_placeholder(resource: Resource) -> bool:
    return resource.private and is_titled(resource)


def placeholder_of(resource: Resource) -> Resource:
    return placeholder(resource.title, resource.type, resource.year)


SLIP, NO_MATCH = 3, 4


def tier_of(typed: list[str], text: str) -> int:
    """Return how closely a text follows the typed words: 0 if it begins with them, 1 if they stand together in it.

    2 if it has them in any order, `SLIP` if only after one edit, and `NO_MATCH` otherwise.
    """
    words = completion_words(text)
    *whole, last = typed or [""]
    for start in range(len(words) - len(whole)):
        if words[start : start + len(whole)] == whole and words[start + len(whole)].startswith(last):
            return min(start, 1)
    held = [any(word.startswith(one) for word in words) for one in typed]
    if all(held):
        return 2
    slips = [n for n, one in enumerate(typed) if may_slip(one) and any(near_beginning(one, word) for word in words)]
    return SLIP if any(all(held[:n] + held[n + 1 :]) for n in slips) else NO_MATCH


def near_beginning(typed: str, word: str) -> bool:
    """Return whether a word begins with something one edit away from what was typed."""
    lengths = range(max(len(typed) - 1, 0), min(len(typed) + 1, len(word)) + 1)
    return any(edit_distance(typed, word[:length], 1) <= 1 for length in lengths)


def words_alone(text: str) -> str:
    """Return the folded words of a text, separated by single spaces."""
    return " ".join(re.findall(r"\w+", fold(text)))


def by_length(title: str) -> tuple[int, str]:
    return len(title), title
