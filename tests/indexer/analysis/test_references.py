"""Articles of law, numbers of laws and registration numbers: all spellings of one are the same word."""

from __future__ import annotations

from itertools import product

import pytest

SAME = [
    ["L2111-3", "L. 2111-3", "L.2111-3", "L 2111-3", "L.\u00a02111-3", "l2111-3", "l. 2111-3", "L. 2111\u20113"],
    ["R421-1", "R. 421-1", "R*421-1", "R.* 421-1", "R. *421-1", "r.421-1"],
    ["D123-4-1", "D. 123-4-1", "D.123-4-1", "d 123-4-1"],
    ["LO111-1", "L.O. 111-1", "LO 111-1", "LO. 111-1"],
    ["A123-1", "A. 123-1", "a. 123-1"],
    ["L121", "L. 121", "L 121"],
    ["2021-1104", "n° 2021-1104", "n°2021-1104", "N°\u00a02021-1104", "nº 2021-1104", "no 2021-1104"],
    ["60 000", "60.000", "60000", "60\u202f000"],
    ["1 500 000", "1.500.000", "1500000"],
    ["1 234,5", "1.234,5"],
    ["12345678900017", "123 456 789 00017", "123456789 00017", "123.456.789.00017", "123 456 789 000 17"],
    ["123456789", "123 456 789", "123.456.789"],
]
DIFFERENT = [
    ("L. 2111-4", "L2111-3"),
    ("R. 2111-3", "L2111-3"),
    ("L. 2111-3", "L2111-3-1"),
    ("3 mesures", "L2111-3"),
    ("60,000 kg", "60000"),
    ("1.5", "15"),
    ("0.500", "0500"),
    ("123 456 789 00025", "12345678900017"),
]
FOUND_BY_PARTS = [
    ("L. 2111-3-1", "L2111-3"),
    ("123 456 789 00017", "123 456 789"),
    ("12345678900017", "123456789"),
    ("loi n° 2014-856", "2014"),
]


@pytest.mark.parametrize(
    ("text", "query"), [(text, query) for ways in SAME for text, query in product(ways, ways) if text != query]
)
def test_each_way_finds_the_others(text, query, finds):
    assert finds(f"Une aide ({text}) est due.", query)


@pytest.mark.parametrize(("text", "query"), DIFFERENT)
def test_others_are_not_found(text, query, finds):
    assert not finds(text, query)


@pytest.mark.parametrize(("text", "query"), FOUND_BY_PARTS)
def test_parts_find_the_whole(text, query, finds):
    assert finds(text, query)


@pytest.mark.parametrize("announced", ["art. L. 2111-3", "l’article L 2111-3", "Articles L.2111-3", "art.L2111-3"])
def test_what_announces_an_article_of_law_is_not_required(announced, analyzer):
    first, second = analyzer.tokens(announced)
    assert first.word.stop
    assert second.word.asked == ("l2111-3",)


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("un article de loi", [True, False, True, False]),
        ("article 5", [False, False]),
        ("plan A 2030", [False, True, False]),
        ("il y a 100-120 ans", [True, True, True, False, False, False]),
        ("option D 2024", [False, True, False]),
        ("no future", [False, False]),
    ],
)
def test_ordinary_words_stay_words(text, stops, analyzer):
    assert [token.word.stop for token in analyzer.tokens(text)] == stops


def test_offsets_hold_the_whole_reference(analyzer):
    text = "Voir l’article L. 2111-3, puis n° 2021-1104."
    marked = [text[token.start : token.end] for token in analyzer.tokens(text)]
    assert marked == ["Voir", "article", "L. 2111-3", "puis", "2021", "1104"]
