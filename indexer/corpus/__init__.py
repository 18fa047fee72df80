"""The corpus: imported pages, unchanged; the catalogue; the cache of parsed pages; and corrections.

Other packages import from here.
"""

from indexer.corpus.catalogue import (
    ADDED,
    CATALOGUE,
    Catalogue,
    Changes,
    FileRow,
    Held,
    Identity,
    PageRow,
    Sighting,
    publication_files,
)
from indexer.corpus.corrections import (
    CORRECTIONS,
    NOBODY,
    UNSET,
    Correction,
    Corrections,
    Field,
    HistoryEntry,
    check_correction,
    decided,
    renamed,
)
from indexer.corpus.originals import PUBLICATIONS, Originals, StoredFile, digest_of_pieces
from indexer.corpus.page_cache import (
    PAGE_CACHE,
    DocumentLink,
    NodeKeys,
    PageCache,
    PageInput,
    Refusal,
    key_of_title,
    keys_of_node,
)
from indexer.corpus.store import COMPLETE, PROFILE, RESTORING, Corpus, digest_of, locked

__all__ = [
    "ADDED",
    "CATALOGUE",
    "COMPLETE",
    "CORRECTIONS",
    "NOBODY",
    "PAGE_CACHE",
    "PROFILE",
    "PUBLICATIONS",
    "RESTORING",
    "UNSET",
    "Catalogue",
    "Changes",
    "Corpus",
    "Correction",
    "Corrections",
    "DocumentLink",
    "Field",
    "FileRow",
    "Held",
    "HistoryEntry",
    "Identity",
    "NodeKeys",
    "Originals",
    "PageCache",
    "PageInput",
    "PageRow",
    "Refusal",
    "Sighting",
    "StoredFile",
    "check_correction",
    "decided",
    "digest_of",
    "digest_of_pieces",
    "key_of_title",
    "keys_of_node",
    "locked",
    "publication_files",
    "renamed",
]
