from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.parsing.dates.choose import choose, read_published
from indexer.parsing.dates.find import find_full_dates, find_months, find_years, read_only_date, read_stamp

TODAY = datetime.date(2026, 6, 1)


def isos(found):
    return [one.date.iso for one in found]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("le 2 juillet 2025", ["2025-07-02"]),
        ("Le 1er août 2019, à Lens", ["2019-08-01"]),
        ("LE 1ER AOUT 2019", ["2019-08-01"]),
        ("12 sept. 2024", ["2024-09-12"]),
        ("3 févr 2020 et 4 DÉC. 2020", ["2020-02-03", "2020-12-04"]),
        ("12\u00a0septembre\u00a02024", ["2024-09-12"]),
        ("18/03/2021", ["2021-03-18"]),
        ("jeu 18/03/2021 - 16:33", ["2021-03-18"]),
        ("18.03.2021", ["2021-03-18"]),
        ("les 15 et 16 février 2024", ["2024-02-16"]),
        ("du 3 au 5 mai 2022", ["2022-05-05"]),
        ("du 30 avril au 2 mai 2022", ["2022-05-02"]),
        ("15-16 janvier 2024", ["2024-01-16"]),
        ("2024-02-16", ["2024-02-16"]),
        ("2024-02-16T10:00:00+01:00", ["2024-02-16"]),
        ("5 juillet 2027", ["2027-07-05"]),
        pytest.param("31 février 2024", [], id="no such day"),
        pytest.param("31/02/2021 et 12/13/2021", [], id="no such day or month, in figures"),
        pytest.param("8 mai 1945", [], id="before 1990"),
        pytest.param("5 juillet 2028", [], id="past next year"),
        pytest.param("le 30 juin", [], id="no year"),
        pytest.param("Tél. 05.04.2023.12", [], id="telephone"),
        pytest.param("la loi n° 2014-856", [], id="law"),
        pytest.param("réf.12/2021/A", [], id="reference"),
        pytest.param("12 mars 2021e", [], id="glued"),
    ],
)
def test_full_dates(text, dates):
    assert isos(find_full_dates(text, today=TODAY)) == dates


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("Novembre 2021.", ["2021-11"]),
        ("JANVIER 2022", ["2022-01"]),
        ("mars-avril 2021", ["2021-04"]),
        ("03/2021", ["2021-03"]),
        pytest.param("12 mars 2021", [], id="a full date is not a month"),
        pytest.param("31 février 2024", [], id="an impossible date is not a month either"),
        pytest.param("la démarche 2021", [], id="mars inside a word"),
    ],
)
def test_months(text, months):
    assert isos(find_months(text, today=TODAY)) == months


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Rapport d’activité 2022", ["2022"]),
        ("Programme 2014-2020", ["2014", "2020"]),
        ("Saison 2020/2021", ["2020", "2021"]),
        ("FSE+ 2021-2034", ["2021"]),
        ("Loi de finances 2025 : l’essentiel", ["2025"]),
        ("Bilan (2022).", ["2022"]),
        pytest.param("Loi n° 2014-856", [], id="law with its number"),
        pytest.param("loi 2005-32", [], id="law without n°"),
        pytest.param("règlement (UE) 2016/679", [], id="regulation"),
        pytest.param("directive 2014/24/UE", [], id="directive"),
        pytest.param("article 2021", [], id="article"),
        pytest.param("2000 € par an", [], id="price"),
        pytest.param("1\u00a02021 signatures", [], id="grouped digits"),
        pytest.param("2000 emplois créés", [], id="quantity"),
        pytest.param("ESS2024 et 2024bis", [], id="glued in words"),
        pytest.param("Horizon 2040", [], id="past next year"),
        pytest.param("01 20 21 20 22", [], id="telephone"),
    ],
)
def test_bare_years(text, years):
    assert isos(find_years(text, today=TODAY)) == years


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        pytest.param(
            "Atelier du 3 mai 2022", "Le 4 juin 2024.", ("2022-05-03", 2022, "title"), id="full date in title"
        ),
        pytest.param("La loi de 2014", "Le 4 juin 2023.", ("2023-06-04", 2023, "text"), id="text beats a bare year"),
        pytest.param("Mai 2021", "Juin 2023", ("2021-05", 2021, "title"), id="month in title"),
        pytest.param("Bilan 2020", "Juin 2023", ("2020", 2020, "title"), id="bare year in title beats month in text"),
        pytest.param("Bilan", "Juin 2023 puis mai 2022", ("2023-06", 2023, "text"), id="latest month in text"),
        pytest.param("Bilan 2014-2020", "", ("2020", 2020, "title"), id="latest of a range"),
        pytest.param("Bilan", "créé en 2002", (None, None, None), id="a bare year in the text never counts"),
        pytest.param("8 mai 1945", "Le 4 juin 2023", ("2023-06-04", 2023, "text"), id="passed over"),
        pytest.param("", "", (None, None, None), id="nothing"),
    ],
)
def test_order_of_evidence(title, text, expected):
    dating = choose(title=title, text=text, today=TODAY)
    assert (dating.date, dating.year, dating.source) == expected


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Publié le 2 juillet 2025 - mis à jour le 11 juillet 2025", "2025-07-02"),
        ("Publié le 14 mai 2018", "2018-05-14"),
        ("PUBLIÉ LE : 14/05/2018", "2018-05-14"),
        ("Publié le 14 mai 2018 par Lou Martin", "2018-05-14"),
        ("Mis à jour le 11 juillet 2025", None),
        ("Publié le 3 mai 2010 au Journal officiel, le décret change tout.", None),
        ("Le rapport, publié le 3 mai 2010, reste lu.", None),
    ],
)
def test_publication_lines(line, date):
    found = read_published(line, today=TODAY)
    assert (found.iso if found else None) == date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("jeu 18/03/2021 - 16:33", "2021-03-18"),
        ("Jeudi 18 mars 2021 à 16h33", "2021-03-18"),
        ("Janvier 2022", "2022-01"),
        ("Rendez-vous le 3 mai 2022", None),
    ],
)
def test_elements_that_hold_only_a_date(text, date):
    found = read_only_date(text, today=TODAY)
    assert (found.iso if found else None) == date


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2024-02-16T23:30:00Z", "2024-02-16"),
        ("2024-02-16 10:00", "2024-02-16"),
        ("2021-11", "2021-11"),
        ("2019", "2019"),
        ("20210318", "2021-03-18"),
        ("18/03/2021", "2021-03-18"),
        ("1970-01-01T00:00:00Z", None),
        ("2024-13-01", None),
        ("bientôt", None),
    ],
)
def test_machine_readable_dates(value, date):
    found = read_stamp(value, today=TODAY)
    assert (found.iso if found else None) == date


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("0123456789/-. janvmrs")), max_size=80))
def test_no_text_breaks_the_search(text):
    for find in (find_full_dates, find_months, find_years):
        find(text)
    choose(title=text, text=text)
    read_stamp(text)
    read_only_date(text)
    read_published("Publié le " + text)
