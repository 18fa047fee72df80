"""Import profiles: how the pages of a given site show a resource, read from a file by `profile_file`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from indexer.parsing.selector import Selector


class Privacy(StrEnum):
    """The privacy of resources on pages that do not state it."""

    PRIVATE = "private"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Rule:
    """Where the value of a field is on a page.

    Attributes:
        selector: elements that hold values.
        label: text before the value, as written.
        attribute: attribute to read instead of an element's text.
        value: a fixed value for every page of the site; the other attributes are then None.
        separator: text between several values in one element.
    """

    selector: Selector | None = None
    label: str | None = None
    attribute: str | None = None
    value: str | None = None
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class PrivacyRule:
    """What makes a resource public; an empty rule leaves all resources private.

    Attributes:
        rule: where the page states its privacy; None if `otherwise` applies to every page.
        public: values that make a resource public, as written; any other makes it private.
        private: values that make it private. Other values do too, but with a warning.
        otherwise: privacy of a page without a value.
    """

    rule: Rule | None = None
    public: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    otherwise: Privacy = Privacy.PRIVATE


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the site whose resources all have the same theme.

    Attributes:
        path: path of its address: `/themes/eau`, or `/themes/eau/*` to include all pages below it.
        theme: the theme of its resources.
    """

    path: str
    theme: str


@dataclass(frozen=True, slots=True)
class Profile:
    """How to read the pages of one site.

    Attributes:
        name: name of the site.
        digest: hash of the file, in hexadecimal; when it changes, pages are read again.
        stated: whether the file has a rule for privacy.
        resource: selector of the elements that each hold a resource; None if a whole page is one resource.
        title, type, themes, territories, date, body, summary: where these fields are; None for those that no page has.
        private: what makes a resource public.
        remove: selector of elements to leave out of all texts.
        listings: pages whose resources have a theme.
    """

    name: str
    digest: str
    title: Rule
    private: PrivacyRule
    stated: bool = False
    resource: Selector | None = None
    type: Rule | None = None
    themes: Rule | None = None
    territories: Rule | None = None
    date: Rule | None = None
    body: Rule | None = None
    summary: Rule | None = None
    remove: Selector | None = None
    listings: tuple[Listing, ...] = ()
