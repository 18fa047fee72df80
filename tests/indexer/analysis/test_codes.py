from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "terms", "asked"),
    [
        ("2014-856", [{"2014", "2014-856"}, {"856"}], ["2014-856", "856"]),
        ("18/03/2021", [{"18", "18-03", "18-03-2021"}, {"03", "03-2021"}, {"2021"}], ["18-03-2021", "03-2021", "2021"]),
        ("3,5", [{"3", "3.5"}, {"5"}], ["3.5", "5"]),
        ("2018-2020", [{"2018", "2018-2020"}, {"2020"}], ["2018", "2020"]),
        ("20 000", [{"20000"}], ["20000"]),
        ("1.234.567", [{"1234567"}], ["1234567"]),
        ("1 234,50", [{"1234", "1234.50"}, {"50"}], ["1234.50", "50"]),
        ("2014 856", [{"2014"}, {"856"}], ["2014", "856"]),
        ("12 3456", [{"12"}, {"3456"}], ["12", "3456"]),
    ],
)
def test_numbers(text, terms, asked, analyzer):
    tokens = analyzer.tokens(text)
    assert [set(token.word.terms) for token in tokens] == terms
    assert [token.word.asked[0] for token in tokens] == asked


@pytest.mark.parametrize("text", ["exemple.fr", "contact@exemple.fr", "rapport.pdf", "www.exemple.gouv.fr"])
def test_names_are_looked_for_whole(text, analyzer):
    assert analyzer.tokens(text)[0].word.asked == (text,)
