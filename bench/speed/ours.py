"""Our own engine as it is shipped: default ranking, as members see it, no snippets, corrections off."""

from __future__ import annotations

from pathlib import Path

from bench.speed.base import Answer, Query
from indexer.analysis import Analyzer, default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.query import SearchRequest, SearchResponse
from indexer.resource import Audience


class Ours:
    """See `bench.speed.base.Contestant`.

    Args:
        folder: the index folder.
        forgetful: empty the in-process caches before each query, what analysis remembers of words too; memory maps,
            the page cache and tables that no query fills (folded labels) stay.
        corrections: whether spelling is corrected where few resources are found, as the site does.
    """

    warm, emptied = "ours", "ours, caches emptied"

    def __init__(self, folder: Path, *, forgetful: bool = False, corrections: bool = False) -> None:
        self.name = self.emptied if forgetful else self.warm
        # An analyzer of its own, so that what is emptied is no other's.
        self._analyzer = Analyzer() if forgetful else default_analyzer()
        self.engine = EmbeddedEngine(folder, self._analyzer)
        self._forgetful = forgetful
        if not corrections:
            # The engine has no switch for it: peers correct nothing.
            assert callable(self.engine._respell)
            self.engine._respell = lambda side, text: None  # type: ignore[method-assign]

    def search(self, query: Query, /) -> SearchResponse:
        """The call that the site makes."""
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
        """In the peers' shape."""
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
        """Empty what the process remembers of earlier queries, where it is to be measured so."""
        if self._forgetful:
            self.engine.forget()
            self._analyzer.forget()

    def close(self) -> None:
        """Release files."""
        self.engine.close()
