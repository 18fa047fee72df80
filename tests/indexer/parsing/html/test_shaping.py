"""The shape (outline) of a page's text: what each HTML element becomes, and which elements have no effect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import document
from indexer.document import Block, Caption, Document, Heading, ListBlock, Paragraph, Preformatted, Quotation, leaves
from indexer.parsing.html.page import parse_html
from indexer.parsing.node import ParsedNode
from tests.support.archive import field, frame

ADDRESS = "https://reseau.example/ressources/coop"


def parse(body: str, *, summary: str = "<p>En bref.</p>", address: str = ADDRESS) -> ParsedNode:
    content = (
        f'<article class="node"><h1>Une coopérative</h1><div class="field--name-body">{body}</div>'
        + field("type", "Type de ressource", "Guide")
        + field("privee", "Ressource privée", "Non")
        + field("resume", "Résumé", summary)
        + "</article>"
    )
    page = parse_html(frame(content, title="Une coopérative", address=address).encode(), base="https://base.example/")
    (node,) = page.nodes
    return node


def body_of(html: str) -> Document:
    node = parse(html)
    return document.read(node.body, node.body_shape)


def said(found: Document, blocks: tuple[Block, ...] | None = None) -> list[object]:
    """Return blocks (by default, those of the document) as nested lists: a kind, then the content.

    Runs (stretches of text in one style) are written as **strong**, _emphasis_ and text(target of the link).
    """
    written: list[object] = []
    for block in found.blocks if blocks is None else blocks:
        if isinstance(block, Quotation):
            written.append(["quote", *said(found, block.blocks)])
        elif isinstance(block, ListBlock):
            kind = f"ol{block.start}" if block.ordered else "ul"
            written.append([kind, *(said(found, item) for item in block.items)])
        elif isinstance(block, document.Table):
            rows = [
                [f"{'#' * c.head}{c.colspan}×{c.rowspan} {said(found, c.blocks)}" for c in row] for row in block.rows
            ]
            written.append(["table", found.words(block.caption), *rows])
        else:
            kind = {Paragraph: "", Preformatted: "pre ", Caption: "légende "}.get(type(block), "")
            kind = f"h{block.level} " if isinstance(block, Heading) else kind
            text = ""
            for run in block.runs:
                words = found.text[run.start : run.end]
                words = f"**{words}**" if run.strong else words
                words = f"_{words}_" if run.emphasis else words
                text += f"{words}({run.target})" if run.target else words
            written.append(kind + text)
    return written


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Un.</p><p>Deux.</p>", ["Un.", "Deux."]),
        ("<h2>Titre</h2><p>Un.</p><h4>Sous</h4><p>Deux.</p>", ["h2 Titre", "Un.", "h4 Sous", "Deux."]),
        ("<h2><strong>Tout gras</strong></h2><h3>Un <em>mot</em></h3>", ["h2 Tout gras", "h3 Un _mot_"]),
        ("<h2><div>Un</div><div>titre</div></h2><p>x</p>", ["h2 Un\n\ntitre", "x"]),
        ("<p>Du <b>gras</b>, de l’<i>italique</i>.</p>", ["Du **gras**, de l’_italique_."]),
        ("<p>A <strong> b <em>c </em></strong> d</p>", ["A **b **_**c**_ d"]),
        ("<p>mi<strong>lieu</strong>x</p>", ["mi**lieu**x"]),
        ("<p><strong>Gras<br>deux lignes</strong></p>", ["**Gras\ndeux lignes**"]),
        ("<strong><p>Autour</p><p>de deux</p></strong>", ["**Autour**", "**de deux**"]),
        ("<ul><li>Un</li><li>Deux</li></ul>", [["ul", ["Un"], ["Deux"]]]),
        ("<ol><li>Un<li>Deux</ol>", [["ol1", ["Un"], ["Deux"]]]),
        ('<ol start="4"><li>Un</ol>', [["ol4", ["Un"]]]),
        ('<ol start="-4"><li>Un</ol>', [["ol1", ["Un"]]]),
        ("<ul><li>Un<ul><li>A</li></ul></li><li>Deux</li></ul>", [["ul", ["Un", ["ul", ["A"]]], ["Deux"]]]),
        ("<ul><li>Un</li><ol><li>A</li></ol><li>Deux</li></ul>", [["ul", ["Un", ["ol1", ["A"]]], ["Deux"]]]),
        ("<ul><li><p>Un</p><p>suite</p></li></ul>", [["ul", ["Un", "suite"]]]),
        ("<div><li>Sans liste</li><li>autour</li></div>", [["ul", ["Sans liste"], ["autour"]]]),
        ("<ul><li>– un</li><li>• deux</li><li>-20 %</li></ul>", [["ul", ["un"], ["deux"], ["-20 %"]]]),
        ("<p>Voici :<br>• un<br>• deux</p>", ["Voici :", ["ul", ["un"], ["deux"]]]),
        ("<p>– un</p><p>– <b>deux</b></p><p>fin</p>", [["ul", ["un"], ["**deux**"]], "fin"]),
        ("<p>– un seul</p>", ["– un seul"]),
        ("<blockquote><p>Un.</p><p>Deux.</p></blockquote>", [["quote", "Un.", "Deux."]]),
        ("<blockquote>Nu</blockquote><p>x</p>", [["quote", "Nu"], "x"]),
        ("<pre>\n  a  b\n    c\n\n  d\n</pre>", ["pre a  b\n  c\n\nd"]),
        ("<figure><img src=x><figcaption>Vue <em>large</em></figcaption></figure>", ["légende Vue _large_"]),
        ("<dl><dt>Terme</dt><dd>Sens</dd></dl>", ["**Terme**", "Sens"]),
        (
            "<table><caption>Parts</caption><tr><th>Ville</th><th>Part</th></tr><tr><td>Lens</td><td></td></tr></table>",
            [["table", "Parts", ["#1×1 ['Ville']", "#1×1 ['Part']"], ["1×1 ['Lens']", "1×1 []"]]],
        ),
        (
            '<table><tr><td colspan="2">A</td><td rowspan=3>B</td></tr><tr><td>C</td><td>D</td></tr></table>',
            [["table", "", ["2×1 ['A']", "1×3 ['B']"], ["1×1 ['C']", "1×1 ['D']"]]],
        ),
        (
            "<table><tr><th><h3>A</h3></th><td><p>x</p><ul><li>y</li></ul></td></tr></table>",
            [["table", "", ["#1×1 ['**A**']", "1×1 ['x', ['ul', ['y']]]"]]],
        ),
        # A layout table is not content: it has one row, one column, a role, or a heading or long text in a cell.
        ("<table><tr><td>A</td><td>B</td></tr></table>", ["A", "B"]),
        ("<table><tr><td>A</td></tr><tr><td>B</td></tr></table>", ["A", "B"]),
        ("<table role=presentation><tr><th>A</th><th>B</th></tr></table>", ["A", "B"]),
        ("<table><tr><td><h2>A</h2></td><td>B</td></tr><tr><td>C</td><td>D</td></tr></table>", ["h2 A", "B", "C", "D"]),
        (
            "<table><tr><td><table><tr><th>A</th><td>B</td></tr></table></td></tr></table>",
            [["table", "", ["#1×1 ['A']", "1×1 ['B']"]]],
        ),
        # Elements left out of the text are left out of its shape.
        ("<p>Un</p><nav><ul><li>Menu</li></ul></nav><script>x</script><p hidden>Caché</p>", ["Un"]),
    ],
)
def test_elements(html: str, expected: list[object]) -> None:
    assert said(body_of(html)) == expected


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("/page", "https://reseau.example/page"),
        ("autre?x=1&y=2#la", "https://reseau.example/ressources/autre?x=1&y=2#la"),
        ("//ailleurs.example/a", "https://ailleurs.example/a"),
        ("http://ailleurs.example", "http://ailleurs.example"),
        ("mailto:nous@reseau.example", "mailto:nous@reseau.example"),
        ("MAILTO:nous@reseau.example?subject=x", "MAILTO:nous@reseau.example"),
        ("mailto:pas une adresse", None),
        ("#note", None),
        ("javascript:alert(1)", None),
        (" java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("ftp://ailleurs.example/x", None),
        ("https://[", None),
        ("", None),
    ],
)
def test_links_are_absolute_and_lead_to_the_web_or_to_a_mailbox(href: str, target: str | None) -> None:
    found = body_of(f'<p>Lire <a href="{href}">la page</a> et la suite.</p><h2>Titre</h2>')
    (runs, _) = leaves(found.blocks)
    assert {run.target for run in runs if "page" in found.text[run.start : run.end]} == {target}
    assert [run.target for run in runs if "suite" in found.text[run.start : run.end]] == [None]


def test_a_link_around_blocks_is_on_each() -> None:
    found = body_of('<a href="/a"><h3>Titre</h3><p>Texte</p></a><p>Autre</p>')
    assert said(found) == ["h3 Titre(https://reseau.example/a)", "Texte(https://reseau.example/a)", "Autre"]


def test_words_that_look_like_a_label_break_no_paragraph() -> None:
    found = body_of("<h2>Champs</h2><p>Le champ <b>Résumé</b> et <a href='/x'>le lien</a>.</p>")
    assert said(found)[1] == "Le champ **Résumé** et le lien(https://reseau.example/x)."


def test_the_summary_has_a_shape_too() -> None:
    node = parse("<p>Texte.</p>", summary="<ul><li>Un</li><li><a href='/b'>Deux</a></li></ul>")
    found = document.read(node.summary, node.summary_shape)
    assert node.summary == "• Un\n\n• Deux"
    assert said(found) == [["ul", ["Un"], ["Deux(https://reseau.example/b)"]]]


def test_plain_paragraphs_need_no_shape() -> None:
    node = parse("<p>Un.</p><div>Deux.</div>")
    assert (node.body, node.body_shape, node.summary_shape) == ("Un.\n\nDeux.", None, None)


def test_what_stands_around_a_node_shapes_nothing_of_it() -> None:
    node = field("type", "Type de ressource", "Guide") + field("privee", "Ressource privée", "Non")
    one = f'<article class="node"><h2>{{}}</h2><p>Texte de {{}}.</p>{node}</article>'
    rows = "".join(f"<tr><td>{one.format(name, name)}</td><td>Voisin</td></tr>" for name in ("Un", "Deux"))
    page = parse_html(
        frame(f"<ul><li><table>{rows}</table></li></ul>", title="Liste").encode(), base="https://b.example/"
    )
    assert [node.body for node in page.nodes] == ["Texte de Un.", "Texte de Deux."]
    for node in page.nodes:
        assert document.read(node.body, node.body_shape) == document.from_text(node.body)


def test_a_table_shared_with_another_node_is_no_table() -> None:
    """A table that holds several nodes is not kept as a table: its number of rows would tell of private nodes."""
    fields = (
        "<tr><td>Type de ressource</td><td>Guide</td></tr><tr><td>Ressource privée</td><td>{}</td></tr>"
        "<tr><td>Résumé</td><td>Bref {}.</td></tr>"
    )
    rows = "".join(
        f"<tr><th>Ville {name}</th><td>Part {name}</td></tr>" + fields.format(private, name)
        for name, private in (("une", "Non"), ("deux", "Oui"))
    )
    page = parse_html(frame(f"<h1>Tout</h1><table>{rows}</table>", title="Tout").encode(), base="https://b.example/")
    assert page.nodes
    for node in page.nodes:
        found = document.read(node.body, node.body_shape)
        assert not any(isinstance(block, document.Table) for block in found.blocks)


@pytest.mark.parametrize("tag", ["ul><li", "blockquote", "table><tr><td", "ol><li><blockquote", "div", "b><p"])
def test_deep_pages_cost_no_depth(tag: str) -> None:
    found = body_of(f"<{tag}>x " * 900 + "<p>fin</p>")
    assert found.text.endswith("fin")
    assert "".join(found.words(runs) for runs in leaves(found.blocks)).count("x") == 900


_PARTS = st.sampled_from([
    "<p>", "</p>", "<h2>", "</h2>", "<h5>", "</h5>", "<ul>", "</ul>", "<ol>", "</ol>", "<li>", "<blockquote>", "<br>",
    "</blockquote>", "<table>", "</table>", "<tr>", "<th>", "<td>", "<td colspan=2>", "<caption>", "<pre>", "</pre>",
    "<strong>", "</strong>", "<em>", "</em>", "<a href='/x'>", "</a>", "<figcaption>", "<div>", "</div>", "mot ",
    " é·e", "• ", "- ", "1. ", "\u200b", "\n", "  ", "e\u0301", "&nbsp;", "Résumé", "<dt>", "<dd>",
])  # fmt: skip


@given(st.lists(_PARTS, max_size=40).map("".join))
def test_any_page_s_runs_cover_its_text_but_for_signs(html: str) -> None:
    node = parse(f"<p>Début</p>{html}<p>Fin</p>")
    for text, shape in ((node.body, node.body_shape), (node.summary, node.summary_shape)):
        found = document.read(text, shape)
        assert shape is None or document.write(found) == shape
        covered = [False] * len(found.text)
        for runs in leaves(found.blocks):
            for run in runs:
                assert not any(covered[run.start : run.end])
                covered[run.start : run.end] = [True] * (run.end - run.start)
        left = "".join(char for char, seen in zip(found.text, covered, strict=True) if not seen)
        assert set(left) <= set(" \n•·-–1.\u00a0"), left
