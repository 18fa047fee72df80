"""HTML pages: from bytes to the nodes, titles, dates and texts that a page shows."""
