"""Runs saved searches again once a new generation (version) of the index is published, and counts new resources."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from indexer.engine import Engine
from indexer.query import SearchRequest, Sort
from indexer.resource import Audience
from search_app.export.all_hits import all_hits
from search_app.members.store import MembersStore, SavedSearch
from search_app.search import params

MOST_BEHIND = 3
"""Largest number of saved searches that one request runs again to count new resources; others wait for later requests.
"""


def refresh(members: MembersStore, engine: Engine, saved: SavedSearch, reader: Audience) -> None:
    """Run a saved search again and record its hits, unless the index has the same generation as the last time.

    Raises:
        EngineError: the engine cannot answer.
        StoreError: the hits cannot be recorded.
    """
    generation = engine.status().generation
    if generation != saved.generation:
        members.note(saved, ids_of(engine, request_of(saved.arguments, reader)), generation)


def count_new(members: MembersStore, engine: Engine, account: str, reader: Audience) -> int:
    """Return how many new resources a member's searches have.

    Each search is run again once per generation of the index, at most `MOST_BEHIND` of them in one call; new resources
    of the others are counted by later calls.

    Raises:
        EngineError: the engine cannot answer.
        StoreError: the searches cannot be read or recorded.
    """
    for saved in members.behind(account, engine.status().generation, MOST_BEHIND):
        refresh(members, engine, saved, reader)
    return members.fresh_total(account)


def ids_of(engine: Engine, asked: SearchRequest) -> list[str]:
    """Return the ids of all hits of a search or, if there are more than `MAX_REACH`, of the newest ones.

    Raises:
        EngineError: the engine cannot answer.
    """
    return [hit.id for hit in all_hits(engine, replace(asked, sort=Sort.NEWEST)).hits]


def request_of(arguments: str, reader: Audience) -> SearchRequest:
    """Return the search in a query string for the audience `reader`, without malformed values."""
    asked, _ = params.salvage(MultiDict(parse_qsl(arguments)), reader)
    return asked
