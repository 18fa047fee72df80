"""The words of a query as the engine reads them, for what the site itself marks."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from indexer.analysis.analyzer import default_analyzer
from indexer.analysis.synonyms import SynonymsError, WatchedSynonyms
from indexer.query.planner import Planner
from indexer.settings import OWN_SYNONYMS


def planner(data: Path) -> Planner:
    """A planner with the synonyms in force: the program's, and those that stand in the data folder."""
    return Planner(default_analyzer(), _vocabulary(data / OWN_SYNONYMS).synonyms)


@lru_cache(maxsize=1)
def _vocabulary(own: Path) -> WatchedSynonyms:
    try:
        return WatchedSynonyms(default_analyzer(), own)
    except SynonymsError:
        # The engine, which started with a sound file, has told of it in the log.
        return WatchedSynonyms(default_analyzer())
