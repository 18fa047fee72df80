"""Documents on the page of a resource: any blocks give valid HTML, with highlighting, headings, links and tables."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2.utils import Namespace

from indexer import document
from indexer.document import Document, Heading, Paragraph, Run, from_text, leaves
from indexer.query.snippets import Highlight
from indexer.resource import Resource
from search_app.resources.layout import PageLayout, ShownBlock
from search_app.resources.repetition import is_repeated, share_repeated
from tests.support.documents import DOCUMENTS
from tests.support.fake_engine import FakeEngine

_PHRASING = {"a", "strong", "em", "mark", "br", "span"}
_FLOW_TAGS = {"p", "ul", "ol", "blockquote", "pre", "div", *(f"h{level}" for level in range(1, 7))}
_MAY_HOLD = {
    "main": _FLOW_TAGS, "blockquote": _FLOW_TAGS, "li": _FLOW_TAGS | _PHRASING, "div": {"table"},
    "td": _FLOW_TAGS | _PHRASING, "th": (_FLOW_TAGS | _PHRASING) - {f"h{level}" for level in range(1, 7)},
    "ul": {"li"}, "ol": {"li"}, "table": {"caption", "thead", "tbody"}, "thead": {"tr"}, "tbody": {"tr"},
    "tr": {"td", "th"}, "br": set(),
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "rel"}, "mark": {"id"}, "span": {"class"}, "p": {"class"}, "ol": {"start"}, "caption": {"id"},
    "div": {"class", "role", "tabindex", "aria-label", "aria-labelledby"}, "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"}, **{f"h{level}": {"id"} for level in range(1, 7)},
}  # fmt: skip


def drawn(app: Flask, found: Document, marks: tuple[Highlight, ...] = ()) -> str:
    blocks = PageLayout(above=2, own_host="archive.example").blocks(found, marks)
    template = app.jinja_env.get_template("resources/_document.html").module
    return f"<main>{template.flow(blocks, Namespace(any=False))}</main>"  # type: ignore[attr-defined]


def assert_valid(html: str) -> Tag:
    """Assert that elements are balanced, and only where the HTML standard allows them; return the main element."""
    open_tags: list[str] = []
    for closing, name in re.findall(r"<(/?)([a-z0-9]+)[^>]*>", html):
        if closing:
            assert open_tags.pop() == name
        elif name != "br":
            open_tags.append(name)
    assert open_tags == []
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.main.find_all(True):
        allowed = _MAY_HOLD.get(tag.parent.name, _PHRASING)
        assert tag.name in allowed, f"{tag.name} in {tag.parent.name}"
        assert set(tag.attrs) <= _ATTRIBUTES.get(tag.name, set())
        assert tag.get_text() or tag.name in ("td", "tr", "thead", "tbody", "br")
        if tag.name == "a":
            assert tag.find_parent("a") is None
            assert re.match(r"https?://[^\s<>\"]+|mailto:[^\s<>\"]+@", tag["href"])
            assert tag["href"].startswith("mailto:") or tag["rel"] == ["external", "noopener", "noreferrer"]
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for region in soup.select("[aria-labelledby]"):
        assert region["aria-labelledby"] in ids
    levels = [2, *(int(tag.name[1]) for tag in soup.find_all(re.compile("h[1-6]")))]
    assert all(level > 2 for level in levels[1:])
    assert all(after <= before + 1 for before, after in pairwise(levels))
    return soup.main


def text_of(main: Tag) -> str:
    """Return the text of a page without spaces and without text for screen readers only."""
    for tag in main.select(".unseen"):
        tag.extract()
    return "".join(main.get_text().split())


@st.composite
def marked(draw: st.DrawFn) -> tuple[Document, tuple[Highlight, ...]]:
    found = draw(DOCUMENTS)
    places = sorted(set(draw(st.lists(st.integers(0, len(found.text)), max_size=8))))
    return found, tuple(Highlight(a, b, 0) for a, b in zip(places[::2], places[1::2], strict=False))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(marked())
def test_any_document_makes_valid_html(app: Flask, given_: tuple[Document, tuple[Highlight, ...]]) -> None:
    found, marks = given_
    html = drawn(app, found, marks)
    main = assert_valid(html)
    assert text_of(main) == "".join("".join(found.words(runs) for runs in leaves(found.blocks)).split())
    covered = [False] * len(found.text)
    for mark in marks:
        covered[mark.start : mark.end] = [True] * (mark.end - mark.start)
    words = "".join(
        found.text[i] for runs in leaves(found.blocks) for run in runs for i in range(run.start, run.end) if covered[i]
    )
    assert "".join("".join(tag.get_text() for tag in main.find_all("mark")).split()) == "".join(words.split())
    assert len(main.select("#trouve")) == (1 if main.find("mark") else 0)


def test_a_mark_crosses_strong_words_and_links(app: Flask) -> None:
    text = "avant gras lié après"
    runs = (Run(0, 6), Run(6, 10, strong=True), Run(10, 14, target="https://a.example/"), Run(14, 20))
    html = drawn(app, Document(text, (Paragraph(runs),)), (Highlight(3, 16, 0),))
    assert html.split("<p>")[1].split("</p>")[0] == (
        'ava<mark id="trouve">nt </mark><strong><mark>gras</mark></strong>'
        '<a href="https://a.example/" rel="external noopener noreferrer"><mark> lié</mark>'
        '<span class="unseen"> (autre site)</span></a><mark> a</mark>près'
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ([1, 2, 3], [3, 4, 5]),
        ([2, 4, 4, 2], [3, 4, 4, 3]),
        ([4, 2, 3, 6], [3, 3, 4, 5]),
        ([3, 2, 1], [3, 3, 3]),
        ([1, 2, 3, 4, 5, 6], [3, 4, 5, 6, 6, 6]),
    ],
)
def test_headings_stand_under_the_page_s_and_skip_no_level(written: list[int], shown: list[int]) -> None:
    text = "t" * len(written)
    blocks = tuple(Heading(level, (Run(i, i + 1),)) for i, level in enumerate(written))
    found = PageLayout(above=2, own_host="").blocks(Document(text, blocks))
    assert [block.level for block in found] == shown
    assert [block.id for block in found[:3]] == ["partie-t", "partie-t--2", "partie-t--3"][: len(written)]


def ids(blocks: tuple[ShownBlock, ...]) -> list[str | None]:
    return [block.id for block in blocks if block.kind == "heading"]


def test_a_long_text_has_a_table_of_contents() -> None:
    text, blocks = "", []
    for level, title in ((2, "Pourquoi ?"), (3, "Détail"), (4, "Note"), (2, "Comment"), (2, "…")):
        blocks.append(Heading(level, (Run(len(text), len(text) + len(title)),)))
        text += title
        blocks.append(Paragraph((Run(len(text), len(text) + 600),)))
        text += "x" * 600
    layout = PageLayout(above=2, own_host="")
    found = layout.blocks(Document(text, tuple(blocks)))
    contents = layout.contents()
    assert ids(found) == ["partie-pourquoi", "partie-detail", "partie-note", "partie-comment", "partie-suite"]
    assert [(e.title, e.id, [i.id for i in e.entries]) for e in contents] == [
        ("Pourquoi ?", "partie-pourquoi", ["partie-detail"]),
        ("Comment", "partie-comment", []),
        ("…", "partie-suite", []),
    ]
    layout.blocks(Document(text, tuple(blocks[:4])))
    assert layout.contents() == ()
    layout.blocks(Document("abc", tuple(Heading(2, (Run(i, i + 1),)) for i in range(3))))
    assert layout.contents() == ()


def test_own_links_are_not_marked_as_another_site_s(app: Flask) -> None:
    runs = (Run(0, 1, target="https://archive.example/a"), Run(1, 2), Run(2, 3, target="mailto:a@b.fr"))
    html = drawn(app, Document("a b", (Paragraph(runs),)))
    assert 'href="https://archive.example/a">a</a> <a href="mailto:a@b.fr">b</a>' in html
    assert "unseen" not in html


def test_bullets_of_a_text_without_a_shape_make_a_list(app: Flask) -> None:
    html = drawn(app, from_text("Voici :\n\n• un\n\n• deux\n\nFin,\nsuite"), (Highlight(11, 13, 0),))
    shown = "".join(line.strip() for line in html.splitlines())
    assert shown == (
        '<main><p>Voici :</p><ul><li><mark id="trouve">un</mark></li><li>deux</li></ul><p>Fin,<br>suite</p></main>'
    )


SHAPED = "Un titre\n\nUn mot de la coopérative.\n\n• Lens · 2 %"
DOCUMENT = Document(
    SHAPED,
    (
        Heading(2, (Run(0, 8),)),
        Paragraph((Run(10, 20), Run(20, 34, strong=True, target="https://ailleurs.example/"), Run(34, 35))),
        document.Table(
            (
                (
                    document.Cell((Paragraph((Run(39, 43),)),), head=True),
                    document.Cell((Paragraph((Run(46, 49),)),)),
                ),
            )
        ),
    ),
)


def resource(**changes: object) -> Resource:
    base = Resource("r-forme", None, "Forme", SHAPED, None, "Guides", False, (), None, None, None)
    return replace(base, **{"body_shape": document.write(DOCUMENT), **changes})  # type: ignore[arg-type]


def test_the_page_prints_the_document(app: Flask, client: FlaskClient, engine: FakeEngine) -> None:
    engine.resources = (*engine.resources, resource())
    answer = client.get("/ressources/r-forme?q=coopérative")
    soup = BeautifulSoup(answer.text, "lxml")
    section = soup.select_one("section.text")
    assert section.select_one("h3#partie-un-titre").get_text() == "Un titre"
    assert section.select_one("a strong mark#trouve").get_text() == "coopérative"
    region = section.select_one("div.table[role=region]")
    assert (region["tabindex"], region["aria-label"]) == ("0", "Tableau 1")
    assert [cell.name for cell in region.select("tr > *")] == ["th", "td"]
    assert region.th["scope"] == "row"
    # Other outputs contain the plain text only.
    held = json.loads(client.get("/api/v1/resources/r-forme").text)
    assert held["body"] == SHAPED
    assert "shape" not in " ".join(held)


WORDS = [f"mot{number}" for number in range(100)]


@pytest.mark.parametrize(
    ("summary", "body", "repeated"),
    [
        ("Un texte.", "Un  texte.\n\nSuite.", True),
        ("UN TÊXTE", "un texte, puis la suite", True),
        ("Autre chose.", "Un  texte.\n\nSuite.", False),
        ("mot", "Un mot.", True),
        ("mot", "Un autre.", False),
        (None, "Un texte.", False),
        ("Un texte.", None, False),
        # At most one word in ten may differ; the same words in another order are a different text.
        (" ".join(WORDS), " ".join([*WORDS[:40], "autre", *WORDS[41:]]), True),
        (" ".join(WORDS), " ".join(WORDS[:92]), True),
        (" ".join(WORDS), " ".join(WORDS[:80]), False),
        (" ".join(WORDS), " ".join(reversed(WORDS)), False),
        (" ".join(WORDS[:30]), " ".join(f"{word} x" for word in WORDS), False),
    ],
)
def test_a_summary_that_the_text_repeats(summary: str | None, body: str | None, repeated: bool) -> None:
    assert is_repeated(summary, body) is repeated


def test_how_much_is_repeated() -> None:
    assert share_repeated(" ".join(WORDS), " ".join(WORDS[:90])) == 0.9
    assert share_repeated("… !", "Un texte.") == 1.0
