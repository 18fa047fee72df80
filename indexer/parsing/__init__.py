"""Parsing: from the bytes of an imported page to the nodes that it shows."""
