"""Merge copies of a resource: the fullest content wins, themes are united, one private copy makes it private."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag

from indexer.analysis import best_form, theme_key
from indexer.parsing.node import ParsedNode
from indexer.parsing.urls import normalise
from indexer.resource import Attachment, Resource, TerritorySource, YearSource
from indexer.territories import gazetteer


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a resource.

    Attributes:
        node: the entry on a page that shows the resource.
        path: path of that page.
        themes: themes that the page adds: the theme of a listing, or those given at import.
    """

    node: ParsedNode
    path: str
    themes: tuple[str, ...]


def merge_copies(
    resource_id: str, copies: Sequence[Copy], warnings: Sequence[str], *, private: bool = False
) -> Resource:
    """Merge several copies into one resource.

    Args:
        resource_id: its id.
        copies: at least one, in the order of their paths.
        warnings: French sentences about doubts in clustering.
        private: whether the resource is private even if no copy says so.
    """
    ranked = sorted(copies, key=_rank)
    fullest = ranked[0]
    nodes = [copy.node for copy in ranked]
    said = [*warnings, *(warning for copy in copies for warning in copy.node.warnings)]
    private = private or any(node.private for node in nodes)
    if private and not all(node.private for node in nodes):
        said.append("Les copies de cette ressource ne s’accordent pas : l’une est privée, donc toutes le sont.")
    territories, unknown = _territories(nodes)
    said += unknown
    dated = min((n for n in nodes if n.year_source is not None), key=_trust, default=None)
    body, body_shape = next(((n.body, n.body_shape) for n in nodes if n.body), (None, None))
    summary, summary_shape = next(((n.summary, n.summary_shape) for n in nodes if n.summary), (None, None))
    return Resource(
        id=resource_id,
        url=_best_address(ranked),
        title=fullest.node.title,
        body=body,
        summary=summary,
        type=next((n.type for n in nodes if n.type), None),
        private=private,
        themes=_themes(copies),
        date=None if dated is None else dated.date,
        year=None if dated is None else dated.year,
        year_source=None if dated is None else dated.year_source,
        attachments=_attachments(nodes),
        source=fullest.path,
        warnings=tuple(dict.fromkeys(said)),
        body_shape=body_shape,
        summary_shape=summary_shape,
        author=next((n.author for n in nodes if n.author), None),
        territories=territories,
        territory_source=TerritorySource.PAGE if territories else None,
    )


def _territories(nodes: Sequence[ParsedNode]) -> tuple[tuple[str, ...], list[str]]:
    """Return the codes of the territories that pages name, and a warning for each name that is unknown or that several
    territories have.
    """
    codes, warnings = set(), []
    for name in dict.fromkeys(name for node in nodes for name in node.territories):
        found = gazetteer().named(name)
        if len(found) == 1:
            codes.add(found[0])
        elif found:
            warnings.append(f"Plusieurs territoires s’appellent « {name} » : écrivez son code sur la page.")
        else:
            warnings.append(f"Le territoire « {name} » n’est pas connu du code officiel géographique.")
    return tuple(sorted(codes)), warnings


def _rank(copy: Copy) -> tuple[int, int, str, str]:
    """Return a sort key: the fullest copy comes first; ties are broken by content, since a path could reveal private
    pages.
    """
    node = copy.node
    return -len(node.body or ""), -len(node.summary or ""), repr((node, copy.themes)), copy.path


def _trust(node: ParsedNode) -> int:
    return list(YearSource).index(node.year_source) if node.year_source is not None else len(YearSource)


def _best_address(ranked: Sequence[Copy]) -> str | None:
    """Return the address to link to, or None if no copy has one: a named path is preferred to Drupal's `/node/` and a
    number, then https to http, then the address of the fullest copy.
    """
    own = [copy.node.addresses[0] for copy in ranked if copy.node.addresses]
    if not own:
        return None
    chosen = min(own, key=lambda address: ("/node/" in address, not address.startswith("https:")))
    bare = urldefrag(chosen).url
    return bare.removesuffix("?page=0") if normalise(bare.removesuffix("?page=0")) == normalise(bare) else bare


def _themes(copies: Sequence[Copy]) -> tuple[str, ...]:
    forms: dict[str, list[str]] = {}
    for copy in copies:
        for theme in (*copy.node.themes, *copy.themes):
            forms.setdefault(theme_key(theme), []).append(theme)
    return tuple(best_form(forms[key]) for key in sorted(forms) if key)


def _attachments(nodes: Sequence[ParsedNode]) -> tuple[Attachment, ...]:
    found: dict[str, Attachment] = {}
    for node in nodes:
        for attachment in node.attachments:
            found.setdefault(attachment.url, attachment)
    return tuple(found.values())
