"""Documents: a plain text, and its shape (headings, lists, tables, quotations, links, emphasis) as spans of that text.

The plain text is stored once; searches, exports and ids use nothing else. The shape is stored beside it as a short
string, which only the page of a resource decodes.
"""

from indexer.document.blocks import (
    MAX_DEPTH,
    Block,
    Caption,
    Cell,
    Document,
    Heading,
    Leaf,
    ListBlock,
    Paragraph,
    Preformatted,
    Quotation,
    Run,
    Table,
    leaves,
)
from indexer.document.grid import Grid, GridCell, lay_out
from indexer.document.lists import from_text, with_lists
from indexer.document.shape import read, write

__all__ = [
    "MAX_DEPTH",
    "Block",
    "Caption",
    "Cell",
    "Document",
    "Grid",
    "GridCell",
    "Heading",
    "Leaf",
    "ListBlock",
    "Paragraph",
    "Preformatted",
    "Quotation",
    "Run",
    "Table",
    "from_text",
    "lay_out",
    "leaves",
    "read",
    "with_lists",
    "write",
]
