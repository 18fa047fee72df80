"""Publications: reads PDF and office documents, each in a process of its own, into pages of text."""

from indexer.document.media_types import DOCX, ODT, PDF, PPTX
from indexer.document.pages import MAYBE_HYPHEN, Page, Span
from indexer.publications.cache import (
    PUBLICATION_CACHE,
    CachedPageTexts,
    PublicationCache,
    PublicationFacts,
    reader_version,
    text_key,
)
from indexer.publications.limits import LIMITS, Limits
from indexer.publications.page_images import PAGE_IMAGES, PageImages, image_version
from indexer.publications.publication import (
    MEDIA_TYPES,
    UNKNOWN_TYPE,
    Publication,
    Status,
)
from indexer.publications.reader import draw_page, read_open_file, read_publication

__all__ = [
    "DOCX",
    "LIMITS",
    "MAYBE_HYPHEN",
    "MEDIA_TYPES",
    "ODT",
    "PAGE_IMAGES",
    "PDF",
    "PPTX",
    "PUBLICATION_CACHE",
    "UNKNOWN_TYPE",
    "CachedPageTexts",
    "Limits",
    "Page",
    "PageImages",
    "Publication",
    "PublicationCache",
    "PublicationFacts",
    "Span",
    "Status",
    "draw_page",
    "image_version",
    "read_open_file",
    "read_publication",
    "reader_version",
    "text_key",
]
