"""The reading half of the embedded engine: from a plan to hits, facets and snippets."""
