"""An import profile: what differs from site to site in how a page shows a resource. Heuristics stay code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from indexer.parsing.selector import Selector


class Privacy(StrEnum):
    """What a profile says of pages that do not say it themselves."""

    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a field's value stands on a page.

    Attributes:
        selector: elements that hold values.
        label: text that stands before the value, as written.
        attribute: attribute to read in place of an element's text.
        value: the value of every page of the site; the others are then None.
        separator: what parts several values in one text.
    """

    selector: Selector | None = None
    label: str | None = None
    attribute: str | None = None
    value: str | None = None
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class PrivacyRule:
    """What makes a resource public; without any, all are private.

    Attributes:
        rule: where the page says it, None where `otherwise` says it of all.
        public: values that make a resource public, as written; any other makes it private.
        private: values that make it private, for the record: they are what any other value is.
        otherwise: what a page is that says nothing.
    """

    rule: Rule | None = None
    public: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    otherwise: Privacy = Privacy.PRIVATE


@dataclass(frozen=True, slots=True)
class Listing:
    """A page whose resources have a theme.

    Attributes:
        path: of its address: `/themes/eau`, or `/themes/eau/*` with all pages below.
        theme: the theme.
    """

    path: str
    theme: str


@dataclass(frozen=True, slots=True)
class Profile:
    """How the pages of one site are read.

    Attributes:
        name: of the site.
        digest: of the file, in hexadecimal: another file is another reading.
        stated: whether the file says anything of privacy.
        resource: elements each of which is a resource; None: a page with a title is one.
        title, type, themes, date, body, summary: where these stand; None for those that no page has.
        private: what makes a resource public.
        remove: elements that are no part of any text.
        listings: themes by listing.
    """

    name: str
    digest: str
    title: Rule
    private: PrivacyRule
    stated: bool = False
    resource: Selector | None = None
    type: Rule | None = None
    themes: Rule | None = None
    date: Rule | None = None
    body: Rule | None = None
    summary: Rule | None = None
    remove: Selector | None = None
    listings: tuple[Listing, ...] = ()
