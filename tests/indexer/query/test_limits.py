"""Limits on the cost of a query, tested by counting: words, wildcards, distances, spellings, variants."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.analysis import SYNONYMS_FILE, Synonyms, default_analyzer
from indexer.query import parser, relaxation
from indexer.query.parser import MAX_CLAUSES, MAX_LOOSE_WORDS, MAX_PATTERNS, parse
from indexer.query.plan import All, Any, Either, Expand, Plan, Sequence, Without, Words
from indexer.query.planner import Planner
from indexer.query.spelling import MAX_LETTERS, Form, Speller, lexicon_of
from indexer.query.term_planner import MAX_ALTERNATIVES
from indexer.query.wildcards import first_match, line_regex, pattern_regex

ANALYZER = default_analyzer()
PLANNER = Planner(ANALYZER, Synonyms.load(SYNONYMS_FILE, ANALYZER))


def leaves(plan: Plan | None) -> Iterator[Plan]:
    match plan:
        case All(children) | Any(children):
            for child in children:
                yield from leaves(child)
        case Without(child):
            yield from leaves(child)
        case Either(ways):
            yield from ways
        case None:
            return
        case _:
            yield plan


def positions(plan: Plan | None) -> int:
    """Return how many lists of positions or postings a plan reads."""
    return sum(
        len(leaf.items) if isinstance(leaf, Sequence) else isinstance(leaf, Words | Expand) for leaf in leaves(plan)
    )


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ('"' + "mot " * 100 + '"', parser.TOO_MANY),
        ("-".join(["mot"] * 100), parser.TOO_MANY),
        (".".join(["mot"] * 100), parser.TOO_MANY),
        ("_".join(["mot"] * 100), parser.TOO_MANY),
        ("l'" * 100 + "eau", parser.TOO_MANY),
        (" OU ".join(f'"le mot {n}"' for n in range(40)), parser.TOO_MANY),
        (" ".join(f"ab{letter}*" for letter in "abcdefghij"), parser.TOO_MANY_PATTERNS),
        (" OU ".join(f"*{letter}a*" for letter in "abcdefghij"), parser.TOO_MANY_PATTERNS),
        ("ab*-" * 9 + "ab*", parser.TOO_MANY_PATTERNS),
        (f'"{"le mot " * 11}"~5', parser.TOO_MANY_LOOSE),
        (" OU ".join(f'"le mot {n}"~5' for n in range(10)), parser.TOO_MANY_LOOSE),
    ],
)
def test_what_is_too_much_is_left_out_and_said(query: str, says: str) -> None:
    parsed = parse(query)
    assert says in parsed.messages
    planned = PLANNER.plan(parsed)
    for plan in (planned.strict, planned.relaxed, planned.loosest):
        found = list(leaves(plan))
        assert sum(isinstance(leaf, Expand) for leaf in found) <= 2 * MAX_PATTERNS
        assert sum(len(leaf.items) for leaf in found if isinstance(leaf, Sequence) and leaf.slop) <= MAX_LOOSE_WORDS
        assert positions(plan) <= MAX_CLAUSES


@pytest.mark.parametrize(
    "query",
    [
        "économie sociale et solidaire et commande publique des collectivités locales",
        '"accompagner les collectivités dans la mise en œuvre de leur schéma de promotion des achats"',
        '"commande publique responsable"~10 coop* *tion S.C.I.C. aujourd’hui',
        "l’élaboration d’une politique locale de l’économie sociale et solidaire : guide à l’usage des élu·e·s",
    ],
)
def test_what_people_ask_is_far_from_the_limits(query: str) -> None:
    assert parse(query).messages == ()


TYPED = st.text(alphabet="aeé bc-.'_*?\"~5()·sST", max_size=600)


@given(TYPED)
@example("e·s·" * 100)
@example("a-" * 200 + "*")
@example('"' + "ESS SCIC " * 30 + '"~100')
def test_a_plan_has_a_size(query: str) -> None:
    planned = PLANNER.plan(parse(query))
    for plan in (planned.strict, planned.relaxed, planned.loosest):
        assert positions(plan) <= MAX_CLAUSES * (2 + MAX_ALTERNATIVES)


def test_ways_of_saying_a_phrase_have_a_number() -> None:
    strict = PLANNER.plan(parse('"' + "ESS SCIC SCOP PTCE CAE " * 8 + '"')).strict
    assert isinstance(strict, Either)
    assert 2 < len(strict.alternatives) <= MAX_ALTERNATIVES + 1


# Spelling


def test_long_words_are_not_respelled() -> None:
    speller = Speller(lexicon_of([Form("solidarite", "solidarité", 5, 1), Form("a" * 200, "a" * 200, 1, 0)]))
    assert speller.correct("a" * 500) is None
    assert speller.correct("a" * (MAX_LETTERS + 1)) is None
    assert speller.correct("solidarites") == "solidarité"


def test_few_unknown_words_are_looked_up() -> None:
    asked = []

    class Counting(Speller):
        def correct(self, word: str) -> str | None:
            asked.append(word)
            return None

    def looked_up(text: str, held: int) -> int:
        asked.clear()
        relaxation.respelled(text, ANALYZER, Counting(lexicon_of([])), lambda word: held, lambda word: False)
        return len(asked)

    words = [f"inconnu{chr(97 + a)}{chr(97 + b)}" for a in range(20) for b in range(20)]
    assert looked_up(" ".join(words[: relaxation.MAX_RESPELLED]), held=0) == relaxation.MAX_RESPELLED
    assert looked_up(" ".join(words), held=0) == 0
    assert looked_up(" ".join(words), held=1) == 0


# Wildcards

PATTERN = st.text(alphabet="ab*?.+", max_size=8)


@given(PATTERN, st.text(alphabet="abc.+", max_size=12))
@example("a*b*c", "aXbXbc")
@example("*a", "ba")
@example("*", "")
def test_wildcards_mean_what_they_say(pattern: str, form: str) -> None:
    means = re.fullmatch(fnmatch.translate(pattern), form) is not None
    assert (pattern_regex(pattern).fullmatch(form) is not None) == means
    assert (first_match((pattern,))(form) == 0) == means
    lines = f"zz\n{form}\nzz"
    found = [match.start() for match in line_regex(pattern).finditer(lines)]
    assert (3 in found) == means


def test_the_first_pattern_that_matches_is_told() -> None:
    test = first_match(("co*", "*op", "a?"))
    assert [test(form) for form in ("coop", "op", "ab", "abc")] == [0, 1, 2, None]


def test_stars_do_not_multiply() -> None:
    """Each run of letters between stars is matched at the first possible place only."""
    for regex in (pattern_regex, line_regex):
        expression = regex("*e*e*e*e*e*e*e*e*z").pattern
        assert expression.count("(?>") == 8
    assert pattern_regex("*e" * 60 + "*z").fullmatch("e" * 5000) is None
