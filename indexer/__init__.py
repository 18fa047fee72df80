"""The core of the archive: sources, parsing, French analysis, query language, engines, and runs such as indexing."""
