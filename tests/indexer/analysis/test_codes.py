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
        ("60.000", [{"60000"}], ["60000"]),
        ("60\u202f000", [{"60000"}], ["60000"]),
        ("60.000,50", [{"60000", "60000.50"}, {"50"}], ["60000.50", "50"]),
        # Not groups of thousands: a year, a group that is too short, a date, an IP address, a number below one.
        ("60.00", [{"60", "60.00"}, {"00"}], ["60.00", "00"]),
        ("12.05.2021", [{"12", "12-05", "12-05-2021"}, {"05", "05-2021"}, {"2021"}], ["12-05-2021", "05-2021", "2021"]),
        ("0.500", [{"0", "0.500"}, {"500"}], ["0.500", "500"]),
        ("1.234.56", [{"1", "1-234", "1-234-56"}, {"234", "234-56"}, {"56"}], ["1-234-56", "234-56", "56"]),
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
