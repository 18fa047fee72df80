"""The relevance of each engine: `python -m bench.relevance` prints nDCG@10, MRR@10 and queries without a hit.

Our engine, SQLite FTS5 (accents folded) and tantivy (French stop words and stemmer, accents folded, fields summed)
index the same sheets and answer the same queries. The other engines match any word, with the best field boosts among
those tried.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import domain, fiches
from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.query import SearchRequest
from indexer.resource import Audience, Resource

Search = Callable[[str], list[str]]


def ours(resources: list[Resource], folder: Path) -> Search:
    """Index resources with our own engine, and return its search, as the site uses it."""
    engine = EmbeddedEngine(folder, default_analyzer())
    with engine.writer(fresh=True) as writer:
        for resource in resources:
            writer.put(resource)

    def search(text: str) -> list[str]:
        response = engine.search(SearchRequest(Audience.VISITOR, text, snippets=False))
        return [hit.id for hit in response.hits]

    return search


def fts5(resources: list[Resource]) -> Search:
    """Index resources with SQLite FTS5, accents folded, and return its search."""
    db = sqlite3.connect(":memory:")
    db.execute(
        "CREATE VIRTUAL TABLE pages USING fts5"
        "(id UNINDEXED, title, summary, body, tokenize='unicode61 remove_diacritics 2')"
    )
    rows = [(r.id, r.title, r.summary or "", r.body or "") for r in resources]
    db.executemany("INSERT INTO pages VALUES (?, ?, ?, ?)", rows)

    def search(text: str) -> list[str]:
        words = re.findall(r"\w+", text)
        if not words:
            return []
        any_word = " OR ".join(f'"{word}"' for word in words)
        found = db.execute(
            "SELECT id FROM pages WHERE pages MATCH ? ORDER BY bm25(pages, 0, 3, 2, 1) LIMIT 10", (any_word,)
        )
        return [row[0] for row in found]

    return search


def tantivy(resources: list[Resource]) -> Search | None:
    """Index resources with tantivy, its French stop words and its stemmer, and return its search; None if tantivy is
    not installed.
    """
    try:
        import tantivy as library
    except ImportError:
        return None
    schema = library.SchemaBuilder()
    schema.add_text_field("id", stored=True, tokenizer_name="raw")
    for name in ("title", "summary", "body"):
        schema.add_text_field(name, tokenizer_name="french")
    index = library.Index(schema.build())
    analyzer = (
        library.TextAnalyzerBuilder(library.Tokenizer.simple())
        .filter(library.Filter.lowercase())
        .filter(library.Filter.stopword("french"))
        .filter(library.Filter.stemmer("french"))
        .filter(library.Filter.ascii_fold())
        .build()
    )
    index.register_tokenizer("french", analyzer)
    writer = index.writer()
    for r in resources:
        writer.add_document(library.Document(id=r.id, title=r.title, summary=r.summary or "", body=r.body or ""))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def search(text: str) -> list[str]:
        words = " ".join(re.findall(r"\w+", text))
        if not words:
            return []
        query = index.parse_query(words, ["title", "summary", "body"], field_boosts={"title": 2.0, "summary": 1.0})
        return [searcher.doc(address)["id"][0] for _, address in searcher.search(query, 10).hits]

    return search


def score(search: Search, queries: list[fiches.Query]) -> str:
    """Return the scores of an engine as the cells of a table: nDCG@10, MRR@10, queries without a hit."""
    found = [(search(query.text), query) for query in queries]
    answered = [(ids, query) for ids, query in found if query.grades]
    ndcg = sum(fiches.ndcg(ids, query.grades) for ids, query in answered) / len(answered)
    first = (next((1 / (i + 1) for i, each in enumerate(ids) if each in q.grades), 0.0) for ids, q in answered)
    return f"{ndcg:.4f} | {sum(first) / len(answered):.4f} | {sum(not ids for ids, _ in found)}"


def main() -> int:
    """Print a table of scores for each collection of judged queries, and return the exit status."""
    if not fiches.available():
        print(f"{fiches.FICHES} is not there: nothing to measure.")
        return 1
    resources, queries = fiches.resources(), fiches.queries()
    with tempfile.TemporaryDirectory() as folder:
        engines = {"this project": ours(resources, Path(folder)), "SQLite FTS5": fts5(resources)}
        peer = tantivy(resources)
        if peer is None:
            print("tantivy is not installed (pip install -r bench/requirements.txt): left out.")
        else:
            engines["tantivy"] = peer
        print(f"| {len(queries)} queries | nDCG@10 | MRR@10 | without a hit |\n|---|---|---|---|")
        for name, search in engines.items():
            print(f"| {name} | {score(search, queries)} |")
    if domain.available():
        with tempfile.TemporaryDirectory() as folder:
            engine = domain.engine(Path(folder))

            def member(text: str) -> list[str]:
                response = engine.search(SearchRequest(Audience.MEMBER, text, snippets=False))
                return [hit.id for hit in response.hits]

            asked = domain.queries()
            print(f"\n| {len(asked)} queries of the domain | nDCG@10 | MRR@10 | without a hit |\n|---|---|---|---|")
            print(f"| this project | {score(member, asked)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
