"""What needs care in the archive: resources that may be one, and links to pages that it does not hold.

A survey reads every page's parsed form, which takes some seconds in a large archive: it is kept beside the index.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from indexer.analysis.stopwords import FOLDED_STOP_WORDS
from indexer.analysis.theme_key import theme_key
from indexer.corpus.catalogue import PageRow
from indexer.corpus.corrections import CORRECTIONS, Corrections
from indexer.corpus.page_cache import ParsedPages
from indexer.corpus.store import Corpus
from indexer.errors import EngineError
from indexer.parsing.urls import normalise
from indexer.pipeline.importing import CACHE, unusable
from indexer.resolution.assembler import Assembler
from indexer.resolution.clustering import Group
from indexer.resolution.resolver import resolution_of
from indexer.resource import Resource
from indexer.settings import Settings
from indexer.storage.os_errors import because

SURVEY = "survey.json"
MIN_WORDS = 3
"""Titles of fewer words have the same ones by chance."""
MIN_TEXT = 200
"""Characters; shorter texts are the same by chance, or by form."""


_DOORS = {"user", "users", "login", "connexion", "inscription", "search", "recherche", "contact"}
_EMPTY = FOLDED_STOP_WORDS | {"l", "d", "s", "n", "c", "qu"}


class Likeness(StrEnum):
    """Why resources may be one."""

    TITLE = "title"
    WORDS = "words"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Named:
    """A resource: its id and its title."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Alike:
    """Resources that may be one, by title, and why."""

    likeness: Likeness
    resources: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class DeadLink:
    """A link in the text of a resource to a page of its own site that the archive does not hold."""

    resource: Named
    address: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What needs care.

    Attributes:
        alike: suspected duplicates.
        dead_links: by title of the resource.
        everywhere: addresses that are no part of `dead_links` as more than a tenth of the resources link to them:
            they are the site's own menus and forms.
    """

    alike: tuple[Alike, ...]
    dead_links: tuple[DeadLink, ...]
    everywhere: tuple[str, ...]


def survey(settings: Settings) -> Survey:
    """Survey the archive as the corpus and the parsed pages hold it, and keep the result.

    Raises:
        CorpusError: the corpus cannot be read.
        EngineError: the parsed pages cannot be read, or the result cannot be kept.
    """
    corpus = Corpus(settings.corpus, create=False)
    try:
        parsed = ParsedPages(settings.index / CACHE, base=settings.site_url)
        try:
            found = _survey(corpus, parsed)
        except sqlite3.Error as error:
            raise unusable(settings, error) from error
        finally:
            parsed.close()
    finally:
        corpus.close()
    _write(settings.index / SURVEY, found)
    return found


def last_survey(settings: Settings) -> Survey | None:
    """The survey that was kept, or None if there is none that can be read."""
    try:
        held = json.loads((settings.index / SURVEY).read_text("utf-8"))
        return Survey(
            tuple(Alike(Likeness(a["likeness"]), tuple(Named(**r) for r in a["resources"])) for a in held["alike"]),
            tuple(DeadLink(Named(**link["resource"]), link["address"]) for link in held["dead_links"]),
            tuple(held["everywhere"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _survey(corpus: Corpus, parsed: ParsedPages) -> Survey:
    rows = {row.path: row for row in corpus.catalogue.pages() if parsed.knows(row.digest)}
    corrections = Corrections(corpus.folder / CORRECTIONS)
    assembler = Assembler(parsed, corrections.all(), corrections.renames())
    known = {identity.key for identity in corpus.catalogue.identities()}
    resources: list[Resource] = []
    missing: defaultdict[str, list[Named]] = defaultdict(list)
    for group in resolution_of(corpus, parsed, rows.values(), assembler.decided()).groups:
        if assembler.is_withdrawn(group.id):
            continue
        resource, _ = assembler.resource(group, rows)
        resources.append(resource)
        for address in _links(group, rows, parsed):
            if _leads_to_a_page(address) and address not in known:
                missing[address].append(Named(resource.id, resource.title))
    many = max(10, len(resources) // 10)
    rare = {address: holders for address, holders in missing.items() if len(holders) < many}
    dead = [DeadLink(named, address) for address, holders in rare.items() for named in holders]
    return Survey(
        alike=_alike(resources),
        dead_links=tuple(sorted(dead, key=lambda link: (theme_key(link.resource.title), link.address))),
        everywhere=tuple(sorted(missing.keys() - rare.keys())),
    )


def _links(group: Group, rows: Mapping[str, PageRow], parsed: ParsedPages) -> Iterable[str]:
    nodes = (parsed.page(rows[s.path].digest).nodes[s.ordinal] for s in group.sightings)
    return dict.fromkeys(normalise(address) for node in nodes for address in node.links)


def _leads_to_a_page(address: str) -> bool:
    """Whether a normalised address is deeper than a site's home page, and none of the doors that it keeps for users."""
    return address.count("/") > 2 and address.split("/")[3] not in _DOORS


def _alike(resources: Iterable[Resource]) -> tuple[Alike, ...]:
    """Resources with the same title, the same words in another order, or the same text; each group is told once."""
    groups: dict[tuple[Likeness, str], list[Named]] = defaultdict(list)
    for resource in resources:
        named = Named(resource.id, resource.title)
        title = theme_key(resource.title)
        groups[Likeness.TITLE, title].append(named)
        # Years and numbers count: the editions of one report are no duplicates.
        words = sorted({word.rstrip("sx") or word for word in title.split() if word not in _EMPTY})
        if len(words) >= MIN_WORDS:
            groups[Likeness.WORDS, " ".join(words)].append(named)
        text = theme_key(resource.body or "")
        if len(text) >= MIN_TEXT:
            groups[Likeness.TEXT, text].append(named)
    found: dict[frozenset[Named], Alike] = {}
    for (likeness, _), members in groups.items():
        if len(members) > 1:
            ordered = tuple(sorted(members, key=lambda named: (theme_key(named.title), named.id)))
            found.setdefault(frozenset(members), Alike(likeness, ordered))
    return tuple(sorted(found.values(), key=lambda alike: (theme_key(alike.resources[0].title), alike.likeness)))


def _write(path: Path, found: Survey) -> None:
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(json.dumps(asdict(found), ensure_ascii=False), "utf-8", "surrogatepass")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise EngineError(
            f"Le relevé « {path} » ne peut être écrit ({because(error)}) : vérifiez les droits."
        ) from error
