"""The bytes of exported files, and how other libraries read them."""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
from dataclasses import replace

import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st

from indexer.resource import YearSource
from search_app.export import bibtex, ris
from search_app.export import csv as table
from search_app.export.formats import FORMATS, chunks, disposition
from search_app.export.record import abstract, cite, known_date
from search_app.web.text import printable
from tests.support.awkward_records import AWKWARD, MEMBER, VISITOR, record

with warnings.catch_warnings():
    # bibtexparser uses deprecated names of pyparsing.
    warnings.simplefilter("ignore", DeprecationWarning)
    import bibtexparser

GOLDEN_BIBTEX = r"""@techreport{ete-2024,
  title = {{L’été à 100 \% : \textbraceleft{}œuvre\textbraceright{} \& « coût » \$5 \#1\_a \textasciitilde{}b\textasciicircum{}c \textbackslash{}d}},
  author = {{Léa Roux \& fils} and {Le \textbraceleft{}Réseau\textbraceright{}}},
  year = {2024},
  month = feb,
  day = {16},
  institution = {reseau.example},
  note = {Archives d’essai},
  type = {Guides},
  keywords = {{Coopérations, PTCE et SCIC}, Économie},
  abstract = {Ligne un. Ligne deux ; « fin ».},
  language = {french},
  url = {https://reseau.example/a%7Bb%7D?c=d&e=100%25}
}

@misc{sans-annee,
  title = {{Dit "fin"; sans année}},
  publisher = {Archives d’essai},
  language = {french},
  url = {https://archives.example/ressources/sans-annee}
}

@misc{formule,
  title = {{=SOMME(A1:A9)}},
  year = {2021},
  month = nov,
  publisher = {reseau.example},
  howpublished = {Archives d’essai},
  note = {@type},
  keywords = {+33, tab},
  abstract = {-1+2},
  language = {french},
  url = {https://www.reseau.example/guide}
}

"""  # noqa: E501

GOLDEN_RIS = """TY  - RPRT
TI  - L’été à 100 % : {œuvre} & « coût » $5 #1_a ~b^c \\d
AU  - Léa Roux & fils
AU  - Le {Réseau}
PY  - 2024
DA  - 2024/02/16/
PB  - reseau.example
M3  - Guides
AB  - Ligne un. Ligne deux ; « fin ».
KW  - Coopérations, PTCE et SCIC
KW  - Économie
LA  - fr
UR  - https://reseau.example/a{b}?c=d&e=100%25
DB  - Archives d’essai
AN  - ete-2024
ER  - 

TY  - ELEC
TI  - Dit "fin"; sans année
PB  - Archives d’essai
LA  - fr
UR  - https://archives.example/ressources/sans-annee
DB  - Archives d’essai
AN  - sans-annee
ER  - 

"""

GOLDEN_CSV = (
    "\ufeffTitre;Type;Année;Origine de l’année;Date;Thèmes;Accès;Résumé;Page d’origine;Page dans l’archive;Documents;"
    "Identifiant;Auteur;Territoires\r\n"
    "L’été à 100 % : {œuvre} & « coût » $5 #1_a ~b^c \\d;Guides;2024;d’après la page;2024-02-16;"
    '"Coopérations, PTCE et SCIC\nÉconomie";public;"Ligne un.\nLigne deux ; « fin ».";'
    "https://reseau.example/a{b}?c=d&e=100%25;https://archives.example/ressources/ete-2024;"
    '"Le guide https://reseau.example/guide.pdf\nhttps://reseau.example/b.pdf";ete-2024;'
    '"Léa Roux & fils\nLe {Réseau}";\r\n'
    '"Dit ""fin""; sans année";;;;;;public;;;https://archives.example/ressources/sans-annee;;sans-annee;;\r\n'
    "'=SOMME(A1:A9);'@type;2021;d’après le texte;2021-11;\"'+33\n\ttab\";réservé aux adhérents;'-1+2;"
    "https://www.reseau.example/guide;https://archives.example/ressources/formule;;formule;;\r\n"
)


def test_bibtex() -> None:
    assert "".join(bibtex.write(AWKWARD, MEMBER)) == GOLDEN_BIBTEX


def test_ris() -> None:
    assert "".join(ris.write(AWKWARD[:2], MEMBER)) == GOLDEN_RIS.replace("\n", "\r\n")


def test_csv() -> None:
    assert "".join(table.write(AWKWARD, MEMBER)) == GOLDEN_CSV


def test_csv_for_visitors_has_no_column_on_access() -> None:
    header = next(table.write((), VISITOR))
    assert "Accès" not in header
    assert header.count(";") == 12


def test_json_lines() -> None:
    lines = "".join(FORMATS["jsonl"].write(AWKWARD, VISITOR)).splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["ete-2024", "sans-annee", "formule"]
    assert "l’été" in lines[0].casefold()
    assert json.loads(lines[1])["year"] is None
    assert "warnings" not in json.loads(lines[0])


any_text = st.text(st.characters(codec="utf-8"), max_size=60).filter(lambda text: text.strip() != "")


@given(any_text, any_text)
def test_csv_reads_back_and_runs_nothing(title: str, summary: str) -> None:
    written = "".join(table.write([record(title=title, summary=summary)], VISITOR))
    rows = list(csv.reader(io.StringIO(written.removeprefix("\ufeff"), newline=""), delimiter=";"))
    assert len(rows) == 2
    assert len(rows[1]) == len(rows[0])
    for got, given_text in ((rows[1][0], title), (rows[1][6], summary)):
        assert got.removeprefix("'") == printable(given_text).removeprefix("'")
        assert not got.startswith(tuple("=+-@\t\r"))


@given(any_text, any_text)
def test_bibtex_reads_back(title: str, theme: str) -> None:
    written = "".join(bibtex.write([record(title=title, themes=(theme,)), AWKWARD[0]], VISITOR))
    database = bibtexparser.loads(written, bibtexparser.bparser.BibTexParser(common_strings=True))
    assert [entry["ID"] for entry in database.entries] == ["guide", "ete-2024"]
    assert written.count("{") == written.count("}")


@given(any_text, any_text)
def test_ris_reads_back(title: str, theme: str) -> None:
    written = "".join(ris.write([record(title=f"a{title}", themes=(f"b{theme}",)), AWKWARD[0]], VISITOR))
    first, second = rispy.loads(written)
    assert first["title"].split() == printable(f"a{title}").split()
    assert first["keywords"][0].split() == printable(f"b{theme}").split()
    assert second["accession_number"] == "ete-2024"
    assert second["year"] == "2024"


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"date": "2024-02-16", "year": 2024}, (2024, 2, 16)),
        ({"date": "2021-11", "year": 2021}, (2021, 11)),
        ({"date": "2019", "year": 2019}, (2019,)),
        ({"date": "2024-02-16", "year": 2023, "year_source": YearSource.STAFF}, (2023,)),
        ({"date": "2024-02-31", "year": 2024}, (2024,)),
        ({"date": "pas-une-date", "year": None}, ()),
        ({"date": "0000-01-01", "year": None}, ()),
        ({"year": 2001}, (2001,)),
        ({}, ()),
    ],
)
def test_dates_as_far_as_known(fields: dict[str, object], parts: tuple[int, ...]) -> None:
    assert known_date(record(**fields).resource) == parts


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "Léa Roux & fils et Le {Réseau}. "
            "L’été à 100 % : {œuvre} & « coût » $5 #1_a ~b^c \\d [en ligne]. reseau.example, 16\u00a0février 2024. "
            "Dans\u00a0: Archives d’essai. Disponible à l’adresse\u00a0: https://reseau.example/a{b}?c=d&e=100%25"),
        (1, 'Dit "fin"; sans année [en ligne]. Archives d’essai, [s.\u00a0d.]. '
            "Disponible à l’adresse\u00a0: https://archives.example/ressources/sans-annee"),
        (2, "=SOMME(A1:A9) [en ligne]. reseau.example, novembre 2021. "
            "Dans\u00a0: Archives d’essai. Disponible à l’adresse\u00a0: https://www.reseau.example/guide"),
    ],
)  # fmt: skip
def test_citations(number: int, text: str) -> None:
    assert cite(AWKWARD[number], VISITOR) == text


def test_a_citation_keeps_no_break_spaces() -> None:
    spaced = record(title="SCIC\u00a0: entrer\n au  capital\u202f?")
    assert cite(spaced, VISITOR).startswith("SCIC\u00a0: entrer au capital\u202f? [en ligne]. ")


@pytest.mark.parametrize(
    ("ending", "noted"),
    [
        ("bib", "  annote = {À \\& relire p. 3},\n"),
        ("ris", "N1  - À & relire p. 3\r\n"),
        ("csv", ';"À & relire\np. 3"\r\n'),
        ("jsonl", '"note": "À & relire\\np. 3"'),
    ],
)
def test_notes_are_exported_with_lists_alone(ending: str, noted: str) -> None:
    one = record()
    listed = replace(one, note="À & relire\np. 3")
    text = "".join(FORMATS[ending].write([listed, one], replace(VISITOR, notes=True)))
    assert text.count(noted.rstrip(",\n") if ending == "bib" else noted) == 1
    plain = "".join(FORMATS[ending].write([one], VISITOR))
    assert not re.search("annote|N1  -|Note|note", plain.replace("howpublished", ""))


def test_a_citation_names_one_author_without_a_double_full_stop() -> None:
    assert cite(record(author="Roux J."), VISITOR).startswith("Roux J. Guide [en ligne]. ")
    assert cite(record(author="A; B; C"), VISITOR).startswith("A, B et C. Guide [en ligne]. ")


def test_a_summary_is_cut_between_words() -> None:
    assert abstract(record(body="un deux trois, quatre").resource, 16) == "un deux trois …"
    assert abstract(record(body="un deux").resource) is None


@pytest.mark.parametrize(
    ("stem", "simple", "full"),
    [
        ("vélo, Année", "velo, Annee.csv", "v%C3%A9lo%2C%20Ann%C3%A9e.csv"),
        ('a/b\\c:"d"*?', "a-b-c-d.csv", "a-b-c-d.csv"),
        ("\r\nX-Evil: 1", "X-Evil- 1.csv", "X-Evil-%201.csv"),
        ("...", "ressources.csv", "ressources.csv"),
        ("日本", "ressources.csv", "%E6%97%A5%E6%9C%AC.csv"),
        ("\u202egnp", "gnp.csv", "gnp.csv"),
        ("a\uff02;b\uff0fc\uff3c", "a;b-c-.csv", "a%EF%BC%82%3Bb%EF%BC%8Fc%EF%BC%BC.csv"),
        ("x" * 200, "x" * 80 + ".csv", "x" * 80 + ".csv"),
    ],
)
def test_names_of_files(stem: str, simple: str, full: str) -> None:
    assert disposition(stem, "csv") == f"attachment; filename=\"{simple}\"; filename*=UTF-8''{full}"


@given(st.text())
def test_any_name_makes_a_header(stem: str) -> None:
    header = disposition(stem, "csv")
    assert re.fullmatch(r"attachment; filename=\"[ !#-\[\]-~]+\.csv\"; filename\*=UTF-8''[A-Za-z0-9%_.~-]+", header)


def test_long_files_come_in_chunks() -> None:
    parts = list(chunks("é" * 1000 for _ in range(100)))
    assert b"".join(parts).decode() == "é" * 100_000
    assert 1 < len(parts) < 10
