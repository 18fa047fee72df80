"""Listings in every format of Drupal's Views, with filters, and related resources below a node."""

# Markup is easier to read on one line.
# ruff: noqa: E501

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import PageError
from tests.support.parsing import bare, drupal, read_page

VIEWS_FIELDS = (
    '<div class="views-field views-field-field-type"><span class="views-label">Type de ressource : </span>'
    '<span class="field-content">Autres</span></div><div class="views-field"><span class="views-label">'
    'Ressource privée : </span><span class="field-content">Non</span></div>'
)
WRITINGS = {
    "bare": bare("Type de ressource", "Autres") + bare("Ressource privée", "Non"),
    "drupal": drupal("Type de ressource", "Autres") + drupal("Ressource privée", "Non"),
    "views": VIEWS_FIELDS,
}


def title(name: str) -> str:
    return f'<div class="views-field-title"><span class="field-content"><a href="/{name}">Titre {name}</a></span></div>'


def table(items: list[str], *, head: str = "th", by_id: bool = False) -> str:
    cells = "".join(
        f'<{head} id="h{i}">{text}</{head}>'
        for i, text in enumerate(("Titre", "Ressource privée", "Type de ressource"))
    )
    opening = '<td headers="h2">Autres</td><td headers="h1">Non</td>' if by_id else "<td>Non</td><td>Autres</td>"
    rows = "".join(f'<tr><td><a href="/{one}">Titre {one}</a></td>{opening}</tr>' for one in items)
    return f'<table class="views-table"><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>'


def grid(items: list[str], fields: str, *, outer: str, inner: str, across: int = 2) -> str:
    cells = [f'<div class="{inner}">{title(one)}{fields}</div>' for one in items]
    rows = ["".join(cells[i : i + across]) for i in range(0, len(cells), across)]
    return '<div class="views-view-grid">' + "".join(f'<div class="{outer}">{row}</div>' for row in rows) + "</div>"


def old_grid(items: list[str], fields: str) -> str:
    cells = [f'<td class="col-{i % 2 + 1}">{title(one)}{fields}</td>' for i, one in enumerate(items)]
    rows = ["".join(cells[i : i + 2]) for i in range(0, len(cells), 2)]
    return '<table class="views-view-grid">' + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def each(items: list[str], opening: str, closing: str, fields: str, heading: str = "h3") -> str:
    return "".join(
        f'{opening}<{heading}><a href="/{one}">Titre {one}</a></{heading}><p>Texte {one}.</p>{fields}{closing}'
        for one in items
    )


DISPLAYS = {
    "grid": lambda items, fields: grid(items, fields, outer="views-row clearfix", inner="views-col col-1"),
    "vertical grid": lambda items, fields: grid(items, fields, outer="views-col col-1", inner="views-row row-1"),
    "rows of plain columns": lambda items, fields: grid(items, fields, outer="views-row", inner="col"),
    "responsive grid": lambda items, fields: grid(
        items, fields, outer="views-view-responsive-grid", inner="views-view-responsive-grid__item", across=99
    ),
    "grid as a table": old_grid,
    "unformatted": lambda items, fields: each(items, '<div class="views-row">', "</div>", fields),
    "HTML list": lambda items, fields: "<ul>" + each(items, "<li>", "</li>", fields) + "</ul>",
    "cards": lambda items, fields: each(
        items, '<div class="fr-col-4"><div class="fr-card"><div class="fr-card__body">', "</div></div></div>", fields
    ),
    "teasers": lambda items, fields: each(
        items, '<article class="node node--view-mode-teaser">', "</article>", fields, "h2"
    ),
    "table": lambda items, fields: table(items),
    "table by headers": lambda items, fields: table(items, by_id=True),
    "table with plain heads": lambda items, fields: table(items, head="td"),
}
NAMES = st.lists(st.sampled_from([f"n{i}" for i in range(30)]), min_size=2, max_size=7, unique=True)


def page(inside: str, before: str = "") -> str:
    return (
        '<html><head><title>Eau | Site</title><link rel="canonical" href="https://www.exemple.test/eau"></head>'
        f"<body><main><h1>Eau</h1>{before}{inside}</main></body></html>"
    )


@given(display=st.sampled_from(sorted(DISPLAYS)), writing=st.sampled_from(sorted(WRITINGS)), names=NAMES)
def test_each_linked_title_becomes_a_resource(display, writing, names):
    found = read_page(page(DISPLAYS[display](names, WRITINGS[writing])))
    assert [(node.title, node.private, node.type) for node in found.nodes] == [
        (f"Titre {name}", False, "Autres") for name in names
    ]
    assert [node.addresses[0] for node in found.nodes] == [f"https://www.exemple.test/{name}" for name in names]
    assert found.theme == "Eau"


@given(names=NAMES, mute=st.sets(st.integers(0, 6), max_size=4), display=st.sampled_from(["unformatted", "teasers"]))
def test_each_linked_title_becomes_a_resource_or_a_warning(names, mute, display):
    labelled = [name for i, name in enumerate(names) if i not in mute]
    inside = "".join(DISPLAYS[display]([name], "" if i in mute else WRITINGS["drupal"]) for i, name in enumerate(names))
    if len(labelled) < 2:
        return
    nodes = read_page(page(inside)).nodes
    warned = [int(n) for node in nodes for one in node.warnings for n in re.findall(r"non repris : (\d+)", one)]
    assert len(nodes) + sum(warned) == len(names)
    assert [node.title for node in nodes] == [f"Titre {name}" for name in labelled]


def test_titles_of_an_accordion():
    section = (
        '<div class="accordion-item"><h2 class="accordion-header"><button class="accordion-button">Titre {0}</button></h2>'
        '<div class="accordion-collapse"><div class="accordion-body"><p>Texte {0}.</p>{1}</div></div></div>'
    )
    nodes = read_page(page("".join(section.format(n, WRITINGS["views"]) for n in "ab"))).nodes
    assert [(node.title, node.body) for node in nodes] == [("Titre a", "Texte a."), ("Titre b", "Texte b.")]


def test_a_private_row_of_a_table_is_private():
    shown = table(["a", "b", "c"]).replace("<td>Non</td>", "<td>Oui</td>", 1)
    assert [node.private for node in read_page(page(shown)).nodes] == [True, False, False]


def named_cells(tag: str, row: str, private: str) -> str:
    return (
        f"<{tag}>"
        + "".join(
            f'<{row}><{cell} data-label="Titre"><a href="/{name}">{name}</a></{cell}><{cell} data-label="Résumé">Mot de {name}.</{cell}>'
            f'<{cell} data-label="Type de ressource">Autres</{cell}><{cell} data-label="Ressource privée">{said}</{cell}></{row}>'
            for cell in ("td" if row == "tr" else "div",)
            for name, said in (("Un", "Non"), ("Deux", private), ("Trois", "Non"))
        )
        + f"</{tag}>"
    )


@pytest.mark.parametrize(("tag", "row"), [("table", "tr"), ("section", "div")])
@pytest.mark.parametrize("attribute", ["data-label", "data-title", "data-th"])
def test_cells_that_only_attributes_name(tag, row, attribute):
    nodes = read_page(named_cells(tag, row, "Non").replace("data-label", attribute)).nodes
    assert [(one.title, one.private, one.type) for one in nodes] == [
        (name, False, "Autres") for name in ("Un", "Deux", "Trois")
    ]


@pytest.mark.parametrize(("tag", "row"), [("table", "tr"), ("section", "div")])
def test_a_private_row_of_named_cells_stays_apart(tag, row):
    nodes = {one.title: one for one in read_page(named_cells(tag, row, "Oui")).nodes}
    assert nodes["Deux"].private
    assert all("Deux" not in f"{one.title} {one.body} {one.summary}" for one in nodes.values() if not one.private)


def test_named_cells_inside_a_node_are_text():
    with pytest.raises(PageError):
        read_page(f'<article class="node"><h1>Un</h1>{named_cells("table", "tr", "Non")}</article>')


def test_a_table_inside_a_node_is_text():
    inside = f"<article><h2><a href='/x'>Atelier</a></h2>{table(['a'])}{WRITINGS['drupal']}</article>"
    (node,) = read_page(f"<html><body>{inside}</body></html>").nodes
    assert node.title == "Atelier"


SELECT = '<label for="t">{0}</label><select id="t"><option>- Tout -</option><option>Oui</option></select>'
LINKS = '<ul><li><a href="?f=1">Autres (12)</a></li><li><a href="?f=2">Guide (3)</a></li></ul>'
FILTERS = {
    "select": f'<form class="views-exposed-form">{SELECT.format("Type de ressource")}{SELECT.format("Ressource privée")}</form>',
    "radios": "<form><fieldset><legend><span>Ressource privée</span></legend>"
    '<input type="radio" id="o"><label for="o">Oui</label><input type="radio" id="n"><label for="n">Non</label>'
    "</fieldset></form>",
    "checkboxes without a form": '<fieldset class="fr-fieldset"><legend class="fr-fieldset__legend">Type de ressource'
    '</legend><input type="checkbox" id="c"><label class="fr-label" for="c">Autres</label></fieldset>',
    "facet block": f'<div class="block block-facets"><h2>Type de ressource</h2>{LINKS}</div>',
    "facets of Search API": '<div class="block-facet--links"><h2>Ressource privée</h2><ul class="js-facets-links">'
    '<li class="facet-item"><a href="?f%5B0%5D=p%3A1"><span class="facet-item__value">Oui</span>'
    '<span class="facet-item__count">(4)</span></a></li></ul></div>',
    "links with counts, no class": f"<section><h3>Type de ressource</h3>{LINKS}</section>",
    "links, count beside": '<div><h3>Catégorie</h3><ul><li><a href="/c">Eau</a> (3)</li></ul><h3>Type de ressource</h3>'
    '<ul><li><a href="/t">Guide</a> (2)</li></ul></div>',
    "links that filter": '<div><p>Ressource privée</p><ul><li><a href="?p=1">Oui</a></li><li><a href="?p=0">Non</a></li></ul></div>',
    "navigation": '<nav><ul><li><a href="/t">Type de ressource</a></li><li><a href="/p">Ressource privée</a></li></ul></nav>',
    "a link with a count": '<p><a href="/p"><span>Ressource privée</span> <span class="badge">7</span></a></p>',
    "a label alone": "<div><p>Type de ressource</p></div>",
}


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS.keys())
def test_filters_are_no_fields(filters):
    rows = each(["a", "b"], '<article class="node">', "</article>", WRITINGS["drupal"])
    found = read_page(page(rows, before=filters))
    assert [(node.title, node.private, node.warnings) for node in found.nodes] == [
        ("Titre a", False, ()),
        ("Titre b", False, ()),
    ]
    assert found.theme == "Eau"


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS.keys())
def test_a_search_page_is_no_resource(filters):
    results = '<div class="views-row"><h3><a href="/a">Titre a</a></h3><p>Texte court.</p></div>'
    with pytest.raises(PageError):
        read_page(page(results, before=filters))


@pytest.mark.parametrize("name", ["select", "radios", "facet block", "links with counts, no class"])
def test_filters_are_no_text(name):
    node = f"<article class='node'><p>Le corps.</p>{WRITINGS['drupal']}</article>"
    (found,) = read_page(page(f"{node}{FILTERS[name]}")).nodes
    assert (found.title, found.body, found.private) == ("Eau", "Le corps.", False)


def test_words_of_a_form_that_say_private_count():
    secret = (
        f"<div><p>Texte zorglubien.</p><form><div>Ressource privée</div><div>Oui</div></form></div>{WRITINGS['bare']}"
    )
    assert all(node.private for node in read_page(page(secret)).nodes)


@pytest.mark.parametrize(
    ("opening", "closing"), [("<label>", "</label>"), ("<nav>", "</nav>"), ("<legend>", "</legend>")]
)
def test_words_that_would_be_a_filter_s_count_where_they_say_private(opening, closing):
    said = f"{opening}Type de ressource{closing}<span>Autres</span>{opening}Ressource privée{closing}<span>Oui</span>"
    shown = page(f"<div><p>Texte zorglubien.</p>{said}</div><div><h2>Guide</h2>{WRITINGS['drupal']}</div>")
    assert all(node.private for node in read_page(shown).nodes)


def test_columns_of_one_row_are_doubtful_where_one_is_private():
    hidden = WRITINGS["drupal"].replace("Non", "Oui")
    shown = grid(["a", "b"], WRITINGS["drupal"], outer="views-row", inner="col").replace(WRITINGS["drupal"], hidden, 1)
    nodes = read_page(page(shown)).nodes
    assert [(node.title, node.private) for node in nodes] == [("Titre a", True), ("Titre b", True)]


RELATED = (
    '<div class="block"><h2>Ressources liées</h2>'
    + each(["a", "b"], '<article class="node node--view-mode-teaser">', "</article>", WRITINGS["drupal"])
    + "</div>"
)
MAINS = {
    "h1 outside": '<h1>Eau</h1><article class="node node--full"><p>Le corps.</p>{0}</article>',
    "h1 inside": '<article class="node node--full"><h1>Eau</h1><p>Le corps.</p>{0}</article>',
    "heading that links to the page": '<article class="node node--full"><h2><a href="/eau">Eau</a></h2><p>Le corps.</p>{0}</article>',
}


@pytest.mark.parametrize("main", MAINS.values(), ids=MAINS.keys())
@pytest.mark.parametrize("first", [True, False])
def test_a_page_that_shows_related_resources_is_its_nodes(main, first):
    node = main.format(WRITINGS["drupal"])
    found = read_page(page(node + RELATED if first else RELATED + node).replace("<h1>Eau</h1>", "", 1))
    by_title = {one.title: one for one in found.nodes}
    assert set(by_title) == {"Eau", "Titre a", "Titre b"}
    assert by_title["Eau"].addresses[0] == "https://www.exemple.test/eau"
    assert by_title["Eau"].body == "Le corps."
    assert found.theme is None
    assert not any(node.themes or node.warnings for node in found.nodes)


@pytest.mark.parametrize("private", ["Oui", "", "peut-être"])
def test_a_private_node_gives_its_name_to_no_related_one(private):
    hidden = drupal("Type de ressource", "Autres") + drupal("Ressource privée", private)
    for main in MAINS.values():
        found = read_page(page(main.format(hidden) + RELATED).replace("<h1>Eau</h1>", "", 1))
        assert [node.title for node in found.nodes if not node.private] in ([], ["Titre a", "Titre b"])
        assert found.theme is None


SIGNS = [
    ("✔", True),
    ("✖", False),
    ("✓", True),
    ("✗", False),
    ("✖\ufe0f Non", False),
    ("✖ Oui", True),
    ("☒", True),
    ('<i class="icon" title="Non"></i>', False),
    ('<span role="img" aria-label="Oui"></span>', True),
    ('<img src="x.png" alt="Non">', False),
    ('<span aria-hidden="true">✖</span><span class="visually-hidden">Non</span>', False),
    ('<span class="visually-hidden" style="display:none">Non</span>', True),
    ('<span aria-hidden="true">✖</span>', True),
]


@pytest.mark.parametrize(("value", "private"), SIGNS)
def test_signs_of_privacy(value, private):
    fields = drupal("Type de ressource", "Autres") + drupal("Ressource privée", value)
    (node,) = read_page(f"<main><article><h1>Eau</h1><p>x</p>{fields}</article></main>").nodes
    assert node.private is private
