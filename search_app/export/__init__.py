"""Searches and resources as files, citations and feeds.

The face is what other pages write files with; none of it knows Flask. `create_app` registers `views`, `feeds` and
`discovery`, whose functions members' pages use too.
"""

from search_app.export.formats import FORMATS, Format
from search_app.export.record import Record, Source, abstract, cite, iso_date

__all__ = ["FORMATS", "Format", "Record", "Source", "abstract", "cite", "iso_date"]
