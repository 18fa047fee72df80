"""Change detection reads only what is connected to a change, and gives the same result as reading everything."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.corpus.corrections import CORRECTIONS, Correction, Corrections
from indexer.pipeline.changes import ChangeSet, detect_changes
from indexer.pipeline.rollback import roll_back
from indexer.pipeline.workspace import Workspace
from indexer.resolution.assembler import Provenance
from indexer.resolution.clustering import Cluster
from indexer.resolution.resolver import resolve_known
from indexer.settings import Settings
from tests.support.archive import SITE, Archive, export, listing, node, page

pytestmark = pytest.mark.slow

NODES = st.tuples(
    st.sampled_from(("Une régie", "Un jardin", "Un tiers-lieu")),
    st.sampled_from((None, None, "/a", "/b", "/c")),
    st.sampled_from(("Non", "Non", "Oui")),
)


@dataclass(frozen=True)
class Page:
    """A change of the corpus: a page that is written, or removed if it has no nodes."""

    name: str
    nodes: tuple[tuple[str, str | None, str], ...]


@dataclass(frozen=True)
class Correct:
    """A change: the n-th resource is corrected."""

    number: int
    correction: Correction


CHANGES = st.one_of(
    st.builds(Page, st.sampled_from(("1.html", "2.html", "3.html", "4.html")), st.lists(NODES, max_size=3).map(tuple)),
    st.builds(
        Correct,
        st.integers(0, 5),
        st.sampled_from((Correction(private=True), Correction(private=False), Correction(withdrawn=True))),
    ),
)


class Trial:
    """A corpus, and the provenance of its resources: what each one is made from, by which runs find changes."""

    def __init__(self, folder: Path) -> None:
        (folder / "corpus").mkdir()
        self.settings = Settings(folder / "corpus", folder / "index", folder / "data", site_url=SITE)
        self.corrections = Corrections(folder / "corpus" / CORRECTIONS)
        self.generation = 0

    def change(self, change: Page | Correct) -> None:
        if isinstance(change, Correct):
            with Workspace(self.settings) as workspace:
                known = sorted({identity.id for identity in workspace.corpus.catalogue.identities()})
            if known:
                chosen = known[change.number % len(known)]
                self.corrections.change(chosen, change.correction, actor="essai", title=chosen)
            return
        path = self.settings.corpus / change.name
        if change.nodes:
            made = [node(title, link=link, private=private, body="Un texte.") for title, link, private in change.nodes]
            path.write_text(listing(*made), "utf-8")
        else:
            path.unlink(missing_ok=True)

    def run(self) -> ChangeSet:
        """Do what an indexing run does, except writing the index."""
        with Workspace(self.settings) as workspace:
            scan = workspace.corpus.scan()
            before = None if self.generation == 0 else f"{self.generation:06}"
            changes = detect_changes(workspace, before, scan.pages)
            kept = [cluster for cluster in changes.clusters if not workspace.assembler.is_withdrawn(cluster.id)]
            now = {cluster.id: provenance(workspace, cluster) for cluster in kept}
            known = changes.before or {}
            self.generation += 1
            marks = workspace.provenance.save(
                f"{self.generation:06}",
                changes.source_state,
                {name: found for name, found in now.items() if known.get(name) != found},
                since=before,
                gone=known.keys() - now.keys(),
            )
            workspace.corpus.catalogue.forget_before(marks)
            workspace.cache.forget_all_but({row.digest for row in scan.pages})
            return changes

    def whole(self) -> dict[str, Provenance]:
        """Return the provenance of all resources, by reading everything."""
        with Workspace(self.settings) as workspace:
            pages, decided = workspace.corpus.catalogue.pages(), workspace.assembler.decided()
            resolution = resolve_known(workspace.corpus, workspace.cache, pages, decided)
            assert resolution.fresh == {}, "all ids were given"
            kept = [cluster for cluster in resolution.clusters if not workspace.assembler.is_withdrawn(cluster.id)]
            return {cluster.id: provenance(workspace, cluster) for cluster in kept}

    def held(self) -> dict[str, Provenance] | None:
        with Workspace(self.settings) as workspace:
            return workspace.provenance.provenances(f"{self.generation:06}")


def provenance(workspace: Workspace, cluster: Cluster) -> Provenance:
    """Return the provenance that an indexing run would store for a resource, to notice later changes."""
    rows = {row.path: row for row in workspace.corpus.catalogue.pages()}
    shown = () if workspace.assembler.is_hidden(cluster) else tuple(sorted(cluster.keys))
    return Provenance(workspace.assembler.signature(cluster, rows), (), "", shown, cluster.node_refs)


@contextmanager
def trial() -> Iterator[Trial]:
    with TemporaryDirectory() as folder:
        yield Trial(Path(folder))


@settings(max_examples=60)
@given(st.lists(st.lists(CHANGES, min_size=1, max_size=3), min_size=2, max_size=5))
def test_around_what_changed_is_all_that_changed(steps: Sequence[Sequence[Page | Correct]]) -> None:
    with trial() as archive:
        archive.run()
        for changes in steps:
            for change in changes:
                archive.change(change)
            assert not archive.run().whole
            assert archive.held() == archive.whole()


def test_only_what_is_bound_to_a_change_is_looked_at() -> None:
    with trial() as archive:
        archive.run()
        archive.change(Page("1.html", (("Une régie", "/a", "Non"), ("Un jardin", None, "Non"))))
        archive.change(Page("2.html", (("Un jardin", "/b", "Non"),)))
        archive.change(Page("3.html", (("Un tiers-lieu", "/c", "Non"),)))
        archive.run()
        archive.change(Page("2.html", (("Un jardin", "/b", "Non"), ("Un verger", "/d", "Non"))))
        looked_at = {cluster.mentions[0].title for cluster in archive.run().clusters}
        assert looked_at == {"Un jardin", "Un verger"}, "not what is on other pages, nor all of a page that it shares"


def test_nothing_changed_nothing_is_looked_at() -> None:
    with trial() as archive:
        archive.change(Page("1.html", (("Une régie", "/a", "Non"),)))
        archive.run()
        os.utime(archive.settings.corpus / "1.html", (1, 1))
        assert archive.run().clusters == ()


# If the journal is not sufficient, everything is read


@pytest.fixture
def indexed(archive: Archive) -> Archive:
    archive.put("s/1.html", page("Une régie", address=f"{SITE}/regie"))
    archive.put("s/2.txt", export(("Un jardin", "Non", "Un texte.")))
    archive.index()
    return archive


def test_another_catalogue_than_the_index_was_written_from(indexed: Archive) -> None:
    saved = {path: path.read_bytes() for path in indexed.settings.corpus.glob("catalogue.sqlite*")}
    indexed.put("s/3.html", page("Un tiers-lieu", address=f"{SITE}/lieu"))
    indexed.index()
    (indexed.settings.corpus / "s/3.html").unlink()
    for path in indexed.settings.corpus.glob("catalogue.sqlite*"):
        path.unlink()
    for path, raw in saved.items():
        path.write_bytes(raw)
    assert indexed.index().removed == 1
    assert set(indexed.ids()) == {"Une régie", "Un jardin"}


def test_a_cache_that_was_deleted(indexed: Archive) -> None:
    for path in indexed.settings.index.glob("pages.sqlite*"):
        path.unlink()
    indexed.put("s/1.html", page("Une régie", address=f"{SITE}/regie", body="Un autre texte."))
    report = indexed.index()
    assert (report.added, report.updated, report.removed) == (0, 1, 0)
    assert indexed.search("autre").total == 1


def test_going_back_is_redone_by_the_next_run(indexed: Archive) -> None:
    (indexed.settings.corpus / "s/2.txt").unlink()
    indexed.index()
    with indexed.engine() as engine:
        roll_back(indexed.settings, engine)
    assert set(indexed.ids()) == {"Une régie", "Un jardin"}
    assert indexed.index().removed == 1
    assert set(indexed.ids()) == {"Une régie"}


def test_another_base_address(indexed: Archive) -> None:
    report = indexed.index(site_url="https://autre.example/")
    assert report.updated + report.added + report.removed > 0
    assert indexed.index(site_url="https://autre.example/").switched is False


def test_a_state_that_other_code_wrote_is_thrown_away(indexed: Archive) -> None:
    for path in indexed.settings.index.glob("built.sqlite*"):
        path.unlink()
    database = sqlite3.connect(indexed.settings.index / "built.sqlite")
    database.execute("CREATE TABLE written (generation TEXT PRIMARY KEY)")
    database.execute("INSERT INTO written VALUES ('000001')")
    database.commit()
    database.close()
    assert indexed.index().switched
    assert set(indexed.ids()) == {"Une régie", "Un jardin"}
