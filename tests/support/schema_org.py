"""What schema.org says of the terms that this archive uses, and a check of JSON-LD against it (release 29).

Ranges as published at https://schema.org/<term>. Where a thing is expected, a text is accepted too: the conformance
section of https://schema.org/docs/gs.html#schemaorg_expected says so.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

PARENTS = {
    "CreativeWork": "Thing",
    "Article": "CreativeWork",
    "Report": "Article",
    "WebPage": "CreativeWork",
    "Collection": "CreativeWork",
    "MediaObject": "CreativeWork",
    "Organization": "Thing",
    "Person": "Thing",
}
DOMAINS_AND_RANGES: dict[str, tuple[str, frozenset[str]]] = {
    "name": ("Thing", frozenset({"Text"})),
    "description": ("Thing", frozenset({"Text"})),
    "url": ("Thing", frozenset({"URL"})),
    "sameAs": ("Thing", frozenset({"URL"})),
    "author": ("CreativeWork", frozenset({"Organization", "Person", "Text"})),
    "genre": ("CreativeWork", frozenset({"Text", "URL"})),
    "keywords": ("CreativeWork", frozenset({"Text", "URL"})),
    "datePublished": ("CreativeWork", frozenset({"Date"})),
    "inLanguage": ("CreativeWork", frozenset({"Language"})),
    "isAccessibleForFree": ("CreativeWork", frozenset({"Boolean"})),
    "isPartOf": ("CreativeWork", frozenset({"CreativeWork", "URL"})),
    "associatedMedia": ("CreativeWork", frozenset({"MediaObject"})),
    "contentUrl": ("MediaObject", frozenset({"URL"})),
    "contentSize": ("MediaObject", frozenset({"Text"})),
    "encodingFormat": ("CreativeWork", frozenset({"Text", "URL"})),
}
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?", re.ASCII)


def faults(node: dict[str, Any], where: str = "", *, root: bool = True) -> list[str]:
    """Return what schema.org does not allow in a JSON-LD object; each fault names its place.

    `where` is the path of the object in the whole; only the whole (`root`) must have a context.
    """
    found = []
    if root and node.get("@context") != "https://schema.org":
        found.append("@context")
    kind = node.get("@type")
    if kind not in {*PARENTS, "Thing"}:
        return [*found, f"{where}@type {kind!r} is unknown"]
    for name, value in node.items():
        if name in {"@context", "@type"}:
            continue
        if name == "@id":
            found += [] if _is_url(value) else [f"{where}@id"]
            continue
        if name not in DOMAINS_AND_RANGES:
            found.append(f"{where}{name} is unknown")
            continue
        domain, ranges = DOMAINS_AND_RANGES[name]
        if domain not in _line_of(kind):
            found.append(f"{where}{name} is no property of {kind}")
        values = value if isinstance(value, list) else [value]
        found += [] if values else [f"{where}{name} is empty"]
        for one in values:
            if isinstance(one, dict):
                found += [] if ranges & set(_line_of(str(one.get("@type")))) else [f"{where}{name} holds {one}"]
                found += faults(one, f"{where}{name}.", root=False)
            elif not any(_fits(one, expected) for expected in ranges):
                found.append(f"{where}{name} is {one!r}")
    return found


def _line_of(kind: str) -> list[str]:
    line = [kind]
    while line[-1] in PARENTS:
        line.append(PARENTS[line[-1]])
    return line


def _fits(value: object, expected: str) -> bool:
    match expected:
        case "Text":
            return isinstance(value, str) and value.strip() != ""
        case "URL":
            return _is_url(value)
        case "Date":
            return isinstance(value, str) and _DATE.fullmatch(value) is not None
        case "Language":
            return isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None
        case "Boolean":
            return isinstance(value, bool)
    return False


def _is_url(value: object) -> bool:
    return isinstance(value, str) and urlsplit(value).scheme in {"http", "https"} and bool(urlsplit(value).netloc)
