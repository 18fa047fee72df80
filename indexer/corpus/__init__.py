"""The corpus: imported pages, unchanged; the catalogue; the cache of parsed pages; and corrections.

Other packages import from here.
"""

from indexer.corpus.catalogue import Catalogue, Changes, Identity, PageRow
from indexer.corpus.corrections import CORRECTIONS, Correction, Corrections, Field, HistoryEntry, NOBODY, UNSET, decided, renamed
from indexer.corpus.originals import PUBLICATIONS, Originals
from indexer.corpus.page_cache import NodeKeys, PAGE_CACHE, PageCache, PageInput, Refusal, key_of_title, keys_of_node
from indexer.corpus.store import CATALOGUE, COMPLETE, Corpus, PROFILE, RESTORING, digest_of, locked

__all__ = [
    "CATALOGUE",
    "COMPLETE",
    "CORRECTIONS",
    "Catalogue",
    "Changes",
    "Corpus",
    "Correction",
    "Corrections",
    "Field",
    "HistoryEntry",
    "Identity",
    "NOBODY",
    "NodeKeys",
    "Originals",
    "PAGE_CACHE",
    "PUBLICATIONS",
    "PROFILE",
    "PageCache",
    "PageInput",
    "PageRow",
    "RESTORING",
    "Refusal",
    "UNSET",
    "decided",
    "digest_of",
    "key_of_title",
    "keys_of_node",
    "locked",
    "renamed",
]
