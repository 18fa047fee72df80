"""Distinguish names of filters from labels of fields: exposed filters and facets use the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4.element import NavigableString, PageElement, Tag

from indexer.parsing.html.blocks import Mark
from indexer.parsing.html.markup import HEADINGS, attribute, is_facet_class, is_node_like
from indexer.parsing.labels import Label, read_privacy
from indexer.parsing.text import fold

#: Elements that name a control or a group of controls.
_NAMES = frozenset({"label", "legend", "option", "optgroup"})
_CONTROLS = ("input", "select", "textarea")
_COUNT = re.compile(r"[(\[]?\s*\d[\d \u00a0\u202f]{0,9}\s*(?:resultats?|ressources?|elements?)?\s*[)\]]?")
_COUNT_AT_END = re.compile(r"[(\[]\s*\d[\d \u00a0\u202f]{0,9}\s*[)\]]\s*\Z")
_FILTER_ADDRESS = re.compile(r"\?|#|.*[?&]f(?:\[|%5B)\d+(?:\]|%5D)=", re.IGNORECASE)
_PAGE_PARTS = frozenset({"main", "article", "h1", "table"})
_VALUES_AT_MOST = 400


def names_filter(mark: Mark, passed: set[int]) -> Tag | None:
    """Return the element that holds a filter's name and its values; None if the words are the label of a field.

    Words in a form, in navigation, in a block of facets, in `<label>` or `<legend>`, or before links with counts name a
    filter. A form around the whole page does not count.

    Args:
        mark: words that may be a label, with all elements that hold only them.
        passed: identities of elements already found not to be a filter's, so that they are tested only once a page;
            this call adds those that it finds.

    Returns:
        The element to leave out of the page's text.
    """
    top = mark.chain[-1]
    tag: Tag | None = mark.parent
    while tag is not None and tag.parent is not None:
        name = tag.name
        if name in _NAMES:
            return tag
        if name == "a" and _is_count(_following_text(tag)):
            return tag
        if id(tag) not in passed:
            within = name in ("nav", "form", "search") or (
                bool(tag.attrs) and (attribute(tag, "role") in ("navigation", "search") or is_facet_class(tag))
            )
            if within and not _holds_page(tag):
                return tag
            passed.add(id(tag))
        tag = tag.parent
    values = _beside(top)
    if values is not None and _are_choices(values):
        return values.parent if values.parent is not None and _holds_only(values.parent, top, values) else values
    return None


def _holds_page(tag: Tag) -> bool:
    """Return whether an element, such as the form that some servers put around a page, holds the page's content."""
    for inner in tag.find_all(True):
        if inner.name in _PAGE_PARTS or is_node_like(inner):
            return True
        if inner.name in HEADINGS and inner.find("a", href=True) is not None:
            return True
    return False


def says_yes(mark: Mark) -> bool:
    """Return whether « Oui » follows « Ressource privée » as plain text: not as a control, link or button.

    Args:
        mark: words that may be a label.
    """
    if mark.label is not Label.PRIVATE:
        return False
    for text in _texts_after(mark.chain[-1]):
        words = fold(text).strip(" :")
        if not words:
            continue
        if read_privacy([words]) != (True, None):
            return False
        before = text.previous_element
        while isinstance(before, NavigableString) and not before.strip():
            before = before.previous_element
        if isinstance(before, Tag) and before.name == "input":
            return False
        return not any(outer.name in ("label", "option", "a", "button") for outer in text.parents)
    return False


def _texts_after(top: PageElement) -> Iterator[NavigableString]:
    outer: PageElement | None = top
    while outer is not None and outer.next_sibling is None:
        outer = outer.parent
    element = outer.next_sibling if outer is not None else None
    for _ in range(40):
        if element is None:
            return
        if type(element) is NavigableString:
            yield element
        element = element.next_element


def _following_text(tag: Tag) -> str:
    """Return the text that follows the first words of a link, inside it or right after it."""
    inside: list[str] = [one.strip() for one in tag.strings if one.strip()]
    if len(inside) > 1:
        return inside[-1]
    return next((str(text).strip() for text in _texts_after(tag) if text.strip()), "")


def _is_count(text: str) -> bool:
    return len(text) < 30 and _COUNT.fullmatch(fold(text)) is not None


def _beside(top: PageElement) -> Tag | None:
    """Return the element that follows a label (`top`), with its value or choices; None if bare text or nothing does."""
    sibling = top.next_sibling
    while sibling is not None and not isinstance(sibling, Tag):
        if str(sibling).strip(" \n\t:"):
            return None
        sibling = sibling.next_sibling
    return sibling if isinstance(sibling, Tag) else None


def _are_choices(values: Tag) -> bool:
    """Return whether an element holds only choices: controls with their labels, or links that filter or show counts."""
    links = counts = controls = 0
    length = 0
    if values.name in _CONTROLS:
        return True
    for text in values.strings:
        words = text.strip()
        if not words:
            continue
        length += 1
        if length > _VALUES_AT_MOST:
            return False
        around = next((one for one in text.parents if one.name in ("a", "label", "option", "button", "li")), None)
        if _is_count(words):
            counts += 1
        elif around is not None and around.name == "a":
            links += 1
            counts += bool(_COUNT_AT_END.search(words)) or bool(_FILTER_ADDRESS.match(attribute(around, "href")))
        elif around is not None and (around.name in ("label", "option") or around.find("input") is not None):
            controls += 1
        elif around is None or around.name != "button":
            return False
    if controls:
        return values.find(_CONTROLS) is not None
    return links > 0 and counts >= links


def _holds_only(outer: Tag, *inner: PageElement) -> bool:
    """Return whether an element holds no other elements or text than `inner`."""
    for child in outer.children:
        if any(child is one for one in inner):
            continue
        if isinstance(child, Tag) or (type(child) is NavigableString and child.strip()):
            return False
    return True
