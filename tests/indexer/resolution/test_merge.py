"""Merging all nodes of a resource into one."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from indexer.resolution.merge import Copy, merge_copies
from indexer.resource import Attachment, Resource, YearSource
from tests.support.archive import parsed


def merge(*nodes: dict[str, Any], warnings: tuple[str, ...] = ()) -> Resource:
    """Return the resource merged from nodes on separate pages; `page_themes` are the themes of the pages."""
    copies = []
    for number, fields in enumerate(nodes):
        kept = dict(fields)
        themes = kept.pop("page_themes", ())
        copies.append(Copy(parsed(**kept), f"{number}.html", themes))
    return merge_copies("l-id", copies, warnings)


def test_one_copy_is_the_resource() -> None:
    node = parsed(
        "Monter une épicerie",
        body="Un.\n\nDeux.",
        summary="Un.",
        themes=("Alimentation",),
        date="2024-02-16",
        year=2024,
        year_source=YearSource.PAGE,
        addresses=("https://reseau.example/epicerie",),
        attachments=(Attachment("https://reseau.example/a.pdf", "Le guide"),),
        warnings=("Un doute.",),
    )
    assert merge_copies("l-id", [Copy(node, "a/b.html", ("Coopération",))], ("Un autre.",)) == Resource(
        id="l-id",
        url="https://reseau.example/epicerie",
        title="Monter une épicerie",
        body="Un.\n\nDeux.",
        summary="Un.",
        type="Guide",
        private=False,
        themes=("Alimentation", "Coopération"),
        date="2024-02-16",
        year=2024,
        year_source=YearSource.PAGE,
        attachments=(Attachment("https://reseau.example/a.pdf", "Le guide"),),
        source="a/b.html",
        warnings=("Un autre.", "Un doute."),
    )


# The fullest content is used


def test_the_longest_body_gives_title_text_and_source() -> None:
    short = {"title": "Épicerie", "body": "Début…", "summary": "Un long résumé, plus long que le texte de l’autre."}
    full = {"title": "Monter une épicerie", "body": "Début, milieu et fin de la page.", "summary": "Bref."}
    for nodes in ((short, full), (full, short)):
        resource = merge(*nodes)
        assert (resource.title, resource.body, resource.summary) == (full["title"], full["body"], full["summary"])
        assert resource.source == f"{nodes.index(full)}.html"


def test_a_text_keeps_the_shape_of_its_own_copy() -> None:
    short = {"body": "Début.", "body_shape": "[1]", "summary": "Un résumé.", "summary_shape": "[2]"}
    full = {"body": "Début et fin.", "body_shape": None}
    for nodes in ((short, full), (full, short)):
        resource = merge(*nodes)
        assert (resource.body, resource.body_shape) == ("Début et fin.", None)
        assert (resource.summary, resource.summary_shape) == ("Un résumé.", "[2]")


def test_without_a_body_the_longest_summary_wins() -> None:
    assert merge({"summary": "Bref."}, {"summary": "Moins bref."}).summary == "Moins bref."


def test_what_the_fullest_lacks_is_taken_from_the_others() -> None:
    resource = merge({"body": "Tout le texte.", "type": None}, {"body": "Tout.", "summary": "Bref.", "type": "Autres"})
    assert (resource.body, resource.summary, resource.type) == ("Tout le texte.", "Bref.", "Autres")


def test_of_equal_copies_what_they_say_decides_and_not_their_paths() -> None:
    one, other = {"title": "A", "body": "x"}, {"title": "B", "body": "y"}
    assert merge(one, other).title == merge(other, one).title


def test_nothing_at_all_is_none() -> None:
    resource = merge({"type": None}, {"type": None})
    assert (resource.body, resource.summary, resource.type, resource.date, resource.year) == (None,) * 5
    assert (resource.url, resource.year_source, resource.themes, resource.attachments) == (None, None, (), ())


# Themes are combined


def test_themes_of_nodes_listings_and_imports_add_up() -> None:
    resource = merge(
        {"themes": ("Alimentation",), "page_themes": ("Ruralité",)},
        {"themes": ("Alimentation", "Europe"), "page_themes": ("Coopération",)},
    )
    assert resource.themes == ("Alimentation", "Coopération", "Europe", "Ruralité")


@pytest.mark.parametrize(
    "forms",
    list(itertools.permutations(["Économie circulaire", "economie-circulaire", "ECONOMIE CIRCULAIRE :"])),
)
def test_spellings_of_a_theme_are_one_shown_in_its_most_accented_form(forms: tuple[str, ...]) -> None:
    assert merge(*({"themes": (form,)} for form in forms)).themes == ("Économie circulaire",)


def test_a_theme_of_no_word_is_none() -> None:
    assert merge({"themes": ("–", " : ")}).themes == ()


def test_a_theme_is_not_cut_at_its_commas() -> None:
    theme = "Autres leviers : foncier, tiers-lieux – OFS"
    assert merge({"themes": (theme,)}).themes == (theme,)


# Privacy is strict


@pytest.mark.parametrize("private", list(itertools.product([True, False], repeat=3)))
def test_one_private_copy_makes_the_resource_private(private: tuple[bool, ...]) -> None:
    resource = merge(*({"private": value} for value in private))
    assert resource.private is any(private)
    assert bool(resource.warnings) is (len(set(private)) == 2)


def test_copies_that_disagree_are_said_so_once() -> None:
    (warning,) = merge({"private": True}, {"private": False}, {"private": False}).warnings
    assert warning == "Les copies de cette ressource ne s’accordent pas : l’une est privée, donc toutes le sont."


def test_each_warning_is_kept_once() -> None:
    assert merge({"warnings": ("a", "b")}, {"warnings": ("b", "c")}, warnings=("z",)).warnings == ("z", "a", "b", "c")


# The best evidence for the year

PAGE = {"date": "2019-05-02", "year": 2019, "year_source": YearSource.PAGE}
TITLE = {"date": "2021", "year": 2021, "year_source": YearSource.TITLE}
TEXT = {"date": "2024-11", "year": 2024, "year_source": YearSource.TEXT}


@pytest.mark.parametrize(
    ("nodes", "year"),
    [
        ((PAGE, TITLE, TEXT), 2019),
        ((TEXT, TITLE, PAGE), 2019),
        ((TEXT, TITLE), 2021),
        ((TEXT, {}), 2024),
        (({}, {}), None),
        # The fullest copy has a less precise date than another: the year comes from the best evidence, not from the
        # fullest copy.
        (({**TEXT, "body": "Un texte bien plus long."}, PAGE), 2019),
    ],
)
def test_the_most_trusted_evidence_gives_the_year(nodes: tuple[dict[str, Any], ...], year: int | None) -> None:
    resource = merge(*nodes)
    assert resource.year == year
    chosen = next((node for node in (PAGE, TITLE, TEXT) if node["year"] == year), {})
    assert resource.date == chosen.get("date")
    assert resource.year_source == chosen.get("year_source")


def test_of_equal_evidence_the_fullest_copy_decides() -> None:
    other = {"date": "2020", "year": 2020, "year_source": YearSource.PAGE, "body": "Plus long."}
    assert merge(PAGE, other).year == 2020


# The address of the original page


@pytest.mark.parametrize(
    ("addresses", "url"),
    [
        (["https://r.example/node/7", "https://r.example/guide"], "https://r.example/guide"),
        (["http://r.example/guide", "https://r.example/guide"], "https://r.example/guide"),
        (["http://r.example/guide", "https://r.example/node/7"], "http://r.example/guide"),
        (["https://r.example/guide?page=0"], "https://r.example/guide"),
        (["https://r.example/guide?page=1"], "https://r.example/guide?page=1"),
        (["https://www.r.example/guide#haut"], "https://www.r.example/guide"),
        (["https://r.example/node/7"], "https://r.example/node/7"),
    ],
)
def test_the_address_is_an_alias_in_https_where_there_is_one(addresses: list[str], url: str) -> None:
    assert merge(*({"addresses": (address,)} for address in addresses)).url == url


def test_a_copy_without_address_takes_the_other_ones() -> None:
    assert merge({"body": "Long."}, {"addresses": ("https://r.example/guide",)}).url == "https://r.example/guide"


def test_the_author_is_the_one_that_the_fullest_copy_names() -> None:
    resource = merge({"author": "Le réseau"}, {"body": "Long.", "author": None}, {"body": "Lo.", "author": "A; B"})
    assert resource.author == "A; B"
    assert resource.authors == ("A", "B")
    assert merge({}).authors == ()


def test_attachments_add_up_each_once_the_fullest_copys_first() -> None:
    a, b = Attachment("https://r.example/a.pdf", "Guide"), Attachment("https://r.example/b.pdf", "Annexe")
    again = Attachment("https://r.example/a.pdf", "Télécharger")
    resource = merge({"attachments": (again,)}, {"body": "Long.", "attachments": (b, a)})
    assert resource.attachments == (b, a)
