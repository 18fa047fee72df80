"""Placeholders, in both engines: visitors find private resources by title, type and year, and learn nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis import Analyzer
from indexer.engine import Engine, is_placeholder
from indexer.engine.embedded import EmbeddedEngine
from indexer.engine.placeholder import placeholder
from indexer.errors import IndexDamagedError
from indexer.parsing.text import TITLE_DOUBTS
from indexer.query import CompletionKind, Sort
from indexer.resource import Attachment, PublishedDocument, Resource
from tests.support import cluster, depth
from tests.support.engines import MEMBER, VISITOR, ask, counts, fill, found, listed, private, resource
from tests.support.memory_engine import MemoryEngine

PUBLIC = resource("charte des achats", "La charte engage.", type="Guide", year=2020, themes=("Achats",))
SECRET = private(
    "note sur Zanzibar",
    "Un xylophone caché.",
    url="https://reseau.example/secret",
    summary="Quetsche.",
    type="Note interne",
    date="2024-05-06",
    themes=("Arbitrages",),
    attachments=(Attachment("https://reseau.example/secret.pdf", "Annexe"),),
    source="pages/secret.html",
    warnings=("Un doute.",),
    body_shape='[1,["https://reseau.example/quetsche"],[[0,0,19,4]]]',
    summary_shape="[1,[],[[1,0,8]]]",
)
STUB = placeholder("note sur Zanzibar", "Note interne", 2024)

Open = Callable[..., Engine]


@pytest.fixture(
    params=["memory", "embedded", pytest.param("opensearch", marks=[cluster.needs_cluster, pytest.mark.slow])]
)
def open_engine(request: pytest.FixtureRequest, tmp_path: Path, analyzer: Analyzer) -> Iterator[Open]:
    prefix = cluster.new_prefix()
    with ExitStack() as stack:

        def open_one(*, placeholders: bool = True) -> Engine:
            if request.param == "memory":
                return MemoryEngine(analyzer, placeholders=placeholders)
            if request.param == "opensearch":
                return stack.enter_context(cluster.opened(prefix, placeholders=placeholders))
            return stack.enter_context(closing(EmbeddedEngine(tmp_path / "index", analyzer, placeholders=placeholders)))

        yield open_one


@pytest.fixture
def engine(open_engine: Open) -> Engine:
    engine = open_engine()
    fill(engine, PUBLIC, SECRET)
    return engine


def test_off_unless_asked_for(open_engine: Open) -> None:
    engine = open_engine(placeholders=False)
    fill(engine, PUBLIC, SECRET)
    assert found(engine) == {"charte"}
    assert engine.get(STUB.id, audience=VISITOR) is engine.get(STUB.id, audience=MEMBER) is None
    assert engine.status().placeholders == 0


def test_a_visitor_finds_it_by_its_title_type_and_year(engine: Engine) -> None:
    for query in ("zanzibar", "titre:note", "type:interne", "annee:2024", '"sur Zanzibar"', "zanz*"):
        assert STUB.id in found(engine, query), query
    assert ask(engine, "zanzibra").did_you_mean == "zanzibar"
    assert "note sur Zanzibar" in engine.suggest("zanz", audience=VISITOR)
    assert engine.get(STUB.id, audience=VISITOR) == STUB


def test_its_title_is_completed_to_the_placeholder_alone(engine: Engine) -> None:
    fill(engine, replace(SECRET, documents=(PublishedDocument(1, "Annexe", "d", "t", "application/pdf", 1, "read"),)))
    (one,) = engine.complete("zanz", audience=VISITOR)
    assert (one.kind, one.text, one.resource) == (CompletionKind.RESOURCE, SECRET.title, STUB.id)
    assert engine.complete("arbitr", audience=VISITOR) == engine.complete("annexe", audience=VISITOR) == ()
    (own,) = engine.complete("zanz", audience=MEMBER)
    assert own.resource == "note"
    assert len(engine.complete("annexe", audience=MEMBER)) == 1


def test_and_by_nothing_else(engine: Engine) -> None:
    for query in ("xylophone", "quetsche", "arbitrages", "theme:arbitrages", "xyloph*", "annexe"):
        assert found(engine, query) == set(), query
    assert found(engine, themes=("Arbitrages",)) == set()
    assert engine.get("note", audience=VISITOR) is None
    (hit,) = ask(engine, "zanzibar").hits
    assert (hit.private, hit.url, hit.date, hit.themes, hit.snippet, hit.year_source) == (
        True,
        None,
        None,
        (),
        (),
        None,
    )


def test_facets_count_it_and_none_is_about_access(engine: Engine) -> None:
    response = ask(engine)
    assert response.total == 2
    assert counts(response.facets.type) == {"Guide": 1, "Note interne": 1}
    assert counts(response.facets.year) == {"2024": 1, "2020": 1}
    assert counts(response.facets.theme) == {"Achats": 1, "none": 1}
    assert response.facets.private == ()
    assert found(engine, private=(True,)) == set()
    assert found(engine, private=(False,)) == {"charte"}
    assert found(engine, private=(True, False)) == {"charte"}


def test_members_find_the_resource_and_no_placeholder(engine: Engine) -> None:
    assert found(engine, audience=MEMBER) == {"charte", "note"}
    assert found(engine, "xylophone", audience=MEMBER) == {"note"}
    assert engine.get("note", audience=MEMBER) == SECRET
    assert engine.get(STUB.id, audience=MEMBER) == SECRET  # the address that a visitor had
    assert engine.get("reservee-rien-000000000000", audience=MEMBER) is None


def test_status_counts_what_each_finds(engine: Engine) -> None:
    status = engine.status()
    assert (status.public, status.total, status.placeholders) == (1, 2, 1)
    assert status.visible(VISITOR) == status.visible(MEMBER) == 2


def test_placeholders_follow_what_happens_to_resources(engine: Engine) -> None:
    fill(engine, replace(SECRET, private=False))
    assert found(engine) == {"charte", "note"}
    fill(engine, SECRET, replace(PUBLIC, private=True))
    assert found(engine) == {STUB.id, placeholder(PUBLIC.title, PUBLIC.type, PUBLIC.year).id}
    fill(engine, PUBLIC, replace(SECRET, title="autre titre"))
    assert listed(engine, sort=Sort.TITLE) == [placeholder("autre titre", "Note interne", 2024).id, "charte"]
    fill(engine, remove=["note"])
    assert found(engine) == {"charte"}


def test_namesakes_of_one_type_and_year_are_one_placeholder_until_the_last_is_gone(engine: Engine) -> None:
    fill(engine, replace(SECRET, id="autre", body="Un autre texte."))
    assert found(engine) == {"charte", STUB.id}
    fill(engine, remove=["note"])
    assert found(engine) == {"charte", STUB.id}
    fill(engine, remove=["autre"])
    assert found(engine) == {"charte"}


@pytest.mark.parametrize("doubt", sorted(TITLE_DOUBTS))
def test_there_is_no_placeholder_where_private_text_stands_for_a_title(engine: Engine, doubt: str) -> None:
    fill(engine, replace(SECRET, id="sans", title="Le début d’un texte réservé…", warnings=(doubt, "Autre chose.")))
    assert found(engine) == {"charte", STUB.id}
    assert found(engine, "texte réservé") == set()
    assert engine.suggest("le debut", audience=VISITOR) == ()
    assert found(engine, "texte réservé", audience=MEMBER) == {"sans"}
    assert engine.status().placeholders == 1
    made = placeholder("Le début d’un texte réservé…", SECRET.type, SECRET.year).id
    assert engine.get(made, audience=VISITOR) is engine.get(made, audience=MEMBER) is None


def test_a_title_that_begins_like_the_id_of_a_placeholder_makes_none() -> None:
    """A private resource counts as a placeholder only if its id is the one made from its title, type and year."""
    assert is_placeholder(STUB)
    assert not is_placeholder(private("Réservée aux élus", "Un texte.", id="reservee-aux-elus-1a2b3c4d"))
    assert not is_placeholder(replace(STUB, private=False))


PLAIN = st.builds(
    lambda n, title, type, year, hidden: resource(
        title, "texte", id=f"r{n}", type=type, year=year, private=hidden, themes=("Eau",)
    ),
    st.integers(0, 7),
    st.sampled_from(("Eau et forêt", "Forêt", "Eau de pluie", "Zanzibar")),
    st.sampled_from(("Guide", None)),
    st.sampled_from((2020, 2021, None)),
    st.booleans(),
)
RUNS = st.lists(st.lists(PLAIN, max_size=5), min_size=1, max_size=3)


@depth.examples(light=8, full=25)
def test_both_engines_say_the_same(analyzer: Analyzer, tmp_path_factory: pytest.TempPathFactory, examples: int) -> None:
    @settings(max_examples=examples, database=None)
    @given(RUNS)
    def compare(runs: list[list[Resource]]) -> None:
        memory = MemoryEngine(analyzer, placeholders=True)
        embedded = EmbeddedEngine(tmp_path_factory.mktemp("index"), analyzer, placeholders=True)
        for resources in runs:
            fill(memory, *resources, remove=["r0"])
            fill(embedded, *resources, remove=["r0"])
            for query in ("", "eau", "forêt OU zanzibar", "type:guide", "annee:2020"):
                for audience in (VISITOR, MEMBER):
                    one, other = (ask(e, query, audience=audience, per_page=100) for e in (memory, embedded))
                    assert (one.hits, one.facets, one.total) == (other.hits, other.facets, other.total)
            assert memory.status().placeholders == embedded.status().placeholders
        embedded.close()

    compare()


# Cases that exist only in the embedded engine


def test_a_site_that_hides_titles_shows_none_whoever_wrote_the_index(tmp_path: Path, analyzer: Analyzer) -> None:
    telling, hiding = (
        EmbeddedEngine(tmp_path / "index", analyzer, placeholders=placeholders) for placeholders in (True, False)
    )
    fill(telling, PUBLIC, SECRET)
    assert found(hiding) == {"charte"}
    assert hiding.get(STUB.id, audience=VISITOR) is None
    assert hiding.status().placeholders == 0
    assert hiding.status().stale  # so the next run writes the index without placeholders
    fill(hiding, PUBLIC, SECRET, fresh=True)
    assert found(telling) == {"charte"}
    assert telling.status().stale
    telling.close()
    hiding.close()


@pytest.mark.parametrize("told", [True, False])
def test_a_title_that_is_hidden_since_keeps_the_generation_before_from_answering(
    tmp_path: Path, analyzer: Analyzer, told: bool
) -> None:
    engine = EmbeddedEngine(tmp_path / "index", analyzer, placeholders=told)
    fill(engine, PUBLIC, SECRET)
    with engine.writer(fresh=False) as writer:
        writer.remove("note", hidden=True)
    engine.close()
    (tmp_path / "index" / "generations" / "000002" / "manifest.json").write_text("{")
    engine = EmbeddedEngine(tmp_path / "index", analyzer, placeholders=told)
    if told:
        with pytest.raises(IndexDamagedError):
            found(engine)
    else:
        assert found(engine) == {"charte"}
    engine.close()


def test_placeholders_that_do_not_change_are_not_written_again(tmp_path: Path, analyzer: Analyzer) -> None:
    engine = EmbeddedEngine(tmp_path / "index", analyzer, placeholders=True)
    fill(engine, PUBLIC, SECRET)

    def segment() -> list[str]:
        return [entry.name for entry in engine.current_generation().manifest.segments if entry.stub]

    before = segment()
    assert len(before) == 1
    fill(engine, replace(SECRET, body="Un autre texte."), resource("autre", "Une publique."))
    assert segment() == before
    fill(engine, replace(SECRET, year=2025))
    assert segment() != before
    engine.close()
