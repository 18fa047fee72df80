"""Search engines: the contract that each of them implements. This package itself imports neither numpy nor Whoosh.

An implementation is imported from its own package, such as `indexer.engine.embedded`.
"""

from indexer.engine.placeholder import is_placeholder
from indexer.engine.protocol import (
    DocumentPages,
    Engine,
    IndexStatus,
    PageTexts,
    PreviousGeneration,
    Rollback,
    ShowsPrevious,
    StoredEngine,
    SupportsRollback,
    SupportsTrial,
    Writer,
)

__all__ = [
    "DocumentPages",
    "Engine",
    "IndexStatus",
    "PageTexts",
    "PreviousGeneration",
    "Rollback",
    "ShowsPrevious",
    "StoredEngine",
    "SupportsRollback",
    "SupportsTrial",
    "Writer",
    "is_placeholder",
]
