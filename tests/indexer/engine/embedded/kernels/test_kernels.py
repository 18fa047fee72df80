"""Kernels, compiled and with numpy, compute what their definition says; compiled ones stay inside their arrays."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from bisect import bisect_left, bisect_right
from collections import Counter
from contextlib import suppress
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.embedded import kernels
from indexer.engine.embedded.kernels import numpy_kernels
from indexer.engine.embedded.kernels.layout import IntArray, distinct, offsets_of
from indexer.query import scoring
from indexer.query.feedback import Prominent, gains
from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE

SIZE = 3_000
rtes_kernels = pytest.importorskip("rtes_kernels") if kernels.COMPILED else None

compiled = pytest.mark.skipif(
    rtes_kernels is None, reason="les noyaux ne sont pas compilés : pas de compilateur C à l’installation"
)
each = pytest.mark.parametrize(
    "kernel", [pytest.param(numpy_kernels, id="numpy"), pytest.param(rtes_kernels, id="compiled", marks=compiled)]
)

few = st.sets(st.integers(0, SIZE - 1), max_size=6)
many = st.builds(range, st.integers(0, 50), st.integers(50, SIZE), st.integers(1, 4)).map(set)
documents = st.one_of(few, many).map(lambda docs: np.array(sorted(docs), dtype=np.int32))
masks = st.integers(1, 63)


def impacts_of(docs: IntArray, seed: int = 0) -> Any:
    return (np.random.default_rng(seed).integers(1, 50, len(docs)) / 7).astype(np.float32)


def fields_of(docs: IntArray, seed: int = 0) -> IntArray:
    return np.random.default_rng(seed).integers(0, 64, len(docs)).astype(np.uint8)


def same(found: Any, docs: list[int], values: list[Any]) -> None:
    assert found[0].dtype == np.int32
    assert found[0].tolist() == docs
    assert found[1].tolist() == pytest.approx(values, rel=1e-6)


@given(st.lists(st.lists(st.integers(-(2**62), 2**62)), min_size=1, max_size=4), st.sampled_from([np.int64, np.int32]))
def test_distinct(lists: list[list[int]], width: type[np.generic]) -> None:
    arrays = [np.array(values, dtype=np.int64).astype(width) for values in lists]
    before = [array.copy() for array in arrays]
    found = distinct(*arrays)
    assert found.dtype == width
    assert found.tolist() == sorted({value for array in arrays for value in array.tolist()})
    assert all(np.array_equal(array, copy) for array, copy in zip(arrays, before, strict=True))


@each
@given(st.sets(st.text("abé", max_size=4)), st.text("abé", max_size=5))
def test_string_lower_bound(kernel: ModuleType, texts: set[str], wanted: str) -> None:
    table = sorted(text.encode() for text in texts)
    blob = np.frombuffer(b"".join(table), dtype=np.uint8)
    offsets = offsets_of(np.array([len(text) for text in table], dtype=np.int64))
    assert kernel.string_lower_bound(blob, offsets, wanted.encode()) == bisect_left(table, wanted.encode())


@each
@given(st.lists(st.sets(st.text("abé", max_size=4)), max_size=4))
def test_number_strings(kernel: ModuleType, tables: list[set[str]]) -> None:
    held = [sorted(text.encode() for text in table) for table in tables]
    arrays = [
        (
            np.frombuffer(b"".join(texts), dtype=np.uint8),
            offsets_of(np.array([len(text) for text in texts], dtype=np.int64)),
        )
        for texts in held
    ]
    wanted = sorted({text for texts in held for text in texts})
    numbers, size = kernel.number_strings(arrays)
    assert size == len(wanted)
    assert all(each.dtype == np.int32 for each in numbers)
    assert [[wanted[number] for number in each.tolist()] for each in numbers] == held


@each
@given(documents, documents, documents, st.booleans())
def test_postings_of_several_segments(
    kernel: ModuleType, first: IntArray, other: IntArray, dead: IntArray, all_live: bool
) -> None:
    live = np.ones(SIZE, dtype=bool)
    live[dead] = False
    alive = None if all_live else live
    padded = np.concatenate(([SIZE - 1], other)).astype(np.int32)  # preceded by a posting of another term
    parts = [(first, None, 0), (padded, alive, SIZE)]
    stretches = [(d, impacts_of(d), fields_of(d), int(d is padded), len(d), live, base) for d, live, base in parts]
    docs, impacts, fields = kernel.gather_postings(stretches)
    kept = [True] * len(first) + [all_live or bool(live[doc]) for doc in other]
    every = [*first.tolist(), *(other + SIZE).tolist()]
    assert docs.tolist() == [doc for doc, keep in zip(every, kept, strict=True) if keep]
    wanted = np.concatenate((impacts_of(first), impacts_of(padded)[1:]))[np.array(kept, dtype=bool)]
    assert impacts.tolist() == wanted.tolist()
    held = np.concatenate((fields_of(first), fields_of(padded)[1:]))[np.array(kept, dtype=bool)]
    assert fields.tolist() == held.tolist()
    forms = [(d, f, low, high, live, base) for d, _, f, low, high, live, base in stretches]
    assert kernel.gather_form_docs(forms, 5).tolist() == docs[(held & 5) != 0].tolist()


@each
@given(documents, documents, masks)
def test_boost_exact(kernel: ModuleType, docs: IntArray, exact: IntArray, mask: int) -> None:
    impacts, fields, typed = impacts_of(docs), fields_of(docs), set(exact.tolist())
    kept = [i for i in range(len(docs)) if fields[i] & mask]
    raised = [float(impacts[i]) + 0.15 * (int(docs[i]) in typed) for i in kept]
    found = kernel.boost_exact(docs, impacts, fields, mask, exact, 0.15)
    same(found, [int(docs[i]) for i in kept], raised)
    assert found[1].tolist() == numpy_kernels.boost_exact(docs, impacts, fields, mask, exact, 0.15)[1].tolist()


@each
@given(st.lists(documents, min_size=1, max_size=4), st.data())
def test_sum_scores(kernel: ModuleType, lists: list[IntArray], data: st.DataObject) -> None:
    worths = data.draw(st.one_of(st.just([1] * len(lists)), st.lists(st.integers(0, 63), min_size=4, max_size=4)))
    points = worths[: len(lists)]
    least = data.draw(st.integers(1, max(1, sum(points))))
    parts = [(docs, impacts_of(docs, seed), 0.5 + seed) for seed, docs in enumerate(lists)]
    counts: Counter[int] = Counter()
    sums: dict[int, Any] = {}
    for (docs, values, weight), worth in zip(parts, points, strict=True):
        for doc, value in zip(docs.tolist(), values, strict=True):
            counts[doc] += worth
            sums[doc] = sums.get(doc, np.float32(0)) + value * np.float32(weight)
    wanted = sorted(doc for doc in counts if counts[doc] >= least)
    found = kernel.sum_scores(parts, points, least, SIZE)
    assert found[0].tolist() == wanted
    assert found[1].tolist() == [float(sums[doc]) for doc in wanted]  # exact: parts are added in the same order


@each
@given(st.lists(documents, min_size=1, max_size=3))
def test_max_scores_and_intersect(kernel: ModuleType, lists: list[IntArray]) -> None:
    parts = [(docs, impacts_of(docs, seed), fields_of(docs, seed)) for seed, docs in enumerate(lists)]
    best: dict[int, float] = {}
    fields: Counter[int] = Counter()
    for docs, values, held in parts:
        for doc, value, mask in zip(docs.tolist(), values.tolist(), held.tolist(), strict=True):
            best[doc] = max(best.get(doc, 0.0), value)
            fields[doc] |= mask
    found = kernel.max_scores(parts, SIZE)
    same(found, sorted(best), [best[doc] for doc in sorted(best)])
    assert found[2].tolist() == [fields[doc] for doc in sorted(best)]
    wanted = set(lists[0].tolist()).intersection(*(docs.tolist() for docs in lists))
    assert kernel.intersect(lists, SIZE).tolist() == sorted(wanted)


@each
@given(st.lists(documents, min_size=1, max_size=3), masks)
def test_union_forms(kernel: ModuleType, lists: list[IntArray], mask: int) -> None:
    worth = np.arange(256, dtype=np.float32)
    live = np.ones(SIZE, dtype=bool)
    live[::3] = False
    docs = np.concatenate(lists).astype(np.int32)
    parts = [(docs, fields_of(docs), 0, len(docs), live, 0)]
    held: Counter[int] = Counter()
    for doc, field in zip(docs.tolist(), fields_of(docs).tolist(), strict=True):
        if live[doc]:
            held[doc] |= field
    kept = sorted(doc for doc in held if held[doc] & mask)
    same(kernel.union_forms(parts, mask, worth, SIZE), kept, [held[doc] for doc in kept])


places = st.builds(
    lambda field, word: field << 29 | word, st.integers(0, 5), st.integers(0, 9) | st.integers(0, 1 << 28)
)
occurrences = st.dictionaries(st.integers(0, 60), st.sets(places, min_size=1, max_size=6), max_size=30)


def stretches_of(held: dict[int, set[int]]) -> list[tuple[Any, ...]]:
    """Return the postings of a term in two segments (a tuple of arrays each, as kernels take them).

    The first segment has documents 0 to 29, the second one the others.

    Args:
        held: positions of the term by document.
    """
    parts = []
    for base, docs in ((0, [d for d in held if d < 30]), (30, [d for d in held if d >= 30])):
        docs.sort()
        holding = np.array([0, *(doc - base for doc in docs)], dtype=np.int32)
        starts = offsets_of(np.array([1, *(len(held[doc]) for doc in docs)], dtype=np.int64)).astype(np.uint32)
        positions = np.array([7, *(p for doc in docs for p in sorted(held[doc]))], dtype=np.uint32)
        # Documents are shifted by one row, as in a concatenated array.
        parts.append((np.concatenate(([0], holding)).astype(np.int32), 2, 2 + len(docs), base, -1, starts, positions))
    return parts


def keys_of(held: dict[int, set[int]]) -> list[int]:
    return sorted(doc << 32 | position for doc in held for position in held[doc])


@each
@given(occurrences, occurrences, st.integers(-3, 3), st.sets(st.integers(0, 60)))
def test_position_keys_and_what_follows(
    kernel: ModuleType, one: dict[int, set[int]], other: dict[int, set[int]], step: int, asked: set[int]
) -> None:
    docs = np.array(sorted(asked), dtype=np.int32)
    wanted = [key for key in keys_of(one) if key >> 32 in asked]
    assert kernel.position_keys(docs, stretches_of(one)).tolist() == wanted
    first = np.array([key for key in keys_of(one) if (key & 0xFFFFFFFF) + step >= 0], dtype=np.int64)
    following = set(keys_of(other))
    met = [key for key in first.tolist() if key + step in following]
    assert kernel.follow_keys(first, np.array(sorted(following), dtype=np.int64), step).tolist() == met
    assert kernel.follow(first, stretches_of(other), step).tolist() == met


@each
@given(occurrences, masks, st.sets(st.integers(1, 9), max_size=3))
def test_score_phrase(kernel: ModuleType, held: dict[int, set[int]], mask: int, breaks: set[int]) -> None:
    weights = np.array([2.0, 1.0, 1.0, 1.0, 1.0, 0.8])
    norms = np.random.default_rng(3).random((61, 6)).astype(np.float32) + np.float32(0.5)
    pages = sorted(doc << 32 | 5 << 29 | word for doc in held for word in (0, *breaks))
    lengths = np.random.default_rng(4).random(len(pages)).astype(np.float32) + np.float32(0.5)
    wanted: dict[int, float] = {}
    for doc in sorted(held):
        times = Counter(position >> 29 for position in held[doc])
        for field, n in sorted(times.items()):
            if not 1 << field & mask:
                continue
            if field == 5:
                on = Counter(bisect_right(pages, doc << 32 | p) - 1 for p in held[doc] if p >> 29 == 5)
                worth = max(weights[5] * n * 2.2 / (n + float(lengths[page])) for page, n in on.items())
            else:
                worth = weights[field] * n * 2.2 / (n + float(norms[doc, field]))
            wanted[doc] = wanted.get(doc, 0.0) + worth
    arguments = weights, norms, 1.2, np.array(pages, dtype=np.int64), lengths
    starts = np.array(keys_of(held), dtype=np.int64)
    found = kernel.score_phrase(starts, mask, *arguments)
    same(found, list(wanted), list(wanted.values()))
    assert found[1].tolist() == numpy_kernels.score_phrase(starts, mask, *arguments)[1].tolist()


@each
@given(occurrences, occurrences)
def test_add_proximity_bonus(kernel: ModuleType, before: dict[int, set[int]], after: dict[int, set[int]]) -> None:
    docs = np.arange(0, 61, 2, dtype=np.int32)
    bonus = np.zeros(len(docs), dtype=np.float32)
    keys = [np.array(keys_of(held), dtype=np.int64) for held in (before, after)]
    kernel.add_proximity_bonus(*keys, docs, 4, 2.0, 1.5, bonus)
    for doc, gained in zip(docs.tolist(), bonus.tolist(), strict=True):
        starts = [p for p in before.get(doc, ()) if any(p < q <= p + 4 for q in after.get(doc, ()))]
        fields = {p >> 29 for p in starts}
        assert gained == (3.0 if 0 in fields else 2.0 if fields & {1, 2, 5} else 0.0)


@each
@given(documents, st.integers(0, 120), st.sampled_from([1, 5, 1000]), st.integers(0, 999))
def test_top_k(kernel: ModuleType, docs: IntArray, count: int, values: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = (rng.integers(0, values, len(docs)) / 3).astype(np.float32)
    ranks = rng.permutation(SIZE).astype(np.int32)
    wanted = sorted(range(len(docs)), key=lambda i: (-scores[i], ranks[docs[i]]))[:count]
    assert kernel.top_k(scores, docs, ranks, count).tolist() == wanted


@each
@pytest.mark.parametrize("width", [np.uint16, np.int32])
@given(documents)
def test_count_rollup_and_filter(kernel: ModuleType, width: type[np.generic], docs: IntArray) -> None:
    column = (np.arange(SIZE) % 7).astype(width)
    cells = Counter(int(doc) % 7 for doc in docs)
    counts = kernel.count(docs, column, 7)
    assert counts.tolist() == [cells[cell] for cell in range(7)]
    allowed = np.array([True, False, True, True, False, False, True])
    codes = np.array([0, 1, 1, 0, 2, 2, 2], dtype=np.int32)
    whole = [cells[0] + cells[3], cells[1] + cells[2], cells[4] + cells[5] + cells[6], 0]
    assert kernel.rollup(counts, codes, 4, None) == whole
    assert kernel.rollup(counts, codes, 4, allowed) == [cells[0] + cells[3], cells[2], cells[6], 0]
    # Groups 0 and 6 have no code, 1 has two, the others one.
    offsets = np.array([0, 0, 2, 3, 4, 5, 6, 6], dtype=np.int32)
    several = np.array([0, 1, 0, 1, 1, 0], dtype=np.int32)
    folded = kernel.rollup_multivalued(counts, offsets, several, 3)
    assert folded == [cells[0] + cells[6], cells[1] + cells[2] + cells[5], cells[1] + cells[3] + cells[4]]
    kept = [int(doc) for doc in docs if allowed[int(doc) % 7]]
    same(
        kernel.filter_docs(docs, impacts_of(docs), column, allowed), kept, impacts_of(docs)[allowed[docs % 7]].tolist()
    )


TERMS = 9
numbered = st.integers(0, TERMS - 1)
feedback_documents = st.lists(
    # For a document: the terms of its own texts with the step of each (`Segment.own_steps`), and of its publications.
    st.tuples(st.dictionaries(numbered, st.integers(0, 255), max_size=6), st.just(set()) | st.sets(numbered)),
    max_size=6,
)


def feedback_part(base: int, segment: list[Any], names: list[int], impacts: list[dict[int, Any]]) -> Any:
    """Return a made-up segment as the tuple of arrays that the kernel of relevance feedback takes.

    Args:
        base: number of the first document of the segment.
        segment: for each document, the terms of the resource with their weights (integers, from 0 to 255), and the
            terms of its publications.
        names: all terms, in the order by which the kernel numbers them.
        impacts: for each document, the impact of each term on its score.
    """
    rows = sorted((term, doc) for doc, (own, published) in enumerate(segment) for term in {*own, *published})
    held = sorted({term for term, _ in rows})
    listed = [(doc, term) for doc, (own, _) in enumerate(segment) for term in sorted(own)]
    return (
        base,
        offsets_of(np.array([len(own) for own, _ in segment], dtype=np.int64)),
        np.array([held.index(term) for _, term in listed], dtype=np.int32),
        np.array([impacts[doc][term] for doc, term in listed], dtype=np.float32),
        np.array([segment[doc][0][term] for doc, term in listed], dtype=np.uint8),
        offsets_of(np.array([len(published) for _, published in segment], dtype=np.int64)),
        np.array([names.index(term) for term in held], dtype=np.int32),
        np.searchsorted([term for term, _ in rows], [*held, TERMS]).astype(np.int64),
        np.array([doc for _, doc in rows], dtype=np.int32),
        np.array([impacts[doc][term] for term, doc in rows], dtype=np.float32),
    )


@each
@given(st.lists(feedback_documents, min_size=1, max_size=3), st.integers(1, 6), st.integers(0, 6), st.data())
def test_feedback(kernel: ModuleType, segments: list[Any], used: int, terms: int, data: st.DataObject) -> None:
    """The compiled kernel adds the same numbers in the same order as the definition, so the last bit is the same."""
    every = [document for segment in segments for document in segment]
    random = np.random.default_rng(len(every))
    impacts = [{term: np.float32(random.integers(1, 50) / 7) for term in range(TERMS)} for _ in every]
    names = [term for term in range(TERMS) if any(term in {*own, *published} for own, published in every)]
    holding = np.array([sum(term in {*own, *published} for own, published in every) for term in names], dtype=np.int32)
    parts, base = [], 0
    for segment in segments:
        parts.append(feedback_part(base, segment, names, impacts[base:]))
        base += len(segment)
    # Some documents are not of these segments: they hold nothing.
    docs = np.array(sorted(data.draw(st.sets(st.integers(0, base + 1)))), dtype=np.int32)
    scores = (random.integers(-3, 50, len(docs)) / 7).astype(np.float32)
    ranks = random.permutation(base + 2).astype(np.int32)
    best = sorted(range(len(docs)), key=lambda place: (-scores[place], ranks[docs[place]]))[:used]

    def prominent(place: int) -> Prominent[int]:
        own = every[docs[place]][0] if docs[place] < base else {}
        return Prominent(float(scores[place]), sorted(own), [own[term] for term in sorted(own)])

    def impact(term: int, doc: int) -> float:
        return float(impacts[doc][term]) if doc < base and term in {*every[doc][0], *every[doc][1]} else 0.0

    def worth(term: int) -> Any:
        idf = scoring.idf(int(holding[names.index(term)]), base)
        return np.array([impact(term, doc) for doc in docs.tolist()]) * idf

    wanted = gains(scores, list(map(prominent, best)), worth, terms, 0.2)
    index = kernel.feedback_index(parts, holding, ranks, base)
    found = kernel.feedback_gains(index, docs, scores, used, terms, 0.2)
    assert found.dtype == np.float32
    assert found.tolist() == wanted.tolist()


keyed = st.builds(lambda doc, field, word: doc << 32 | field << 29 | word, *(st.integers(0, n) for n in (70, 7, 9)))
wild = st.lists(st.integers(-(2**31), 2**31 - 1) | st.integers(-2, 70), max_size=20)


@compiled
@given(st.data())
def test_compiled_kernels_stay_inside(data: st.DataObject) -> None:
    """With arbitrary values, as in an index changed on disk, the result is an IndexError or a meaningless answer."""
    kernel: Any = rtes_kernels

    def numbers(dtype: type[np.generic] = np.int32) -> IntArray:
        return np.array(data.draw(wild), dtype=np.int64).astype(dtype)

    docs, others, exact = numbers(), numbers(), numbers()
    values, more = impacts_of(docs), impacts_of(others)
    fields, live = fields_of(docs), np.ones(40, dtype=bool)
    low, high, shift = data.draw(st.integers(-2, 25)), data.draw(st.integers(-2, 25)), data.draw(st.integers(-9, 9))
    keys, positions = numbers(np.int64), numbers(np.uint32)
    wide = np.array(data.draw(st.lists(st.integers(-(2**62), 2**62) | keyed, max_size=20)), dtype=np.int64)
    shuffled = np.array(data.draw(st.lists(st.integers(-(2**62), 2**62) | keyed, max_size=20)), dtype=np.int64)
    stretch = [(others, low, high, 3, shift, numbers(np.uint32), positions)]
    # Offsets that are right, so that the terms are read.
    held = np.clip(numbers().repeat(20)[:20], -2, 20)
    own = np.arange(len(held) + 1), held, impacts_of(held), np.ones(len(held), np.uint8), np.arange(len(held) + 1)
    calls = [
        lambda: kernel.string_lower_bound(fields, keys, b"ab"),
        lambda: kernel.number_strings([(fields, keys), (fields, np.array([0, 0, 1], np.int64))]),
        lambda: kernel.feedback_gains(
            kernel.feedback_index(
                [
                    (low, keys, others, more, fields_of(others), wide, numbers(), shuffled, docs, values),
                    (0, *own, others, np.concatenate((wide, [7] * 41))[: len(others) + 1], docs, values),
                ],
                exact,
                numbers(),
                60,
            ),
            docs,
            values,
            data.draw(st.integers(-1, 9)),
            data.draw(st.integers(-1, 40)),
            0.2,
        ),
        lambda: kernel.gather_postings(
            [(docs, values, fields, low, high, live, 1), (docs, values, fields, 0, 1, live, 1)]
        ),
        lambda: kernel.gather_form_docs([(docs, fields, low, high, live, 1)], 3),
        lambda: kernel.boost_exact(docs, values, fields, 3, exact, 0.15),
        lambda: kernel.sum_scores([(docs, values, 1.0), (others, more, 1.0)], [1, 1], data.draw(st.integers(1, 2)), 60),
        lambda: kernel.max_scores([(docs, values, fields)], 60),
        lambda: kernel.intersect([docs, others], 60),
        lambda: kernel.union_forms([(docs, fields, low, high, live, 1)], 3, np.zeros(256, np.float32), 60),
        lambda: kernel.position_keys(np.clip(docs, -5, 70), stretch),
        lambda: kernel.follow(np.clip(keys, -5, 70 << 32), stretch, 1),
        lambda: kernel.follow_keys(keys, numbers(np.int64), 1),
        lambda: kernel.score_phrase(
            wide, 63, np.ones(6), np.ones((60, 6), np.float32), 1.2, shuffled, np.ones(len(shuffled), np.float32)
        ),
        lambda: kernel.add_proximity_bonus(keys, numbers(np.int64), docs, 4, 1.0, 1.5, np.zeros(len(docs), np.float32)),
        lambda: kernel.top_k(values, docs, np.arange(60, dtype=np.int32), data.draw(st.integers(0, 40))),
        lambda: kernel.count(docs, np.arange(60, dtype=np.int32), 50),
        lambda: kernel.count(docs, numbers(np.uint16), 50),
        lambda: kernel.rollup(keys, numbers(), 9, None),
        lambda: kernel.rollup_multivalued(keys, numbers(), numbers(), 9),
        lambda: kernel.filter_docs(docs, values, np.arange(60, dtype=np.uint16), np.ones(50, dtype=bool)),
    ]
    for call in calls:
        with suppress(IndexError):
            call()


def test_both_have_every_kernel() -> None:
    assert all(callable(getattr(numpy_kernels, name)) for name in numpy_kernels.__all__)
    assert rtes_kernels is None or sorted(rtes_kernels.__all__) == sorted(numpy_kernels.__all__)
    chosen = numpy_kernels if rtes_kernels is None else rtes_kernels
    assert all(getattr(kernels, name) is getattr(chosen, name) for name in numpy_kernels.__all__)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("sys.modules['rtes_kernels'] = None", id="not built"),
        pytest.param("sys.modules['rtes_kernels'] = types.SimpleNamespace(VERSION=0)", id="left behind"),
        pytest.param("sys.modules['rtes_kernels'] = types.SimpleNamespace(VERSION=kernels_version)", id="incomplete"),
    ],
)
def test_numpy_where_they_are_not_built(before: str) -> None:
    script = f"""
import sys, types
kernels_version = {kernels.VERSION}
{before}
from indexer.engine.embedded import kernels
from indexer.engine.embedded.kernels import numpy_kernels
assert not kernels.COMPILED
assert all(getattr(kernels, name) is getattr(numpy_kernels, name) for name in numpy_kernels.__all__)
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=CHECKOUT, timeout=PATIENCE)


def test_the_distribution_has_the_version_of_the_kernels() -> None:
    """The distribution's version is that of the kernels; if it did not change too, pip would keep an old build."""
    text = (CHECKOUT / "indexer/engine/embedded/kernels/compiled/pyproject.toml").read_text("utf-8")
    assert tomllib.loads(text)["project"]["version"] == str(kernels.VERSION)
