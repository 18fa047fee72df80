"""A node of JSON:API as the HTML page that its site would show, so that one parser reads crawled pages and nodes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from lxml import etree
from lxml import html as lxml_html

from indexer.gathering.drupal.client import Resource, number_of
from indexer.gathering.drupal.fields import Fields
from indexer.parsing.text import fold

_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
_YES = frozenset({"1", "oui", "yes", "true", "vrai", "on", "prive", "privee", "private", "reserve", "reservee"})
_NO = frozenset({"0", "non", "no", "false", "faux", "off", "public", "publique"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
Included = Mapping[tuple[str, str], Resource]


@dataclass(frozen=True, slots=True)
class Node:
    """What the archive keeps of a node.

    Attributes:
        number: its number (nid).
        uuid: its UUID.
        address: ``/node/N``, absolute, which never changes.
        published: whether the site publishes it (`status`).
        private: what its field « Ressource privée » says; None if that is unknown.
        page: the page to keep.
        files: addresses of the files that it refers to.
    """

    number: int
    uuid: str
    address: str
    published: bool
    private: bool | None
    page: bytes
    files: tuple[str, ...] = ()


def node_page(resource: Resource, included: Included, fields: Fields, *, base: str) -> Node | None:
    """Return what to keep of a node; None for one without a number or a title.

    Args:
        resource: the node.
        included: the terms and files that it refers to.
        fields: names of the fields of its privacy, type, themes, summary and files.
        base: address of the site.
    """
    number, title = number_of(resource), _text(resource.attributes.get("title"))
    if number is None or not title:
        return None
    given = _values(resource, fields.private, included)
    private = privacy_of(given)
    path = resource.attributes.get("path")
    alias = path.get("alias") if isinstance(path, dict) else None
    own = urljoin(base, f"/node/{number}")
    address = urljoin(base, alias) if isinstance(alias, str) and alias.startswith("/") else own
    language = _text(resource.attributes.get("langcode"))
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        _date(resource.attributes.get("created")),
        f'<div class="field field--name-body field__item">{_body(resource.attributes.get("body"))}</div>',
        _files(resource, fields.files, included, base),
        *(_field("categorie", "Catégorie", value) for value in _values(resource, fields.themes, included)),
        *(_field("type-de-ressource", "Type de ressource", one) for one in _values(resource, fields.type, included)),
        "" if private is None else _field("ressource-privee", "Ressource privée", "Oui" if private else "Non"),
        _summary(resource.attributes.get(fields.summary) if fields.summary else None, resource.attributes.get("body")),
    ]
    lang = language if _LANGUAGE.fullmatch(language) else "fr"
    page = (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<link rel="canonical" href="{html.escape(address)}"><link rel="shortlink" href="{html.escape(own)}">'
        f'</head><body><main><article class="node node--type-ressource" data-history-node-id="{number}">'
        f"{''.join(parts)}</article></main></body></html>"
    )
    published = resource.attributes.get("status") is True
    files = tuple(address for address, _ in _file_links(resource, fields.files, included, base))
    return Node(number, resource.id, own, published, private, page.encode("utf-8", "replace"), files)


def privacy_of(values: Iterable[object]) -> bool | None:
    """Return what the values of « Ressource privée » say: True if one of them is a clear yes, False if all are a clear
    no, and None otherwise, as for no value or one that cannot be understood.

    A boolean field has true or false, a list the key of its choice, a reference the name of a term.
    """
    said: set[bool | None] = set()
    for value in values:
        word = fold(str(value)).strip(" .")
        said.add(True if word in _YES else False if word in _NO else None)
    if True in said:
        return True
    return False if said == {False} else None


def _values(resource: Resource, name: str, included: Included) -> list[str]:
    """Return the values of a field as text: of a reference, the names of what it refers to."""
    if not name:
        return []
    if name in resource.relationships:
        found = [included.get(target) for target in resource.relationships[name]]
        # A reference whose target is hidden still counts as a value, an unknown one.
        return ["?" if one is None else _text(one.attributes.get("name")) for one in found]
    held = resource.attributes.get(name)
    every = held if isinstance(held, list) else [] if held is None else [held]
    return [_text(one) for one in every]


def _text(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("value")
    return "" if value is None else " ".join(str(value).split())


def _date(created: object) -> str:
    try:
        when = datetime.fromisoformat(str(created))
    except ValueError:
        return ""
    return f"<p>Publié le {'1er' if when.day == 1 else when.day} {_MONTHS[when.month - 1]} {when.year}</p>"


def _body(body: Any) -> str:
    """Return the formatted text of a node's field `body` as balanced HTML, which cannot end the element around it."""
    text = body.get("processed") if isinstance(body, dict) else None
    if not isinstance(text, str) or not text.strip():
        return ""
    try:
        held = lxml_html.fragment_fromstring(text, create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return f"<p>{html.escape(text)}</p>"
    for outer in list(held.iter("html", "body", "head", "main", "article", "header", "footer", "nav")):
        outer.tag = "div"
        outer.attrib.clear()
    written: str = etree.tostring(held, encoding="unicode", method="html")
    return written


def _summary(value: object, body: Any) -> str:
    processed = value.get("processed") if isinstance(value, dict) else None
    text = _text(value) if not isinstance(processed, str) else ""
    if processed:
        inner = _body({"processed": processed})
    else:
        short = body.get("summary") if isinstance(body, dict) and not text else None
        text = text or (short if isinstance(short, str) else "")
        inner = f"<p>{html.escape(text)}</p>" if text.strip() else ""
    return _wrapped("resume", "Résumé", inner) if inner else ""


def _files(resource: Resource, names: Iterable[str], included: Included, base: str) -> str:
    return "".join(
        f'<p><a href="{html.escape(address)}">{html.escape(label)}</a></p>'
        for address, label in _file_links(resource, names, included, base)
    )


def _file_links(resource: Resource, names: Iterable[str], included: Included, base: str) -> Iterator[tuple[str, str]]:
    """Yield the address and file name of each file that a node refers to by the fields in `names`."""
    for name in names:
        for target in resource.relationships.get(name, ()):
            for file in _files_at(target, included):
                uri = file.attributes.get("uri")
                address = uri.get("url") if isinstance(uri, dict) else None
                if isinstance(address, str) and address:
                    yield urljoin(base, address), _text(file.attributes.get("filename")) or address


def _files_at(target: tuple[str, str], included: Included) -> list[Resource]:
    """Return the files that a reference (`target`: type and id) leads to: a file itself, or those of a media item."""
    found = included.get(target)
    if found is None:
        return []
    if found.type == "file--file":
        return [found]
    inner = [held for targets in found.relationships.values() for one in targets if (held := included.get(one))]
    return [one for one in inner if one.type == "file--file"]


def _field(name: str, label: str, value: str) -> str:
    return _wrapped(name, label, html.escape(value)) if value and value != "?" else ""


def _wrapped(name: str, label: str, inner: str) -> str:
    return (
        f'<div class="field field--name-field-{name} field--label-above"><div class="field__label">{label}</div>'
        f'<div class="field__item">{inner}</div></div>'
    )
