"""The archive's core: sources, parsing, French analysis, query language, engines and the indexing run."""
