"""Resources, the documents that they link to, and the audiences that may read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Audience(StrEnum):
    """The audience of a read. Every function that reads takes it as an argument without a default."""

    VISITOR = "visitor"
    MEMBER = "member"
    STAFF = "staff"

    @property
    def sees_private(self) -> bool:
        """Whether this audience may see private resources."""
        return self is not Audience.VISITOR


class YearSource(StrEnum):
    """Where the year of a resource was found, from most to least trustworthy."""

    STAFF = "staff"
    PAGE = "page"
    TITLE = "title"
    TEXT = "text"


class TerritorySource(StrEnum):
    """Where the territories of a resource were found, from most to least trustworthy."""

    STAFF = "staff"
    PAGE = "page"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that a resource links to.

    Attributes:
        url: absolute address.
        label: text of the link, as written.
    """

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class PublishedDocument:
    """A publication of a resource: a file that the archive holds, and what was read of it.

    Attributes:
        n: its number among the publications of the resource, from 1, in addresses.
        name: name of the file, for people.
        digest: digest of its content, which names the original in the corpus.
        text: key of its text in the cache of publications: another one if the file or the reader changes.
        media_type: by its content.
        size: bytes of the original.
        status: what became of it, a value of `indexer.publications.Status`; only ``"read"`` ones are searched.
        reason: French sentence about what was not read, without its capital; empty if there is nothing to say.
        title: the title that the file gives itself, else the one by which the resource links to it; None if neither
            names it.
        labels: of each page, what is printed on it where that is not its number, else None; its length is the number
            of pages.
        empty_pages: numbers of the pages without text.
        recognised_pages: numbers of the pages whose text a program recognised in their image.
        links: addresses of the attachments of the resource that lead to it.
    """

    n: int
    name: str
    digest: str
    text: str
    media_type: str
    size: int
    status: str
    reason: str = ""
    title: str | None = None
    labels: tuple[str | None, ...] = ()
    empty_pages: tuple[int, ...] = ()
    recognised_pages: tuple[int, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """Its title, or the name of its file."""
        return self.title or self.name

    @property
    def pages(self) -> int:
        """Number of pages."""
        return len(self.labels)


_LISTS_OF_DOCUMENTS = ("labels", "empty_pages", "recognised_pages", "links")


def published_document(held: Mapping[str, Any]) -> PublishedDocument:
    """Return the publication of which `dataclasses.asdict` made a dictionary, whose lists JSON has changed; those that
    an earlier version did not know may be missing.

    Raises:
        TypeError: a value is missing, or there is an unknown one.
    """
    return PublishedDocument(**{**held, **{name: tuple(held.get(name, ())) for name in _LISTS_OF_DOCUMENTS}})


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of the archive. Unknown values are None (or an empty tuple), never an empty string.

    Attributes:
        id: stable slug, unique in the archive.
        url: canonical address, if it has one.
        title: as written, in NFC, without outer spaces.
        body: paragraphs separated by a blank line.
        summary: the résumé, paragraphs separated by a blank line.
        type: value of « Type de ressource ».
        private: whether only members may see it: True unless the page says clearly that it is public.
        themes: themes from « Catégorie », from the listings that show it, and from `--theme`.
        date: ISO 8601 as far as known: ``2024-02-16``, ``2021-11`` or ``2019``.
        year: year of the resource.
        year_source: where the year was found.
        attachments: documents it links to.
        source: path, relative to the corpus, of the page that its content comes from.
        warnings: French sentences for staff.
        body_shape, summary_shape: the shapes of these texts (`indexer.document`), None where only the text is known.
        documents: its publications, in the order of their numbers.
        author: names of its authors or of the organisation that publishes it, "; " between them, for citations.
        territories: codes of its territories (`indexer.territories`), sorted, without those that hold them.
        territory_source: where they were found; None if nothing says that it has or has none.
    """

    id: str
    url: str | None
    title: str
    body: str | None
    summary: str | None
    type: str | None
    private: bool
    themes: tuple[str, ...]
    date: str | None
    year: int | None
    year_source: YearSource | None
    attachments: tuple[Attachment, ...] = ()
    source: str | None = None
    warnings: tuple[str, ...] = ()
    body_shape: str | None = None
    summary_shape: str | None = None
    author: str | None = None
    documents: tuple[PublishedDocument, ...] = ()
    territories: tuple[str, ...] = ()
    territory_source: TerritorySource | None = None

    @property
    def authors(self) -> tuple[str, ...]:
        """Return the names of the author, one by one."""
        return tuple(self.author.split("; ")) if self.author else ()
