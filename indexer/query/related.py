"""Related resources, found by an ordinary search for the words of a resource."""

from __future__ import annotations

from collections import Counter

from indexer.analysis import Analyzer
from indexer.query.request import SearchRequest
from indexer.resource import Audience, Resource

_WORDS = 12
"""Number of words to search for: those of the title, then the most frequent ones of the summary and the beginning of
the body.
"""


def related_request(resource: Resource, analyzer: Analyzer, *, audience: Audience, limit: int) -> SearchRequest:
    """Return the search whose hits, without the resource itself, are related to it.

    Args:
        resource: the resource that the reader is looking at.
        analyzer: the French analysis.
        audience: the reader's audience.
        limit: how many related resources are wanted; one more is requested, because the resource finds itself.
    """
    title = _telling(resource.title, analyzer)
    text = (resource.summary or resource.body or "")[:2000]
    counts = Counter(_telling(text, analyzer))
    frequent = [word for word, count in counts.most_common() if count > 1]
    words = list(dict.fromkeys([*title, *frequent]))[:_WORDS]
    query = " OU ".join(words) if words else ""
    return SearchRequest(audience, query, per_page=limit + 1, snippets=False)


def _telling(text: str, analyzer: Analyzer) -> list[str]:
    """Return the words of a text that carry meaning (no stop words, numbers or very short words), as written."""
    return [
        token.word.exact
        for token in analyzer.tokens(text)
        if not token.word.stop and len(token.word.exact) > 2 and token.word.exact.isalpha()
    ]
