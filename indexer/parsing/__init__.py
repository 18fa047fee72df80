"""From a page as it came to the nodes that stand in it."""
