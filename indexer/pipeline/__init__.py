"""The runs that change the archive: importing, indexing, rolling back, withdrawing."""
