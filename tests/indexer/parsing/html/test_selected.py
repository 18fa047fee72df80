"""Pages read by an import profile: a WordPress site, a SPIP site, the demonstration site; and what stays private."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import NoResourceError, PageError
from indexer.parsing.html.selected import parse_selected
from indexer.parsing.node import PageKind, ParsedPage
from indexer.parsing.page import parse_page
from indexer.parsing.profile_file import parse_profile
from tests.support.archive import DEMONSTRATION
from tests.support.other_sites import SPIP_PROFILE, WORDPRESS_PROFILE, spip_page, wordpress_article, wordpress_page

BASE = "https://reseau.example/"
WORDPRESS = parse_profile(WORDPRESS_PROFILE.encode(), called="wordpress.toml")
SPIP = parse_profile(SPIP_PROFILE.encode(), called="spip.toml")
LEAST = 'name = "Site"\n[title]\nselector = "h1"\n[body]\nselector = ".t"\n'


def read(html: str, profile: str | None = None, *, by: object = None) -> ParsedPage:
    chosen = parse_profile(profile.encode(), called="p") if profile is not None else by
    return parse_selected(html.encode(), chosen, base=BASE)  # type: ignore[arg-type]


def privacy(html: str, profile: str) -> list[bool]:
    return [node.private for node in read(html, profile).nodes]


def test_a_wordpress_page() -> None:
    (node,) = read(wordpress_page(wordpress_article("Rendre l’eau")), by=WORDPRESS).nodes
    assert (node.title, node.type, node.private) == ("Rendre l’eau", "Guide pratique", False)
    assert node.themes == ("Eau", "Berges")
    assert (node.date, node.summary) == ("2023-05-01", "Le résumé de Rendre l’eau.")
    assert node.body is not None
    assert node.body.startswith("La rivière est à tous.")
    assert "Partagez" not in node.body
    assert node.addresses == ("https://communs.example/fiches/1/",)
    assert [one.url for one in node.attachments] == ["https://communs.example/wp-content/uploads/guide.pdf"]
    assert node.warnings == ()


def test_a_listing_of_wordpress_gives_its_theme_and_each_its_own_privacy() -> None:
    articles = [wordpress_article("Un", n=1), wordpress_article("Deux", n=2, access="adherents", text="Secret.")]
    articles += [wordpress_article("Trois", n=3, access=None), wordpress_article("Quatre", n=4, access="?")]
    page = read(wordpress_page(*articles, path="/theme/foret/hiver"), by=WORDPRESS)
    assert page.theme == "Forêt"
    assert [(node.title, node.private) for node in page.nodes] == [
        ("Un", False),
        ("Deux", True),
        ("Trois", True),
        ("Quatre", True),
    ]
    assert page.nodes[0].themes == ("Eau", "Berges")
    assert page.nodes[3].addresses == ("https://communs.example/fiches/4/",)
    assert "ne connaît pas" in page.nodes[3].warnings[0]
    assert "tenue pour privée" in page.nodes[2].warnings[0]
    assert all("Secret" not in str(node) for node in page.nodes if not node.private)
    assert read(wordpress_page(*articles, path="/ailleurs"), by=WORDPRESS).theme is None


def test_a_spip_page() -> None:
    (node,) = read(spip_page("Écouter les communes"), by=SPIP).nodes
    assert (node.title, node.type, node.private) == ("Écouter les communes", "Article de revue", False)
    assert node.themes == ("communes", "écoute", "Communes")
    assert (node.date, node.year) == ("2021-11-08", 2021)
    assert node.body is not None
    assert node.body.split("\n\n")[0] == "La commune a changé de regard."
    assert (node.summary, node.addresses) == ("En bref.", ("https://revue.example/article12",))


@pytest.mark.parametrize("reading", [None, "Abonnés", "", "Ouverte à tous sauf l’été", "Ouverte", "Оuverte à tous"])
def test_a_spip_page_that_does_not_say_clearly_that_it_is_open_is_private(reading: str | None) -> None:
    (node,) = read(spip_page("Écouter", reading=reading), by=SPIP).nodes
    assert node.private


DEMO_PROFILE = """\
name = "Démonstration"
resource = "article.node--type-ressource, div.node-ressource"
[title]
selector = "h1, h2 > a, .field--name-title"
[type]
label = "Type de ressource"
[private]
label = "Ressource privée"
public = ["Non"]
private = ["Oui"]
[themes]
label = "Catégorie"
[body]
selector = ".field--name-body, .field-name-body"
[date]
selector = ".field--name-created time, .node__submitted time, .node__meta time"
attribute = "datetime"
"""


def test_the_demonstration_reads_alike_by_a_profile_and_by_heuristics() -> None:
    profile = parse_profile(DEMO_PROFILE.encode(), called="demo.toml")
    compared = texts = 0
    for path in sorted(DEMONSTRATION.glob("*.html")):
        raw = path.read_bytes()
        if b"node" not in raw:  # saved without its classes, so only heuristics can read it
            continue
        ours = parse_page(raw, PageKind.HTML, base=BASE).nodes
        theirs = parse_page(raw, PageKind.HTML, base=BASE, profile=profile).nodes
        for one, other in zip(ours, theirs, strict=True):
            assert (one.title, one.type, one.private) == (other.title, other.type, other.private)
            assert one.themes == other.themes
            compared += 1
            if other.body is not None:  # pages for members show a notice instead of the body
                assert one.body == other.body
                texts += 1
    assert compared > 50
    assert texts > 45


@pytest.mark.parametrize(
    ("said", "page", "private"),
    [
        ("", "", True),
        ('[private]\nall = "public"', "", False),
        ('[private]\nall = "private"', "", True),
        ('[private]\nselector = ".r"\notherwise = "public"', "", False),
        ('[private]\nselector = ".r"\notherwise = "public"', "<b class=r></b>", True),
        ('[private]\nselector = ".r"\notherwise = "public"\npublic = ["libre"]', "<b class=r>Libre</b>", False),
        ('[private]\nselector = ".r"\notherwise = "public"\npublic = ["libre"]', "<b class=r>Autre</b>", True),
        ('[private]\nselector = ".r"\npublic = ["libre"]', "<b class=r>libre</b><b class=r>réservé</b>", True),
        ('[private]\nselector = ".r"\npublic = ["libre"]', "<b class=r>libre</b><b class=r></b>", True),
        ('[private]\nselector = ".r"\nattribute = "x"\npublic = ["libre"]', "<b class=r>libre</b>", True),
        ('[private]\nlabel = "Accès"\npublic = ["libre"]', "<dl><dt>Accès</dt><dd>Libre</dd></dl>", False),
        ('[private]\nlabel = "Accès"\npublic = ["libre"]', "<p>Accès : libre</p>", False),
        ('[private]\nlabel = "Accès"\npublic = ["libre"]', "<p><b>Accès :</b> libre<br>Suite</p>", False),
        ('[private]\nlabel = "Accès"\npublic = ["libre"]', "<table><tr><th>Accès<td>libre</table>", False),
        ('[private]\nlabel = "Accès"\npublic = ["libre"]', "<div><div>Accès</div><div>libre</div></div>", False),
        ('[private]\nlabel = "Accès"\npublic = ["libre"]', "<div>Accès</div>", True),
        ('[private]\nlabel = "Accès"\npublic = ["libre"]', "<form><b>Accès</b> libre</form>", True),
        ('[private]\nlabel = "Accès"\npublic = ["libre"]', "<nav>Accès : libre</nav>", True),
        ('[private]\nlabel = "Accès"\npublic = ["libre"]', "<p>Accès : libre</p><p>Accès : réservé</p>", True),
    ],
)
def test_only_what_the_page_and_the_profile_say_makes_it_public(said: str, page: str, private: bool) -> None:
    assert privacy(f"<h1>Titre</h1><div class=t>Texte.</div>{page}", f"{LEAST}{said}\n") == [private]


def test_what_a_listing_says_apart_of_privacy_holds_for_all() -> None:
    profile = f'resource = "article"\n{LEAST}[private]\nselector = ".r"\notherwise = "public"\n'
    nodes = "".join(f"<article><h1>{n}</h1><div class=t>Texte.</div></article>" for n in range(3))
    assert privacy(nodes, profile) == [False] * 3
    assert privacy(f"<p class=r>Réservé</p>{nodes}", profile) == [True] * 3
    assert privacy(nodes.replace("Texte.", "Texte.<b class=r></b>", 1), profile) == [True, False, False]


def test_a_resource_inside_another_keeps_its_text() -> None:
    profile = f'resource = "article"\n{LEAST}[private]\nselector = ".r"\notherwise = "public"\n'
    inner = "<article><h1>Dedans</h1><div class=t>Secret.</div><b class=r></b></article>"
    page = read(f"<article><h1>Dehors</h1><div class=t>Texte. {inner}</div></article>", profile)
    assert [(node.title, node.private) for node in page.nodes] == [("Dehors", False), ("Dedans", True)]
    assert "Secret" not in str(page.nodes[0])


@pytest.mark.parametrize("html", ["<p>Rien</p>", "<h1>Accueil</h1><p>Rien</p>", "<h1></h1><div class=t>Texte</div>"])
def test_a_page_that_shows_nothing_of_it_is_no_resource(html: str) -> None:
    with pytest.raises(NoResourceError, match="« Site »"):
        read(html, LEAST)


PIECES = st.sampled_from(
    [
        wordpress_article("A"),
        wordpress_article("B", access=None),
        "<article class='type-fiche'>",
        "</article>",
        "<b>",
        "Lecture :",
        "Ouverte à tous",
        "<li>",
        "<h1 class=crayon>",
        "<dt>Lecture</dt>",
        "<table>",
        "<div class=texte>",
        "\x00",
    ]
)


@given(st.lists(PIECES | st.text(max_size=10), max_size=12).map("".join), st.sampled_from([WORDPRESS, SPIP]))
def test_any_page_is_read_or_has_a_reason(html: str, profile: object) -> None:
    try:
        assert read(html, by=profile).nodes
    except PageError as error:
        assert str(error)  # noqa: PT017


def test_a_page_that_says_only_in_a_comment_where_it_came_from_has_that_address() -> None:
    html = "<!-- saved from url=(0023)https://site.example/eau -->\n<h1>Titre</h1><div class=t>Texte.</div>"
    assert read(html, LEAST).nodes[0].addresses == ("https://site.example/eau",)


def test_what_a_profile_selects_is_no_furniture() -> None:
    html = "<h1>Titre</h1><aside class='sidebar'><div class='t related'>Texte.</div></aside>"
    assert read(html, LEAST).nodes[0].body == "Texte."
