"""The writing half of the embedded engine: from resources to the files of a generation."""
