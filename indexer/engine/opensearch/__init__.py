"""The engine over an OpenSearch cluster; see docs/CLUSTER.md. `client` is the only module that speaks HTTP."""

from indexer.engine.opensearch.client import Access
from indexer.engine.opensearch.engine import Cluster, OpenSearchEngine

__all__ = ["Access", "Cluster", "OpenSearchEngine"]
