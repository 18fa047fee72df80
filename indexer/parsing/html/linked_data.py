"""Read from a page's JSON-LD scripts when it was published and by whom."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from indexer.parsing.dates.find import PartialDate, read_stamp
from indexer.parsing.text import collapse, fold
from indexer.parsing.urls import normalise

# Types of schema.org that describe a page, the most specific first.
_ARTICLE = re.compile(r"(?:\w*Article|\w*Posting|Report|CreativeWork|Guide|DigitalDocument|Publication\w*|Book|Event)$")
_PAGE = re.compile(r"(?:\w*Page|WebSite)$")
#: Properties that describe something other than the page: their dates and authors are not the page's.
_OTHERS = frozenset(
    (
        "comment review image video audio thumbnail logo itemlistelement haspart citation mentions relatedlink"
        " isbasedon breadcrumb workexample associatedmedia author publisher creator primaryimageofpage"
        " about subjectof ispartof potentialaction"
    ).split()
)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_AT_MOST = 300_000
_DEEPEST = 12
_NAME_AT_MOST = 120
_NO_NAME = re.compile(r"(?:admin\w*|webmaster|webmestre|root|anonym\w*|user ?\d*|contributeur|editeur)")


@dataclass(frozen=True, slots=True)
class LinkedData:
    """What JSON-LD says about the page itself.

    Attributes:
        published: date of publication, as written.
        authors: names, in order.
        publishers: names of its publishers, in order.
    """

    published: PartialDate | None = None
    authors: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()


def read_linked_data(scripts: Iterable[str], *, title: str, address: str | None) -> LinkedData:
    """Read a page's JSON-LD.

    Args:
        scripts: the text of each JSON script, as written.
        title: the page's title, to choose among several articles.
        address: the page's canonical address, likewise; None if unknown.

    Returns:
        The data about the page; empty where several articles are described and none is certainly the page.
    """
    things: list[dict[str, object]] = []
    for script in scripts:
        if "schema.org" not in script or len(script) > _AT_MOST:
            continue
        try:
            things += _things(_load(script.strip().removeprefix("<![CDATA[").removesuffix("]]>")), 0)
        except (ValueError, RecursionError):
            continue
    if not things:
        return LinkedData()
    known = {str(thing["@id"]): thing for thing in things if "@id" in thing and "name" in thing}
    for kinds in (_ARTICLE, _PAGE):
        alike = [thing for thing in things if any(kinds.match(kind) for kind in _kinds(thing))]
        chosen = [thing for thing in alike if _is_page(thing, title, address)] or alike
        dated = [one for thing in chosen if (one := _published(thing))]
        if chosen and len(set(dated)) <= 1 and (dated or len(chosen) == 1):
            page = chosen[0]
            return LinkedData(
                dated[0] if dated else None,
                tuple(_names(page.get("author") or page.get("creator"), known)),
                tuple(_names(page.get("publisher"), known)),
            )
        if len(set(dated)) > 1:
            break
    return LinkedData()


def _load(script: str) -> object:
    """Return what a script holds; a comma too many, which templates often leave, is forgiven."""
    try:
        return json.loads(script, strict=False)
    except ValueError:
        return json.loads(_TRAILING_COMMA.sub("", script), strict=False)


def join_names(names: Iterable[str]) -> str | None:
    """Return names joined by "; "; None when none of them is a usable name."""
    kept = dict.fromkeys(name for one in names if (name := _name(one)))
    return "; ".join(kept) or None


def _name(written: str) -> str | None:
    name = collapse(written)
    if not name or len(name) > _NAME_AT_MOST or "://" in name or "@" in name or _NO_NAME.fullmatch(fold(name)):
        return None
    return name if any(char.isalpha() for char in name) else None


def _things(data: object, depth: int) -> Iterator[dict[str, object]]:
    """Yield every JSON object in decoded JSON that may describe the page, outer ones before those they contain; `depth`
    is how deep `data` is nested in its script, so that what is too deep is ignored.
    """
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        for one in data:
            yield from _things(one, depth + 1)
    elif isinstance(data, dict):
        yield data
        for key, value in data.items():
            if isinstance(value, (dict, list)) and key.lower() not in _OTHERS:
                yield from _things(value, depth + 1)


def _kinds(thing: dict[str, object]) -> list[str]:
    kind = thing.get("@type")
    return [str(one).rpartition("/")[2].rpartition(":")[2] for one in (kind if isinstance(kind, list) else [kind])]


def _is_page(thing: dict[str, object], title: str, address: str | None) -> bool:
    named = [thing.get(key) for key in ("headline", "name")]
    if title and any(isinstance(one, str) and fold(one) == fold(title) for one in named):
        return True
    main = thing.get("mainEntityOfPage")
    links = [thing.get("url"), thing.get("@id"), main.get("@id") if isinstance(main, dict) else main]
    return address is not None and any(
        isinstance(one, str) and one.startswith("http") and normalise(one) == normalise(address) for one in links
    )


def _published(thing: dict[str, object]) -> PartialDate | None:
    for key in ("datePublished", "dateCreated"):
        value = thing.get(key)
        if isinstance(value, dict):
            value = value.get("@value")
        if isinstance(value, str) and (date := read_stamp(value)):
            return date
    return None


def _names(value: object, known: dict[str, dict[str, object]]) -> Iterator[str]:
    if isinstance(value, list):
        for one in value[:20]:
            if not isinstance(one, list):
                yield from _names(one, known)
    elif isinstance(value, dict):
        named = value if "name" in value else known.get(str(value.get("@id")), {})
        name = named.get("name")
        if isinstance(name, str):
            yield name
    elif isinstance(value, str):
        yield value
