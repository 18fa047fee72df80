"""Nodes, titles, bodies, addresses, dates of HTML pages."""

from __future__ import annotations

import pytest

from tests.support.parsing import article, bare, fields, read, read_page


def listing(*inside: str, head: str = "", before: str = "") -> str:
    nodes = "".join(f"<article>{one}{fields()}</article>" for one in inside)
    return f"<html><head>{head}</head><body>{before}<main>{nodes}</main></body></html>"


A, B = '<h2><a href="/a">Atelier</a></h2>', '<h2><a href="/b">Bourse</a></h2>'


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(listing(A + "<p>Corps a.</p>", B + "<p>Corps b.</p>"), id="articles"),
        pytest.param(
            f'<div class="view"><div class="views-row">{A}<p>Corps a.</p>{fields()}</div>'
            f'<div class="views-row">{B}<p>Corps b.</p>{fields()}</div></div>',
            id="views rows",
        ),
        pytest.param(
            f"<div><div>{A}<p>Corps a.</p>{fields()}</div><div>{B}<p>Corps b.</p>{fields()}</div></div>", id="divs"
        ),
        pytest.param(
            f"<h1>Tout</h1>{A}<p>Corps a.</p>{fields()}{B}<p>Corps b.</p>{fields()}", id="nothing around nodes"
        ),
        pytest.param(
            f"<article>{A}<p>Corps a.</p>{fields()}<article>{B}<p>Corps b.</p>{fields()}", id="unclosed articles"
        ),
        pytest.param(
            "".join(
                f"{title}<p>Corps {x}.</p><p>Type de ressource</p><p>Guide</p><p>Ressource privée</p><p>Non</p>"
                "<p>Résumé</p><p>En bref.</p>"
                for title, x in ((A, "a"), (B, "b"))
            ),
            id="only paragraphs",
        ),
        pytest.param(
            f'<article><div><a href="/a">Atelier</a></div><p>Corps a.</p>{fields()}</article>'
            f'<article><div><a href="/b">Bourse</a></div><p>Corps b.</p>{fields()}</article>',
            id="titles without a heading",
        ),
    ],
)
def test_listings(page):
    nodes = read_page(page).nodes
    assert [(node.title, node.body, node.summary, node.addresses[0]) for node in nodes] == [
        ("Atelier", "Corps a.", "En bref.", "https://www.exemple.test/a"),
        ("Bourse", "Corps b.", "En bref.", "https://www.exemple.test/b"),
    ]


@pytest.mark.parametrize(
    ("head", "before", "theme"),
    [
        ("<title>Titre | Site</title>", "<h1>Eau et ESS</h1>", "Eau et ESS"),
        ("<title>Eau et ESS | Site</title>", "", "Eau et ESS"),
        ("<title>Atelier | Site</title><link rel=canonical href='https://x.test/eau-et-ess?page=2'>", "", "eau-et-ess"),
        ("<title>Atelier | Site</title><link rel=canonical href='https://x.test/themes/12'>", "", None),
        ("<title>Eau | Le site</title>", "<header><h1 class='site-name'>Le site</h1></header>", "Eau"),
    ],
    ids=["h1", "title", "address", "a number is no theme", "the site's name is no theme"],
)
def test_theme_of_a_listing(head, before, theme):
    assert read_page(listing(A, B, head=head, before=before)).theme == theme


def test_a_single_page_has_no_theme():
    assert read_page(listing(A, head="<title>Eau</title>", before="<h1>Eau</h1>")).theme is None


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (f"<article><h1>Atelier</h1>{fields()}</article>", "Atelier"),
        (f"<h1>Atelier</h1><article><h2>Le programme</h2><p>x</p>{fields()}</article>", "Atelier"),
        (f"<title>Atelier | Site</title><main><p>Corps.</p>{fields()}</main>", "Atelier"),
        (f"<title>Atelier | Site</title><h1>Site</h1><article><p>Corps.</p>{fields()}</article>", "Atelier"),
        (f"<h1>Eau</h1><article>{A}{fields()}</article>", "Atelier"),
        (
            f"<title>Atelier | Site</title><article><p>Bonjour.</p><h2>Programme</h2><p>x</p>{fields()}</article>",
            "Atelier",
        ),
        (f"<article><a href='/a'><h2>Atelier</h2></a>{fields()}</article>", "Atelier"),
        (f"<article><h2>Un <em>bel</em>\n atelier&nbsp;?</h2>{fields()}</article>", "Un bel atelier\u00a0?"),
    ],
)
def test_titles(page, title):
    assert read(page).title == title


def test_without_a_title_the_text_begins_one():
    node = read(f"<body><div><p>{'mot ' * 40}</p></div>{fields()}</body>")
    assert node.title.endswith("mot…")
    assert len(node.title) <= 91
    assert node.warnings


def test_body_is_readable_text():
    node = article(
        "<div><h2>Étapes</h2><p>Une  phrase\n coupée&nbsp;: oui\u202f!</p>"
        "<ul><li>Un</li><li><p>Deux</p><ul><li>Trois</li></ul></li></ul><p>Rue A<br>Lens</p>"
        "<table><tr><th>Ville</th><th>Part</th></tr><tr><td>Lens</td><td>2&nbsp;%</td></tr></table><p>soli&shy;daire</p></div>"
    )
    assert node.body.split("\n\n") == [
        "Étapes",
        "Une phrase coupée\u00a0: oui\u202f!",
        "• Un",
        "• Deux",
        "• Trois",
        "Rue A\nLens",
        "Ville · Part",
        "Lens · 2\u00a0%",
        "solidaire",
    ]


NOISE = {
    "script": "<script>var x = 'Résumé'</script><style>p {}</style>",
    "navigation": "<nav><a href='/'>Accueil</a></nav>",
    "form": "<form><label>Votre courriel</label><input></form>",
    "footer": "<footer><p>Mots-clés</p></footer>",
    "share": '<div class="social-share"><a href="https://x.test">Partager</a></div>',
    "breadcrumb": '<div class="breadcrumb">Accueil » Eau</div>',
    "newsletter": '<div id="block-newsletter">Lettre</div>',
    "pager": '<ul class="pager"><li>2</li></ul>',
    "comments": '<section id="comments"><p>Bravo</p></section>',
    "hidden": '<p hidden>a</p><p style="display:none">b</p><p aria-hidden="true">c</p><p class="visually-hidden">d</p>',
    "read more": '<p><a href="/a">Lire la suite</a></p><p><a href="/a">En savoir plus</a></p>',
    "read more of the title": '<a href="/a">En savoir plus sur Monnaie locale</a>',
    "image": '<p><img src="x.png" alt="IMG_0012 copie"></p>',
    "site's name": "<p>Réseau des collectivités Territoriales pour une Économie Sociale et Solidaire</p>",
    "skip link": '<a href="#main">Aller au contenu principal</a>',
    "comment": "<!-- en cours -->",
}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE.keys())
def test_noise_is_left_out(noise):
    assert article(f"<div><p>Avant.</p>{noise}<p>Après.</p></div>").body == "Avant.\n\nAprès."


def test_a_page_wrapped_in_a_form_is_read():
    assert read(f"<form><input><h1>Atelier</h1><p>Corps.</p>{fields()}</form>").body == "Corps."


def test_what_follows_the_fields_is_body_too():
    assert article("", fields() + "<div><p>Suite.</p></div>").body == "Suite."


@pytest.mark.parametrize(
    ("head", "opening", "addresses"),
    [
        ("<link rel=canonical href='https://x.test/a'>", "<article><h1>Atelier</h1>", ["https://x.test/a"]),
        (
            "<link rel=canonical href='https://x.test/a'><link rel=shortlink href='/node/7'>",
            "<article data-history-node-id=8 about='/c'><h1>Atelier</h1>",
            ["https://x.test/a", "https://x.test/node/7", "https://x.test/c", "https://x.test/node/8"],
        ),
        ("<meta property='og:url' content='https://x.test/a'>", "<article><h1>Atelier</h1>", ["https://x.test/a"]),
        (
            "<base href='https://x.test/dossier/'>",
            "<article><h2><a href='a'>Atelier</a></h2>",
            ["https://x.test/dossier/a"],
        ),
        (
            "<!-- saved from url=(0020)https://x.test/d/ -->",
            "<article><h2><a href='a'>Atelier</a></h2>",
            ["https://x.test/d/a"],
        ),
        ("", "<article><h2><a href='/a'>Atelier</a></h2>", ["https://www.exemple.test/a"]),
        ("", "<article><h2><a href='javascript:void(0)'>Atelier</a></h2>", []),
        ("", "<article><h2><a href='mailto:a@x.test'>Atelier</a></h2>", []),
        (
            "<title>Eau</title><link rel=canonical href='https://x.test/eau'>",
            "<article><h2><a href='/a'>Atelier</a></h2>",
            ["https://x.test/a"],
        ),
    ],
    ids=["canonical", "all", "og:url", "base", "saved page", "site", "script", "mail", "listing of one"],
)
def test_addresses(head, opening, addresses):
    assert (
        list(read(f"<html><head>{head}</head><body>{opening}{fields()}</article></body></html>").addresses) == addresses
    )


def test_the_canonical_of_a_listing_is_not_its_nodes():
    page = read_page(listing(A, "<h2>Bourse</h2>", head="<link rel=canonical href='https://x.test/eau'>"))
    assert [node.addresses for node in page.nodes] == [("https://x.test/a",), ()]


def test_attachments():
    node = article(
        '<p><a href="../f/Rapport%20final.pdf"><img alt="x"></a> <a href="https://x.test/b.DOCX?v=1">La <b>note</b></a>'
        '<a href="javascript:open(\'c.pdf\')">c</a> <a href="mailto:d.pdf">d</a> <a href="/page">page</a>'
        '<a href="https://x.test/b.DOCX?v=1">encore</a></p>'
    )
    assert [(one.url, one.label) for one in node.attachments] == [
        ("https://www.exemple.test/f/Rapport%20final.pdf", "Rapport final.pdf"),
        ("https://x.test/b.DOCX?v=1", "La note"),
    ]


DATED = {
    "publication line": ("<p>Publié le 2 juillet 2025 - mis à jour le 11 juillet 2025</p>", "2025-07-02"),
    "only a date": ("<div>jeu 18/03/2021 - 16:33</div>", "2021-03-18"),
    "only a month": ("<p>Janvier 2022</p>", "2022-01"),
    "time": ('<p><time datetime="2019-08-01T10:00:00+02:00">il y a longtemps</time></p>', "2019-08-01"),
    "submitted": (
        '<footer class="node__meta"><div>Soumis par <span>lou</span> le jeu 18/03/2021 - 16:33</div></footer>',
        "2021-03-18",
    ),
    "field": ("<div><div>Date de publication</div><div>3 mars 2020</div></div>", "2020-03-03"),
    "field by its class": (
        '<div class="field field--name-field-date"><div class="field__item">2020</div></div>',
        "2020",
    ),
}


@pytest.mark.parametrize(("markup", "date"), DATED.values(), ids=DATED.keys())
def test_dates_that_the_page_gives(markup, date):
    node = article(f"{markup}<div><p>Une rencontre le 4 juin 2018.</p></div>")
    assert (node.date, node.year, node.year_source) == (date, int(date[:4]), "page")
    assert node.body == "Une rencontre le 4 juin 2018."


def test_a_date_above_the_article():
    node = read(f"<h1>Atelier</h1><p>Publié le 14 mai 2018</p><article><p>Corps.</p>{fields()}</article>")
    assert (node.date, node.body) == ("2018-05-14", "Corps.")


def test_meta_tags_date_a_single_page_alone():
    meta = (
        "<meta property='article:published_time' content='2020-05-06T10:00'>"
        "<meta property='article:modified_time' content='2022-01-01'>"
    )
    assert read_page(listing(A, head=meta)).nodes[0].date == "2020-05-06"
    assert [node.date for node in read_page(listing(A, B, head=meta)).nodes] == [None, None]


def test_a_sentence_that_begins_like_a_publication_line_is_body():
    text = "Publié le 3 mai 2010 au Journal officiel, le décret du 4 juin 2011 s’applique."
    node = article(f"<p>{text}</p>")
    assert (node.body, node.date, node.year_source) == (text, "2011-06-04", "text")


def test_the_text_is_body_and_summary():
    node = article("<p>Le 3 mai 2021.</p>", fields(summary="<p>Le 4 juin 2022.</p>"))
    assert (node.date, node.year_source) == ("2022-06-04", "text")


def test_other_fields_stay_in_the_body():
    assert article("", bare("Territoire", "Lens") + fields()).body == "Territoire\n\nLens"


def test_an_xhtml_page_with_its_prolog():
    page = f'<?xml version="1.0" encoding="iso-8859-1"?>\n<html><body><h1>Été</h1>{fields()}</body></html>'
    assert read(page.encode("latin-1")).title == "Été"
