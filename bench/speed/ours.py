"""Our own engine with its default ranking, for members, without snippets and spelling corrections."""

from __future__ import annotations

from pathlib import Path

from bench.speed.base import Answer, Query
from indexer.analysis import Analyzer, default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.query import SearchRequest, SearchResponse
from indexer.resource import Audience


class Ours:
    """A `Contestant` that runs the queries with our engine.

    Args:
        folder: the index folder.
        forgetful: whether `forget` empties the in-process caches before each query, including that of the analysis;
            memory maps, the page cache and tables that do not depend on queries (folded labels) are kept.
        corrections: whether spelling is corrected if few resources are found, as on the site.
    """

    warm, emptied = "ours", "ours, caches emptied"

    def __init__(self, folder: Path, *, forgetful: bool = False, corrections: bool = False) -> None:
        self.name = self.emptied if forgetful else self.warm
        # Its own analyzer, so that no other engine's cache is emptied.
        self._analyzer = Analyzer() if forgetful else default_analyzer()
        self.engine = EmbeddedEngine(folder, self._analyzer)
        self._forgetful = forgetful
        if not corrections:
            # The engine has no option for this; the other engines correct nothing.
            assert callable(self.engine._respell)
            self.engine._respell = lambda side, text: None  # type: ignore[method-assign]

    def search(self, query: Query, /) -> SearchResponse:
        """Answer a query, as a member, with the call that the site makes."""
        return self.engine.search(
            SearchRequest(
                Audience.MEMBER,
                query.text,
                types=() if query.type is None else (query.type,),
                years=() if query.year is None else (query.year,),
                snippets=False,
            )
        )

    def answer(self, found: object, /) -> Answer:
        """Return the result in the form that all engines share."""
        assert isinstance(found, SearchResponse)
        facets = found.facets
        counts = {
            name: {value.value: value.count for value in values if value.count}
            for name, values in (
                ("type", facets.type),
                ("year", facets.year),
                ("theme", facets.theme),
                ("private", facets.private),
            )
        }
        return Answer(tuple(hit.title for hit in found.hits), found.total, counts)

    def forget(self) -> None:
        """Empty the caches of earlier queries, if the engine is measured without them."""
        if self._forgetful:
            self.engine.forget()
            self._analyzer.forget()

    def close(self) -> None:
        """Release files."""
        self.engine.close()
