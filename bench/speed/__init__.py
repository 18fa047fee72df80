"""Speed compared with SQLite FTS5 and tantivy, on the same analysed text: `python -m bench --help`."""
