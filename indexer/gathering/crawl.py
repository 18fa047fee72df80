"""Gather the pages of a site: fetch new and changed ones for the next import, and note those that are gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from indexer.errors import GatheringError, PageError
from indexer.gathering import spool
from indexer.gathering.addresses import canonical, is_page_of, is_within, key_of
from indexer.gathering.answers import (
    Answer,
    NotFoundPage,
    meaning_of_page,
    meaning_of_status,
    not_found_page,
    random_path,
)
from indexer.gathering.deletions import note_missing, note_present
from indexer.gathering.fetching import Fetched, Fetcher, FetchError
from indexer.gathering.files import note_files
from indexer.gathering.frontier import Frontier, Known
from indexer.gathering.links import PageLinks, read_links
from indexer.gathering.politeness import LONGEST_PAUSE
from indexer.gathering.registry import Run, StoppedError, count, note
from indexer.gathering.robots import Robots
from indexer.gathering.session import Session
from indexer.gathering.sitemaps import read_sitemaps
from indexer.gathering.state import State
from indexer.gathering.traps import order_of, signature_of, template_of
from indexer.parsing.node import PageKind, ParsedNode
from indexer.parsing.page import parse_page
from indexer.parsing.profile import Profile
from indexer.progress import Progress
from indexer.sources.saved_page import saved_page

_ATTEMPTS = 3
"""Number of requests for a page that fails before the crawl goes on to other pages."""
_STREAK = 5
"""Number of pages in a row without an answer, after which the site is taken to be down and the run stops."""
_LISTED_AT_ONCE = 500

REASONS: Mapping[Answer, str] = {
    Answer.DENIED: "le site refuse cette page",
    Answer.SIGN_IN: "le site demande de se connecter",
    Answer.COOKIE_WALL: "le site ne montre que sa demande de cookies",
    Answer.MAINTENANCE: "le site est en maintenance",
    Answer.GONE: "page supprimée (410)",
    Answer.MISSING: "page introuvable (404)",
}


class _BusyError(FetchError):
    """The site answered that it is busy (status 429 or 503)."""

    def __init__(self, answer: Fetched) -> None:
        super().__init__(f"le site est occupé (HTTP {answer.status})", passing=True)
        self.retry_after = answer.headers.get("retry-after")


@dataclass(frozen=True, slots=True)
class Seen:
    """A page that was fetched and read.

    Attributes:
        answer: the answer with its bytes.
        page: its links, title and text.
        nodes: the resources on it.
        hidden: whether all its resources are to be private, whatever the page itself says.
    """

    answer: Fetched
    page: PageLinks
    nodes: tuple[ParsedNode, ...]
    hidden: bool

    @property
    def raw(self) -> bytes:
        """Return the page as the corpus keeps it: its bytes, with its address and `hidden` noted in comments."""
        address = self.answer.address
        return saved_page(self.answer.body, charset=self.answer.charset, address=address, hidden=self.hidden)


class Crawl:
    """One run over a site.

    Args:
        state: the open SQLite file of the sources, runs and addresses.
        session: the connections to the source.
        run: the run to carry out, or to continue after a stop.
        profile: import profile by which the pages are read, or None.
        full: fetch every page, even if validators say that it has not changed.
        progress: shows how far the run is.
    """

    def __init__(
        self, state: State, session: Session, run: Run, *, profile: Profile | None, full: bool, progress: Progress
    ) -> None:
        self._state, self._session, self._run, self._profile = state, session, run, profile
        self._source, self._full, self._progress = session.source, full, progress
        self._fetcher: Fetcher = session.fetcher
        self._robots = Robots(self._fetcher)
        self._frontier = Frontier(state.database, self._source.name, run.number, depth=self._source.depth)
        self._probe: NotFoundPage | None = None
        self._template: frozenset[str] = frozenset()
        self._streak = self._came = 0

    def gather(self, limit: int | None, enough: int | None = None) -> None:
        """Fetch pages until no known address is left to fetch.

        Args:
            limit: largest number of addresses to look at, or None.
            enough: number of new pages after which to stop, or None.

        Raises:
            StoppedError: the site is not available now, or the limit is reached.
            GatheringError: robots.txt excludes the whole source, or the state cannot be used.
        """
        home = self._source.address
        try:
            if not self._robots.allows(home):
                raise GatheringError(
                    f"robots.txt de {urlsplit(home).netloc} exclut cette adresse pour les robots : demandez à qui "
                    "administre le site d’autoriser « rtes-archive », ou importez des pages enregistrées."
                )
            self._session.pace.obey(self._robots.crawl_delay(home))
            self._look_for_not_found(home)
        except FetchError as error:
            raise StoppedError(f"Le site ne peut être lu : {error.reason}.") from error
        with self._state.changing():
            number = self._frontier.start(home)
        self._read_sitemaps(home)
        self._progress.begin(f"Récupération de {self._source.name}", self._frontier.waiting())
        visits = 0
        while (known := self._frontier.next()) is not None:
            if (limit is not None and visits >= limit) or (enough is not None and self._came >= enough):
                raise StoppedError(f"Limite atteinte ({visits} pages) : la prochaine récupération continuera.")
            visits += 1
            self._visit(known)
            if known.id == number:
                self._template = self._links_of(number)
            self._progress.advance(1)
        self._note_failures()

    def look(self, address: str) -> Seen | str:
        """Fetch a page without noting anything in the state; return it, or the reason (French) why there is none.

        Raises:
            FetchError: the page cannot be fetched.
        """
        if not self._robots.allows(address):
            return "robots.txt exclut cette page"
        answer = self._fetcher.get(address, allowed=self._may_ask)
        meaning = meaning_of_status(answer)
        if meaning is not None:
            return REASONS.get(meaning, f"le site répond par le statut {answer.status}")
        return self._read(answer)

    def _read_sitemaps(self, home: str) -> None:
        with self._state.reading() as db:
            done = db.execute("SELECT position FROM runs WHERE number = ?", (self._run.number,)).fetchone()[0]
        if done:
            return
        with self._state.changing():
            self._frontier.forget_listed()
        named = [*self._robots.sitemaps(home), urljoin(home, "/sitemap.xml")]
        batch: list[tuple[str, str]] = []

        def keep() -> None:
            with self._state.changing():
                self._frontier.listed(batch)
            batch.clear()

        told: list[str] = []
        for listed in read_sitemaps(self._fetcher, filter(None, map(canonical, named)), self._may_ask, told.append):
            address = canonical(listed.address)
            if address is not None and is_page_of(self._source, address):
                batch.append((address, listed.changed))
            if len(batch) >= _LISTED_AT_ONCE:
                keep()
        keep()
        with self._state.changing() as db:
            for text in told:
                note(db, self._run.number, home, text)
            db.execute("UPDATE runs SET position = 'listed' WHERE number = ?", (self._run.number,))

    def _look_for_not_found(self, home: str) -> None:
        answer = self._fetcher.get(urljoin(home, random_path()), allowed=self._may_ask)
        if answer.status == 200 and answer.body:
            self._probe = not_found_page(read_links(answer.body, answer.address, answer.charset), answer.asked)

    def _visit(self, known: Known) -> None:
        if not self._robots.allows(known.url):
            self._settle(known, "robots", "robots.txt exclut cette page")
            return
        before = self._session.requests
        try:
            for attempt in range(1, _ATTEMPTS + 1):
                if self._attempt(known, last=attempt == _ATTEMPTS):
                    break
        finally:
            with self._state.changing() as db:
                count(db, self._run.number, "requests", self._session.requests - before)

    def _attempt(self, known: Known, *, last: bool) -> bool:
        """Ask for a page once; return False if the site did not answer, and the request is to be repeated at once.

        Args:
            known: the address to ask for.
            last: whether this is the last attempt for now; True is then returned in any case.
        """
        try:
            answer = self._fetcher.get(known.url, headers=self._validators(known), allowed=self._may_ask)
            meaning = meaning_of_status(answer)
            if meaning is Answer.BUSY:
                raise _BusyError(answer)
            if meaning is Answer.FAILED:
                raise FetchError(f"le site répond par le statut {answer.status}", passing=answer.status >= 500)
            if meaning is None:
                self._take(known, answer)
            elif meaning is Answer.UNCHANGED:
                self._confirm(known)
            else:
                self._miss(known, meaning, answer.status)
        except FetchError as error:
            return self._fail(known, error, last=last)
        if meaning is None or not meaning.is_refusal:
            self._streak = 0
        self._session.pace.answered()
        return True

    def _validators(self, known: Known) -> dict[str, str]:
        if self._full or not known.digest or (known.resource and not self._is_held(known)):
            return {}
        given = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
        return {name: value for name, value in given.items() if value}

    def _is_held(self, known: Known) -> bool:
        """Return whether the page of an address is in the corpus, or in the spool, where it waits for an import."""
        return bool(known.place) or spool.holds(self._state.database, known.id)

    def _confirm(self, known: Known) -> None:
        """Note that a page has not changed. If the source has credentials, first check that what visitors see of the
        page has not changed either, and read the page again if it has.
        """
        if self._session.open is not None and (known.open or known.hidden):
            shown = self._session.open.get(known.url, headers=self._open_validators(known), allowed=self._may_ask)
            meaning = meaning_of_status(shown)
            if meaning is Answer.BUSY:
                raise _BusyError(shown)
            refused = meaning is not None and meaning is not Answer.FAILED
            if meaning is not Answer.UNCHANGED and (known.open or not refused):
                self._take(known, self._fetcher.get(known.url, allowed=self._may_ask))
                return
        with self._state.changing() as db:
            note_present(db, known.id)
            self._frontier.settle(known.id, Answer.UNCHANGED)
            count(db, self._run.number, "unchanged", int(known.resource))

    @staticmethod
    def _open_validators(known: Known) -> dict[str, str]:
        given = {"If-None-Match": known.open_etag, "If-Modified-Since": known.open_modified}
        return {name: value for name, value in given.items() if value}

    def _take(self, known: Known, answer: Fetched) -> None:
        if meaning_of_status(answer) is not None:
            raise FetchError(f"le site répond par le statut {answer.status}", passing=True)
        seen = self._read(answer)
        meaning = meaning_of_page(answer, seen.page, shows=bool(seen.nodes), probe=self._probe)
        if meaning is not Answer.PAGE:
            self._miss(known, meaning, answer.status)
            return
        if known.resource and not seen.nodes and not answer.moved:
            # Whatever the site shows there now, it is no newer version of the resource.
            with self._state.changing() as db:
                self._frontier.settle(known.id, Answer.PAGE, "la page ne montre plus de ressource")
                note(db, self._run.number, known.url, "la page ne montre plus de ressource : l’ancienne est gardée")
            return
        shown: Fetched | None = None
        if self._session.open is not None and any(not node.private for node in seen.nodes):
            seen, shown = self._as_everyone_sees(seen)
        self._keep(known, seen, answer, shown)

    def _as_everyone_sees(self, seen: Seen) -> tuple[Seen, Fetched | None]:
        """Return a page as an anonymous request gets it, if that shows all of the page's public resources; else the
        page marked as private. Also return the answer to that request, if it was a page.

        Raises:
            FetchError: the anonymous request failed.
        """
        assert self._session.open is not None  # noqa: S101 - for the type checker
        answer = self._session.open.get(seen.answer.address, allowed=self._may_ask)
        if meaning_of_status(answer) is None and not answer.moved:
            everyone = self._read(answer)
            public = {node.title for node in seen.nodes if not node.private}
            if public <= {node.title for node in everyone.nodes if not node.private}:
                return everyone, answer
            return Seen(seen.answer, seen.page, seen.nodes, hidden=True), answer
        if answer.status >= 500 or answer.status == 429:
            raise FetchError("le site ne dit pas si tous voient cette page", passing=True)
        return Seen(seen.answer, seen.page, seen.nodes, hidden=True), None

    def _keep(self, known: Known, seen: Seen, answer: Fetched, shown: Fetched | None) -> None:
        """Put a page into the spool, where it waits for an import, unless it has not changed.

        Args:
            known: the address that was asked for.
            seen: the page to keep.
            answer: the answer to the request with credentials, or the only one.
            shown: the answer to the anonymous request, if there was one that showed a page.
        """
        links = [one for one in seen.page.links if is_page_of(self._source, one) and key_of(one) not in self._template]
        inner = template_of(answer.address)
        signature = signature_of((one for one in links if template_of(one) != inner), seen.page.text)
        raw = seen.raw
        digest = spool.digest_of_body(raw)
        with self._state.changing() as db:
            target = known
            if answer.moved and key_of(answer.address) != key_of(known.url):
                self._frontier.settle(known.id, "moved", f"page déplacée vers {answer.address}")
                if answer.permanent:
                    note_missing(db, known.id, self._run.number, self._session.clock.now(), at_once=False)
                if not is_page_of(self._source, answer.address):
                    return
                self._frontier.read(known.id, [answer.address], resource=False, echo=False)
                target = self._frontier.known(answer.address) or known
                if target.id == known.id or self._frontier.is_settled(target.id):
                    return
            others = self._frontier.repeats(target.id, target.template, signature)
            echo = any(order_of(one) < order_of(target.url) for one in others)
            self._frontier.read(target.id, links, resource=bool(seen.nodes), echo=echo, signature=signature)
            self._frontier.settle(target.id, Answer.PAGE)
            same = digest == target.digest and (not seen.nodes or self._is_held(target))
            validators = (*_validators_of(answer), *_validators_of(shown))
            db.execute(
                "UPDATE addresses SET digest = ?, etag = ?, modified = ?, open_etag = ?, open_modified = ?, open = ?, "
                "hidden = ?, fetched = ? WHERE id = ?",
                (digest, *validators, shown is not None and not seen.hidden, seen.hidden, answer.at, target.id),
            )
            note_present(db, target.id)
            note_files(db, self._source.name, (one.url for node in seen.nodes for one in node.attachments))
            if seen.nodes and not same:
                spool.put(db, target.id, answer.at, raw, hidden=seen.hidden)
                self._came += 1
                count(db, self._run.number, "changed" if target.place else "came")
            elif seen.nodes:
                count(db, self._run.number, "unchanged")

    def _miss(self, known: Known, meaning: Answer, status: int) -> None:
        reason = REASONS.get(meaning, f"le site répond par le statut {status}")
        with self._state.changing() as db:
            self._frontier.settle(known.id, meaning, reason)
            if meaning.is_deletion:
                note_missing(db, known.id, self._run.number, self._session.clock.now(), at_once=meaning is Answer.GONE)
            elif meaning.is_refusal and self._session.open is None and known.place and not known.hidden:
                # What its own site no longer shows to everyone is private.
                spool.put(db, known.id, self._session.clock.now().isoformat(), None, hidden=True)
                note(db, self._run.number, known.url, reason)
            elif known.resource or (meaning is not Answer.OTHER_FILE and meaning is not Answer.MISSING):
                note(db, self._run.number, known.url, reason)
        if meaning.is_refusal and self._session.open is not None:
            self._streak += 1
            self._stop_if_down("il refuse la connexion : vérifiez le fichier qui l’ouvre")

    def _fail(self, known: Known, error: FetchError, *, last: bool) -> bool:
        """Note that an address gave no usable answer; return False if it is to be asked again before any other.

        Args:
            known: the address.
            error: why there is no usable answer.
            last: whether this was the last attempt for now; the address is then asked again after the others.

        Raises:
            StoppedError: the site asks for a long pause, or seems to be down.
        """
        if not error.passing:
            with self._state.changing() as db:
                self._frontier.settle(known.id, Answer.FAILED, error.reason)
                note(db, self._run.number, known.url, error.reason)
            return True
        pause = self._session.pace.back_off(error.retry_after if isinstance(error, _BusyError) else None)
        if pause > LONGEST_PAUSE:
            raise StoppedError(
                f"Le site demande d’attendre {pause / 60:.0f} minutes : la prochaine récupération continuera."
            )
        if last:
            with self._state.changing():
                self._frontier.put_off(known.id, Answer.FAILED, error.reason)
            self._streak += 1
            self._stop_if_down(error.reason)
        return last

    def _stop_if_down(self, reason: str) -> None:
        if self._streak >= _STREAK:
            raise StoppedError(
                f"Le site n’a pas répondu pour {self._streak} pages de suite ({reason}) : la prochaine récupération "
                "continuera."
            )

    def _settle(self, known: Known, answer: str, reason: str) -> None:
        with self._state.changing():
            self._frontier.settle(known.id, answer, reason)

    def _note_failures(self) -> None:
        with self._state.changing() as db:
            rows = db.execute(
                "SELECT url, reason FROM addresses WHERE source = ? AND done = 0 AND tries > 0 ORDER BY id",
                (self._source.name,),
            ).fetchall()
            for url, reason in rows:
                note(db, self._run.number, url, reason)

    def _read(self, answer: Fetched) -> Seen:
        page = read_links(answer.body, answer.address, answer.charset)
        raw = saved_page(answer.body, charset=answer.charset, address=answer.address)
        try:
            nodes = parse_page(raw, PageKind.HTML, base=answer.address, profile=self._profile).nodes
        except PageError:
            nodes = ()
        return Seen(answer, page, nodes, hidden=False)

    def _links_of(self, number: int) -> frozenset[str]:
        with self._state.reading() as db:
            rows = db.execute(
                "SELECT key FROM links JOIN addresses ON addresses.id = links.target WHERE origin = ?", (number,)
            )
            return frozenset(key for (key,) in rows)

    def _may_ask(self, address: str) -> bool:
        return is_within(self._source, address) and self._robots.allows(address)


def _validators_of(answer: Fetched | None) -> tuple[str, str]:
    return ("", "") if answer is None else (answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))
