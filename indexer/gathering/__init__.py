"""Gathering: the archive fetches pages from sites by itself, by crawling them or through Drupal's JSON:API.

Other packages import the names of gathering from this module.
"""

from indexer.gathering.gather import gather
from indexer.gathering.politeness import Clock, SystemClock
from indexer.gathering.registry import Counts, Failure, Registry, Run, RunState, StoppedError, has_sources
from indexer.gathering.source import DELAY, PARAMETERS, Source, SourceKind, checked
from indexer.gathering.state import GATHERING, State, opened

__all__ = [
    "DELAY",
    "GATHERING",
    "PARAMETERS",
    "Clock",
    "Counts",
    "Failure",
    "Registry",
    "Run",
    "RunState",
    "Source",
    "SourceKind",
    "State",
    "StoppedError",
    "SystemClock",
    "checked",
    "gather",
    "has_sources",
    "opened",
]
