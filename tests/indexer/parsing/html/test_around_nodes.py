"""The surroundings of a node: titles and kickers, dates and bylines, addresses, navigation."""

# Markup is easier to read on one line.
# ruff: noqa: E501

from __future__ import annotations

import json

import pytest

from tests.support.parsing import drupal, fields, read, read_page

LABELS = drupal("Type de ressource", "Autres") + drupal("Ressource privée", "Non")
NAME = "Une halle à Rivemont"
BODY = '<div class="field--name-body"><p>Le 3 mai 2025, la halle a rouvert.</p></div>'


def page(inside: str, head: str = "", title: str = f"{NAME} | Site", before: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{before}<main>{inside}</main></body></html>"


def node(inside: str, body: str = BODY) -> str:
    return f'<article class="node">{inside}<div class="node__content">{body}{LABELS}</div></article>'


TITLES = {
    "kicker with a title's class": node(
        f'<header><h3 class="title pre-title">Récit</h3><h1 class="title">{NAME}</h1></header>'
    ),
    "kicker as a heading": node(f"<h2>Récit</h2><h1>{NAME}</h1>"),
    "kicker as a paragraph": node(f'<p class="surtitre">Récit</p><h1>{NAME}</h1>'),
    "kicker outside": f'<h2 class="title">Récit</h2><h1>{NAME}</h1>{node("")}',
    "link back": node(f'<a href="/liste">← Retour à la liste</a><h1>{NAME}</h1>'),
    "link back as a heading": node(f'<h2><a href="/liste">Toutes les fiches</a></h2><h1>{NAME}</h1>'),
    "breadcrumb": node(f'<ol class="breadcrumb"><li><a href="/">Accueil</a></li></ol><h2>{NAME}</h2>'),
    "h1 in the body": f"<h1>{NAME}</h1>" + node("", "<div><h1>Contexte</h1><p>Le texte.</p></div>"),
    "h1 in the banner": f"<header><h1>{NAME}</h1></header>" + node("", "<h2>Contexte</h2><p>Le texte.</p>"),
    "the site's name is an h1": f'<header><h1 class="site-name">Site</h1></header>{node(f"<h2>{NAME}</h2>")}',
    "blocks inside the h1": node("<h1><div>Une halle</div><div>à Rivemont</div></h1>"),
    "blocks inside the h1 outside": f"<h1><span>Une halle</span><div>à Rivemont</div></h1>{node('')}",
    "emphasis inside the h1": node("<h1>Une ha<b>lle</b> à <em>Rivemont</em></h1>"),
}


@pytest.mark.parametrize("inside", TITLES.values(), ids=TITLES.keys())
def test_the_heading_that_the_title_repeats(inside):
    found = read(page(inside))
    assert found.title == NAME
    assert NAME not in (found.body or "")
    assert "Rivemont" not in (found.body or "")


def test_a_heading_of_the_body_stays_in_the_text():
    assert read(page(TITLES["h1 in the body"])).body == "Contexte\n\nLe texte."


def test_a_site_whose_name_follows_a_dash():
    found = read(page(f"<h1>Site des villes</h1>{node(f'<h2>{NAME}</h2>')}", title=f"{NAME} - Site des villes"))
    assert found.title == NAME


def test_a_site_whose_name_comes_first():
    found = read(page(TITLES["h1 in the body"], title=f"Site - {NAME}"))
    assert (found.title, found.body) == (NAME, "Contexte\n\nLe texte.")


def test_a_title_that_is_cut():
    found = read(page(TITLES["h1 in the body"].replace(NAME, f"{NAME} avec ses habitants"), title=f"{NAME} avec ses…"))
    assert found.title == f"{NAME} avec ses habitants"


def linked(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


ARTICLE = {
    "@type": "NewsArticle",
    "headline": NAME,
    "datePublished": "2024-02-16T09:12:00+01:00",
    "dateModified": "2025-09-01",
}
OTHER = {"@type": "Article", "headline": "Autre chose", "datePublished": "2019-01-02"}
CONTEXT = {"@context": "https://schema.org"}
DATED = {
    "graph": (linked({**CONTEXT, "@graph": [{"@type": "WebSite", "name": "Site"}, ARTICLE]}), ""),
    "list": (linked([{**CONTEXT, **ARTICLE}]), ""),
    "nested": (linked({**CONTEXT, "@type": "WebPage", "mainEntity": ARTICLE}), ""),
    "among related articles": (linked({**CONTEXT, "@graph": [OTHER, ARTICLE, {**OTHER, "datePublished": "2018"}]}), ""),
    "with comments": (linked({**CONTEXT, **ARTICLE, "comment": [{"@type": "Comment", "datePublished": "2025-05-05"}]}), ""),
    "http context, type as a list": (linked({"@context": "http://schema.org/", **ARTICLE, "@type": ["Thing", "BlogPosting"]}), ""),
    "meta": ('<meta property="article:modified_time" content="2025-01-01"><meta property="article:published_time" content="2024-02-16T10:00">', ""),
    "Dublin Core": ('<meta name="DCTERMS.issued" content="2024-02-16">', ""),
    "RDFa": ("", '<span property="dc:date dc:created" content="2024-02-16T09:12:00+01:00" datatype="xsd:dateTime"></span>'),
    "hidden RDFa": ("", '<span property="schema:dateCreated" content="2024-02-16T09:12" class="rdf-meta hidden"></span>'),
    "microdata": ("", '<meta itemprop="datePublished" content="2024-02-16"><time itemprop="dateModified" datetime="2025-02-02">2 février 2025</time>'),
    "time": ("", '<p><time datetime="2024-02-16T10:00:00Z">il y a un an</time></p>'),
    "WordPress": ("", '<div class="entry-meta"><time class="updated" datetime="2025-03-03">3 mars 2025</time>'
        '<time class="entry-date published" datetime="2024-02-16">16 février 2024</time></div>'),
    "SPIP": ("", '<p class="info-publi"><abbr class="published" title="2024-02-16T09:12:00Z">vendredi 16 février 2024</abbr>, '
        '<span class="auteurs">par <span class="vcard author">Équipe</span></span></p>'),
    "byline, date first": ("", "<p>vendredi 16 février 2024, par Jeanne Roux</p>"),
    "byline, name first": ("", "<p>Par Jeanne Roux | 16 février 2024</p>"),
    "byline, day's name between": ("", "<p>Par Jeanne Roux, le vendredi 16 février 2024</p>"),
    "a comma too many": (linked({**CONTEXT, **ARTICLE}).replace('"}', '",}'), ""),
    "RDFa around the date in words": ("", '<span property="schema:datePublished" content="2024-02-16T10:00">vendredi 16 février</span>'),
    "a name and a dot": ("", "<p>Jeanne Roux · 16 février 2024</p>"),
    "a dash and the editors": ("", "<p>16 février 2024 - La rédaction</p>"),
    "byline with an update": ("", "<p>Publié par Jeanne Roux le 16 février 2024 à 10h30 - mis à jour le 3 mars 2025</p>"),
}  # fmt: skip


@pytest.mark.parametrize(("head", "line"), DATED.values(), ids=DATED.keys())
def test_dates_of_publication(head, line):
    found = read(page(f"<h1>{NAME}</h1>{node(line)}", head=head))
    assert (found.date, found.year_source) == ("2024-02-16", "page")
    assert found.body == "Le 3 mai 2025, la halle a rouvert."


@pytest.mark.parametrize(
    "data",
    [
        "{",
        "[[[[",
        '{"@context": "https://schema.org", "@type": "Article", "datePublished": 12}',
        "schema.org null",
        "[" * 5000,
    ],
)
def test_broken_data_dates_nothing(data):
    found = read(page(node(f"<h1>{NAME}</h1>"), head=f'<script type="application/ld+json">schema.org{data}</script>'))
    assert (found.date, found.year_source) == ("2025-05-03", "text")


def test_several_articles_of_which_none_is_the_page():
    found = read(
        page(
            node(f"<h1>{NAME}</h1>"), head=linked([{**CONTEXT, **OTHER}, {**CONTEXT, **OTHER, "datePublished": "2018"}])
        )
    )
    assert found.year_source == "text"


@pytest.mark.parametrize(
    "line",
    [
        "Par arrêté du 16 février 2024",
        "Conférence nationale · 16 février 2024",
        "16 février 2024 – Une journée au marché",
        "Par exemple, le 16 février 2024, la halle rouvre.",
        "16 février 2024, par la suite, tout changea.",
    ],
)
def test_sentences_are_no_bylines(line):
    found = read(page(node(f"<h1>{NAME}</h1><p>{line}</p>")))
    assert line in found.body
    assert found.author is None


def test_a_hidden_date_at_the_end_of_a_private_node_is_not_its_neighbours():
    stamp = '<span property="dc:created" content="2011-11-11" class="rdf-meta hidden"></span>'
    hidden = drupal("Type de ressource", "Autres") + drupal("Ressource privée", "Oui")
    inside = f"<article><h2><a href='/a'>A</a></h2><p>x</p>{hidden}{stamp}</article><article><h2><a href='/b'>B</a></h2><p>y</p>{LABELS}</article>"
    nodes = {one.title: one for one in read_page(page(inside)).nodes}
    assert (nodes["A"].date, nodes["B"].date) == ("2011-11-11", None)


AUTHORS = {
    "JSON-LD": (linked({**CONTEXT, **ARTICLE, "author": [{"@type": "Person", "name": "Jeanne Roux"}, {"name": "Ali Ba"}]}), "", "Jeanne Roux; Ali Ba"),
    "JSON-LD by reference": (
        linked({**CONTEXT, "@graph": [{**ARTICLE, "author": {"@id": "#j"}}, {"@type": "Person", "@id": "#j", "name": "Jeanne Roux"}]}), "", "Jeanne Roux"),
    "publisher": (linked({**CONTEXT, **ARTICLE, "publisher": {"@type": "Organization", "name": "Ville de Rivemont"}}), "", "Ville de Rivemont"),
    "meta": ('<meta name="author" content="Jeanne Roux">', "", "Jeanne Roux"),
    "the software's account": ('<meta name="author" content="admin">', "", None),
    "an address": ('<meta property="article:author" content="https://x.test/jeanne">', "", None),
    "byline": ("", "<p>Par Jeanne Roux | 16 février 2024</p>", "Jeanne Roux"),
    "link": ("", '<p><time datetime="2024-02-16">16 février</time> <a rel="author" href="/j">Jeanne Roux</a></p>', "Jeanne Roux"),
    "WordPress": ("", '<div class="entry-meta"><span class="byline">par <span class="author vcard"><a class="url fn n" href="/j">Jeanne Roux</a></span></span></div>', "Jeanne Roux"),
    "publisher in a meta tag": ('<meta name="dc.publisher" content="Ville de Rivemont">', "", "Ville de Rivemont"),
    "nobody": ("", "", None),
}  # fmt: skip


@pytest.mark.parametrize(("head", "line", "author"), AUTHORS.values(), ids=AUTHORS.keys())
def test_authors(head, line, author):
    found = read(page(f"<h1>{NAME}</h1>{node(line)}", head=head))
    assert found.author == author
    assert "Jeanne" not in found.body


@pytest.mark.parametrize(
    ("markup", "author"),
    [
        (drupal("Auteur", "Jeanne Roux"), "Jeanne Roux"),
        (drupal("Organisme :", "Ville de Rivemont"), "Ville de Rivemont"),
        ('<figure><figcaption>© <span class="author">Jeanne Roux</span></figcaption></figure>', None),
        ('<p>Le mot <span class="author">Roux</span> fut cité par toutes les villes de ce grand réseau.</p>', None),
    ],
)
def test_whose_words_these_are(markup, author):
    found = read(page(node(f"<h1>{NAME}</h1>", BODY + markup)))
    assert found.author == author
    assert "Ro" in found.body or "Rivemont" in found.body


def test_the_author_of_a_listing_is_not_its_nodes():
    shown = "".join(f"<article><h2><a href='/{x}'>Titre {x}</a></h2>{fields()}</article>" for x in "ab")
    assert [one.author for one in read_page(page(shown, head=AUTHORS["meta"][0])).nodes] == [None, None]


ADDRESS = "https://www.exemple.test/halle"
SAVED = {
    "browser": "<!-- saved from url=(0030)https://www.exemple.test/halle -->",
    "SingleFile": "<!--\n Page saved with SingleFile \n url: https://www.exemple.test/halle \n saved date: Mon Feb 02 2026\n-->",
    "HTTrack": "<!-- Mirrored from www.exemple.test/halle by HTTrack Website Copier/3.x [XR&CO'2014], Mon, 02 Feb 2026 -->",
    "monolith": "<!-- Saved from https://www.exemple.test/halle at 2026-02-02T10:00:00Z using monolith v2.8.1 -->",
    "Save Page WE": '<meta name="savepage-url" content="https://www.exemple.test/halle">',
    "browser, of a capture": "<!-- saved from url=(0070)https://web.archive.org/web/2019if_/http://www.exemple.test:80/halle -->",
    "canonical of a capture": '<link rel="canonical" href="https://web.archive.org/web/20190504101112id_/https://www.exemple.test/halle">',
    "canonical of a translation": '<link rel="canonical" href="https://www-exemple-test.translate.goog/halle?_x_tr_sl=fr&amp;_x_tr_tl=en">',
    "og:url that is tracked": '<meta property="og:url" content="https://www.exemple.test/halle?utm_source=lettre&amp;fbclid=x#utm">',
}


@pytest.mark.parametrize("written", SAVED.values(), ids=SAVED.keys())
def test_addresses_of_saved_pages(written):
    found = read(page(node(f"<h1>{NAME}</h1>"), head=written))
    assert [one.replace("http://", "https://").partition("#")[0] for one in found.addresses] == [ADDRESS]


def test_the_page_s_own_word_comes_before_the_comment():
    head = SAVED["browser"] + '<link rel="canonical" href="https://www.exemple.test/autre">'
    assert read(page(node(f"<h1>{NAME}</h1>"), head=head)).addresses == ("https://www.exemple.test/autre",)


@pytest.mark.parametrize(
    "name", ["utm_source", "fbclid", "gclid", "mtm_campaign", "pk_kwd", "mc_cid", "_hsenc", "msclkid"]
)
def test_tracking_goes_from_what_is_shown(name):
    inside = node(
        f'<h2><a href="/halle?p=2&amp;{name}=x">{NAME}</a></h2>', f'<p>Voir <a href="/f.pdf?{name}=y">le plan</a>.</p>'
    )
    found = read(page(inside))
    assert found.addresses[0] == f"{ADDRESS}?p=2"
    assert found.attachments[0].url == "https://www.exemple.test/f.pdf"


LEFTOVERS = {
    "DSFR": '<div class="fr-share"><p class="fr-share__title">Partager la page</p><ul><li><a href="#">Partager sur Facebook - nouvelle fenêtre</a></li></ul></div>',
    "AddToAny": '<div class="a2a_kit a2a_kit_size_32 addtoany_list"><a class="a2a_button_facebook">Facebook</a></div>',
    "ShareThis": '<div class="sharethis-inline-share-buttons">Share</div><span class="st_sharethis_custom">Tweet</span>',
    "Shariff": '<div class="shariff"><ul><li><a href="https://www.facebook.com/sharer/sharer.php?u=x">teilen</a></li></ul></div>',
    "WordPress": '<div class="sharedaddy sd-sharing-enabled"><h3>Partager :</h3></div>',
    "links without a class": '<ul><li><a href="https://twitter.com/intent/tweet?u=x">Twitter</a></li><li><a href="/x">Partager sur LinkedIn</a></li>'
    '<li><a href="mailto:?subject=x">Courriel</a></li></ul>',
    "titles without a class": "<p>Partager cet article</p><p>Partagez sur les réseaux sociaux :</p>",
    "small links": '<p><a href="/print">Imprimer</a></p><p><a href="/liste">← Retour à la liste</a></p>',
    "legend": "<fieldset><legend><span>Fiche</span></legend></fieldset>",
    "Bootstrap tabs": '<ul class="nav nav-tabs"><li><a href="#a" data-toggle="tab">Fiche</a></li></ul>',
    "tabs by role": '<div role="tablist"><span role="tab">Fiche</span></div>',
    "field group": '<details class="field-group-details"><summary>Fiche</summary></details>',
}


@pytest.mark.parametrize("leftover", LEFTOVERS.values(), ids=LEFTOVERS.keys())
def test_furniture_is_no_text(leftover):
    assert read(page(node(f"<h1>{NAME}</h1>", f"<p>Le texte.</p>{leftover}"))).body == "Le texte."


GROUPS = {
    "fieldset": "<fieldset><legend><span class='fieldset-legend'>Fiche</span></legend><div>{0}</div></fieldset>",
    "details": '<details class="field-group-details"><summary>Fiche</summary><div>{0}</div></details>',
    "D7": '<div class="field-group-div group-fiche"><h3><span>Fiche</span></h3>{0}</div>',
    "accordion": '<div class="accordion-item"><h2 class="accordion-header"><button class="accordion-button">Fiche</button></h2><div>{0}</div></div>',
    "DSFR accordion": '<section class="fr-accordion"><h3 class="fr-accordion__title"><button class="fr-accordion__btn">Fiche</button></h3><div class="fr-collapse">{0}</div></section>',
    "a heading over the fields": "<div><h3>Fiche</h3><div>{0}</div></div>",
}


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS.keys())
def test_the_name_of_a_group_of_fields_is_no_text(group):
    found = read(page(f"<h1>{NAME}</h1><article class='node'><p>Le texte.</p>{group.format(LABELS)}</article>"))
    assert (found.title, found.body, found.type, found.private) == (NAME, "Le texte.", "Autres", False)


@pytest.mark.parametrize(
    "text",
    [
        "Partager sur Facebook ne suffit pas.",
        "Partager la page d’histoire de nos villes",
        "Imprimer la ville : un projet",
    ],
)
def test_sentences_that_begin_like_furniture_stay(text):
    assert read(page(node(f"<h1>{NAME}</h1>", f"<p>{text}</p>"))).body == text
