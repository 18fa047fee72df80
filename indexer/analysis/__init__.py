"""French analysis: one step a module; `analyzer` applies them in order. Other packages import from here."""

from indexer.analysis.analyzer import Analyzer, default_analyzer
from indexer.analysis.collation import alphabetical, collation_key, sort_form
from indexer.analysis.elision import is_elided
from indexer.analysis.folding import fold, slug
from indexer.analysis.phonetics import sound
from indexer.analysis.stop_terms import STOP_TERMS
from indexer.analysis.stopwords import FOLDED_STOP_WORDS, is_stop_word
from indexer.analysis.synonyms import SYNONYMS_FILE, SynonymMatch, Synonyms, SynonymsError, WatchedSynonyms
from indexer.analysis.theme_key import best_form, theme_key
from indexer.analysis.token import Token, Word

__all__ = [
    "FOLDED_STOP_WORDS",
    "STOP_TERMS",
    "SYNONYMS_FILE",
    "Analyzer",
    "SynonymMatch",
    "Synonyms",
    "SynonymsError",
    "Token",
    "WatchedSynonyms",
    "Word",
    "alphabetical",
    "best_form",
    "collation_key",
    "default_analyzer",
    "fold",
    "is_elided",
    "is_stop_word",
    "slug",
    "sort_form",
    "sound",
    "theme_key",
]
