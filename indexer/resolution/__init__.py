"""Entity resolution: finds which nodes (entries on pages) show the same resource, and merges them into that resource.

Other packages import only from this module.
"""

from indexer.resolution.assembler import Assembler, AssemblyInputs, Provenance
from indexer.resolution.attachment import Attacher
from indexer.resolution.clustering import Cluster, NodeRef, resolve
from indexer.resolution.documents import Documents
from indexer.resolution.merge import Copy, merge_copies
from indexer.resolution.neighbourhood import neighbourhood_of
from indexer.resolution.resolver import keep_ids, mention, parse_all, resolve_all, resolve_known

__all__ = [
    "Assembler",
    "AssemblyInputs",
    "Attacher",
    "Cluster",
    "Copy",
    "Documents",
    "NodeRef",
    "Provenance",
    "keep_ids",
    "mention",
    "merge_copies",
    "neighbourhood_of",
    "parse_all",
    "resolve",
    "resolve_all",
    "resolve_known",
]
