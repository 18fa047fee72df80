"""Files, locks and databases on disk."""
