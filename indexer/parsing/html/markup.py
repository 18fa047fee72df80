"""Classify elements: block or inline, noise or content, parts of a node or of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from bs4.element import Tag

BLOCK_TAGS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
HEADINGS = {f"h{level}": level for level in range(1, 7)}
#: Elements for emphasis.
INLINE_TAGS = frozenset({"strong", "b", "em", "i"})
#: Elements that never hold prose of the page.
_NEVER = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "title",
        "nav",
        "button",
        "select",
        "input",
        "textarea",
        "datalist",
        "legend",
        "svg",
        "math",
        "canvas",
        "map",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "link",
        "meta",
        "base",
        "dialog",
    ]
)
#: Elements that hold the site's own prose, unless they contain a node.
_ASIDE = frozenset({"header", "footer", "aside"})
_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar", "alert"})
_PREFIX = (
    r"(?:(?:block|region|section|widget|views?|nav|site|page|node|article|system|l|c|o|m|js|fr|field--name|rs)[-_]+)*"
)

_KEPT_AT_MOST = 80


def _matcher(pattern: str, flags: int = 0) -> Callable[[str], bool]:
    """Return a function that says whether a regular expression matches a whole CSS class or id; it has a cache, since
    pages repeat a few hundred classes.
    """
    match = re.compile(pattern, flags).fullmatch

    @lru_cache(maxsize=4096)
    def short(token: str) -> bool:
        return match(token) is not None

    return lambda token: short(token) if len(token) <= _KEPT_AT_MOST else match(token) is not None


_NOISE_TOKEN = _matcher(
    _PREFIX + r"(?:bread-?crumbs?|fil-?d-?ariane|ariane|pager|pagination|newsletters?|simplenews|lettre-info"
    r"|social[-_]?(?:shar\w*|links?|medias?|icons?|networks?|buttons?|bar)|socials|reseaux-sociaux"
    r"|share|sharing|share[-_]?(?:buttons?|links?|bar|icons?|block|widget|this|list)|(?:st_)?sharethis[-_\w]*"
    r"|addtoany\w*|addthis[-_\w]*|a2a_\w+|shariff(?:-\w+)*|sharedaddy|sd-sharing\w*|rrssb-\w+|ssba\w*|heateor_\w+"
    r"|(?:boutons?|liens?|outils?|bloc|barre|icones?)[-_]+(?:de[-_]+)?partage|partager?|partages"
    r"|comments?|comment-?(?:form|wrapper|list)|disqus_thread|skip[-_]?(?:to|links?|nav\w*)|evitement|acces-rapide"
    r"|visually-hidden|visuallyhidden|sr-only|screen-reader-text|element-invisible|hidden|d-none|hide"
    r"|contextual|contextual-links|local-tasks|tabs--primary|readmore|read-more|more-link|links--inline"
    r"|nav(?:bar|igation)?|menu|main-menu|mainmenu|cookies?(?:-\w+)*|eu-cookie\w*|tarteaucitron\w*|messages|search-form"
    r"|print-links?|printlinks|toolbar|back-to-top|retour-haut|modal|side-?menu|follow"
    r"|skip-?links|consent(?:-\w+)*|horizontal-tabs-list|vertical-tabs-list)(?:(?:--|__).*)?",
    re.IGNORECASE,
)
_ASIDE_TOKEN = _matcher(
    _PREFIX + r"(?:header|footer|pied(?:-?de-?page)?|entete|en-tete|banner|bandeau|sidebar|side-bar|barre-laterale|logo"
    r"|copyright|mentions)(?:[-_].*)?",
    re.IGNORECASE,
)
_DATE_TOKEN = _matcher(
    r"(?:(?:node|entry|post|article)[-_]+)?(?:submitted|meta|published|publication|post-date|entry-date|created|date"
    r"|posted-on|byline|info-publi|infos-publi|dt-published)(?:-.*)?"
)
#: Values of `property` and `itemprop` for the date of publication, without the prefix of their vocabulary.
_PUBLISHED_PROPERTY = re.compile(
    r"(?:.*[:/])?(?:datepublished|datecreated|date|created|issued|published_time)", re.IGNORECASE
)
_UPDATED_WORD = re.compile(r"(?:.*[:/_-])?(?:updated?|modified|datemodified|dt-updated|maj|last-?modified)(?:[-_].*)?")
_AUTHOR_TOKEN = _matcher(r"(?:p-)?author|vcard|fn|auteurs?|byline__name|post-author|entry-author|author-name")

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SCREEN_READERS = frozenset(
    ["visually-hidden", "visuallyhidden", "sr-only", "fr-sr-only", "screen-reader-text", "element-invisible"]
)
_ANSWERS = {"oui": "Oui", "non": "Non"}
_FACET_TOKEN = _matcher(
    r"(?:block-)?facets?(?:[-_].*)?|(?:block-)?facetapi.*|(?:js-)?facets-.*|views-exposed-.*|bef-.*|exposed-filters?"
    r"|(?:search-|views-|block-)?filters?(?:-(?:block|list|bar|form|panel|group))?|filtres?",
    re.IGNORECASE,
)
_GROUP_TITLE_TOKEN = re.compile(r"field-group-(?:format-)?(?:toggler|title)|field-group__title|fieldset-legend")
_GROUP_TOKEN = re.compile(r"field-group-.+|field-group|group-wrapper|js-form-wrapper")
_NODE_TOKEN = _matcher(
    r"node|node--.+|views-row|node-teaser|views-col|views-view-(?:responsive-)?grid__item|views-view-grid__item"
)
_GRID_CELL = re.compile(r"col-\d+|views-col.*")
#: Classes of elements that hold a node's title.
TITLE_TOKEN = re.compile(
    r"(?:(?:node|page|entry|post|article|teaser|card|fr-card_|views-field|field--name|field-name)[-_]*)?(?:node[-_]+)?title"
    r"(?:-field)?|titre"
)


def attribute(tag: Tag, name: str) -> str:
    """Return the text of an attribute, "" when it is missing."""
    value = tag.attrs.get(name)
    if value is None:
        return ""
    return value if isinstance(value, str) else " ".join(value)


def tokens(tag: Tag) -> list[str]:
    """Return the classes and the id of an element."""
    attrs = tag.attrs
    if "class" not in attrs and "id" not in attrs:
        return []
    return attribute(tag, "class").split() + attribute(tag, "id").split()


def is_node_like(tag: Tag) -> bool:
    """Return whether an element is one that sites put around a single node (a resource), such as `<article>`."""
    if tag.name == "article":
        return "media" not in attribute(tag, "class").split()
    attrs = tag.attrs
    if not attrs or tag.name in ("body", "html", "a"):
        return False
    if "data-history-node-id" in attrs:
        return True
    if "class" not in attrs:
        return False
    classes = attribute(tag, "class").split()
    if tag.name == "td":
        # A cell of a grid that Drupal's Views prints as a table.
        table = tag.find_parent("table") if any(_GRID_CELL.fullmatch(token) for token in classes) else None
        return table is not None and "views-view-grid" in attribute(table, "class").split()
    return any(map(_NODE_TOKEN, classes))


def is_label_class(tag: Tag) -> bool:
    """Return whether Drupal's classes mark an element as the label of a field."""
    return any(token in ("field__label", "field-label") or token.startswith("field__label") for token in tokens(tag))


def is_field_item(tag: Tag) -> bool:
    """Return whether Drupal's classes mark an element as one value of a field."""
    return "class" in tag.attrs and any(token in ("field__item", "field-item") for token in tokens(tag))


def is_date_class(tag: Tag) -> bool:
    """Return whether the classes of an element mark it as the node's date."""
    return any(map(_DATE_TOKEN, tokens(tag)))


def _names_group(tag: Tag) -> bool:
    """Return whether an element is the name of a group of fields of Drupal's Field Group module."""
    if any(_GROUP_TITLE_TOKEN.fullmatch(token) for token in tokens(tag)):
        return True
    outer = tag.parent
    if outer is None or not any(_GROUP_TOKEN.fullmatch(token) for token in tokens(outer)):
        return False
    return next((child for child in outer.children if isinstance(child, Tag)), None) is tag


def is_facet_class(tag: Tag) -> bool:
    """Return whether the classes of an element mark it as filters: facets or exposed filters."""
    return any(map(_FACET_TOKEN, tokens(tag)))


def published_stamp(tag: Tag) -> str | None:
    """Return the date of publication that an element's attributes give: RDFa, microdata, SPIP's `abbr`, hAtom.

    Args:
        tag: any element but `<time>`.

    Returns:
        The machine-readable value; None where the attributes do not mark a date of publication.
    """
    attrs = tag.attrs
    if tag.name == "abbr":
        dated = any(token in ("published", "dtpublished", "dt-published") for token in attribute(tag, "class").split())
        return attribute(tag, "title") or None if dated else None
    if "content" not in attrs:
        return None
    said = attribute(tag, "property").split() + attribute(tag, "itemprop").split()
    return attribute(tag, "content") if any(_PUBLISHED_PROPERTY.fullmatch(one) for one in said) else None


def is_published_time(tag: Tag) -> bool:
    """Return whether the attributes of a `<time>` mark it as the date of publication."""
    said = f"{attribute(tag, 'property')} {attribute(tag, 'itemprop')}".split()
    return (
        "pubdate" in tag.attrs
        or any(token in ("published", "dt-published", "entry-date") for token in attribute(tag, "class").split())
        or any(_PUBLISHED_PROPERTY.fullmatch(one) for one in said)
    )


def is_updated_time(tag: Tag) -> bool:
    """Return whether the attributes of a `<time>` mark it as the date of an update."""
    attrs = tag.attrs
    if not attrs or is_published_time(tag):
        return False
    said = [*attribute(tag, "class").split(), *attribute(tag, "property").split(), *attribute(tag, "itemprop").split()]
    return any(_UPDATED_WORD.fullmatch(one.lower()) for one in said)


def names_author(tag: Tag) -> bool:
    """Return whether the attributes of an element mark it as the name of the page's author."""
    attrs = tag.attrs
    if "rel" in attrs and "author" in attribute(tag, "rel").split():
        return True
    if "itemprop" in attrs and attribute(tag, "itemprop") in ("author", "creator"):
        return True
    if "property" in attrs and attribute(tag, "property") in ("schema:author", "schema:creator", "dc:creator"):
        return True
    return "class" in attrs and any(map(_AUTHOR_TOKEN, attribute(tag, "class").split()))


def read_sign(tag: Tag) -> str | None:
    """Return the « Oui » or « Non » that an element shows only to screen readers or as a named image, or None."""
    attrs = tag.attrs
    if "hidden" in attrs or attribute(tag, "aria-hidden").strip().lower() == "true":
        return None
    if "style" in attrs and _HIDDEN_STYLE.search(attribute(tag, "style")):
        return None
    if "class" in attrs and any(token in _SCREEN_READERS for token in attribute(tag, "class").split()):
        said = tag.get_text()
        return _ANSWERS.get(said.strip().lower()) if len(said) < 20 else None
    name = tag.name
    if name not in ("img", "svg", "i", "span") or not ("aria-label" in attrs or "title" in attrs or "alt" in attrs):
        return None
    said = attribute(tag, "aria-label") or attribute(tag, "alt") or attribute(tag, "title")
    answer = _ANSWERS.get(said.strip().lower())
    return answer if answer and not any(char.isalnum() for char in tag.get_text()) else None


def is_noise(tag: Tag, *, inside_node: bool) -> bool:
    """Return whether an element holds no part of a resource: navigation, forms, scripts, hidden elements.

    Args:
        tag: any element that holds no label of a resource.
        inside_node: whether it is in a node or in the page's main part, where headers and asides are content.

    Returns:
        True when the whole element is to be left out.
    """
    name = tag.name
    if name == "button" and tag.parent is not None and tag.parent.name in HEADINGS:
        return False  # the part of a closed accordion section that stays visible
    if name in _NEVER or name == "form" or (name in _ASIDE and not inside_node):
        return True
    if (name == "summary" or name in HEADINGS) and _names_group(tag):
        return True
    attrs = tag.attrs
    if not attrs or name in ("body", "html"):
        return False
    if "hidden" in attrs or attribute(tag, "aria-hidden").strip().lower() == "true":
        return True
    if "style" in attrs and _HIDDEN_STYLE.search(attribute(tag, "style")):
        return True
    if "role" in attrs:
        role = attribute(tag, "role")
        if role in ("tab", "tablist") or (not inside_node and role in _ROLES):
            return True
    classes = tokens(tag)
    if "links" in classes and "inline" in classes:
        return True
    for token in classes:
        if _NOISE_TOKEN(token) and not token.startswith(("field--name-field", "field-name")):
            return True
        if not inside_node and _ASIDE_TOKEN(token):
            return True
    return False
