"""The query planner for highlighting, with the synonyms of the engine: built-in ones and those of the data folder."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from indexer.analysis import SynonymsError, WatchedSynonyms, default_analyzer
from indexer.query import Planner
from indexer.settings import OWN_SYNONYMS
from search_app.web.context import site


def planner() -> Planner:
    """Return the query planner of the current site; changed synonyms are noticed."""
    return Planner(default_analyzer(), _vocabulary(site().settings.data / OWN_SYNONYMS).synonyms)


@lru_cache(maxsize=1)
def _vocabulary(own: Path) -> WatchedSynonyms:
    try:
        return WatchedSynonyms(default_analyzer(), own)
    except SynonymsError:
        # The file has become faulty; the engine has logged that already.
        return WatchedSynonyms(default_analyzer())
