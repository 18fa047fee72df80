"""The definition of query plans: which resources match, and with which scores.

Plans are run with plain loops over every word of every resource. Scores are computed exactly as `indexer.query.scoring`
says, in float32 where impacts are stored as such.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import Analyzer, Token, Word, best_form, fold, theme_key
from indexer.document.pages import Page
from indexer.engine import DocumentPages
from indexer.query import TextField, feedback, scoring
from indexer.query.ast import InTerritory, YearRange
from indexer.query.feedback import Prominent
from indexer.query.fields import ANYWHERE, field_texts
from indexer.query.page_tokens import tokens_of
from indexer.query.plan import All, Any, Either, Every, Expand, Nothing, Plan, Sequence, Without, WordPair, Words
from indexer.query.spelling import Form
from indexer.query.wildcards import pattern_regex
from indexer.resource import Resource
from indexer.territories import gazetteer

Scores = dict[str, np.float32]
"""Ids of the resources that match, and the score of each."""

FIELDS = tuple(field.name.lower() for field in TextField)


@dataclass(frozen=True)
class PublishedPage:
    """A page of a publication, with its tokens; positions count from the beginning of the field of publications, in
    which all pages of a resource follow one another.

    Attributes:
        document: number of the publication.
        page: the page.
        parts: the tokens of its body, and those of its running headers and footers.
    """

    document: int
    page: Page
    parts: tuple[list[Token], list[Token]]

    @property
    def tokens(self) -> list[Token]:
        return sorted(self.parts[0] + self.parts[1], key=lambda token: token.start)

    def impact(self, positions: list[int]) -> float:
        """Return the impact (score before idf) of a term or phrase that occurs at the given positions.

        Its impacts on the body and on the running lines are computed separately, and the larger one counts.
        """
        norm = float(np.float32(scoring.norm("publication", len(self.tokens))))
        counts = [len({token.position for token in part} & set(positions)) for part in self.parts]
        return max(scoring.impact(scoring.WEIGHTS["publication"], count, norm) for count in counts)


FAR = 1_000
"""Gap in positions between two publications, and between running lines of two pages, longer than any phrase."""
ASIDE = 10_000_000
"""First position of running lines (page headers and footers), so that no phrase joins them with the text."""


class Document:
    """A resource and the words of its texts."""

    def __init__(self, resource: Resource, analyzer: Analyzer, texts: Iterable[DocumentPages] = ()) -> None:
        self.resource = resource
        self.texts = {field.name.lower(): text for field, text in field_texts(resource)}
        self.tokens: dict[str, list[Token]] = {field: [] for field in FIELDS}
        for field, text in self.texts.items():
            self.tokens[field] = analyzer.tokens(text)
        self.pages: list[PublishedPage] = []
        position, aside_from = 0, ASIDE
        for publication in sorted(texts, key=lambda one: one.document):
            for page in publication.pages:
                tokens = tokens_of(page, analyzer)
                running = [any(start <= token.start < end for start, end in page.running) for token in tokens]
                body = [token for token, aside in zip(tokens, running, strict=True) if not aside]
                lines = [token for token, aside in zip(tokens, running, strict=True) if aside]
                body = [token._replace(position=position + at) for at, token in enumerate(body)]
                position += len(body)
                lines = [token._replace(position=aside_from + at) for at, token in enumerate(lines)]
                aside_from += FAR
                self.pages.append(PublishedPage(publication.document, page, (body, lines)))
            position += FAR
        for page in self.pages:
            self.tokens["publication"] += page.tokens
        self.tokens["publication"].sort(key=lambda token: token.position)

    def places(self, field: str, terms: Iterable[str]) -> list[int]:
        """Return the positions of any of the given terms in a field."""
        return [token.position for token in self.tokens[field] if set(token.word.terms) & set(terms)]

    def holds(self, terms: Iterable[str], fields: Iterable[str]) -> bool:
        return any(self.places(field, terms) for field in fields)

    def any_word(self, fields: Iterable[str], test: Callable[[Word], bool]) -> bool:
        return any(test(token.word) for field in fields for token in self.tokens[field])

    def impact_of(self, places: dict[str, list[int]]) -> np.float32:
        """Return the impact (score before idf) of a term or phrase, from its positions in each field (`places`).

        It is the sum over fields; in publications only the page with the largest impact counts.
        """
        parts = [
            scoring.impact(scoring.WEIGHTS[field], len(held), float(np.float32(self.norm(field))))
            for field, held in places.items()
            if field != "publication"
        ]
        parts.append(max(self.impacts_on_pages(places.get("publication", [])).values(), default=0.0))
        return np.float32(sum(parts))

    def impacts_on_pages(self, positions: list[int]) -> dict[tuple[int, int], float]:
        """Return the impact of a term or phrase on each page that has it, by numbers of publication and page.

        `positions` are its positions in the field of publications.
        """
        impacts = {(page.document, page.page.number): page.impact(positions) for page in self.pages}
        return {name: impact for name, impact in impacts.items() if impact}

    def norm(self, field: str) -> float:
        return scoring.norm(field, len(self.tokens[field]))

    def impact(self, term: str, fields: Iterable[str] = FIELDS) -> np.float32:
        """Return the impact of a term, which is its score before idf, over some fields."""
        return self.impact_of({field: self.places(field, (term,)) for field in fields})

    def prominent(self, score: float) -> Prominent[str]:
        """Return the terms with the largest impacts in the resource, without its publications, for relevance feedback.

        Impacts are rounded as an index stores them; `score` is the score of the resource as a hit.
        """
        own = [field for field in FIELDS if field != "publication"]
        terms = {term for field in own for token in self.tokens[field] for term in token.word.terms}
        impacts = {term: self.impact(term, own) for term in terms if feedback.is_telling(term)}
        kept = sorted(impacts, key=lambda term: (-impacts[term], term.encode()))[: feedback.KEPT]
        steps = feedback.in_steps(np.array([impacts[term] for term in kept], dtype=np.float32))
        return Prominent(score, kept, steps.tolist())

    @property
    def date_key(self) -> int:
        """The date as a number yyyymmdd, with zeros for a day, month or year that is not known."""
        date = self.resource.date or ""
        if not re.fullmatch("[0-9]{4}(-[0-9]{2}){0,2}", date):
            return (self.resource.year or 0) * 10_000
        return int(date.replace("-", "").ljust(8, "0"))


def chains(plan: Sequence, document: Document, field: str) -> Iterator[list[int]]:
    """Yield the positions of all items of a sequence (a phrase) in a field, for each position of the first item from
    which the others follow closely enough; of several next positions, the nearest is taken.
    """
    places = [document.places(field, item) for item in plan.items]
    for start in places[0]:
        chain = [start]
        for gap, item in zip(plan.gaps, places[1:], strict=True):
            further = [at for at in item if (at > chain[-1] if plan.slop else at == chain[-1] + gap)]
            chain += further[:1]
        if len(chain) == len(places) and chain[-1] - start <= sum(plan.gaps) + plan.slop:
            yield chain


def on_pages(plan: Words | Sequence | Expand, document: Document) -> dict[tuple[int, int], float]:
    """Return the impact of a leaf of a plan (words, phrase or pattern) on each page of a resource that matches it.

    A phrase counts for the page on which it begins; a pattern has the impact of one occurrence, however often it
    matches. Pages are given by numbers of publication and page.
    """
    if "publication" not in plan.fields:
        return {}
    if isinstance(plan, Words):
        return document.impacts_on_pages(document.places("publication", plan.terms))
    if isinstance(plan, Sequence):
        return document.impacts_on_pages([chain[0] for chain in chains(plan, document, "publication")])
    regex = pattern_regex(plan.pattern)
    once = scoring.impact(scoring.WEIGHTS["publication"], 1.0, scoring.K1)
    return {
        (page.document, page.page.number): once
        for page in document.pages
        if any(regex.fullmatch(form) for token in page.tokens for form in token.word.forms)
    }


def written_as(word: Word, exact: str) -> bool:
    """Return whether `exact`, with accents, is how a word is written.

    A word has one form with accents (`Word.exact`); any further forms, as of an inclusive word, have none.
    """
    return exact == word.exact or exact in word.forms[1:]


@dataclass(frozen=True)
class ReferenceSearcher:
    """The resources that an audience may see."""

    documents: dict[str, Document]

    @cached_property
    def theme_names(self) -> dict[str, str]:
        """The best spelling of each theme, by its key."""
        forms: dict[str, set[str]] = {}
        for document in self.documents.values():
            for theme in document.resource.themes:
                forms.setdefault(theme_key(theme), set()).add(theme)
        return {key: best_form(written) for key, written in forms.items()}

    def themes(self, resource: Resource) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.theme_names[theme_key(theme)] for theme in resource.themes))

    def idf(self, holding: int) -> float:
        return scoring.idf(holding, len(self.documents))

    def having(self, test: Callable[[Document], bool]) -> Scores:
        """Return the resources that pass a test, with score 0."""
        return {key: np.float32(0) for key, document in self.documents.items() if test(document)}

    def run(self, plan: Plan) -> Scores:
        """Return the resources that match a plan, with scores."""
        match plan:
            case Words() | Sequence() | Expand():
                impacts = self.impacts(plan)
                if isinstance(plan, Sequence):
                    holders = (self.having(lambda d, terms=item: d.holds(terms, FIELDS)) for item in plan.items)
                    worth = sum(self.idf(len(each)) for each in holders)
                else:
                    worth = self.idf(len(impacts))
                return {key: impact * np.float32(worth) for key, impact in impacts.items()}
            case Either(ways):
                best: Scores = {}
                for number, way in enumerate(ways):
                    share = np.float32(scoring.SYNONYM_WEIGHT if number else 1.0)
                    for key, impact in self.impacts(way).items():
                        best[key] = max(best.get(key, np.float32(0)), impact * share)
                return {key: impact * np.float32(self.idf(len(best))) for key, impact in best.items()}
            case YearRange(None, None):
                return self.having(lambda d: d.resource.year is None)
            case YearRange(low, high):
                return self.having(lambda d: d.resource.year is not None and between(low, d.resource.year, high))
            case InTerritory(None):
                return self.having(lambda d: not d.resource.territories)
            case InTerritory(_, codes):
                return self.having(lambda d: bool({*codes} & {*gazetteer().with_ancestors(d.resource.territories)}))
            case Every():
                return self.having(lambda d: True)
            case Nothing():
                return {}
            case Without(child):
                excluded = self.run(child)
                return self.having(lambda d: d.resource.id not in excluded)
            case All(children, most):
                if not most:
                    return self.several([self.run(child) for child in children], [1] * len(children), len(children))
                known = [child for child in children if self.run(child)]
                worths = scoring.points([self.telling(child) for child in known]) if known else []
                return self.several([self.run(child) for child in known], worths, scoring.MOST)
            case Any(children):
                return self.several([self.run(child) for child in children], [1] * len(children), 1)

    def telling(self, plan: Plan) -> float:
        """Return the idf of a part of a query; that of a sequence is the sum over its items."""
        if isinstance(plan, Sequence):
            return sum(self.idf(len(self.having(lambda d, terms=item: d.holds(terms, FIELDS)))) for item in plan.items)
        return self.idf(len(self.run(plan)))

    def several(self, parts: list[Scores], points: list[int], least: int) -> Scores:
        """Return the resources whose matching parts are worth `least` points or more in all, with sums of scores.

        `parts` are the results of the parts of a query, and `points` says how much each part is worth.
        """
        scores = self.having(
            lambda d: sum(worth for part, worth in zip(parts, points, strict=True) if d.resource.id in part) >= least
        )
        for part in parts:
            for key in scores.keys() & part.keys():
                scores[key] += part[key]
        return scores

    def impacts(self, plan: Words | Sequence | Expand) -> Scores:
        """Return the resources that match a leaf of a plan (words, phrase or pattern), and its impact on each."""
        match plan:
            case Words(terms, exact, fields):
                scores = self.having(lambda d: d.holds(terms, fields))
                for key in scores:
                    document = self.documents[key]
                    if fields == ANYWHERE:
                        scores[key] = max(map(document.impact, terms))
                    else:
                        scores[key] = document.impact_of({f: document.places(f, terms) for f in fields})
                    if exact is not None and document.any_word(fields, lambda word: written_as(word, exact)):
                        scores[key] += np.float32(scoring.EXACT_BONUS)
                return scores
            case Sequence():
                starts = {
                    key: {field: [chain[0] for chain in chains(plan, document, field)] for field in plan.fields}
                    for key, document in self.documents.items()
                }
                return {key: self.documents[key].impact_of(held) for key, held in starts.items() if any(held.values())}
            case Expand(pattern, fields):
                regex = pattern_regex(pattern)

                def fits(word: Word) -> bool:
                    return any(regex.fullmatch(form) for form in word.forms)

                scores = self.having(lambda d: d.any_word(fields, fits))
                for key in scores:
                    held = [field for field in FIELDS if self.documents[key].any_word((field,), fits)]
                    scores[key] = np.float32(sum(scoring.impact(scoring.WEIGHTS[f], 1.0, scoring.K1) for f in held))
                return scores

    def proximity_bonus(self, pairs: Iterable[WordPair], key: str) -> np.float32:
        """Return the bonus of a resource for neighbouring words of the query that are near each other in it."""
        document, bonus = self.documents[key], np.float32(0)
        for pair in pairs:
            where = [
                field
                for field in ("title", "summary", "body", "publication")
                for at in document.places(field, pair.before)
                if any(0 < later - at <= scoring.NEAR for later in document.places(field, pair.after))
            ]
            holders = (
                self.having(lambda d, terms=terms: d.holds(terms, FIELDS)) for terms in (pair.before, pair.after)
            )
            worth = np.float32(scoring.NEAR_BONUS * min(self.idf(len(each)) for each in holders))
            bonus += worth * np.float32(scoring.NEAR_IN_TITLE if "title" in where else bool(where))
        return bonus

    def page_scores(self, plan: Plan, key: str) -> dict[tuple[int, int], float]:
        """Return the score of each page that holds a word, phrase or pattern of a plan, by numbers of publication and
        page; `key` is the id of the resource.
        """
        scores: dict[tuple[int, int], float] = {}
        for part in self.page_parts(plan, self.documents[key]):
            for page, score in part.items():
                scores[page] = scores.get(page, 0.0) + score
        return scores

    def page_parts(self, plan: Plan, document: Document) -> Iterator[dict[tuple[int, int], float]]:
        """Yield the scores that each part of a plan adds to pages of a resource, by numbers of publication and page."""
        if isinstance(plan, All | Any):
            for child in plan.children:
                yield from self.page_parts(child, document)
        elif isinstance(plan, Either):
            best: dict[tuple[int, int], float] = {}
            for number, way in enumerate(plan.alternatives):
                for page, impact in on_pages(way, document).items():
                    best[page] = max(best.get(page, 0.0), impact * (scoring.SYNONYM_WEIGHT if number else 1.0))
            yield {page: impact * self.telling(plan) for page, impact in best.items()}
        elif isinstance(plan, Words | Sequence | Expand):
            yield {page: impact * self.telling(plan) for page, impact in on_pages(plan, document).items()}

    def feedback(self, scores: Scores, order: list[str]) -> NDArray[np.generic]:
        """Return what relevance feedback adds to the score of each resource of `order`, which begins with the best."""

        def impacts(term: str) -> NDArray[np.generic]:
            idf = self.idf(len(self.having(lambda d: d.holds((term,), FIELDS))))
            return np.array([float(self.documents[key].impact(term)) for key in order]) * idf

        return feedback.feedback(
            np.array([scores[key] for key in order], dtype=np.float32),
            range(len(order)),
            lambda index: self.documents[order[index]].prominent(float(scores[order[index]])),
            impacts,
        )

    def forms(self) -> Iterator[Form]:
        """Yield every written form, with the number of resources that hold it at all and in their titles."""
        held: Counter[tuple[str, str]] = Counter()
        titled: Counter[tuple[str, str]] = Counter()
        for document in self.documents.values():
            held.update({form for tokens in document.tokens.values() for t in tokens for form in written_forms(t.word)})
            titled.update({form for token in document.tokens["title"] for form in written_forms(token.word)})
        for form, count in held.items():
            yield Form(*form, count, titled[form])


def written_forms(word: Word) -> list[tuple[str, str]]:
    """Return pairs of each written form of a word, folded and with accents; only the first form keeps its accents."""
    return [(fold(word.exact).replace("'", ""), word.exact), *((form, form) for form in word.forms[1:])]


def between(low: int | None, year: int, high: int | None) -> bool:
    return (low is None or low <= year) and (high is None or year <= high)
