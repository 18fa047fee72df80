"""The index terms of stop words."""

from __future__ import annotations

from indexer.analysis.stopwords import STOP_WORDS
from indexer.analysis.terms import plain_word

STOP_TERMS: frozenset[str] = frozenset(term for word in STOP_WORDS for term in plain_word(word).terms)
"""Index terms under which stop words are indexed; a few rare words that are no stop words share one of these terms."""
