"""The quality survey: suspected duplicates, and links to pages that are not in the archive."""

from __future__ import annotations

import pytest

from indexer.pipeline.quality import QUALITY_REPORT, Likeness, assess_quality, last_quality_report
from tests.support.archive import BODY, SITE, Archive, page

LONG = " ".join(BODY) * 2


def put(archive: Archive, name: str, title: str, body: str = "Un texte à soi.") -> None:
    archive.put(f"s/{name}.html", page(title, address=f"{SITE}/{name}", body=body))


def alike(archive: Archive) -> list[tuple[Likeness, set[str]]]:
    return [(cluster.likeness, {r.id for r in cluster.resources}) for cluster in assess_quality(archive.settings).alike]


def dead(archive: Archive) -> list[tuple[str, str]]:
    return [(link.resource.title, link.address) for link in assess_quality(archive.settings).dead_links]


@pytest.mark.parametrize(
    ("first", "second", "likeness"),
    [
        ("Monter une épicerie", "MONTER une Épicerie !", Likeness.TITLE),
        ("Guide des marchés publics responsables", "Marchés publics responsables : guide", Likeness.WORDS),
    ],
)
def test_titles_that_are_alike(archive: Archive, first: str, second: str, likeness: Likeness) -> None:
    put(archive, "a", first)
    put(archive, "b", second)
    put(archive, "c", "Tout autre chose que cela")
    archive.index()
    assert alike(archive) == [(likeness, set(archive.ids().values()) - {archive.ids()["Tout autre chose que cela"]})]


@pytest.mark.parametrize(
    ("first", "second"),
    [("Rapport d’activité du réseau 2021", "Rapport d’activité du réseau 2022"), ("Bilan 2", "Le bilan")],
)
def test_titles_that_are_not(archive: Archive, first: str, second: str) -> None:
    put(archive, "a", first)
    put(archive, "b", second)
    archive.index()
    assert alike(archive) == []


def test_the_same_text_under_two_titles(archive: Archive) -> None:
    put(archive, "a", "Une cantine", LONG)
    put(archive, "b", "Le restaurant scolaire", LONG)
    archive.index()
    assert alike(archive) == [(Likeness.TEXT, set(archive.ids().values()))]


def test_links_to_pages_that_are_not_there(archive: Archive) -> None:
    links = (
        f'Voir <a href="{SITE}/b">la suite</a>, <a href="/perdue?utm_source=x#haut">une page</a>, '
        f'<a href="{SITE}/">l’accueil</a>, <a href="https://ailleurs.example/page">un voisin</a>, '
        f'<a href="{SITE}/guide.pdf">un document</a>, <a href="/user/login">une porte</a>.'
    )
    put(archive, "a", "Une cantine", links)
    put(archive, "b", "La suite")
    archive.index()
    assert dead(archive) == [("Une cantine", "https://reseau.example/perdue")]


def test_what_every_page_links_to_is_told_apart(archive: Archive) -> None:
    for number in range(12):
        put(archive, f"p{number}", f"Page numéro {number}", f'<a href="{SITE}/agenda">Agenda</a> {number}')
    archive.index()
    found = assess_quality(archive.settings)
    assert (found.dead_links, found.everywhere) == ((), ("https://reseau.example/agenda",))


def test_withdrawn_resources_need_no_care(archive: Archive) -> None:
    put(archive, "a", "Monter une épicerie", f'<a href="{SITE}/perdue">perdue</a>')
    put(archive, "b", "Monter une épicerie", "Autre texte.")
    archive.index()
    archive.correct(next(i for i, r in archive.resources().items() if (r.url or "").endswith("/a")), withdrawn=True)
    archive.index()
    assert (alike(archive), dead(archive)) == ([], [])


def test_it_is_kept(archive: Archive) -> None:
    assert last_quality_report(archive.settings) is None
    put(archive, "a", "Monter une épicerie", f'<a href="{SITE}/perdue">perdue</a>')
    put(archive, "b", "Monter une épicerie")
    archive.index()
    found = assess_quality(archive.settings)
    assert found.alike
    assert found.dead_links
    assert last_quality_report(archive.settings) == found
    (archive.settings.index / QUALITY_REPORT).write_text("{", "utf-8")
    assert last_quality_report(archive.settings) is None
