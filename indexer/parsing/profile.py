"""Import profiles: where pages of a site have the fields of a resource. Heuristics are code, not in profiles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from indexer.parsing.selector import Selector


class Privacy(StrEnum):
    """The privacy that a profile gives to pages without a value."""

    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a page has the value of a field.

    Attributes:
        selector: elements that contain values.
        label: text before the value, as written.
        attribute: attribute to read instead of an element's text.
        value: the value for all pages of the site; the others are then None.
        separator: text between several values.
    """

    selector: Selector | None = None
    label: str | None = None
    attribute: str | None = None
    value: str | None = None
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class PrivacyRule:
    """The rule that decides whether a resource is public; without one, all are private.

    Attributes:
        rule: where pages have the value; None if `otherwise` applies to all.
        public: values that make a resource public, as written; any other makes it private.
        private: known values that make it private, as any unknown value does too, with a warning.
        otherwise: the privacy of a page without a value.
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
    """How the pages of one site are parsed.

    Attributes:
        name: of the site.
        digest: of the file, in hexadecimal; if it changes, pages are parsed again.
        stated: whether the file has a section on privacy.
        resource: elements that are one resource each; None if each page with a title is one.
        title, type, themes, date, body, summary: where pages have these fields; None if they have none.
        private: the rule on privacy.
        remove: elements that are not part of any text.
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
