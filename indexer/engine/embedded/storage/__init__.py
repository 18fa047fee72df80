"""The file formats of a segment, and the document store."""
