"""The bench of publications: `python -m bench.publications` compares searches in pages with SQLite FTS5 and tantivy."""
