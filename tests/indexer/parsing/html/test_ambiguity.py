"""No layout of a page makes a private node's text visible to visitors, and what is certainly public stays public."""

from __future__ import annotations

import random

import pytest

from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.errors import PageError
from indexer.pipeline.importing import import_paths
from indexer.pipeline.indexing import index_corpus
from indexer.progress import Silent
from indexer.query import SearchRequest
from indexer.resource import Audience
from indexer.settings import Settings
from tests.support.layouts import ODD, SECRET, SHOWN, WRAPPED, every_layout, labels
from tests.support.parsing import bare, fields, read, read_page

ROW = "a text in the neighbour's row"


def seen(html: str) -> str:
    """Return all the text that visitors may see of a page."""
    try:
        page = read_page(html)
    except PageError:
        return ""
    return "\n".join(repr((node, page.theme)) for node in page.nodes if not node.private)


def titled(content: str) -> str:
    return f"<html><head><title>Note {SECRET} | Site</title></head><body><main>{content}</main></body></html>"


@pytest.mark.slow
def test_every_order_of_pieces_in_one_column_and_two():
    leaks, lost, count = [], [], 0
    for layout in every_layout():
        count += 1
        public = seen(layout.page())
        if SECRET in public:
            leaks.append(layout)
        if layout.wrapper and SHOWN not in public:
            lost.append(layout)
    assert not leaks, (len(leaks), count, leaks[:3])
    assert not lost, (len(lost), count, lost[:3])
    assert count > 8_000


@pytest.mark.parametrize("content", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("frame", [titled, lambda content: f"<main><h1>Ressources</h1>{content}</main>"])
def test_odd_layouts(content, frame):
    assert SECRET not in seen(frame(content))


@pytest.mark.parametrize("content", WRAPPED.values(), ids=WRAPPED.keys())
def test_what_is_certainly_public_stays(content):
    public = seen(titled(content))
    assert SECRET not in public
    assert SHOWN in public


def test_doubt_is_said():
    page = read_page(f"<main>{ODD[ROW]}</main>")
    by_title = {node.title: node for node in page.nodes}
    guide, note = by_title["Guide"], by_title[f"Note {SECRET}"]
    assert guide.private
    assert any("mise en page" in warning for warning in guide.warnings)
    assert note.private
    assert SECRET in note.body


def test_a_text_after_the_last_fields_stays_with_its_node():
    page = read_page(f"<main>{ODD['fields before the text, public first']}</main>")
    assert any(SECRET in (node.body or "") for node in page.nodes)


def test_without_a_private_node_a_page_is_read_as_before():
    page = read_page(
        f"<h1>Tout</h1><h2><a href='/a'>Atelier</a></h2><p>Corps a.</p>{fields()}"
        f"<h2><a href='/b'>Bourse</a></h2><p>Corps b.</p>{fields()}"
    )
    assert [(node.title, node.body, node.private) for node in page.nodes] == [
        ("Atelier", "Corps a.", False),
        ("Bourse", "Corps b.", False),
    ]
    assert page.theme == "Tout"


def test_a_listing_with_private_nodes_keeps_its_theme():
    page = read_page(
        "<html><head><title>Eau | Site</title></head><body><h1>Eau</h1>"
        f"<article><h2><a href='/a'>Atelier</a></h2>{labels('Oui')}</article>"
        f"<article><h2><a href='/b'>Bourse</a></h2>{labels()}</article></body></html>"
    )
    assert (page.theme, [node.private for node in page.nodes]) == ("Eau", [True, False])


@pytest.mark.parametrize("value", ["Oui", "", "à voir"])
def test_a_privacy_label_counts_without_its_companion(value):
    node = read(f"<article><h1>Atelier</h1><p>Corps.</p>{bare('Ressource privée', value)}</article>")
    assert node.private


STRONG = "<p><strong>Type de ressource :</strong> Guide</p><p><strong>Ressource privée :</strong> {}</p>"
IN_LINES = "<p>Type de ressource :<br>Guide<br>Ressource privée :<br>{}</p>"
IN_CELLS = (
    "<table><tr><th>Type de ressource</th><td>Guide</td></tr><tr><th>Ressource privée</th><td>{}</td></tr></table>"
)


@pytest.mark.parametrize("value", ["Oui", "peut-être", ""])
@pytest.mark.parametrize("written", [STRONG, IN_LINES, IN_CELLS])
@pytest.mark.parametrize("heading", ["<h2>{}</h2>", "<p><a href='/n'>{}</a></p>", "<p><strong>{}</strong></p>"])
@pytest.mark.parametrize("order", ["tbf", "bft", "ftb"])
def test_a_private_node_without_a_class_inside_a_public_one(value, written, heading, order):
    """A private node in a block of related resources stays private, in the middle of an article and at its end."""
    piece = {"t": heading.format(f"Note {SECRET}"), "b": f"<p>Un {SECRET}.</p>", "f": written.format(value)}
    inner = "<section>" + "".join(piece[one] for one in order) + "</section>"
    other = f"<section><h2><a href='/autre'>Un atlas</a></h2><p>Texte.</p>{written.format('Non')}</section>"
    related = f"<div><h3>Ressources liées</h3>{inner}{other}</div>"
    for own in (fields(), STRONG.format("Non"), STRONG.format("Non") + "<p><strong>Résumé :</strong> En bref.</p>"):
        for inside in (related + own, own + related):
            public = seen(f"<main><article><h1>Guide des halles</h1><p>Corps.</p>{inside}</article></main>")
            assert SECRET not in public


def test_a_private_node_is_no_part_of_the_summary_before_it():
    inner = f"<article><h2>Note {SECRET}</h2><p>Un {SECRET}.</p>{STRONG.format('Oui')}</article>"
    page = read_page(
        f"<main><article><h1>Guide des halles</h1><p>Corps.</p>{STRONG.format('Non')}"
        f"<p><strong>Résumé :</strong> En bref.</p><div><h3>Voir aussi</h3><div>{inner}</div></div></article></main>"
    )
    assert {node.title: (node.summary, node.private) for node in page.nodes} == {
        "Guide des halles": ("En bref.", False),
        f"Note {SECRET}": (None, True),
    }


def test_a_link_among_fields_is_no_title():
    """In a table with a column for each field, the link in a column « Fichier » is not taken for a title; otherwise the
    text of the private note would be shown.
    """
    head = "<th>Fichier</th><th>Type de ressource</th><th>Ressource privée</th><th>Résumé</th>"
    row = "<td><a href='/piece.pdf'>Pièce</a></td><td>Guide</td><td>{}</td><td>En bref</td>"
    first = (
        f"<table><tr><th>Catégorie</th>{head}</tr><tr><td><a href='/t'>Eau</a></td>{row.format('Non')}</tr></table>"
        f"<p>Guide des halles</p><header>Texte.</header>"
    )
    second = f"<table><tr>{head}</tr><tr>{row.format('Oui')}</tr></table><p>Note {SECRET}</p>"
    page = f"<body><table><tr><td>{first}</td></tr>{labels('')}<tr><td>{second}</td></tr></table></body>"
    assert SECRET not in seen(page)
    assert SECRET not in seen(page.replace(labels(""), "<div><div>Type de ressource</div><div>Guide</div></div>"))


def test_a_summary_goes_on_in_paragraphs_after_its_own():
    own = STRONG.format("Non") + "<p><strong>Résumé :</strong> En bref.</p><p>Et la suite.</p><div>Partager</div>"
    assert read(f"<article><h1>Guide</h1><p>Corps.</p>{own}</article>").summary == "En bref.\n\nEt la suite."


@pytest.mark.parametrize("tag", ["div", "p", "strong"])
def test_a_page_named_after_a_private_node_gives_no_theme_though_its_title_is_no_heading(tag):
    title = f"Note {SECRET}"
    nodes = (
        f"<article><{tag}>{title}</{tag}><h4>Contexte</h4><p>Texte.</p>{labels('Oui')}</article>"
        f"<article><{tag}>Guide des halles</{tag}><p>Le guide {SHOWN}.</p>{labels()}</article>"
    )
    public = seen(f"<html><head><title>{title} | Site</title></head><body><main>{nodes}</main></body></html>")
    assert SHOWN in public
    assert SECRET not in public


def test_a_page_named_after_a_private_node_whose_fields_are_taken_for_text():
    """Each of four nodes is marked up in another way, and one has no title of its own: it does not get the name of the
    page, which is the title of the private node.
    """
    secret = f"<div><h3>Note {SECRET}</h3><p>Type de ressource<br>Guide<br>Ressource privée<br>OUI</p></div>"
    content = (
        "<div class='node'><strong><a href='/1'>Guide</a></strong><p>Type de ressource</p><div>Guide</div>"
        f"<p>Ressource privée :</p><div>Non</div></div>{secret}<div><a href='/2'>Un atlas</a></div>"
        f"{bare('Type de ressource', 'Guide')}{bare('Ressource privée', 'Non')}"
        "<article class='node'><h2>Bourse</h2><ul><li><b>Type de ressource</b> Guide</li>"
        "<li><b>Ressource privée</b> Non</li></ul></article>"
    )
    page = f"<html><head><title>Note {SECRET} | Site</title></head><body><h1>Note {SECRET}</h1>{content}</body></html>"
    assert SECRET not in seen(page)


def test_fields_on_one_line_with_dots_between_them_say_that_they_are_private():
    line = (
        "<em>• un</em><br>· <span>Type de ressource</span> <em>Guide</em> · <span>Ressource privée</span> <em>Oui</em>"
    )
    secret = f"<div class='node'><p>Note {SECRET}</p><p>{line} · <span>Fichier</span> x</p></div>"
    page = f"<main><h3>Guide des halles</h3><p>Corps.</p>{fields()}{secret}</main>"
    assert SECRET not in seen(page)


def test_private_labels_in_a_summary_oppose_nothing():
    node = read(
        "<main><h1>Atelier</h1><p>Corps.</p>"
        + fields(summary="<p>Champs :</p><p>Ressource privée</p><p>Oui</p><p>et la suite.</p>")
        + "</main>"
    )
    assert node.private is False


@pytest.mark.slow
def test_a_visitor_searches_for_it_in_vain(tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()
    drawn = random.Random(12).sample(list(every_layout()), 150)
    contents = [titled(content) for content in ODD.values()] + [layout.page() for layout in drawn]
    for number, content in enumerate(contents):
        # Each page has resources of its own, since an uncertain copy would make the others private.
        numbered = content.replace("Note z", f"Note {number} z").replace("/voisine", f"/voisine-{number}")
        (pages / f"{number}.html").write_text(numbered, "utf-8")
    place = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index", data=tmp_path / "data")
    engine = EmbeddedEngine(place.index, default_analyzer())
    try:
        import_paths(place, (pages,), theme=None, progress=Silent(), engine=engine)
        index_corpus(place, engine, full=False, progress=Silent())
        for query, audience, found in (
            (SECRET, Audience.VISITOR, False),
            (SECRET, Audience.MEMBER, True),
            (SHOWN, Audience.VISITOR, True),
        ):
            total = engine.search(SearchRequest(audience=audience, query=query)).total
            assert bool(total) is found, (query, audience)
        every = engine.search(SearchRequest(audience=Audience.VISITOR, per_page=100))
        assert SECRET not in repr(every)
        assert SECRET not in repr([engine.get(hit.id, audience=Audience.VISITOR) for hit in every.hits])
    finally:
        engine.close()


@pytest.mark.parametrize("tag", ["section", "div", "li"])
def test_titles_amid_the_fields_are_private_beside_a_private_one(tag):
    def node(name: str, said: str) -> str:
        title = f'<div><a href="/{name}">{name}</a></div>'
        return f"<{tag}>{bare('Type de ressource', 'Autres')}{title}{bare('Ressource privée', said)}</{tag}>"

    assert all(one.private for one in read_page(node("Un", "Non") + node("Deux", "Oui")).nodes)
