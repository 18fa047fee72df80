"""Any input is either parsed or refused with a reason; no other error is ever raised."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import PageError
from indexer.parsing.export import parse_export
from indexer.parsing.html.page import parse_html
from tests.support.parsing import SITE, bare, drupal, fields, read

pytestmark = pytest.mark.slow

PAGE = (
    "<html><head><title>Eau | Site</title><base href='/x/'></head><body><h1>Eau</h1>"
    "<article about='/a'><h2><a href='/a'>Atelier</a></h2><p>Publié le 3 mai 2021</p><ul><li>Un<li>Deux</ul>"
    f"{bare('Catégorie', 'Eau')}{fields()}</article><article><table><tr><th>Type de ressource<td>Guide"
    f"<tr><th>Ressource privée<td>Non</table>{drupal('Résumé', 'Bref')}</body></html>"
)
PIECES = [
    *"<div> </div> <p> </p> <article> </article> <h2> </h2> <b> </b> <br>".split(),
    *"<table><tr><td> </table> <dl><dt> <dd>".split(),
    *"<footer> <form> <!-- --> <svg><title> <template> &#150; &shy; Non Oui Titre".split(),
    *("<a href='/a'>", "</a>", "<span class=field__label>", "<time datetime='2020-01-01'>", "\n", " : ", "2 mai 2021"),
    *("Type de ressource", "Ressource privée", "Résumé", "Catégorie", "Type de"),
]


def read_or_refuse(raw: bytes) -> None:
    for parse in (lambda: parse_html(raw, base=SITE), lambda: parse_export(raw)):
        with contextlib.suppress(PageError):
            page = parse()
            assert page.nodes
            for node in page.nodes:
                assert node.title == node.title.strip() != ""
                assert node.body != ""
                assert node.summary != ""


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_arbitrary_bytes(raw):
    read_or_refuse(raw)


@given(st.text(max_size=300))
@settings(deadline=None)
def test_arbitrary_text(text):
    read_or_refuse(text.encode("utf-8", "surrogatepass"))


@given(st.lists(st.sampled_from(PIECES), min_size=4, max_size=60).map("".join))
@settings(deadline=None, max_examples=400)
def test_pieces_of_markup_in_any_order(html):
    read_or_refuse(html.encode())


@given(st.integers(0, len(PAGE)), st.integers(0, 40), st.sampled_from(PIECES))
@settings(deadline=None, max_examples=300)
def test_damaged_pages(at, length, piece):
    read_or_refuse((PAGE[:at] + piece + PAGE[at + length :]).encode())


@pytest.mark.parametrize("tag", ["div", "b", "article", "ul><li", "table><tr><td", "font", "form"])
def test_markup_nested_thousands_deep(tag):
    opening = f"<{tag}>" * 20_000
    with contextlib.suppress(PageError):
        node = read(f"{opening}<h1>Atelier</h1><p>Corps.</p>{fields()}")
        assert node.title == "Atelier"


@pytest.mark.slow
def test_a_huge_page():
    node = read(f"<article><h1>Atelier</h1>{'<p>Une phrase de plus, le 3 mai 2021.</p>' * 50_000}{fields()}</article>")
    assert node.body.count("\n\n") == 49_999


@pytest.mark.slow
def test_a_page_of_labels():
    read_or_refuse(("<div><p>Type de ressource</p><p>Ressource privée</p></div>" * 3_000).encode())


def test_an_element_that_ends_in_spaces_alone():
    read_or_refuse(b"<p>Eau<b class=node><div>Type de ressource&nbsp&nbsp<i></div>\n<v")
    read_or_refuse(b"><W class=node ><div >Type de ressource&nbsp&nbsp<i></div>\n<v")
