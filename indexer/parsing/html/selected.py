"""Read a page by an import profile: only the profile says where fields are.

A resource is private unless the profile makes it public. On a page of several resources, text outside all of them
belongs to none, but a mark of privacy there applies to all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from indexer.analysis import theme_key
from indexer.errors import NoResourceError, PageError
from indexer.parsing.dates.choose import choose
from indexer.parsing.dates.find import PartialDate, find_full_dates, find_months, find_years, read_stamp
from indexer.parsing.encoding import decode
from indexer.parsing.html.attachments import find_attachments, find_inner_links, find_local_links, is_document
from indexer.parsing.html.blocks import Flat
from indexer.parsing.html.flatten import flatten
from indexer.parsing.html.head import Head, read_head
from indexer.parsing.html.markup import BLOCK_TAGS, attribute
from indexer.parsing.html.scan import scan_page
from indexer.parsing.html.shaping import Shaper
from indexer.parsing.labels import same_value
from indexer.parsing.node import ParsedNode, ParsedPage
from indexer.parsing.profile import Privacy, Profile, Rule
from indexer.parsing.selector import select
from indexer.parsing.text import collapse, fold
from indexer.parsing.urls import normalise

_NO_FIELD = frozenset(
    "form label legend nav select option button script style template head title textarea noscript".split()
)
"""Elements in which the words of a label do not count as a label."""
_PROLOG = re.compile(r"\A\s*(?:<\?xml[^>]*>?\s*)+", re.IGNORECASE)
_LONGEST_VALUE = 400


def parse_selected(raw: bytes, profile: Profile, *, base: str) -> ParsedPage:
    """Return the resources of a page, read by a profile.

    Args:
        raw: the page's bytes.
        profile: says where the fields are.
        base: address to resolve links against where the page does not give its own.

    Raises:
        NoResourceError: nothing on the page matches the profile.
        PageError: the page is empty, binary or too big.
    """
    text = _PROLOG.sub("", decode(raw))
    try:
        return _Reader(BeautifulSoup(text, "lxml", multi_valued_attributes=None), profile, base).read()
    except RecursionError as error:
        raise PageError("La page imbrique trop d’éléments pour être lue.") from error


@dataclass(slots=True)
class _Found:
    """What was found in one resource, or outside all of them; `root` is the element that holds it. By name of a field,
    `tags` has the elements that the profile selects, `texts` the values that follow its label.
    """

    root: Tag
    tags: dict[str, list[Tag]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)


class _Reader:
    def __init__(self, soup: BeautifulSoup, profile: Profile, base: str) -> None:
        self._soup, self._profile = soup, profile
        self._rules: dict[str, Rule] = {
            name: rule
            for name in ("title", "type", "themes", "territories", "date", "body", "summary")
            if (rule := getattr(profile, name)) is not None
        }
        if profile.private.rule is not None:
            self._rules["private"] = profile.private.rule
        scan = scan_page(soup)
        self._head: Head = read_head(scan, base=base)
        wanted = [rule.selector for rule in self._rules.values() if rule.selector is not None]
        wanted += [one for one in (profile.resource, profile.remove) if one is not None]
        self._matches: Mapping[str, list[Tag]] = select(soup, wanted)
        # Elements that a profile selects are never noise.
        texts = [
            rule.selector.text for name in ("body", "summary") if (rule := self._rules.get(name)) and rule.selector
        ]
        selected = (tag for text in texts for tag in self._matches[text])
        around = {id(outer) for tag in selected for outer in (tag, *tag.parents)}
        self._flat: Flat = flatten(soup, {}, around, set())

    def read(self) -> ParsedPage:
        """Return the page's resources, and its theme if the profile lists the page.

        Raises:
            NoResourceError: nothing on the page matches the profile.
        """
        roots = [self._soup] if self._profile.resource is None else self._matches[self._profile.resource.text]
        found = [_Found(root) for root in roots]
        if not found:
            raise self._nothing()
        apart = _Found(self._soup)  # what is outside all resources
        self._share_out(found, apart)
        alone = len(found) == 1
        if alone:
            # Sites print the title, or the date, of a page's only resource beside it.
            for name in self._rules:
                if not self._has(found[0], name):
                    found[0].tags[name] = apart.tags.get(name, [])
                    found[0].texts[name] = apart.texts.get(name, [])
        nodes = tuple(node for one in found if (node := self._node(one, apart, alone=alone)) is not None)
        if not nodes:
            raise self._nothing()
        return ParsedPage(nodes, self._listing_theme())

    def _nothing(self) -> NoResourceError:
        return NoResourceError(
            f"La page ne montre rien de ce que le profil « {self._profile.name} » décrit : ce n’est pas une page de "
            "ressource, ou ses sélecteurs sont à revoir."
        )

    def _share_out(self, found: list[_Found], apart: _Found) -> None:
        """Assign each selected element and labelled value to the innermost resource around it, else to `apart`, which
        collects what is outside all resources.
        """
        owners = {id(one.root): one for one in found}
        if self._profile.resource is None:
            apart = found[0]
        for name, rule in self._rules.items():
            if rule.selector is not None:
                for tag in self._matches[rule.selector.text]:
                    _owner(tag, owners, apart).tags.setdefault(name, []).append(tag)
        labels = {fold(rule.label).rstrip(" :"): name for name, rule in self._rules.items() if rule.label is not None}
        if labels:
            for name, place, text in _labelled(self._soup, labels):
                _owner(place, owners, apart).texts.setdefault(name, []).append(text)

    def _node(self, found: _Found, apart: _Found, *, alone: bool) -> ParsedNode | None:
        title, titled = self._title(found)
        stated = [name for name, rule in self._rules.items() if name != "title" and rule.value is None]
        if title is None:
            return None
        if self._profile.resource is None and stated and not any(self._has(found, name) for name in stated):
            return None
        warnings: list[str] = []
        types = self._values(found, "type")
        if len(types) > 1:
            warnings.append(f"Le type a plusieurs valeurs ; la première est gardée : « {types[0]} ».")
        private, doubt = self._private(found, apart)
        if doubt:
            warnings.append(doubt)
        (body, body_shape), (summary, summary_shape) = self._prose(found, "body"), self._prose(found, "summary")
        date = next(filter(None, map(_date, self._values(found, "date"))), None)
        printed = [date] if date else self._head.dates if alone else ()
        dating = choose(page=printed, title=title, text="\n\n".join(filter(None, (body, summary))))
        links = self._links(found)
        attachments = find_attachments(links, self._head)
        return ParsedNode(
            title=title,
            body=body,
            summary=summary,
            type=types[0] if types else None,
            private=private,
            themes=tuple(dict.fromkeys(one for one in self._parts(found, "themes") if theme_key(one))),
            territories=tuple(dict.fromkeys(filter(None, self._parts(found, "territories")))),
            date=dating.date,
            year=dating.year,
            year_source=dating.source,
            attachments=attachments,
            local_links=find_local_links(links, self._head, attachments),
            links=find_inner_links(links, self._head),
            addresses=self._addresses(titled, alone=alone),
            warnings=tuple(warnings),
            author=self._head.author if alone else None,
            body_shape=body_shape,
            summary_shape=summary_shape,
        )

    def _has(self, found: _Found, name: str) -> bool:
        return bool(found.tags.get(name) or found.texts.get(name))

    def _title(self, found: _Found) -> tuple[str | None, Tag | None]:
        for tag in found.tags.get("title", ()):
            if text := self._text(tag, self._profile.title):
                return text, tag
        return next(iter(found.texts.get("title", ())), None), None

    def _text(self, tag: Tag, rule: Rule) -> str:
        return collapse(attribute(tag, rule.attribute) if rule.attribute else tag.get_text())

    def _values(self, found: _Found, name: str) -> list[str]:
        rule = self._rules.get(name)
        if rule is None:
            return []
        if rule.value is not None:
            return [rule.value]
        read = [*(self._text(tag, rule) for tag in found.tags.get(name, ())), *found.texts.get(name, ())]
        return list(dict.fromkeys(filter(None, read)))

    def _parts(self, found: _Found, name: str) -> Iterator[str]:
        """Yield a resource's values of the field `name`, of which one element may hold several."""
        rule = self._rules.get(name)
        for value in self._values(found, name):
            parts = value.split(rule.separator) if rule is not None and rule.separator else [value]
            yield from map(collapse, parts)

    def _private(self, found: _Found, apart: _Found) -> tuple[bool, str | None]:
        """Return whether a resource is private, and a French warning where the page does not make it clear; `apart` is
        what was found outside all resources, where a mark of privacy applies to each of them.
        """
        said = self._profile.private
        if said.rule is None:
            doubt = None if self._profile.stated else "Le profil ne dit rien de l’accès : la ressource est privée."
            return said.otherwise is Privacy.PRIVATE, doubt
        sources = (found,) if found is apart else (found, apart)
        tags = {id(tag): tag for one in sources for tag in one.tags.get("private", ())}
        texts = [text for one in sources for text in one.texts.get("private", ())]
        values = [*(self._text(tag, said.rule) for tag in tags.values()), *texts]
        if not values:
            if said.otherwise is Privacy.PUBLIC:
                return False, None
            return True, "La page ne dit pas si la ressource est privée : elle est tenue pour privée."
        if all(any(same_value(value, one) for one in said.public) for value in values):
            return False, None
        known = [*said.public, *said.private]
        odd = [value for value in values if not any(same_value(value, one) for one in known)]
        if odd and known:
            return True, f"L’accès vaut « {odd[0][:60]} », que le profil ne connaît pas : la ressource est privée."
        return True, None

    def _prose(self, found: _Found, name: str) -> tuple[str | None, str | None]:
        """Return the text of the field `name` and its shape (headings, lists… as a string); either may be None."""
        rule = self._rules.get(name)
        if rule is None:
            return None, None
        if rule.selector is None or rule.attribute:
            return "\n\n".join(self._values(found, name)) or None, None
        left_out = self._left_out(found)
        own = {i for tag in found.tags.get(name, ()) for i in range(*self._flat.range_of(tag))} - left_out
        shaper = Shaper(found.root, frozenset(own), self._flat, self._head)
        return shaper.read(self._flat.blocks[i] for i in sorted(own))

    def _left_out(self, found: _Found) -> set[int]:
        """Return the indexes of blocks that belong to resources inside the given one, or that the profile removes."""
        removed = [] if self._profile.remove is None else self._matches[self._profile.remove.text]
        inner = [] if self._profile.resource is None else self._matches[self._profile.resource.text]
        around = {id(tag) for tag in (found.root, *found.root.parents)}
        others = [tag for tag in inner if id(tag) not in around]
        return {i for tag in (*removed, *others) for i in range(*self._flat.range_of(tag))}

    def _links(self, found: _Found) -> list[tuple[int, str, str]]:
        tags = [tag for name in ("body", "summary") for tag in found.tags.get(name, ())]
        own = {i for tag in tags for i in range(*self._flat.range_of(tag))} - self._left_out(found)
        return [link for link in self._flat.links if link[0] in own]

    def _addresses(self, titled: Tag | None, *, alone: bool) -> tuple[str, ...]:
        link = None
        if titled is not None:
            link = titled if titled.name == "a" else titled.find("a", href=True) or titled.find_parent("a", href=True)
        href = attribute(link, "href") if isinstance(link, Tag) else ""
        linked = self._head.resolve(href) if href and not is_document(href) else None
        page = [self._head.canonical, self._head.shortlink, self._head.og_url, self._head.saved] if alone else []
        own = {normalise(one) for one in page if one}
        if linked is not None and own and normalise(linked) not in own:
            page = []  # a listing that happens to show a single resource
        return tuple(dict.fromkeys(one for one in (linked, *page) if one))

    def _listing_theme(self) -> str | None:
        address = self._head.canonical or self._head.og_url or self._head.base
        try:
            path = unquote(urlsplit(address).path).rstrip("/") or "/"
        except ValueError:
            return None
        for listing in self._profile.listings:
            wanted = listing.path.removesuffix("/*").rstrip("/") or "/"
            if path == wanted or (listing.path.endswith("/*") and path.startswith(wanted.rstrip("/") + "/")):
                return listing.theme
        return None


def _owner(place: PageElement, owners: Mapping[int, _Found], apart: _Found) -> _Found:
    for outer in (place, *place.parents):
        if (owner := owners.get(id(outer))) is not None:
            return owner
    return apart


def _labelled(soup: Tag, labels: Mapping[str, str]) -> Iterator[tuple[str, PageElement, str]]:
    """Yield, for each value after a label: the name of the field, the string that holds the label, and the value;
    `labels` gives the name of a field by its folded label.
    """
    longest = max(map(len, labels)) + _LONGEST_VALUE
    for text in soup.find_all(string=True):
        if type(text) is not NavigableString or not 0 < len(text.strip()) <= longest:
            continue
        before, colon, after = text.partition(":")
        name = labels.get(fold(before).rstrip(" :"))
        if name is None or any(outer.name in _NO_FIELD for outer in text.parents):
            continue
        if colon and collapse(after):
            yield name, text, collapse(after)
            continue
        # Where a field is empty, the text after its label is the next label.
        values = list(takewhile(lambda value: fold(value.partition(":")[0]).rstrip(" :") not in labels, _after(text)))
        # A label without a value counts too: it may be the privacy label.
        for value in values or [""]:
            yield name, text, value.removeprefix(":").strip()


def _after(text: NavigableString) -> list[str]:
    """Return the values that follow a label, given its string: those beside the outermost element around it that holds
    nothing else; [] if there is none.
    """
    own = collapse(text)
    place: PageElement = text
    while place.parent is not None and collapse(place.parent.get_text()) == own:
        place = place.parent
    beside = [one for one in place.next_siblings if not (type(one) is NavigableString and not one.strip())]
    if isinstance(place, Tag) and place.name in ("dt", "th"):
        wanted = {"dt": "dd", "th": "td"}[place.name]
        values = []
        for one in beside:
            if not isinstance(one, Tag) or one.name != wanted:
                break
            values += _parts(one)
        return values
    if beside and isinstance(beside[0], Tag) and (beside[0].name in BLOCK_TAGS or len(beside) == 1):
        return _parts(beside[0])
    line = ""
    for one in beside:
        if isinstance(one, Tag) and (one.name == "br" or one.name in BLOCK_TAGS):
            break
        if isinstance(one, Tag) or type(one) is NavigableString:
            line += one.get_text()
    return [collapse(line)] if collapse(line) else []


def _parts(tag: Tag) -> list[str]:
    """Return the texts of the sibling elements that together make up a value, else its whole text; [] if empty."""
    whole = collapse(tag.get_text())
    inner = tag
    while len(only := [child for child in inner.children if isinstance(child, Tag)]) == 1:
        if collapse(only[0].get_text()) != whole:
            break
        inner = only[0]
    parts = [collapse(child.get_text()) for child in inner.children if isinstance(child, Tag)]
    parts = [part for part in parts if part]
    joined = re.sub(r"\W+", "", "".join(parts))
    return parts if len(parts) > 1 and joined == re.sub(r"\W+", "", whole) else [whole] if whole else []


def _date(text: str) -> PartialDate | None:
    if (stamp := read_stamp(text)) is not None:
        return stamp
    for find in (find_full_dates, find_months, find_years):
        if found := find(text):
            return found[0].date
    return None
