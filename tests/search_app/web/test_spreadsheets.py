"""Cells of CSV files: spreadsheets never run text of visitors, pages or staff as formulas."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import pytest

import indexer
import search_app
from search_app.web.spreadsheets import cell, write_csv

SIGNS = "=+-@＝＋－＠﹢﹣﹦﹫⁺⁻⁼₊₋₌−"
BEFORE = {
    "nothing": "",
    "space": " ",
    "no-break space": "\u00a0",
    "thin no-break space": "\u202f",
    "ideographic space": "\u3000",
    "Ogham space": "\u1680",
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "grapheme joiner": "\u034f",
    "Mongolian vowel separator": "\u180e",
    "Hangul filler": "\u3164",
    "Braille blank": "\u2800",
    "variation selector": "\ufe0f",
    "supplementary variation selector": "\U000e0100",
    "tag": "\U000e0041",
    "tab": "\t",
    "carriage return": "\r",
    "line feed": "\n",
    "NUL": "\0",
    "next line": "\x85",
    "line separator": "\u2028",
    "surrogate": "\ud83d",
    "several": " \u200b\ufeff\u00a0\t",
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
@pytest.mark.parametrize("sign", SIGNS)
def test_a_formula_is_guarded_however_it_is_written_and_hidden(sign: str, before: str) -> None:
    guarded = cell(f'{before}{sign}HYPERLINK("https://ailleurs.example")')
    assert guarded.startswith("'")
    assert guarded.endswith(f'{sign}HYPERLINK("https://ailleurs.example")')


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u200b",
        "Été",
        "« = »",
        "'=1+1",
        "3-2",
        "a@b.example",
        "éco-gestes",
        "…",
        "–30 %",
        "\u200bcantine",
        "₁-",
    ],
)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_a_tab_alone_is_guarded_since_programs_split_cells_there() -> None:
    assert cell("\tdeux") == "'\tdeux"


def test_a_long_formula_is_cut_and_guarded() -> None:
    long = cell("=" + "A1+" * 20_000)
    assert long.startswith("'=")
    assert len(long) <= 32_767


def test_titles_and_rows_are_guarded_and_numbers_stay_numbers() -> None:
    written = "".join(write_csv(("=titre", "nombre"), [("@sum", -5), ('a"b;c', 12)]))
    assert written.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(written[1:], newline=""), delimiter=";"))
    assert rows == [["'=titre", "nombre"], ["'@sum", "-5"], ['a"b;c', "12"]]


def test_one_module_alone_writes_csv() -> None:
    """No module but `spreadsheets` imports `csv`: another would need the same precautions."""
    importers = {
        path.relative_to(root.parent).as_posix()
        for root in (Path(search_app.__file__).parent, Path(indexer.__file__).parent)
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(alias.name == "csv" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.level == 0 and node.module == "csv")
    }
    assert importers == {"search_app/web/spreadsheets.py"}
