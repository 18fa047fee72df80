"""EmbeddedEngine: answers searches from generations, complete versions of the index, on a local disk."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from indexer.analysis import Analyzer, Synonyms, WatchedSynonyms, Word
from indexer.engine.embedded.checksums import unreadable, verify_files
from indexer.engine.embedded.generations import Generations, Manifest
from indexer.engine.embedded.kernels.layout import BoolArray
from indexer.engine.embedded.read.executed import ExecutedPlans
from indexer.engine.embedded.read.facets import count_facets
from indexer.engine.embedded.read.filters import ranked_page
from indexer.engine.embedded.read.pages import (
    ScoredPages,
    best_pages,
    find_pages,
    in_order,
    page_fields,
)
from indexer.engine.embedded.read.passages import PageReader, Passages
from indexer.engine.embedded.read.precomputed import open_precomputed
from indexer.engine.embedded.read.searcher import Searcher
from indexer.engine.embedded.read.snippets import snippet
from indexer.engine.embedded.storage.arrays import open_array
from indexer.engine.embedded.storage.document_store import STORE_VERSION, DocumentStoreReader, SnippetTexts
from indexer.engine.embedded.storage.segment import Segment, open_segment
from indexer.engine.embedded.write.writer import MEMBERS, VISITORS, VISITORS_WITH_PLACEHOLDERS, EmbeddedWriter
from indexer.engine.placeholder import ID_PREFIX, placeholder
from indexer.engine.protocol import IndexStatus, PageTexts, PreviousGeneration, Rollback, Writer
from indexer.errors import IndexDamagedError, IndexMissingError, IndexRefusedError, IndexVersionError
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
from indexer.query.plan import Plan
from indexer.query.relaxation import World, decide, respelled
from indexer.resource import Audience, Resource

_new = tuple.__new__
"""Creates a NamedTuple from its values in half the time that the constructor takes; used for the hits of a search."""

_log = logging.getLogger(__name__)

SEGMENT_VERSION = 11
"""Version of the arrays of segments. Increment it when they change: existing indexes are then rebuilt."""


@dataclass(frozen=True, slots=True)
class AudienceView:
    """A generation (complete version of the index) as one audience, visitors or members, sees it.

    Attributes:
        searcher: finds the resources.
        stores: document stores, which keep whole resources, by number.
        pages: reads the text of pages of publications (files that belong to resources).
    """

    searcher: Searcher
    stores: Mapping[int, DocumentStoreReader]
    pages: PageReader

    def resource(self, segment: Segment, doc: int) -> Resource:
        """Return the whole resource of a document, given its segment and its number in that segment.

        Raises:
            IndexDamagedError: its document store cannot be read.
        """
        found = self.stores[int(segment.records[doc])].resource(int(segment.record_rows[doc]))
        return replace(found, themes=self.searcher.precomputed.themes.named(found.themes))

    def texts(self, segment: Segment, doc: int) -> SnippetTexts:
        """Return the texts that snippets of a document are taken from, given its segment and its number there.

        Raises:
            IndexDamagedError: its document store cannot be read.
        """
        return self.stores[int(segment.records[doc])].texts(int(segment.record_rows[doc]))

    def get(self, resource_id: str) -> Resource | None:
        """Return a resource, or None if it does not exist for this audience.

        Raises:
            IndexDamagedError: its document store cannot be read.
        """
        found = self.searcher.find(resource_id)
        return None if found is None else self.resource(*self.searcher.place(found))

    def resource_behind(self, placeholder_id: str) -> Resource | None:
        """Return the private resource that a placeholder (its title, type and year, public) stands for, or None.

        If several have the same placeholder, the one with the first id is returned.

        Raises:
            IndexDamagedError: its document store cannot be read.
        """
        searcher = self.searcher
        private = searcher.all_docs[searcher.all_docs >= searcher.private_from]
        for doc in private[np.argsort(searcher.precomputed.id_rank[private])].tolist():
            segment, number = searcher.place(doc)
            row = segment.hit(number)
            if row.titled and placeholder(row.title, row.type, row.year).id == placeholder_id:
                return self.resource(segment, number)
        return None


@dataclass(frozen=True, slots=True)
class OpenGeneration:
    """A generation open for reading, as visitors and as members see it. `degraded` is a French warning if this
    generation answers in place of a damaged newer one, else None.
    """

    manifest: Manifest
    visitors: AudienceView
    members: AudienceView
    degraded: str | None

    def view(self, audience: Audience) -> AudienceView:
        """Return the generation as an audience sees it."""
        return self.members if audience.sees_private else self.visitors

    def close(self) -> None:
        """Close the document stores of both audiences."""
        for store in {**self.visitors.stores, **self.members.stores}.values():
            store.close()


class EmbeddedEngine:
    """An engine over memory-mapped arrays and Whoosh; implements `Engine`, `SupportsRollback` and `SupportsTrial`.

    Args:
        folder: the index folder; it need not exist yet.
        analyzer: the French analysis, for both indexing and queries.
        synonyms: the site's own file of synonyms, if it has one.
        placeholders: whether visitors find private resources by their title, type and year.
        texts: gives the text of pages, from which passages (short extracts) are made; several threads may call it at
            once. Without it, or for a page that it no longer keeps, hits name the page without a passage.
    """

    def __init__(
        self,
        folder: Path,
        analyzer: Analyzer,
        synonyms: Path | None = None,
        *,
        placeholders: bool = False,
        texts: PageTexts | None = None,
    ) -> None:
        self._texts = texts
        self._placeholders = placeholders
        self._generations = Generations(folder)
        self._current = str(self._generations.current_file)
        self._analyzer = analyzer
        self._synonyms = WatchedSynonyms(analyzer, synonyms)
        self._trial_synonyms: Synonyms | None = None
        self._cached_planner: Planner | None = None
        # With the state of `current.json` for which it was opened: one attribute, so that no thread sees half a change.
        self._opened: tuple[OpenGeneration, tuple[int, int]] | None = None
        self._opening = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """A digest of schema, analysis and constants; an index whose fingerprint differs must be rebuilt."""
        constants = (scoring.K1, scoring.WEIGHTS, scoring.B, scoring.PIVOT)
        parts = json.dumps([STORE_VERSION, SEGMENT_VERSION, self._analyzer.fingerprint, constants, self._placeholders])
        return hashlib.blake2b(parts.encode(), digest_size=8).hexdigest()

    # Reading

    def search(self, request: SearchRequest, /) -> SearchResponse:
        """Answer a search.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot answer.
        """
        began = time.perf_counter()
        view = self.current_generation().view(request.audience)
        executed = ExecutedPlans(view.searcher, request)
        decision = decide(
            request.query,
            self._planner(),
            World(
                visible=view.searcher.count,
                held=executed.held,
                kept=executed.kept,
                respell=partial(self._respell, view),
            ),
            request.match,
        )
        selection = executed.selection(decision.plan)
        first = (request.page - 1) * request.per_page
        page = ranked_page(
            selection, request.order, first, request.per_page, view.searcher, pairs=decision.pairs, plain=decision.plain
        )
        shown = view.searcher.hit
        docs = [doc for doc, _ in page]
        texts = {doc: view.texts(*view.searcher.place(doc)) for doc in docs} if request.snippets else {}
        snippets = [self._snippet(doc, decision.plan, view, texts) for doc in docs] if texts else [()] * len(docs)
        missing = executed.missing(decision, docs)
        answering = find_pages(decision.plan, docs, view.searcher, executed.held)
        pages = self._best_pages(answering, decision.plan, view, texts)
        hits = [
            _new(Hit, (*shown(doc), round(score, 4), pieces, lacked, *pages.get(doc, ((), 0))))
            for (doc, score), pieces, lacked in zip(page, snippets, missing, strict=True)
        ]
        return SearchResponse(
            query=request.query,
            total=len(selection.docs),
            page=request.page,
            per_page=request.per_page,
            took_ms=round((time.perf_counter() - began) * 1000, 3),
            sort=request.order,
            hits=tuple(hits),
            facets=count_facets(selection, request, view.searcher),
            did_you_mean=decision.did_you_mean,
            corrected=decision.corrected,
            matching=decision.matching,
            messages=decision.messages,
            total_all=executed.kept(decision.strict),
            unknown=decision.unknown,
        )

    def _planner(self) -> Planner:
        """Return the planner for the current synonyms; it caches queries, so one planner is kept until the synonyms
        change.
        """
        synonyms, planner = self._trial_synonyms or self._synonyms.synonyms, self._cached_planner
        if planner is None or planner.synonyms is not synonyms:
            planner = self._cached_planner = Planner(self._analyzer, synonyms)
        return planner

    def forget(self) -> None:
        """Empty the caches of earlier queries, for benchmarks.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot be opened.
        """
        self._cached_planner = None
        opened = self.current_generation()
        for view in (opened.visitors, opened.members):
            view.searcher.forget()
            view.pages.forget()
            for store in view.stores.values():
                store.forget()

    def trial(self, own: str) -> EmbeddedEngine:
        """Return an engine over the same index that uses other synonyms of the site, for a preview.

        Args:
            own: text of the site's synonym file, as it would be.

        Raises:
            SynonymsError: some lines of it are wrong.
        """
        other = copy(self)
        other._trial_synonyms = self._synonyms.with_own(own)
        return other

    def _respell(self, view: AudienceView, text: str) -> str | None:
        def holding(word: Word) -> int:
            return max(len(view.searcher.postings(term).docs) for term in word.asked)

        listed = self._planner().synonyms.holds
        return respelled(text, self._analyzer, view.searcher.precomputed.speller, holding, listed)

    def _snippet(
        self, doc: int, plan: Plan, view: AudienceView, texts: Mapping[int, SnippetTexts]
    ) -> tuple[Piece, ...]:
        if doc not in texts:
            return ()
        segment, number = view.searcher.place(doc)
        return snippet(plan, texts[doc].fields, segment, number, self._analyzer)

    def _best_pages(
        self,
        answering: ScoredPages,
        plan: Plan,
        view: AudienceView,
        texts: Mapping[int, SnippetTexts],
    ) -> dict[int, tuple[tuple[PageHit, ...], int]]:
        """Return, by document, its best pages and how many of its pages answer; documents without any are left out.

        Args:
            answering: the pages that answer.
            plan: the plan (analysed query) that they answer.
            view: what the audience sees.
            texts: texts of each document, by its number; pages get no passage if there are none.
        """
        if not len(answering.pages):
            return {}
        best = best_pages(answering, MAX_PAGE_HITS, view.searcher)
        passages = Passages(plan, list(best), view.searcher, self._analyzer) if texts else None
        return {
            doc: (tuple(self._page_hit(page, view, passages, texts.get(doc)) for page in pages), total)
            for doc, (pages, total) in best.items()
        }

    def _page_hit(
        self, page: int, view: AudienceView, passages: Passages | None, texts: SnippetTexts | None
    ) -> PageHit:
        fields = page_fields(page, view.searcher)
        text = None
        if passages is not None and texts is not None:
            key = texts.publications.get(fields.document)
            text = None if key is None else view.pages.page(page, key, fields.number)
        pieces = () if text is None or passages is None else passages.passage(page, text)
        return _new(PageHit, (*fields, pieces))

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
        """Return the pages of a resource's publications that answer a query, in order; none for an unknown resource.

        Args:
            resource_id: the resource; members may give the id of its placeholder.
            query: as typed, or its correction if the search was answered with the correction.
            audience: who reads.
            document: number of the only publication to search; None searches all of them.
            snippets: whether the first `MAX_PASSAGES` pages get a passage.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot answer.
        """
        view = self.current_generation().view(audience)
        doc = view.searcher.find(resource_id)
        if doc is None:
            behind = self.get(resource_id, audience=audience)
            doc = None if behind is None else view.searcher.find(behind.id)
        if doc is None:
            return ()
        planned = self._planner().read(query).planned
        executed = ExecutedPlans(view.searcher, SearchRequest(audience))
        for plan in (planned.strict, planned.loosest):
            if plan is None:
                break
            answering = find_pages(plan, [doc], view.searcher, executed.held)
            pages = [
                page
                for page in in_order(answering, view.searcher)
                if document is None or page_fields(page, view.searcher).document == document
            ]
            if len(answering.pages):
                texts = view.texts(*view.searcher.place(doc)) if snippets and pages else None
                passages = Passages(plan, [doc], view.searcher, self._analyzer) if snippets and pages else None
                return tuple(
                    self._page_hit(page, view, passages if place < MAX_PASSAGES else None, texts)
                    for place, page in enumerate(pages)
                )
        return ()

    def get(self, resource_id: str, /, *, audience: Audience) -> Resource | None:
        """Return a resource, or None if this audience may not see it; members may give the id of its placeholder.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot answer.
        """
        view = self.current_generation().view(audience)
        found = view.get(resource_id)
        if found is None and audience.sees_private and self._placeholders and resource_id.startswith(ID_PREFIX):
            return view.resource_behind(resource_id)
        return found

    def suggest(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[str, ...]:
        """Return completions of a prefix, best first.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot answer.
        """
        return self.current_generation().view(audience).searcher.precomputed.completer.suggest(prefix, limit)

    def complete(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[Completion, ...]:
        """Return completions of a prefix, grouped by what they lead to: themes, searches, resources, publications.

        Args:
            prefix: what was typed.
            audience: who reads.
            limit: largest number of completions, of all groups together.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot answer.
        """
        return self.current_generation().view(audience).searcher.precomputed.completer.complete(prefix, limit)

    def status(self) -> IndexStatus:
        """Return the state of the index; one that is missing, damaged or refused by the system raises nothing."""
        try:
            opened = self.current_generation()
        except IndexMissingError:
            return IndexStatus(None, 0, 0, None, stale=True)
        except (IndexDamagedError, IndexRefusedError) as error:
            return IndexStatus(None, 0, 0, None, stale=True, degraded=str(error))
        manifest = opened.manifest
        return IndexStatus(
            generation=manifest.generation,
            public=manifest.public,
            placeholders=manifest.stubs if self._placeholders else 0,
            total=manifest.total,
            fingerprint=manifest.fingerprint,
            stale=manifest.fingerprint != self.fingerprint,
            degraded=opened.degraded,
        )

    def check(self) -> list[str]:
        """Read every byte of the current generation, and return a French sentence for each fault.

        Raises:
            IndexDamagedError: the pointer to the current generation, or its manifest, cannot be read.
            IndexRefusedError: the system refuses to read the index.
        """
        current = self._generations.current()
        return [] if current is None else self._generations.verify(current)

    def close(self) -> None:
        """Close files; the engine must not be used afterwards."""
        if self._opened is not None:
            self._opened[0].close()
            self._opened = None

    def current_generation(self) -> OpenGeneration:
        """Return the current generation, opened again only when `current.json` has changed.

        Raises:
            IndexMissingError: nothing was indexed yet.
            IndexDamagedError: no generation can be opened.
            IndexRefusedError: the system refuses to read the current generation, which may be sound; an older one
                does not answer in its place.
        """
        try:
            return self._current_generation()
        except (OSError, MemoryError) as error:
            raise unreadable(Path(self._current), error) from error

    def _current_generation(self) -> OpenGeneration:
        try:
            stat = os.stat(self._current)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise IndexMissingError("Rien n’est encore indexé : lancez « python run.py index ».") from error
        seen = stat.st_mtime_ns, stat.st_ino
        opened = self._opened
        if opened is not None and opened[1] == seen:
            return opened[0]
        with self._opening:
            opened = self._opened
            if opened is None or opened[1] != seen:
                # Other threads may still be reading the old generation; it closes when the last of them releases it.
                self._opened = opened = self._open_best(), seen
            return opened[0]

    def _open_best(self) -> OpenGeneration:
        """Open the current generation or, if it is damaged, the newest older one that opens and may answer instead.

        A generation may not answer if it shows visitors what a newer one hides from them.
        """
        fault: IndexDamagedError | IndexMissingError | None = None
        try:
            current = self._generations.current()
        except IndexDamagedError as error:
            current, fault = None, error
        candidates = [current] if current else []
        candidates += [name for name in reversed(self._generations.names()) if name != current]
        for name in candidates:
            if name != current and not self._generations.may_answer(name):
                continue
            try:
                opened = self._open_generation(name)
            except (IndexDamagedError, IndexMissingError) as error:
                fault = fault or error
                continue
            if fault is None:
                return opened
            if current is not None and self._moved_on(current):
                # Not damaged: it was deleted while being opened, because newer ones had been published.
                return self._open_best()
            broken = f"La génération {current} est abîmée" if current else "L’index a perdu sa génération courante"
            degraded = f"{broken} ; la génération {name} répond. {fault}"
            _log.warning(degraded)
            return replace(opened, degraded=degraded)
        if current is not None and self._moved_on(current):
            return self._open_best()
        raise fault or IndexMissingError("Rien n’est encore indexé : lancez « python run.py index ».")

    def _moved_on(self, generation: str) -> bool:
        """Return whether `generation` (a name) is no longer current; False if the pointer `current.json` is damaged."""
        try:
            return self._generations.current() != generation
        except IndexDamagedError:
            return False

    def _open_generation(self, name: str) -> OpenGeneration:
        return self._open_folder(self._generations.path(name), self._generations.manifest(name))

    def _open_folder(self, folder: Path, manifest: Manifest) -> OpenGeneration:
        verify_files(folder, manifest.files)
        public: list[tuple[Segment, BoolArray | None]] = []
        private: list[tuple[Segment, BoolArray | None]] = []
        placeholders: list[tuple[Segment, BoolArray | None]] = []
        for segment in manifest.segments:
            alive = None if segment.live is None else open_array(folder / "segments", segment.live)
            half = placeholders if segment.stub else private if segment.private else public
            half.append((open_segment(folder / "segments" / segment.name), alive))
        stores = {entry: DocumentStoreReader(folder / "records" / entry.name) for entry in manifest.records}

        def view(name: str, others: list[tuple[Segment, BoolArray | None]], *, placeholders: bool) -> AudienceView:
            searcher = Searcher(
                public + others, public=len(public), precomputed=open_precomputed(folder / "worlds" / name)
            )
            return AudienceView(
                searcher,
                {e.number: r for e, r in stores.items() if not e.private or e.stub is placeholders},
                PageReader(searcher, self._texts),
            )

        # A site that does not show private titles ignores placeholders, even if the index has some.
        shown = self._placeholders and (folder / "worlds" / VISITORS_WITH_PLACEHOLDERS).is_dir()
        visitors = (
            view(VISITORS_WITH_PLACEHOLDERS, placeholders, placeholders=True)
            if shown
            else view(VISITORS, [], placeholders=True)
        )
        return OpenGeneration(manifest, visitors, view(MEMBERS, private, placeholders=False), degraded=None)

    # Writing

    @contextmanager
    def writer(self, *, fresh: bool) -> Iterator[Writer]:
        """Return a context manager around a writer for the next generation: published on a clean exit, else discarded.

        Args:
            fresh: start from an empty generation rather than from the current one.

        Raises:
            IndexBusyError: another run is writing.
            IndexDamagedError: the generation to start from, or what was written, is damaged.
            EngineError: the index cannot be written.
        """
        with self._generations.lock(), self._write(None if fresh else self._generations.current()) as writer:
            yield writer

    @contextmanager
    def rollback(self) -> Iterator[Rollback]:
        """Return a context manager around a writer that starts from the previous generation: published on a clean exit,
        else discarded.

        Raises:
            IndexMissingError: there is no previous generation.
            IndexVersionError: another version of the program wrote it, or wrote the current generation.
            IndexBusyError: another run is writing.
            IndexDamagedError: the previous generation is incomplete.
        """
        with self._generations.lock():
            name = self._previous_name()
            earlier = self._open_generation(name)
            exposed = _public_ids(earlier) - _public_ids(self.current_generation())
            exposed &= self._generations.hidden(self.current_generation().manifest.generation)
            with self._write(name) as writer:
                yield Rollback(writer, name, tuple(sorted(exposed)), earlier.visitors.get)

    @contextmanager
    def previous(self) -> Iterator[PreviousGeneration]:
        """Return a context manager around the generation that `rollback` would restore, for a preview.

        Raises:
            IndexMissingError: there is no previous generation.
            IndexVersionError: another version of the program wrote it, or wrote the current generation.
            IndexDamagedError: the previous or the current generation is incomplete.
            IndexRefusedError: the system refuses to read the index.
        """
        try:
            name, now = self._previous_name(), self.current_generation().manifest.generation
            earlier = self._open_generation(name)
            try:
                (public, private), current = self._generations.ids(name), self._generations.ids(now)
                yield PreviousGeneration(
                    name=name,
                    current=now,
                    written=self._generations.written(name),
                    public=public,
                    private=private,
                    current_public=current[0],
                    current_private=current[1],
                    exposed=(public - current[0]) & self._generations.hidden(now),
                    get=earlier.members.get,
                )
            finally:
                earlier.close()
        except OSError as error:
            raise unreadable(Path(self._current), error) from error

    def _previous_name(self) -> str:
        """Return the name of the generation to go back to.

        Raises:
            IndexMissingError: there is none.
            IndexVersionError: another version of the program wrote it, or wrote the current generation.
            IndexDamagedError: its manifest cannot be read.
        """
        name, current = self._generations.previous(), self._generations.current()
        if name is None or current is None:
            raise IndexMissingError("Aucune génération antérieure n’est gardée : il n’y a rien à retrouver.")
        if self._generations.fingerprint(name) != self.fingerprint:
            raise IndexVersionError(
                f"La génération {name} vient d’une autre version du programme : lancez « python run.py index »."
            )
        try:
            later = self._generations.fingerprint(current)
        except (IndexDamagedError, IndexMissingError):
            return name  # going back from a damaged generation is what the one before is kept for
        if later != self.fingerprint:
            # This version wrote the generation before, so the other one came after it.
            raise IndexVersionError(
                f"La génération {current} vient d’une version plus récente du programme : reprenez cette version, ou "
                "lancez « python run.py index » pour refaire l’index avec celle-ci."
            )
        return name

    @contextmanager
    def _write(self, start: str | None) -> Iterator[Writer]:
        """Give a writer of the next generation, which starts from the one named `start`, or empty if None.

        The generation is published on a clean exit, else discarded. The caller holds the lock of the index.
        """
        base = None if start is None else (self._generations.path(start), self._generations.manifest(start))
        if base is not None:
            verify_files(base[0], base[1].files)
        writer = EmbeddedWriter(self._generations.begin(), base, self._analyzer, placeholders=self._placeholders)
        try:
            yield writer
            name = self._generations.next_name()
            manifest = writer.finish(name, self.fingerprint)
        except BaseException:
            with suppress(Exception):  # on a full disk cancelling fails too; releasing the lock deletes the rest
                writer.cancel()
            raise
        self._generations.publish(writer.folder, manifest, base, self._try)

    def _try(self, folder: Path, manifest: Manifest) -> None:
        """Open a generation as readers will, to check that it can be opened, and close it."""
        self._open_folder(folder, manifest).close()


def _ids(searcher: Searcher) -> Iterator[str]:
    """Yield the ids of a searcher's documents."""
    for segment, number in map(searcher.place, searcher.all_docs.tolist()):
        yield segment.ids[number]


def _public_ids(opened: OpenGeneration) -> set[str]:
    return set(_ids(opened.visitors.searcher))
