"""The planner: the plan of each typed query."""

from __future__ import annotations

import pytest

from indexer.analysis import SYNONYMS_FILE, Synonyms, default_analyzer
from indexer.query import planner
from indexer.query.ast import YearRange
from indexer.query.parser import parse
from indexer.query.plan import All, Any, Every, Expand, Nothing, Plan, Sequence, Without, Words
from indexer.query.planner import Planner

EVERYWHERE = ("title", "summary", "body", "publication")


def planned(query: str) -> Plan:
    analyzer = default_analyzer()
    return Planner(analyzer, Synonyms.load(SYNONYMS_FILE, analyzer)).plan(parse(query)).strict


def word(text: str, fields: tuple[str, ...] = EVERYWHERE) -> Words:
    """Return the plan of one word."""
    (token,) = default_analyzer().tokens(text)
    return Words(token.word.asked, token.word.exact, fields)


def phrase(*texts: str, slop: int = 0, fields: tuple[str, ...] = EVERYWHERE) -> Sequence:
    """Return the plan of a phrase."""
    items = tuple(word(text).terms for text in texts)
    return Sequence(items, (1,) * (len(items) - 1), slop, fields)


PLANS: list[tuple[str, Plan]] = [
    # Empty queries
    ("", Every()),
    ("*", Every()),
    # Punctuation contains no word
    ('""', Nothing()),
    ("???", Nothing()),
    # Words
    ("loi", word("loi")),
    ("l’économie", word("économie")),
    ("ÉLUS", word("élus")),
    ("loi marché", All((word("loi"), word("marché")))),
    ("titre:loi", word("loi", ("title",))),
    ("resume:loi", word("loi", ("summary",))),
    ("texte:loi", word("loi", ("body",))),
    ("theme:eau", word("eau", ("theme",))),
    # One typed word that is analysed as several is a phrase
    ("tiers-lieux", phrase("tiers", "lieux")),
    ("titre:tiers-lieux", phrase("tiers", "lieux", fields=("title",))),
    # Stop words are searched for only if there is nothing else
    ("la loi", word("loi")),
    ("la loi de marché", All((word("loi"), word("marché")))),
    ("la", word("la")),
    ("de la", All((word("de"), word("la")))),
    ("de -loi", All((word("de"), Without(word("loi"))))),
    ("la loi -de", All((word("loi"), Without(word("de"))))),
    ("de annee:2020", YearRange(2020, 2020)),
    ("titre:la loi", All((word("la", ("title",)), word("loi")))),
    ("la OU loi", Any((word("la"), word("loi")))),
    # Phrases keep their stop words and distances
    ('"la loi de marché"', phrase("la", "loi", "de", "marché")),
    ('"loi"', word("loi")),
    ('"loi marché"~3', phrase("loi", "marché", slop=3)),
    ('titre:"loi marché"', phrase("loi", "marché", fields=("title",))),
    # Operators
    ("loi OU marché", Any((word("loi"), word("marché")))),
    ("loi OU marché eau", All((Any((word("loi"), word("marché"))), word("eau")))),
    ("-loi", Without(word("loi"))),
    ("loi SAUF (marché OU eau)", All((word("loi"), Without(Any((word("marché"), word("eau"))))))),
    # Years
    ("annee:2020..2022", YearRange(2020, 2022)),
    ("annee:aucune loi", All((YearRange(None, None), word("loi")))),
    # Patterns are folded and contain no punctuation
    ("coop*", Expand("coop*", EVERYWHERE)),
    ("Écon*", Expand("econ*", EVERYWHERE)),
    ("œuv*", Expand("oeuv*", EVERYWHERE)),
    ("titre:terr*re", Expand("terr*re", ("title",))),
    ("m?rché", Expand("m?rche", EVERYWHERE)),
    ("l’écon*", Expand("econ*", EVERYWHERE)),
    ("aujourd’h*", Expand("aujourdh*", EVERYWHERE)),
    ("co-c*", Any((Expand("coc*", EVERYWHERE), Expand("co", EVERYWHERE)))),
    (
        "tiers-li*",
        Any(
            (
                Expand("tiersli*", EVERYWHERE),
                All((Expand("tiers", EVERYWHERE), Expand("li*", EVERYWHERE))),
            )
        ),
    ),
]


@pytest.mark.parametrize(("query", "plan"), PLANS, ids=[query or "(vide)" for query, _ in PLANS])
def test_plan(query: str, plan: Plan) -> None:
    assert planned(query) == plan


def test_queries_are_read_once_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    analyzer = default_analyzer()
    own = Planner(analyzer, Synonyms.load(SYNONYMS_FILE, analyzer))
    assert own.read("économie sociale") is own.read("économie sociale")
    assert own.read("économie sociale").planned == own.plan(parse("économie sociale"))
    assert own.read('"').messages == parse('"').messages
    monkeypatch.setattr(planner, "MAX_CACHED", 3)
    for text in ("un", "deux", "trois"):
        own.read(text)
    assert list(own.known) == ["deux", "trois"]
    own.read("mot " * 100)
    assert list(own.known) == ["deux", "trois"]
