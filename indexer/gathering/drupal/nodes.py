"""Gather the nodes of a Drupal site: what is new or changed, what is gone, and what it shows to everyone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from indexer.errors import GatheringError
from indexer.gathering import spool
from indexer.gathering.addresses import key_of
from indexer.gathering.answers import Answer
from indexer.gathering.deletions import note_missing, note_present
from indexer.gathering.drupal.client import AbsentError, Client, DeniedError, Document, number_of
from indexer.gathering.drupal.fields import Fields, given_fields, guess_fields, read_fields
from indexer.gathering.drupal.page import Node, node_page
from indexer.gathering.fetching import FetchError
from indexer.gathering.files import note_files
from indexer.gathering.registry import Registry, Run, StoppedError, count, note
from indexer.gathering.robots import Robots
from indexer.gathering.session import Session
from indexer.gathering.state import State
from indexer.gathering.traps import template_of
from indexer.progress import Progress
from indexer.sources.saved_page import saved_page

_OVERLAP = timedelta(minutes=5)
"""Margin before the start of the last run from which changes are read again: clocks and transactions are not exact."""


class DrupalRun:
    """One run over the nodes of a Drupal site.

    Args:
        state: the open SQLite file of the sources, runs and addresses.
        session: the connections to the site.
        run: the run to carry out, or to continue after a stop.
        full: read every node, even those that have not changed.
        progress: shows how far the run is.
    """

    def __init__(self, state: State, session: Session, run: Run, *, full: bool, progress: Progress) -> None:
        self._state, self._session, self._run, self._full, self._progress = state, session, run, full, progress
        self._source = session.source
        self._registry = Registry(state)
        self._client = Client(session, session.fetcher)
        self._open = None if session.open is None else Client(session, session.open)
        self._counted = 0

    def gather(self, limit: int | None, enough: int | None = None) -> None:
        """Read what changed since the last run, then look for what is gone.

        Args:
            limit: largest number of nodes to look at, or None.
            enough: number of new nodes after which to stop, or None.

        Raises:
            StoppedError: the site is not available now, or the limit is reached.
            GatheringError: the site does not show its JSON:API.
        """
        try:
            self._gather(limit, enough)
        except FetchError as error:
            raise StoppedError(f"Le site ne peut être lu : {error.reason}.") from error
        finally:
            self._count_requests()

    def _gather(self, limit: int | None, enough: int | None) -> None:
        robots = Robots(self._session.fetcher)
        if not robots.allows(urljoin(self._source.address, "/jsonapi/node")):
            raise GatheringError(
                "robots.txt exclut /jsonapi pour les robots : demandez à qui administre le site d’autoriser "
                "« rtes-archive », ou ajoutez la source avec --kind site."
            )
        self._session.pace.obey(robots.crawl_delay(self._source.address))
        self._client.sign_in()
        fields = read_fields(self._registry.guessed(self._source.name))
        if fields is None:
            raw = self._registry.profile(self._source.name)
            fields = guess_fields(self._client, {} if raw is None else given_fields(raw))
            self._registry.guess(self._source.name, fields.as_json())
        position = self._position()
        if position.get("phase") != "sweep":
            self._walk(fields, position, limit, enough)
        self._sweep(fields)

    def _walk(self, fields: Fields, position: dict[str, Any], limit: int | None, enough: int | None) -> None:
        if "since" not in position:
            position = {"phase": "walk", "after": 0, "since": None if self._full else self._since()}
            self._keep_position(position)
        query = _reading(fields)
        if position["since"] is not None:
            query |= {
                "filter[changed][condition][path]": "changed",
                "filter[changed][condition][operator]": ">=",
                "filter[changed][condition][value]": str(position["since"]),
            }
        self._progress.begin(f"Récupération de {self._source.name}", 0)
        seen = came = 0
        for document in self._client.walk(fields.collection, query, after=position["after"]):
            if "next_since" not in position and document.date:
                position["next_since"] = _unix(document.date)
            nodes = self._nodes(document, fields)
            shown = self._shown_to_all(nodes, fields)
            for node in nodes:
                came += self._keep(node, shown)
                position["after"] = max(position["after"], node.number)
            self._keep_position(position)
            self._count_requests()
            seen += len(document.data)
            self._progress.advance(len(document.data))
            if (limit is not None and seen >= limit) or (enough is not None and came >= enough):
                raise StoppedError(f"Limite atteinte ({seen} contenus) : la prochaine récupération continuera.")
        self._keep_position({**position, "phase": "sweep"})

    def _nodes(self, document: Document, fields: Fields) -> list[Node]:
        found = (node_page(one, document.included, fields, base=self._source.address) for one in document.data)
        return [node for node in found if node is not None]

    def _shown_to_all(self, nodes: list[Node], fields: Fields) -> Mapping[int, Node] | None:
        """Return the public nodes as anonymous requests show them, by number; None if all requests are anonymous."""
        if self._open is None:
            return None
        public = [node.number for node in nodes if node.private is False and node.published]
        if not public:
            return {}
        query = _reading(fields) | {
            "filter[before][condition][path]": "drupal_internal__nid",
            "filter[before][condition][operator]": "<=",
            "filter[before][condition][value]": str(max(public)),
        }
        found: dict[int, Node] = {}
        try:
            for document in self._open.walk(fields.collection, query, after=min(public) - 1):
                found |= {node.number: node for node in self._nodes(document, fields)}
        except DeniedError:
            return {}
        return found

    def _keep(self, node: Node, shown: Mapping[int, Node] | None) -> bool:
        """Put a node into the spool, where it waits for an import, unless it has not changed; return whether it is new.

        Args:
            node: the node as the source's credentials show it.
            shown: nodes as anonymous requests show them, by number; None if all requests are anonymous.
        """
        everyone = node if shown is None else shown.get(node.number)
        public = (
            node.published
            and node.private is False
            and everyone is not None
            and everyone.published
            and everyone.private is False
        )
        kept = everyone if public and everyone is not None else node
        raw = saved_page(kept.page, charset="utf-8", address=node.address, hidden=not public)
        digest, now = spool.digest_of_body(raw), self._session.clock.now().isoformat(timespec="microseconds")
        with self._state.changing() as db:
            number, place, before = self._known(db, node)
            if not node.published and not place:
                return False  # a draft that the archive never had
            note_present(db, number)
            note_files(db, self._source.name, kept.files)
            db.execute(
                "UPDATE addresses SET run = ?, answer = ?, reason = '', resource = 1, fruitful = 1, digest = ?, "
                "hidden = ?, fetched = ? WHERE id = ?",
                (self._run.number, Answer.PAGE, digest, not public, now, number),
            )
            if digest == before and place:
                count(db, self._run.number, "unchanged")
                return False
            spool.put(db, number, now, raw, hidden=not public)
            count(db, self._run.number, "changed" if place else "came")
            return not place

    def _known(self, db: Any, node: Node) -> tuple[int, str, str]:
        key = key_of(node.address)
        db.execute(
            "INSERT OR IGNORE INTO addresses (source, key, url, family, template, depth, chain, listed) "
            "VALUES (?, ?, ?, '', ?, 0, 0, 1)",
            (self._source.name, key, node.address, template_of(node.address)),
        )
        row = db.execute(
            "SELECT id, place, digest FROM addresses WHERE source = ? AND key = ?", (self._source.name, key)
        ).fetchone()
        db.execute("INSERT OR REPLACE INTO nodes VALUES (?, ?, ?)", (row[0], node.number, node.uuid))
        return int(row[0]), str(row[1]), str(row[2])

    def _sweep(self, fields: Fields) -> None:
        """Look for nodes that are gone: JSON:API reports no deletions, so the numbers of all nodes are read."""
        query = {f"fields[node--{fields.bundle}]": "drupal_internal__nid,status"}
        alive: set[int] = set()
        drafts: set[int] = set()
        for document in self._client.walk(fields.collection, query):
            for one in document.data:
                nid = number_of(one)
                if nid is not None:
                    (alive if one.attributes.get("status") is not False else drafts).add(nid)
            self._count_requests()
        with self._state.reading() as db:
            known = db.execute(
                "SELECT nodes.address, nid, uuid, url, place, hidden FROM nodes JOIN addresses "
                "ON addresses.id = nodes.address WHERE source = ? ORDER BY nid",
                (self._source.name,),
            ).fetchall()
        for address, nid, uuid, url, place, hidden in known:
            if nid in alive:
                with self._state.changing() as db:
                    note_present(db, address)
            elif place:
                self._look_at_absent(fields, address, uuid, url, hidden=bool(hidden), draft=nid in drafts)

    def _look_at_absent(self, fields: Fields, address: int, uuid: str, url: str, *, hidden: bool, draft: bool) -> None:
        reason, status = "contenu dépublié", 0
        if not draft:
            try:
                self._client.get(f"{fields.collection}/{uuid}", {f"fields[node--{fields.bundle}]": "status"})
                return  # it came back meanwhile, or an answer left it out: the next run tells
            except AbsentError as error:
                reason, status = f"contenu supprimé ({error.status})", error.status
            except DeniedError as error:
                reason = error.reason
        now = self._session.clock.now()
        with self._state.changing() as db:
            meaning = Answer.DENIED if not status else Answer.GONE if status == 410 else Answer.MISSING
            db.execute("UPDATE addresses SET answer = ?, reason = ? WHERE id = ?", (meaning, reason, address))
            if status:
                note_missing(db, address, self._run.number, now, at_once=status == 410)
            elif not hidden and (draft or self._session.open is None):
                spool.put(db, address, now.isoformat(timespec="microseconds"), None, hidden=True)
                note(db, self._run.number, url, reason)

    def _position(self) -> dict[str, Any]:
        with self._state.reading() as db:
            row = db.execute("SELECT position FROM runs WHERE number = ?", (self._run.number,)).fetchone()
        return dict(json.loads(row[0])) if row[0] else {}

    def _keep_position(self, position: Mapping[str, Any]) -> None:
        with self._state.changing() as db:
            db.execute("UPDATE runs SET position = ? WHERE number = ?", (json.dumps(position), self._run.number))

    def _since(self) -> int | None:
        """Return the time from which changes are to be read: shortly before the last complete run began (Unix time of
        the server). None if there was no such run or the corpus lacks a page: then every node is read.
        """
        with self._state.reading() as db:
            row = db.execute(
                "SELECT position FROM runs WHERE source = ? AND state = 'done' ORDER BY number DESC LIMIT 1",
                (self._source.name,),
            ).fetchone()
            lost = db.execute(
                "SELECT 1 FROM addresses WHERE source = ? AND resource AND place = '' LIMIT 1", (self._source.name,)
            ).fetchone()
        if row is None or lost is not None:
            return None
        began = json.loads(row[0] or "{}").get("next_since")
        return began if isinstance(began, int) else None

    def _count_requests(self) -> None:
        now = self._session.requests
        with self._state.changing() as db:
            count(db, self._run.number, "requests", now - self._counted)
        self._counted = now


def _reading(fields: Fields) -> dict[str, str]:
    """Return the JSON:API parameters by which answers have only the fields that are used, and what these refer to."""
    wanted = ("title", "drupal_internal__nid", "status", "langcode", "created", "changed", "path", "body")
    own = (fields.private, fields.type, fields.themes, fields.summary, *fields.files)
    query = {f"fields[node--{fields.bundle}]": ",".join(dict.fromkeys(filter(None, (*wanted, *own))))}
    if fields.references:
        query["include"] = ",".join(fields.references)
        query["fields[file--file]"] = "uri,filename,filemime"
    return query


def _unix(date: str) -> int | None:
    try:
        return int((parsedate_to_datetime(date) - _OVERLAP).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
