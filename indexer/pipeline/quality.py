"""Assess the quality of the archive: suspected duplicates, and links to pages that it does not hold.

An assessment reads every parsed page, which takes some seconds in a large archive, so its result is stored in the index
folder.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from indexer.analysis import FOLDED_STOP_WORDS, alphabetical, collation_key, theme_key
from indexer.corpus import PageCache, PageRow
from indexer.errors import EngineError
from indexer.parsing.urls import normalise
from indexer.pipeline.workspace import Workspace
from indexer.resolution import Cluster, resolve_known
from indexer.resource import Resource
from indexer.settings import Settings
from indexer.storage.files import write_atomically
from indexer.storage.os_errors import reason_of

QUALITY_REPORT = "survey.json"
MIN_WORDS = 3
"""Least number of words of titles that are compared by words; shorter ones may have the same words by chance."""
MIN_TEXT = 200
"""Number of characters from which equal texts count; shorter ones may be equal by chance or boilerplate."""


_DOORS = {"user", "users", "login", "connexion", "inscription", "search", "recherche", "contact"}
_EMPTY = FOLDED_STOP_WORDS | {"l", "d", "s", "n", "c", "qu"}


class Likeness(StrEnum):
    """Why several resources may be duplicates."""

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
    """A group of suspected duplicates, ordered by title, and the reasons."""

    likeness: Likeness
    resources: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class DeadLink:
    """A link in the text of a resource to a page of its own site that the archive does not hold."""

    resource: Named
    address: str


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What staff should check in the archive.

    Attributes:
        alike: groups of suspected duplicates.
        dead_links: links to missing pages, ordered by the title of the resource.
        everywhere: addresses left out of `dead_links` because more than a tenth of the resources link to them: links of
            menus and forms.
    """

    alike: tuple[Alike, ...]
    dead_links: tuple[DeadLink, ...]
    everywhere: tuple[str, ...]


def assess_quality(settings: Settings) -> QualityReport:
    """Assess the corpus and its parsed pages, and store the result.

    Raises:
        CorpusError: the corpus cannot be read.
        EngineError: the parsed pages cannot be read, or the result cannot be stored.
    """
    with Workspace(settings, lock=False) as workspace:
        found = _assess(workspace)
    _write(settings.index / QUALITY_REPORT, found)
    return found


def last_quality_report(settings: Settings) -> QualityReport | None:
    """Return the report that `assess_quality` stored last, or None if there is none that can be read."""
    try:
        held = json.loads((settings.index / QUALITY_REPORT).read_text("utf-8"))
        return QualityReport(
            tuple(Alike(Likeness(a["likeness"]), tuple(Named(**r) for r in a["resources"])) for a in held["alike"]),
            tuple(DeadLink(Named(**link["resource"]), link["address"]) for link in held["dead_links"]),
            tuple(held["everywhere"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _assess(workspace: Workspace) -> QualityReport:
    corpus, cache, assembler = workspace.corpus, workspace.cache, workspace.assembler
    rows = {row.path: row for row in corpus.catalogue.pages() if cache.knows(row.digest)}
    known = {identity.key for identity in corpus.catalogue.identities()}
    resources: list[Resource] = []
    missing: defaultdict[str, list[Named]] = defaultdict(list)
    for cluster in resolve_known(corpus, cache, rows.values(), assembler.decided()).clusters:
        if assembler.is_withdrawn(cluster.id):
            continue
        resource, _ = assembler.resource(cluster, rows)
        resources.append(resource)
        for address in _links(cluster, rows, cache):
            if _leads_to_a_page(address) and address not in known:
                missing[address].append(Named(resource.id, resource.title))
    many = max(10, len(resources) // 10)
    rare = {address: holders for address, holders in missing.items() if len(holders) < many}
    dead = [DeadLink(named, address) for address, holders in rare.items() for named in holders]
    return QualityReport(
        alike=_alike(resources),
        dead_links=tuple(sorted(dead, key=lambda link: (collation_key(link.resource.title), link.address))),
        everywhere=tuple(alphabetical(missing.keys() - rare.keys())),
    )


def _links(cluster: Cluster, rows: Mapping[str, PageRow], cache: PageCache) -> Iterable[str]:
    nodes = (cache.page(rows[s.path].digest).nodes[s.ordinal] for s in cluster.mentions)
    return dict.fromkeys(normalise(address) for node in nodes for address in node.links)


def _leads_to_a_page(address: str) -> bool:
    """Return whether a normalised address is that of a content page: neither a home page nor a page for signed-in
    users.
    """
    return address.count("/") > 2 and address.split("/")[3] not in _DOORS


def _alike(resources: Iterable[Resource]) -> tuple[Alike, ...]:
    """Return groups of resources with the same title, the same words in another order, or the same text; each group
    once.
    """
    clusters: dict[tuple[Likeness, str], list[Named]] = defaultdict(list)
    for resource in resources:
        named = Named(resource.id, resource.title)
        title = theme_key(resource.title)
        clusters[Likeness.TITLE, title].append(named)
        # Years and numbers are compared too: the editions of a report are not duplicates.
        words = sorted({word.rstrip("sx") or word for word in title.split() if word not in _EMPTY})
        if len(words) >= MIN_WORDS:
            clusters[Likeness.WORDS, " ".join(words)].append(named)
        text = theme_key(resource.body or "")
        if len(text) >= MIN_TEXT:
            clusters[Likeness.TEXT, text].append(named)
    found: dict[frozenset[Named], Alike] = {}
    for (likeness, _), members in clusters.items():
        if len(members) > 1:
            ordered = tuple(sorted(members, key=lambda named: (collation_key(named.title), named.id)))
            found.setdefault(frozenset(members), Alike(likeness, ordered))
    return tuple(sorted(found.values(), key=lambda alike: (collation_key(alike.resources[0].title), alike.likeness)))


def _write(path: Path, found: QualityReport) -> None:
    try:
        write_atomically(path, json.dumps(asdict(found), ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except OSError as error:
        raise EngineError(
            f"Le relevé « {path} » ne peut être écrit {reason_of(error).then('vérifiez ce qui est à cette place')}."
        ) from error
