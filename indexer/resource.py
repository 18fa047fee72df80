"""What the archive is made of: resources, the documents they link to, and who may read them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """Who reads. An argument of every read, with no default."""

    VISITOR = "visitor"
    MEMBER = "member"
    STAFF = "staff"

    @property
    def sees_private(self) -> bool:
        """Whether private resources exist for this reader."""
        return self is not Audience.VISITOR


class YearSource(StrEnum):
    """Where a resource's year was read; the order is the order of trust."""

    STAFF = "staff"
    PAGE = "page"
    TITLE = "title"
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
class Resource:
    """One resource of the archive. Unknown is None (or an empty tuple), never an empty string.

    Attributes:
        id: stable slug, unique in the archive.
        url: canonical address, if it has one.
        title: as written, NFC, outer spaces off.
        body: paragraphs separated by a blank line.
        summary: the résumé, paragraphs separated by a blank line.
        type: value of « Type de ressource ».
        private: True unless the page says clearly that it is public.
        themes: from « Catégorie », the listings that show it and `--theme`.
        date: ISO 8601 as far as known: ``2024-02-16``, ``2021-11`` or ``2019``.
        year: year of the resource.
        year_source: where the year was read.
        attachments: documents it links to.
        source: the corpus page that its content comes from, relative to the corpus.
        warnings: French sentences for staff.
        body_shape, summary_shape: the shapes of these texts (`indexer.document`), None where only the text is known.
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
