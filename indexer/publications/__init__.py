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
from indexer.publications.processes import Processes
from indexer.publications.publication import (
    MEDIA_TYPES,
    UNKNOWN_TYPE,
    Publication,
    Scan,
    Status,
)
from indexer.publications.reader import draw_page, read_open_file, read_publication
from indexer.publications.recognition import Recogniser, find_tesseract, recognise_page, with_recognised
from indexer.publications.titles import title_of_link

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
    "Processes",
    "Publication",
    "PublicationCache",
    "PublicationFacts",
    "Recogniser",
    "Scan",
    "Span",
    "Status",
    "draw_page",
    "find_tesseract",
    "image_version",
    "read_open_file",
    "read_publication",
    "reader_version",
    "recognise_page",
    "text_key",
    "title_of_link",
    "with_recognised",
]
