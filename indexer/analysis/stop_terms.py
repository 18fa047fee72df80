"""The index terms of stop words."""

from __future__ import annotations

from indexer.analysis.stopwords import STOP_WORDS
from indexer.analysis.terms import plain_word

STOP_TERMS: frozenset[str] = frozenset(term for word in STOP_WORDS for term in plain_word(word).terms)
"""Index terms that a stop word is indexed under; a few rare words share one."""
