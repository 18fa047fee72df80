"""Executes each plan (analysed query) of one search once: choosing a plan, counting and answering share the results."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.engine.embedded.kernels.layout import IntArray
from indexer.engine.embedded.read.filters import Selection, select
from indexer.engine.embedded.read.matching import Matches, Part, combine, execute, parts_of
from indexer.engine.embedded.read.searcher import Searcher
from indexer.query import SearchRequest
from indexer.query.plan import All, Plan
from indexer.query.relaxation import Decision


class ExecutedPlans:
    """Caches what the plans (analysed queries) of one request match. Plans are told apart by identity, so this object
    keeps a reference to each.

    Args:
        searcher: the searcher of the audience, visitors or members.
        request: the search, whose filters are applied.
    """

    def __init__(self, searcher: Searcher, request: SearchRequest) -> None:
        self._searcher = searcher
        self._request = request
        self._plans: list[Plan] = []  # as long as they exist, no other object has their id
        self._matches: dict[int, Matches] = {}
        self._selections: dict[int, Selection] = {}
        self._parts: dict[int, list[Part]] = {}
        self._docs: dict[int, IntArray] = {}

    def held(self, plan: Plan) -> int:
        """Return how many resources of the searcher match a plan, whatever the filters of the request."""
        docs = self._docs.get(id(plan))
        return len(self._found(plan).docs if docs is None else docs)

    def kept(self, plan: Plan) -> int:
        """Return how many of the resources that match a plan pass the filters of the request."""
        return len(self.selection(plan).docs)

    def selection(self, plan: Plan) -> Selection:
        """Return the documents that match a plan and pass the filters."""
        known = self._selections.get(id(plan))
        if known is None:
            matches = self._found(plan)
            known = self._selections[id(plan)] = select(matches.docs, matches.scores, self._request, self._searcher)
        return known

    def missing(self, decision: Decision, docs: Sequence[int]) -> list[tuple[str, ...]]:
        """Return, for each of some documents, the words of the query that it lacks, as typed.

        Args:
            decision: the plan that answers, with the words of the query if documents may lack some of them; if it
                has no words, the result is empty for every document.
            docs: numbers of the documents.
        """
        plan = decision.plan
        if not isinstance(plan, All) or not decision.words:
            return [()] * len(docs)
        wanted = np.array(docs, dtype=np.int32)
        held = [_contains(part.weighted[0], wanted) for part in self._parts_of(plan)]
        return [
            tuple(word for word, has in zip(decision.words, held, strict=True) if not has[row])
            for row in range(len(docs))
        ]

    def _found(self, plan: Plan) -> Matches:
        known = self._matches.get(id(plan))
        if known is None:
            self._plans.append(plan)
            if isinstance(plan, All):
                known = combine(self._parts_of(plan), self._searcher, most=plan.most)
            else:
                known = execute(plan, self._searcher)
            self._matches[id(plan)] = known
        return known

    def _parts_of(self, plan: All) -> list[Part]:
        """Return what each child of a plan matches; cached, since the plan that requires all words and the one that
        requires most of them have the same children.
        """
        known = self._parts.get(id(plan.children))
        if known is None:
            known = self._parts[id(plan.children)] = parts_of(plan.children, self._searcher)
            for child, part in zip(plan.children, known, strict=True):
                self._docs[id(child)] = part.weighted[0]
        return known


def _contains(docs: IntArray, wanted: IntArray) -> list[bool]:
    """Return, for each of a few documents, whether an ascending array contains it."""
    if not len(docs):
        return [False] * len(wanted)
    places = np.searchsorted(docs, wanted).clip(max=len(docs) - 1)
    found: list[bool] = (docs[places] == wanted).tolist()
    return found
