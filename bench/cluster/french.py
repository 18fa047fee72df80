"""OpenSearch with its defaults, to compare with: titles and texts under its own `french` analyzer, ranked by its BM25.

It gives what a list of results needs: hits with a fragment of the text, the total, and four facets that the filters in
force narrow. It has neither spelling corrections nor relevance feedback nor phrases across pages, and its index is
changed in place.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence

from indexer.engine.opensearch.client import Access, Client, Item, Json
from indexer.resource import Resource

_FACETS = ("type", "year", "theme", "private")


def _mapping(shards: int) -> Json:
    text: Json = {"type": "text", "analyzer": "french"}
    return {
        "settings": {"number_of_shards": shards, "number_of_replicas": 0, "refresh_interval": "-1"},
        "mappings": {
            "dynamic": "strict",
            "properties": {
                **dict.fromkeys(("title", "summary", "body"), text),
                "type": {"type": "keyword"},
                "theme": {"type": "keyword"},
                "year": {"type": "integer"},
                "private": {"type": "boolean"},
            },
        },
    }


class FrenchIndex:
    """An index of resources under OpenSearch's `french` analyzer.

    Args:
        hosts: addresses of the cluster.
        shards: number of shards.
    """

    def __init__(self, hosts: Sequence[str], shards: int) -> None:
        self.client = Client(Access(tuple(hosts)))
        self.name = f"bench-french-{secrets.token_hex(4)}"
        self._shards = shards

    def build(self, resources: Iterable[Resource]) -> float:
        """Index resources, and return the seconds until they are searchable and merged."""
        began = time.perf_counter()
        self.client.call("PUT", f"/{self.name}", _mapping(self._shards), slow=True)
        self.client.bulk(self._items(resources))
        self.client.call("POST", f"/{self.name}/_forcemerge?max_num_segments=1", slow=True)
        self._refresh()
        return time.perf_counter() - began

    def change(self, resources: Iterable[Resource]) -> float:
        """Replace some resources, and return the seconds until the new ones are searchable."""
        began = time.perf_counter()
        self.client.bulk(self._items(resources))
        self._refresh()
        return time.perf_counter() - began

    def search(self, query: str) -> list[str]:
        """Return the ids of the ten best hits of a query, among public and private resources."""
        body: Json = {
            "size": 10,
            "track_total_hits": True,
            "_source": ["title", "type", "theme", "year"],
            "query": {"multi_match": {"query": query, "fields": ["title^3", "summary^2", "body"]}},
            "highlight": {"fields": {"body": {"number_of_fragments": 1}}},
            "aggs": {name: {"terms": {"field": name, "size": 1_000}} for name in _FACETS},
        }
        return [hit["_id"] for hit in self.client.search([self.name], body)["hits"]["hits"]]

    def size(self) -> int:
        """Return the bytes of the primary shards of the index."""
        stats = self.client.call("GET", f"/{self.name}/_stats/store")
        return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])

    def delete(self) -> None:
        """Delete the index, and close the connections."""
        self.client.call("DELETE", f"/{self.name}", slow=True)
        self.client.close()

    def _refresh(self) -> None:
        self.client.call("POST", f"/{self.name}/_refresh", slow=True)

    def _items(self, resources: Iterable[Resource]) -> Iterator[Item]:
        for one in resources:
            document: Json = {
                "title": one.title,
                "summary": one.summary,
                "body": one.body,
                "type": one.type,
                "theme": list(one.themes),
                "year": one.year,
                "private": one.private,
            }
            yield Item({"index": {"_index": self.name, "_id": one.id}}, document)
