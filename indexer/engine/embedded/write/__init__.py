"""The writing half of the embedded engine: turns resources into the files of a generation."""
