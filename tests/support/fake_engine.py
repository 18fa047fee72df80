"""A small engine in memory for tests of the site: it splits words naively, but counts correctly."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from indexer.analysis import sort_form
from indexer.document.pages import Page
from indexer.engine.protocol import IndexStatus, Writer
from indexer.errors import EngineError
from indexer.query import FORMATS
from indexer.query.completion import Completion, CompletionKind
from indexer.query.request import (
    MAX_PAGE_HITS,
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
from indexer.resource import Audience, Resource
from indexer.territories import gazetteer

_WORD = re.compile(r"\w[\w.·]*\*?")
NAMES = {media_type: name for name, media_type in FORMATS.items()}
SHOWN_FORMATS = {"pdf": "PDF", "docx": "Word (DOCX)", "odt": "OpenDocument (ODT)", "pptx": "PowerPoint (PPTX)"}
LABELS = {"type": "Sans type", "year": "Sans année", "theme": "Sans thème"}


def fold(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[str]:
    return [fold(word) for word in _WORD.findall(text)]


def text_of(resource: Resource) -> str:
    return "\n\n".join(filter(None, (resource.title, resource.body, resource.summary)))


@dataclass
class FakeEngine:
    """An `Engine` over a tuple of resources, without a writer.

    Attributes:
        resources: public and private resources.
        failure: the error that every search or look-up raises, or None.
        degraded: the sentence that `status` reports.
        audiences: the audience of each search and look-up so far.
        texts: pages of each publication, by the key of its text (`PublishedDocument.text`).
    """

    resources: tuple[Resource, ...]
    failure: Exception | None = None
    degraded: str | None = None
    audiences: list[Audience] = field(default_factory=list)
    texts: Mapping[str, tuple[Page, ...]] = field(default_factory=dict)

    def search(self, request: SearchRequest, /) -> SearchResponse:
        world = self._world(request.audience)
        asked = words(request.query)
        messages = ("Un guillemet n’est pas fermé.",) if request.query.count('"') % 2 else ()
        better = self._better(world, asked)
        matching, corrected = Matching.ALL, False
        found = [r for r in world if self._matches(r, asked, all)]
        if not found and better:
            asked, corrected = words(better), True
            found = [r for r in world if self._matches(r, asked, all)]
        elif not found and len(asked) > 2:
            found, matching = [r for r in world if self._matches(r, asked, any)], Matching.MOST
        tests = self._tests(request)
        hits = [r for r in found if all(test(r) for test in tests.values())]
        scores = {r.id: float(sum(fold(text_of(r)).count(w.rstrip("*")) for w in asked)) for r in hits}
        hits = self._sorted(hits, request.order, scores)
        start = (request.page - 1) * request.per_page
        return SearchResponse(
            query=better if corrected and better else request.query,
            total=len(hits),
            page=request.page,
            per_page=request.per_page,
            took_ms=0.25,
            sort=request.order,
            hits=tuple(
                self._hit(r, asked, scores[r.id], request.snippets, request.audience)
                for r in hits[start : start + request.per_page]
            ),
            facets=self._facets(request, found, tests),
            did_you_mean=better,
            corrected=corrected,
            matching=matching,
            messages=messages,
            total_all=len(hits) if matching is Matching.ALL else 0,
        )

    def get(self, resource_id: str, /, *, audience: Audience) -> Resource | None:
        return next((r for r in self._world(audience) if r.id == resource_id), None)

    def suggest(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[str, ...]:
        vocabulary = Counter(w for r in self._world(audience) for w in words(text_of(r)))
        return tuple(w for w, _ in vocabulary.most_common() if w.startswith(fold(prefix)))[:limit]

    def pages(
        self,
        resource_id: str,
        query: str,
        /,
        *,
        audience: Audience,
        document: int | None = None,
        snippets: bool = True,
    ) -> tuple[PageHit, ...]:
        found = self.get(resource_id, audience=audience)
        if found is None:
            return ()
        asked = words(query)
        return tuple(
            PageHit(one.n, page.number, page.label, self._pieces(page.text, asked) if snippets else ())
            for one in found.documents
            if document in {None, one.n}
            for page in self.texts.get(one.text, ())
            if any(self._word_matches(word, asked) for word in words(page.text))
        )

    def page(self, text: str, number: int, /) -> Page | None:
        return next((page for page in self.texts.get(text, ()) if page.number == number), None)

    def complete(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[Completion, ...]:
        world, wanted = self._world(audience), fold(prefix)
        themes = Counter(theme for r in world for theme in r.themes)
        named = [Completion(t, CompletionKind.THEME, n) for t, n in sorted(themes.items()) if wanted in fold(t)]
        phrases = [
            Completion(text, CompletionKind.PHRASE) for text in self.suggest(prefix, audience=audience, limit=limit)
        ]
        titles = [Completion(r.title, CompletionKind.RESOURCE, resource=r.id) for r in world if wanted in fold(r.title)]
        return (*named[:2], *phrases[:3], *titles)[:limit]

    def writer(self, *, fresh: bool) -> AbstractContextManager[Writer]:
        raise NotImplementedError

    def status(self) -> IndexStatus:
        public = sum(not r.private for r in self.resources)
        return IndexStatus("g1", public, len(self.resources), "1", degraded=self.degraded)

    def close(self) -> None:
        pass

    def _world(self, audience: Audience) -> list[Resource]:
        self.audiences.append(audience)
        if self.failure:
            raise self.failure
        return [r for r in self.resources if audience.sees_private or not r.private]

    @staticmethod
    def _word_matches(word: str, asked: list[str]) -> bool:
        return any(word.startswith(a.rstrip("*")) for a in asked)

    def _matches(self, resource: Resource, asked: list[str], quantifier: Callable[[Iterable[bool]], bool]) -> bool:
        if not asked:
            return True
        own = words(text_of(resource)) + self._page_words(resource)
        return quantifier(any(w.startswith(a.rstrip("*")) for w in own) for a in asked)

    def _page_words(self, resource: Resource) -> list[str]:
        return [w for one in resource.documents for page in self.texts.get(one.text, ()) for w in words(page.text)]

    def _better(self, world: list[Resource], asked: list[str]) -> str | None:
        vocabulary = {w for r in world for w in (*words(text_of(r)), *self._page_words(r)) if len(w) > 4}
        better = [
            w if any(v.startswith(w.rstrip("*")) for v in vocabulary) or len(w) < 5
            else next(iter(difflib.get_close_matches(w, sorted(vocabulary), 1, 0.8)), w)
            for w in asked
        ]  # fmt: skip
        return " ".join(better) if better != asked else None

    @staticmethod
    def _tests(request: SearchRequest) -> dict[str, Callable[[Resource], bool]]:
        def in_span(r: Resource) -> bool:
            if request.year_from is None and request.year_to is None:
                return True
            return r.year is not None and (request.year_from or 0) <= r.year <= (
                9999 if request.year_to is None else request.year_to
            )

        return {
            "type": lambda r: not request.types or r.type in request.types,
            # The facet of years ignores both its values and the bounds, as in every engine.
            "year": lambda r: (not request.years or r.year in request.years) and in_span(r),
            "theme": lambda r: not request.themes or bool(set(r.themes or (None,)) & set(request.themes)),
            "territory": lambda r: (
                not request.territories
                or bool(
                    {*gazetteer().with_ancestors(r.territories), *(() if r.territories else (None,))}.intersection(
                        request.territories
                    )
                )
            ),
            "private": lambda r: not request.private or r.private in request.private,
            "publication": lambda r: request.with_publication in {None, bool(r.documents)},
            "format": lambda r: not request.formats or bool({d.media_type for d in r.documents} & set(request.formats)),
        }

    @staticmethod
    def _sorted(hits: list[Resource], order: Sort, scores: dict[str, float]) -> list[Resource]:
        hits = sorted(hits, key=lambda r: r.id)
        dated = [r for r in hits if r.date or r.year]
        undated = [r for r in hits if not (r.date or r.year)]
        match order:
            case Sort.RELEVANCE:
                return sorted(hits, key=lambda r: -scores[r.id])
            case Sort.TITLE:
                return sorted(hits, key=lambda r: sort_form(r.title))
            case _:
                reverse = order is Sort.NEWEST
                return [*sorted(dated, key=lambda r: r.date or str(r.year), reverse=reverse), *undated]

    @staticmethod
    def _facets(request: SearchRequest, found: list[Resource], tests: dict[str, Callable[[Resource], bool]]) -> Facets:
        def count(name: str, read: Callable[[Resource], Iterable[str]], chosen: set[str]) -> list[FacetValue]:
            others = [test for other, test in tests.items() if other != name]
            counts = Counter(value for r in found if all(test(r) for test in others) for value in read(r))
            for value in chosen:
                counts.setdefault(value, 0)
            return [
                FacetValue(v, LABELS.get(name, v) if v == "none" else v, n, v in chosen)
                for v, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            ]

        def text(values: Iterable[object]) -> set[str]:
            return {"none" if v is None else str(v) for v in values}

        years = count("year", lambda r: text([r.year]), text(request.years))
        years = sorted((y for y in years if y.value != "none"), key=lambda y: y.value, reverse=True) + [
            y for y in years if y.value == "none"
        ]
        private: list[FacetValue] = []
        if request.audience.sees_private:
            shown = {"oui": "Réservées aux adhérents", "non": "Publiques"}
            private = [
                FacetValue(v.value, shown[v.value], v.count, v.selected)
                for v in count(
                    "private",
                    lambda r: ["oui" if r.private else "non"],
                    {"oui" if p else "non" for p in request.private},
                )
            ]
        return Facets(
            type=tuple(count("type", lambda r: text([r.type]), text(request.types))),
            year=tuple(years),
            theme=tuple(count("theme", lambda r: text(r.themes or [None]), text(request.themes))),
            territory=tuple(
                FacetValue(
                    v.value, "Sans territoire" if v.value == "none" else gazetteer().name(v.value), v.count, v.selected
                )
                for v in count(
                    "territory",
                    lambda r: text(gazetteer().with_ancestors(r.territories) or [None]),
                    text(request.territories),
                )
            )
            if request.territories or any(r.territories for r in found)
            else (),
            private=tuple(private),
            publication=tuple(
                FacetValue(
                    v.value, {"oui": "Avec publication", "non": "Sans publication"}[v.value], v.count, v.selected
                )
                for v in count(
                    "publication",
                    lambda r: ["oui" if r.documents else "non"],
                    set() if request.with_publication is None else {"oui" if request.with_publication else "non"},
                )
            )
            if any(r.documents for r in found)
            else (),
            format=tuple(
                FacetValue(v.value, SHOWN_FORMATS[v.value], v.count, v.selected)
                for v in count(
                    "format",
                    lambda r: {NAMES[d.media_type] for d in r.documents if d.media_type in NAMES},
                    {NAMES[one] for one in request.formats},
                )
            ),
        )

    def _pieces(self, text: str, asked: list[str]) -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        text, last = text.replace("\n\n", " ")[:180], 0
        for match in _WORD.finditer(text):
            if self._word_matches(fold(match[0]), asked):
                pieces += [Piece(text[last : match.start()], False), Piece(match[0], True)]
                last = match.end()
        return tuple(p for p in (*pieces, Piece(text[last:] + "…", False)) if p.text)

    def _hit(self, r: Resource, asked: list[str], score: float, snippets: bool, audience: Audience) -> Hit:
        pieces = self._pieces(r.body, asked) if snippets and r.body else ()
        pages = self.pages(r.id, " ".join(asked), audience=audience, snippets=snippets) if asked else ()
        return Hit(
            *(r.id, r.url, r.title, r.type, r.year, r.year_source, r.date, r.private, r.themes, score, pieces),
            pages=pages[:MAX_PAGE_HITS],
            pages_total=len(pages),
        )


def broken(message: str = "Dossier /srv/secret illisible.") -> EngineError:
    return EngineError(message)
