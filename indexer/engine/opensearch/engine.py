"""OpenSearchEngine: the engine contract over an OpenSearch cluster. Each run writes a generation, a whole index."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

from indexer.analysis import Analyzer, Synonyms, WatchedSynonyms, Word
from indexer.document.pages import Page
from indexer.engine.opensearch import filters
from indexer.engine.opensearch.client import Access, Client, Json
from indexer.engine.opensearch.compiler import Held, counted, has_page_parts, page_parts
from indexer.engine.opensearch.documents import Line, line_of, resource_of
from indexer.engine.opensearch.generations import (
    LEASE,
    PRIVATE,
    PUBLIC,
    Generation,
    Generations,
    Lock,
    State,
    missing,
)
from indexer.engine.opensearch.mapping import MAPPING_VERSION
from indexer.engine.opensearch.ranking import Candidate, Ranking
from indexer.engine.opensearch.reading import Session, View, retried, view_of
from indexer.engine.opensearch.word_tables import ShownText, unpacked_texts
from indexer.engine.opensearch.writer import ClusterWriter, hidden_ids, ids_of
from indexer.engine.placeholder import ID_PREFIX
from indexer.engine.protocol import IndexStatus, PageTexts, PreviousGeneration, Rollback, Writer
from indexer.errors import EngineError, IndexDamagedError, IndexMissingError, IndexVersionError
from indexer.query import (
    MAX_PAGE_HITS,
    MAX_PASSAGES,
    Completion,
    Hit,
    PageHit,
    Piece,
    Planner,
    SearchRequest,
    SearchResponse,
    scoring,
)
from indexer.query.highlighting import highlights_at, positive_leaves
from indexer.query.page_highlighting import highlight_plan, page_snippet
from indexer.query.page_tokens import split_tokens
from indexer.query.plan import Plan
from indexer.query.plan import Sequence as Ordered
from indexer.query.relaxation import Decision, World, decide, respelled
from indexer.query.snippets import HighlightedText, best_snippet
from indexer.resource import Audience, Resource, YearSource

Answer = TypeVar("Answer")

_TOGETHER = 200
"""Largest number of hits whose texts and pages one request asks for."""
_SPLIT_PAGES = 128
"""Number of pages of publications whose tokens are cached in memory, some 60 kB each."""
_EVERY_PAGE = 10_000
"""Largest number of pages of one resource that are returned for a query."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster, and where the archive keeps its indexes there.

    Attributes:
        access: how the cluster is reached.
        prefix: what the names of its indexes begin with.
        shards: number of primary shards of each index of resources.
        replicas: number of copies of each shard.
        lease: seconds after which the lock of a run that has died is free.
    """

    access: Access
    prefix: str = "rtes"
    shards: int = 1
    replicas: int = 1
    lease: float = LEASE


@dataclass(frozen=True, slots=True)
class _Details:
    """The parts of a hit that are not in its `Line`.

    Attributes:
        texts: its texts, for the snippet; empty if none is wanted.
        pages: the best pages of its publications that answer the query.
        total: number of all pages of its publications that answer the query.
    """

    texts: tuple[ShownText, ...] = ()
    pages: tuple[PageHit, ...] = ()
    total: int = 0


class OpenSearchEngine:
    """An engine over an OpenSearch cluster; implements `Engine`, `SupportsRollback` and `SupportsTrial`.

    Args:
        cluster: the cluster.
        analyzer: the French analysis, for both indexing and queries.
        synonyms: the site's own file of synonyms, if it has one.
        placeholders: whether visitors find private resources by their title, type and year.
        texts: gives the pages that passages are taken from; without it, hits name their pages without a passage.
    """

    def __init__(
        self,
        cluster: Cluster,
        analyzer: Analyzer,
        synonyms: Path | None = None,
        *,
        placeholders: bool = False,
        texts: PageTexts | None = None,
    ) -> None:
        self.client = Client(cluster.access)
        self._generations = Generations(
            self.client, cluster.prefix, shards=cluster.shards, replicas=cluster.replicas, lease=cluster.lease
        )
        self._analyzer = analyzer
        self._synonyms = WatchedSynonyms(analyzer, synonyms)
        self._trial_synonyms: Synonyms | None = None
        self._cached_planner: Planner | None = None
        self._placeholders = placeholders
        self._texts = texts
        # Readers page through results and type on: the same pages are highlighted again and again.
        self._split = lru_cache(_SPLIT_PAGES)(lambda page: split_tokens(page, analyzer))
        self._opened: dict[bool, View] = {}
        self._opening = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """A digest of mapping, analysis and constants; an index whose fingerprint differs must be rebuilt."""
        constants = (scoring.K1, scoring.WEIGHTS, scoring.B, scoring.PIVOT)
        parts = json.dumps(["opensearch", MAPPING_VERSION, self._analyzer.fingerprint, constants, self._placeholders])
        return hashlib.blake2b(parts.encode(), digest_size=8).hexdigest()

    # Views

    def _view(self, audience: Audience) -> View:
        """Return what an audience sees of the generation (version of the index) that was opened last, or open the
        current one. Each search checks whether it is still current.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the cluster cannot answer.
        """
        opened = self._opened.get(audience.sees_private)
        if opened is not None:
            return opened
        with self._opening:
            state = self._generations.state()
            if state is None:
                raise missing()
            opened = view_of(self._generations, state.current, audience, placeholders=self._placeholders)
            self._opened = {**self._opened, audience.sees_private: opened}
            return opened

    def _forget_views(self) -> None:
        with self._opening:
            self._opened = {}

    def _answer(self, audience: Audience, attempt: Callable[[Session], Answer]) -> Answer:
        """Return what `attempt` returns for a session; run it again if the generation is replaced meanwhile."""
        return retried(lambda: attempt(Session(self._view(audience))), self._forget_views)

    def forget(self) -> None:
        """Empty the caches of earlier queries, for benchmarks."""
        self._cached_planner = None
        self._split.cache_clear()
        for view in self._opened.values():
            view.forget()

    # Searching

    def search(self, request: SearchRequest, /) -> SearchResponse:
        """Answer a search.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the cluster cannot answer.
        """
        return self._answer(request.audience, partial(self._search, request))

    def _search(self, request: SearchRequest, session: Session) -> SearchResponse:
        began = time.perf_counter()
        ranking = Ranking(session, request)
        planner = self._planner()
        texts = [request.query]

        def kept(plan: Plan) -> int:
            planned = planner.read(texts[-1]).planned
            return ranking.found(plan, planned.strict, planned.pairs, plain=planned.plain).total

        def respell(text: str) -> str | None:
            better = self._respell(session, text)
            if better is not None:
                texts.append(better)
            return better

        planned = planner.read(request.query).planned
        if planned.relaxed is not None:
            session.ensure([*counted(planned.strict), *counted(planned.relaxed), planned.strict])
        decision = decide(
            request.query,
            planner,
            World(visible=session.view.visible, held=ranking.held, kept=kept, respell=respell),
            request.match,
        )
        found = ranking.found(decision.plan, decision.strict, decision.pairs, plain=decision.plain)
        page = ranking.page(decision)
        lines = [hit.line for hit in page]
        details = self._details(session, decision.plan, lines, snippets=request.snippets)
        return SearchResponse(
            query=request.query,
            total=found.total,
            page=request.page,
            per_page=request.per_page,
            took_ms=round((time.perf_counter() - began) * 1000, 3),
            sort=request.order,
            hits=tuple(
                self._hit(hit, line, decision, ranking, session.view, details.get(hit.id))
                for hit, line in zip(page, lines, strict=True)
            ),
            facets=filters.facets(found.aggregations, request, session.view.names),
            did_you_mean=decision.did_you_mean,
            corrected=decision.corrected,
            matching=decision.matching,
            messages=decision.messages,
            total_all=found.strict,
            unknown=decision.unknown,
        )

    def _planner(self) -> Planner:
        """Return the planner, which turns queries into plans and caches these, for the current synonyms."""
        synonyms, planner = self._trial_synonyms or self._synonyms.synonyms, self._cached_planner
        if planner is None or planner.synonyms is not synonyms:
            planner = self._cached_planner = Planner(self._analyzer, synonyms)
        return planner

    def trial(self, own: str) -> OpenSearchEngine:
        """Return an engine over the same index that uses other synonyms of the site, for a preview.

        Args:
            own: text of the site's synonym file, as it would be.

        Raises:
            SynonymsError: some lines of it are wrong.
        """
        other = copy(self)
        other._trial_synonyms = self._synonyms.with_own(own)
        other._cached_planner = None
        return other

    def _respell(self, session: Session, text: str) -> str | None:
        """Return a query in which the words that hardly any resource holds are corrected, or None if none changes."""
        words = {token.word for token in self._analyzer.tokens(text)}
        counts = session.ensure([Held((term,)) for word in words for term in word.asked])

        def holding(word: Word) -> int:
            return max(counts.of(Held((term,))) for term in word.asked)

        return respelled(text, self._analyzer, session.view.speller, holding, self._planner().synonyms.holds)

    # Hits

    def _hit(
        self,
        hit: Candidate,
        line: Line,
        decision: Decision,
        ranking: Ranking,
        view: View,
        shown: _Details | None,
    ) -> Hit:
        return Hit(
            id=line.id,
            url=line.url,
            title=line.title,
            type=line.type,
            year=line.year,
            year_source=None if line.year_source is None else YearSource(line.year_source),
            date=line.date,
            private=line.private,
            themes=view.names.named(line.themes),
            score=round(float(hit.score), 4),
            snippet=() if shown is None else self._snippet(decision.plan, shown.texts),
            missing=ranking.missing(decision, hit),
            pages=() if shown is None else shown.pages,
            pages_total=0 if shown is None else shown.total,
        )

    def _details(self, session: Session, plan: Plan, lines: Sequence[Line], *, snippets: bool) -> dict[str, _Details]:
        """Return, by id, the texts of hits (if snippets are wanted) and the pages of their publications that answer."""
        paged = has_page_parts(plan)
        asked = [line for line in lines if snippets or (paged and line.documents)]
        found: dict[str, _Details] = {}
        for start in range(0, len(asked), _TOGETHER):
            found |= self._some_details(session, plan, asked[start : start + _TOGETHER], snippets=snippets)
        return found

    def _some_details(
        self, session: Session, plan: Plan, lines: Sequence[Line], *, snippets: bool
    ) -> dict[str, _Details]:
        view = session.view
        paged = has_page_parts(plan) and any(line.documents for line in lines)
        known = view.texts if snippets else {}
        texts = {line.id: known[line.id] for line in lines if line.id in known}
        lacking = [line for line in lines if (snippets and line.id not in texts) or (paged and line.documents)]
        hits: dict[str, Json] = {}
        if lacking:
            body: Json = {
                "size": len(lacking),
                "_source": ["texts"] if snippets else False,
                "docvalue_fields": ["id"],
                "query": {"bool": {"filter": [{"terms": {"id": [line.id for line in lacking]}}]}},
            }
            if paged:
                body["query"]["bool"]["should"] = [self._pages_query(session, plan, MAX_PAGE_HITS, best=True)]
            answer = session.search(body)
            hits = {hit["fields"]["id"][0]: hit for hit in answer["hits"]["hits"]}
            if snippets:
                read = {key: unpacked_texts(hit["_source"]["texts"]) for key, hit in hits.items()}
                texts |= read
                view.keep_texts(read)
        found: dict[str, _Details] = {}
        for line in lines:
            inner = hits.get(line.id, {}).get("inner_hits", {}).get("pages", {}).get("hits")
            pages = () if inner is None else self._page_hits(inner, line, plan, snippets=snippets)
            total = 0 if inner is None else int(inner["total"]["value"])
            found[line.id] = _Details(texts.get(line.id, ()), pages, total)
        return found

    @staticmethod
    def _snippet(plan: Plan, texts: Sequence[ShownText]) -> tuple[Piece, ...]:
        """Return the passage of a hit's summary or body that best answers the plan, in pieces, matching or not."""
        leaves = list(positive_leaves(plan))
        return best_snippet([HighlightedText(one.text, highlights_at(leaves, one.field, one.words)) for one in texts])

    # Pages of publications

    def _pages_query(self, session: Session, plan: Plan, size: int, *, best: bool, document: int | None = None) -> Json:
        """Return the query that finds the pages of publications that answer a plan, as inner hits.

        Args:
            session: counts the words of the plan.
            plan: the plan.
            size: largest number of pages of a resource to return.
            best: return the pages with the best scores first, rather than in the order of the publications.
            document: number of the only publication to search; None searches all.
        """
        parts = page_parts(plan, session.ensure(counted(plan)))
        in_order: list[Json] = [{"pages.document": "asc"}, {"pages.number": "asc"}]
        query: Json = {"bool": {"should": parts, "minimum_should_match": 1}}
        if document is not None:
            query["bool"]["filter"] = [{"term": {"pages.document": document}}]
        return {
            "nested": {
                "path": "pages",
                "score_mode": "none",
                "query": query,
                "inner_hits": {
                    "size": size,
                    "stored_fields": "_none_",
                    "docvalue_fields": ["pages.document", "pages.number", "pages.label"],
                    "sort": [{"_score": "desc"}, *in_order] if best else in_order,
                },
            }
        }

    def _page_hits(self, inner: Json, line: Line, plan: Plan, *, snippets: bool) -> tuple[PageHit, ...]:
        keys = {n: key for n, _, _, key in line.documents}
        found = []
        for place, hit in enumerate(inner["hits"]):
            fields = hit["fields"]
            document, number = int(fields["pages.document"][0]), int(fields["pages.number"][0])
            label = fields.get("pages.label", (None,))[0]
            pieces = self._passage(plan, keys.get(document), number) if snippets and place < MAX_PASSAGES else ()
            found.append(PageHit(document, number, label, pieces))
        return tuple(found)

    def _passage(self, plan: Plan, key: str | None, number: int) -> tuple[Piece, ...]:
        """Return the best passage of a page, empty if its text is not kept.

        Args:
            plan: the plan that the page answers.
            key: key of the text of the publication, or None.
            number: number of the page in the publication, from 1.
        """
        page = self._page(key, number)
        if page is None:
            return ()
        crosses = any(isinstance(leaf, Ordered) for leaf in positive_leaves(plan))
        before, after = (self._page(key, number + step) if crosses else None for step in (-1, 1))
        return page_snippet(page, highlight_plan(page, plan, self._split, before=before, after=after))

    def _page(self, key: str | None, number: int) -> Page | None:
        return None if key is None or self._texts is None or number < 1 else self._texts.page(key, number)

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
        """Return the pages of a resource's publications that answer a query; see `Engine.pages`.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the cluster cannot answer.
        """
        return self._answer(
            audience, lambda session: self._pages(session, resource_id, query, audience, document, snippets=snippets)
        )

    def _pages(
        self,
        session: Session,
        resource_id: str,
        query: str,
        audience: Audience,
        document: int | None,
        *,
        snippets: bool,
    ) -> tuple[PageHit, ...]:
        resource = self._get(resource_id, audience, session)
        if resource is None or not resource.documents:
            return ()
        planned = self._planner().read(query).planned
        line = line_of(resource)
        for plan in (planned.strict, planned.loosest):
            if plan is None:
                break
            if not has_page_parts(plan):
                continue
            answer = session.search(
                {
                    "size": 1,
                    "stored_fields": "_none_",
                    "query": {
                        "bool": {
                            "filter": [{"term": {"id": resource.id}}],
                            "must": [self._pages_query(session, plan, _EVERY_PAGE, best=False)],
                        }
                    },
                }
            )
            if answer["hits"]["hits"]:
                inner = answer["hits"]["hits"][0]["inner_hits"]["pages"]["hits"]
                asked = [
                    hit for hit in inner["hits"] if document is None or hit["fields"]["pages.document"][0] == document
                ]
                return self._page_hits({"hits": asked}, line, plan, snippets=snippets)
        return ()

    # Resources, completion

    def get(self, resource_id: str, /, *, audience: Audience) -> Resource | None:
        """Return the resource, or None if it does not exist for this audience; see `Engine.get`.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the cluster cannot answer.
        """
        return self._answer(audience, partial(self._get, resource_id, audience))

    def _get(self, resource_id: str, audience: Audience, session: Session) -> Resource | None:
        if not _is_text(resource_id) or not resource_id:
            self._view(audience)
            return None
        for found in session.documents(resource_id, {"_source": ["resource"]}):
            if found.get("found"):
                return self._resource(found["_source"]["resource"], session.view)
        if audience.sees_private and self._placeholders and resource_id.startswith(ID_PREFIX):
            body: Json = {
                "size": 1,
                "_source": ["resource"],
                "query": {"bool": {"filter": [{"term": {"placeholder": resource_id}}]}},
                "sort": [{"id": "asc"}],
            }
            for hit in session.search(body)["hits"]["hits"]:
                return self._resource(hit["_source"]["resource"], session.view)
        return None

    @staticmethod
    def _resource(held: Json, view: View) -> Resource:
        try:
            resource = resource_of(held)
        except (KeyError, TypeError, ValueError) as error:
            raise IndexDamagedError(
                "Une ressource est illisible sur la grappe OpenSearch : relancez « python run.py index --full »."
            ) from error
        return replace(resource, themes=view.names.named(resource.themes))

    def suggest(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[str, ...]:
        """Return completions of a prefix, best first.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the cluster cannot answer.
        """
        return self._answer(audience, lambda session: self._current(session).completer.suggest(prefix, limit))

    def complete(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[Completion, ...]:
        """Return completions of a prefix with what each leads to, grouped by kind.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the cluster cannot answer.
        """
        return self._answer(audience, lambda session: self._current(session).completer.complete(prefix, limit))

    @staticmethod
    def _current(session: Session) -> View:
        """Return the view of a session, after checking that its generation is still the current one.

        Raises:
            MovedOnError: another generation has become the current one.
            EngineError: the cluster cannot answer.
        """
        session.msearch([])
        return session.view

    # State

    def status(self) -> IndexStatus:
        """Return the state of the index. A cluster that does not answer raises nothing; `degraded` then says so."""
        try:
            state = self._generations.state()
        except EngineError as error:
            return IndexStatus(None, 0, 0, None, stale=True, degraded=str(error))
        if state is None:
            return IndexStatus(None, 0, 0, None, stale=True)
        counts, current = state.current.counts, state.current
        return IndexStatus(
            generation=current.name,
            public=counts[PUBLIC],
            total=counts[PUBLIC] + counts["private"],
            placeholders=counts.get("placeholders", 0) if self._placeholders else 0,
            fingerprint=current.fingerprint,
            stale=current.fingerprint != self.fingerprint,
        )

    def check(self) -> list[str]:
        """Count the resources of the current generation, and return a French sentence for each fault.

        Raises:
            EngineError: the cluster cannot answer.
        """
        state = self._generations.state()
        faults = []
        for half, name in {} if state is None else state.current.indexes.items():
            if state is not None and self._generations.count(name) != state.current.counts[half]:
                faults.append(f"L’index « {name} » n’a pas toutes ses ressources sur la grappe OpenSearch.")
        return faults

    def close(self) -> None:
        """Close connections; the engine must not be used afterwards."""
        self.client.close()

    # Writing

    @contextmanager
    def writer(self, *, fresh: bool) -> Iterator[Writer]:
        """Return a context manager around a writer for the next generation: published on a clean exit, else discarded.

        Args:
            fresh: start from an empty generation rather than from the current one.

        Raises:
            IndexBusyError: another run is writing.
            EngineError: the cluster cannot be written.
        """
        with self._generations.lock() as lock:
            state = self._generations.state()
            base = None if fresh or state is None else state.current
            with self._write(base, state, lock) as writer:
                yield writer

    @contextmanager
    def rollback(self) -> Iterator[Rollback]:
        """Return a context manager around a writer that starts from the previous generation: published on a clean exit,
        else discarded.

        Raises:
            IndexMissingError: there is no previous generation.
            IndexVersionError: another version of the program wrote it, or wrote the current generation.
            IndexBusyError: another run is writing.
            EngineError: the cluster cannot answer or be written.
        """
        with self._generations.lock() as lock:
            state, earlier = self._earlier()
            exposed = ids_of(self.client, earlier, PUBLIC) - ids_of(self.client, state.current, PUBLIC)
            exposed &= hidden_ids(self.client, state.current)
            seen = view_of(self._generations, earlier, Audience.VISITOR, placeholders=self._placeholders)
            with self._write(earlier, state, lock) as writer:
                yield Rollback(writer, earlier.name, tuple(sorted(exposed)), partial(self._before, seen))

    @contextmanager
    def previous(self) -> Iterator[PreviousGeneration]:
        """Return a context manager around the generation that `rollback` would restore, for a preview.

        Raises:
            IndexMissingError: there is no previous generation.
            IndexVersionError: another version of the program wrote it, or wrote the current generation.
            EngineError: the cluster cannot answer.
        """
        state, earlier = self._earlier()
        (public, private), (current_public, current_private) = (
            tuple(frozenset(ids_of(self.client, one, half)) for half in (PUBLIC, PRIVATE))
            for one in (earlier, state.current)
        )
        seen = view_of(self._generations, earlier, Audience.STAFF, placeholders=self._placeholders)
        yield PreviousGeneration(
            name=earlier.name,
            current=state.current.name,
            written=earlier.written,
            public=public,
            private=private,
            current_public=current_public,
            current_private=current_private,
            exposed=(public - current_public) & hidden_ids(self.client, state.current),
            get=partial(self._before, seen),
        )

    def _earlier(self) -> tuple[State, Generation]:
        """Return the state (the names of the current and previous generations), and the generation to go back to.

        Raises:
            IndexMissingError: there is no previous generation.
            IndexVersionError: another version of the program wrote it, or wrote the current generation.
            EngineError: the cluster cannot answer.
        """
        state = self._generations.state()
        if state is None or state.previous is None:
            raise IndexMissingError("Aucune génération antérieure n’est gardée : il n’y a rien à retrouver.")
        if state.previous.fingerprint != self.fingerprint:
            raise IndexVersionError(
                f"La génération {state.previous.name} vient d’une autre version du programme : lancez "
                "« python run.py index »."
            )
        if state.current.fingerprint != self.fingerprint:
            # This version wrote the generation before, so the other one came after it.
            raise IndexVersionError(
                f"La génération {state.current.name} vient d’une version plus récente du programme : reprenez cette "
                "version, ou lancez « python run.py index » pour refaire l’index avec celle-ci."
            )
        return state, state.previous

    def _before(self, view: View, resource_id: str) -> Resource | None:
        """Return a resource as the audience of a view of an earlier generation sees it, or None if it does not."""
        body: Json = {"size": 1, "_source": ["resource"], "query": {"term": {"id": resource_id}}}
        for hit in self.client.search(view.indexes, body)["hits"]["hits"]:
            return self._resource(hit["_source"]["resource"], view)
        return None

    @contextmanager
    def _write(self, base: Generation | None, state: State | None, lock: Lock) -> Iterator[Writer]:
        """Return a context manager around a writer for the next generation: published on a clean exit, else discarded.

        Needs the lock.

        Args:
            base: the generation to start from; None for an empty one.
            state: the names of the generations before this run, to be replaced; None before the first generation.
            lock: the lock that this run holds.
        """
        try:
            stem = self._generations.begin(state)
            writer = ClusterWriter(self._generations, base, stem, self._analyzer, placeholders=self._placeholders)
            yield writer
            writer.finish(self.fingerprint, state, lock)
        except BaseException:
            with suppress(EngineError):  # the next run deletes it
                self._generations.sweep(self._generations.state())
            raise
        self._forget_views()


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
