"""Export of searches and resources: files, citations, feeds, sitemaps.

This file exports what other pages need to write files, without Flask. `create_app` registers `views`, `feeds` and
`discovery`; members' pages use functions of these too.
"""

from search_app.export.formats import FORMATS, Format
from search_app.export.kinds import Kind, kind_of
from search_app.export.record import Record, Source, abstract, cite, iso_date

__all__ = ["FORMATS", "Format", "Kind", "Record", "Source", "abstract", "cite", "iso_date", "kind_of"]
