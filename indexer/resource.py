"""Resources, the documents that they link to, and the audiences that may read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Audience(StrEnum):
    """Who reads the archive: a visitor, a member or staff.

    Every function that reads resources takes the audience as an argument without a default.
    """

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
        n: its number among the publications of the resource, from 1; part of its address.
        name: name of the file, for people.
        digest: digest of its content, which names the original in the corpus.
        text: key of its text in the cache of publications; it changes with the file and with the reader.
        media_type: its media type, judged by its content.
        size: bytes of the original.
        status: outcome of reading it, a value of `indexer.publications.Status`; only ``"read"`` ones are searched.
        reason: French sentence about what was not read, starting in lower case; empty if there is nothing to say.
        title: the title that the file gives itself, else the one by which the resource links to it; None if neither
            names it.
        labels: for each page, the page number printed on it, such as ``"iv"``, or None if that is its number in the
            file.
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
        """The title of the publication, or the name of its file if it has none."""
        return self.title or self.name

    @property
    def pages(self) -> int:
        """Number of pages of the file."""
        return len(self.labels)


_LISTS_OF_DOCUMENTS = ("labels", "empty_pages", "recognised_pages", "links")


def published_document(held: Mapping[str, Any]) -> PublishedDocument:
    """Return the publication that `dataclasses.asdict` turned into a dictionary, read back from JSON. Lists that an
    earlier version of the program did not write may be missing.

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
        type: value of the field « Type de ressource ».
        private: whether only members may see it: True unless the page says clearly that it is public.
        themes: themes from « Catégorie », from the listings that show it, and from `--theme`.
        date: ISO 8601 as far as known: ``2024-02-16``, ``2021-11`` or ``2019``.
        year: year of the resource.
        year_source: where the year was found.
        attachments: documents it links to.
        source: path, relative to the corpus, of the page that its content comes from.
        warnings: French sentences for staff.
        body_shape, summary_shape: the shapes of these texts (headings, lists, links… as JSON: see `indexer.document`);
            None where only the text is known.
        documents: its publications, in the order of their numbers.
        author: names of its authors or of the organisation that publishes it, "; " between them, for citations.
        territories: codes of its territories (`indexer.territories`), sorted; larger ones that contain them are not
            added.
        territory_source: where its territories were found; None if nothing is known of them.
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
        """The names in `author`, one by one; empty if no author is known."""
        return tuple(self.author.split("; ")) if self.author else ()
