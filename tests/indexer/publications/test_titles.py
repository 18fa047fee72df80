"""Titles of publications, from files and links: those that people wrote are kept, those of programs are not."""

from __future__ import annotations

import pytest

from indexer.publications.titles import own_title, title_of_link

WRITTEN = """Guide des épiceries solidaires
Scandale au marché
Documentation
Image de la ville
Word et Excel pour les associations
Page après page : dix ans de lecture publique
Le porte-à-porte
""".split("\n")[:-1]


@pytest.mark.parametrize("title", WRITTEN)
def test_titles_are_kept(title: str) -> None:
    assert own_title(f"  {title}\n") == title


MADE = """Microsoft Word - Guide V3.doc
Microsoft PowerPoint - présentation finale
Adobe Photoshop PDF - couverture
guide final.docx
Maquette 12 pages.indd
C:\\Users\\a\\guide
guide_achats_v3
guide-achats-version-3
Document1
Document sans titre
Sans titre
Sans nom 1
Présentation PowerPoint
PowerPoint Presentation
Diapositive 1
Mise en page 1
untitled
(anonymous)
Scan0012
CamScanner 12-03-2020 10.22
Numérisation 12
SKM_C22421
2030
- - -
""".split("\n")


@pytest.mark.parametrize("title", [*MADE, None, " \t"])
def test_what_programs_write_is_no_title(title: str | None) -> None:
    assert own_title(title) is None


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("Guide des épiceries solidaires (PDF, 2,3 Mo)", "Guide des épiceries solidaires"),
        ("Télécharger le guide des épiceries", "Guide des épiceries"),
        ("Lire l’étude sur les épiceries", "Étude sur les épiceries"),
        ("Les mesures de la loi EGAlim [1,2 Mo]", "Les mesures de la loi EGAlim"),
        ("Publication complète à télécharger", None),
        ("Téléchargez la publication intégrale (PDF)", None),
        ("Télécharger ici", None),
        ("Consulter le rapport", None),
        ("guide.pdf", None),
        ("https://reseau.example/guide", None),
        ("", None),
    ],
)
def test_links_name_what_they_lead_to_or_do_not(label: str, title: str | None) -> None:
    assert title_of_link(label) == title
