"""The embedded engine: numpy arrays answer searches, Whoosh stores whole resources; see docs/ENGINE.md.

Layers, highest first: `engine`; `read` and `write`, which do not import each other; `generations` and `storage`;
`checksums` and `kernels`. `storage.document_store` is the only module that imports Whoosh.
"""

from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.engine.embedded.generations import Generations
from indexer.engine.embedded.kernels import COMPILED, NOT_COMPILED

__all__ = ["COMPILED", "NOT_COMPILED", "EmbeddedEngine", "Generations"]
