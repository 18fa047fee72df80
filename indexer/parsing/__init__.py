"""Parsing: from a page as it was imported to its nodes."""
