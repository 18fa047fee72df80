"""The reading half of the embedded engine: turns a plan into hits, facets and snippets."""
