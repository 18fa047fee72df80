"""Parsing: from the bytes of an imported page to its nodes, the resources that it shows."""
