"""The embedded engine returns the same results as the reference engine, on random archives written in random steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis import default_analyzer
from indexer.engine import Engine
from indexer.engine.embedded import EmbeddedEngine
from indexer.engine.embedded.write import merge_policy, shard
from indexer.query import FORMATS, Completion, CompletionKind, SearchRequest, SearchResponse, Sort
from indexer.resource import Audience
from tests.support import depth
from tests.support.engines import MEMBER, VISITOR, resource
from tests.support.memory_engine import MemoryEngine
from tests.support.published import KeptTexts, Published, publish, published

WORDS = """le la de et à l'économie économie economie Économies solidaire solidarité marché marche côte côté été élu·e·s
élus élue acteur.rice.s actrice acteurs tiers-lieux tiers lieu co-construction coconstruction construction éco-quartier
quartiers aujourd'hui prud'homme SCIC S.C.I.C. scic œuvre 2024 2014-856 coopérative coopératives coopérer""".split()
IDS = [f"r{number}" for number in range(8)]
THEMES = ["Égalité", "Egalite", "EGALITE", "Eau", "l’eau", "Mobilité"]
TYPES = [None, "Fiche", "Étude"]
DATES = [None, "2021", "2021-11", "2021-11-05", "2024-02-16", "2019"]

words = st.sampled_from(WORDS)
sentences = st.lists(words, min_size=1, max_size=8).map(" ".join)
texts = st.none() | st.lists(sentences, min_size=1, max_size=3).map("\n\n".join)


page_texts = st.lists(sentences | sentences.map("= Rapport {}".format), max_size=4).map("\n".join)
publications = st.just([]) | st.lists(st.lists(page_texts, min_size=1, max_size=4), max_size=2)


@st.composite
def resources(draw: st.DrawFn) -> Published:
    body = draw(texts)
    summary = draw(texts)
    if body and draw(st.booleans()):
        summary = body.split("\n\n")[0]  # most summaries are the first paragraph
    plain = resource(
        draw(sentences),
        body,
        id=draw(st.sampled_from(IDS)),
        summary=summary,
        type=draw(st.sampled_from(TYPES)),
        themes=tuple(draw(st.lists(st.sampled_from(THEMES), max_size=2, unique=True))),
        date=draw(st.sampled_from(DATES)),
        private=draw(st.booleans()),
    )
    return published(
        plain,
        *draw(publications),
        formats=draw(st.lists(st.sampled_from(["pdf", "docx", "doc"]), max_size=2)),
        labels=draw(st.just([]) | st.just(["i", None, "1"])),
        title=draw(st.none() | sentences),
    )


@dataclass(frozen=True)
class Step:
    """What one generation changes.

    Attributes:
        changes: the resources that it adds, and the ids of those that it removes, in order.
        fresh: whether it begins with an empty index.
    """

    changes: tuple[Published | str, ...]
    fresh: bool


changes = st.one_of(resources(), resources(), st.sampled_from(IDS))
steps = st.builds(Step, st.lists(changes, max_size=8).map(tuple), st.sampled_from([False, False, False, True]))

fields = st.sampled_from(["", "", "", "publication:", "titre:", "resume:", "texte:", "theme:", "type:"])
phrases = st.builds(
    '"{}"{}'.format, st.lists(words, min_size=2, max_size=3).map(" ".join), st.sampled_from(["", "", "~1", "~4"])
)
prefixes = words.map(lambda word: word[:3] + "*")
wildcards = words.filter(lambda word: len(word) > 3).map(lambda word: f"{word[0]}?{word[2:4]}*")
years = st.sampled_from(["annee:2021", "annee:2020..", "annee:..2021", "annee:aucune", "theme:egalite", "type:fiche"])
clauses = st.builds(str.__add__, fields, st.one_of(words, words, phrases, prefixes, wildcards)) | years
queries = st.recursive(
    clauses,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.builds("({} OU {})".format, inner, inner),
        st.builds("({} ET {})".format, inner, inner),
        st.builds("{} SAUF ({})".format, inner, inner),
        inner.map("-({})".format),
    ),
    max_leaves=4,
)
requests = st.builds(
    SearchRequest,
    audience=st.sampled_from([VISITOR, MEMBER]),
    query=st.just("") | queries | queries | queries,
    types=st.just(()) | st.lists(st.sampled_from(TYPES), max_size=2, unique=True).map(tuple),
    years=st.just(()) | st.lists(st.sampled_from([None, 2019, 2021, 2024]), max_size=2, unique=True).map(tuple),
    year_from=st.sampled_from([None, None, None, 2021]),
    year_to=st.sampled_from([None, None, None, 2021]),
    themes=st.just(()) | st.lists(st.sampled_from([None, *THEMES]), max_size=2, unique=True).map(tuple),
    private=st.sampled_from([(), (), (), (True,), (False,), (True, False)]),
    with_publication=st.sampled_from([None, None, None, True, False]),
    formats=st.sampled_from([(), (), (), (FORMATS["pdf"],), (FORMATS["pdf"], FORMATS["docx"]), ("text/plain",)]),
    sort=st.sampled_from([None, *Sort]),
    page=st.sampled_from([1, 1, 1, 2]),
    per_page=st.sampled_from([3, 100, 100]),
)


@st.composite
def typed(draw: st.DrawFn) -> str:
    """Draw beginnings of words as a person types them, some with a typing slip, in any order."""
    parts = []
    for word in draw(st.lists(words, min_size=1, max_size=3)):
        begun, at = word[: draw(st.integers(1, 12))], draw(st.integers(0, 11))
        letter = draw(st.sampled_from("aeiz"))
        slips = (begun, begun[:at] + begun[at + 1 :], begun[:at] + letter + begun[at:], begun[:at] + begun[at:][::-1])
        parts.append(slips[draw(st.integers(0, 3))])
    return " ".join(parts)


@pytest.fixture(scope="module", autouse=True)
def small_segments() -> Iterator[None]:
    """Use small segments that are merged early, so that small archives go through what happens to large ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shard, "FLUSH_TOKENS", 40)
        patch.setattr(shard, "FULL_STORE", 3)
        patch.setattr(merge_policy, "MAX_SEGMENTS", 2)
        yield


@contextmanager
def embedded() -> Iterator[EmbeddedEngine]:
    with (
        TemporaryDirectory() as folder,
        closing(EmbeddedEngine(Path(folder), default_analyzer(), texts=KeptTexts())) as engine,
    ):
        yield engine


def take(engine: Engine, step: Step) -> None:
    with engine.writer(fresh=step.fresh) as writer:
        for change in step.changes:
            if isinstance(change, Published):
                writer.put(change.resource, change.texts)
            else:
                writer.remove(change)


def completed(engine: Engine, prefix: str, audience: Audience) -> list[Completion]:
    """Return the completions except phrases, which the reference engine completes only partly."""
    found = engine.complete(prefix, audience=audience, limit=1000)
    return [one for one in found if one.kind is not CompletionKind.PHRASE]


def assert_same(expected: SearchResponse, given: SearchResponse) -> None:
    assert given.total == expected.total
    assert [hit.id for hit in given.hits] == [hit.id for hit in expected.hits]
    for wanted, hit in zip(expected.hits, given.hits, strict=True):
        assert hit.score == pytest.approx(wanted.score, abs=1e-3)
        assert hit.snippet == wanted.snippet
        assert (hit.pages, hit.pages_total) == (wanted.pages, wanted.pages_total)
        assert (hit.title, hit.type, hit.year, hit.date, hit.private, hit.themes) == (
            (wanted.title, wanted.type, wanted.year, wanted.date, wanted.private, wanted.themes)
        )
    assert given.facets == expected.facets
    assert (given.sort, given.matching, given.messages) == (expected.sort, expected.matching, expected.messages)


@depth.examples(light=15, full=50)
def test_answers_are_those_of_the_definition(examples: int) -> None:
    @settings(max_examples=examples)
    @given(
        history=st.lists(steps, min_size=1, max_size=4),
        asked=st.lists(requests, min_size=4, max_size=10),
        begun=st.lists(typed(), min_size=4, max_size=12),
    )
    def compare(history: list[Step], asked: list[SearchRequest], begun: list[str]) -> None:
        reference = MemoryEngine(default_analyzer())
        with embedded() as engine:
            for step in history:
                take(engine, step)
                take(reference, step)
                for request in asked[:2]:
                    assert_same(reference.search(request), engine.search(request))
            for request in asked:
                assert_same(reference.search(request), engine.search(request))
            for audience in (VISITOR, MEMBER):
                for prefix in begun:
                    assert completed(engine, prefix, audience) == completed(reference, prefix, audience)
                for each in IDS:
                    assert engine.get(each, audience=audience) == reference.get(each, audience=audience)
                    for request in asked[:3]:
                        pages = reference.pages(each, request.query, audience=audience)
                        assert engine.pages(each, request.query, audience=audience) == pages
            told, known = engine.status(), reference.status()
            assert (told.public, told.total) == (known.public, known.total)

    compare()


@depth.examples(light=5, full=15)
def test_small_steps_lead_where_one_run_does(examples: int) -> None:
    @settings(max_examples=examples)
    @given(history=st.lists(steps, min_size=2, max_size=5), asked=st.lists(requests, min_size=3, max_size=8))
    def compare(history: list[Step], asked: list[SearchRequest]) -> None:
        left: dict[str, Published] = {}
        for step in history:
            left = {} if step.fresh else left
            for change in step.changes:
                if isinstance(change, Published):
                    left[change.resource.id] = change
                else:
                    left.pop(change, None)
        with embedded() as stepped, embedded() as whole:
            for step in history:
                take(stepped, step)
            publish(whole, *left.values(), fresh=True)
            for request in asked:
                assert_same(whole.search(request), stepped.search(request))

    compare()
