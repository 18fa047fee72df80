from __future__ import annotations

import pytest

from indexer.parsing.node import PageKind
from indexer.parsing.page import parse_page, sniff
from tests.support.parsing import SITE, fields

HTML = b"<!DOCTYPE html><html><body><p>Bonjour</p></body></html>"


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("guide.html", HTML, PageKind.HTML),
        ("GUIDE.HTM", HTML, PageKind.HTML),
        ("dossier/guide.xhtml", HTML, PageKind.HTML),
        ("vide.html", b"", PageKind.HTML),
        ("index.php", HTML, PageKind.HTML),
        ("index.php?page=2", HTML, PageKind.HTML),
        ("index.php", b"<?php echo 1;", None),
        ("Un-dossier-special", HTML, PageKind.HTML),
        ("Un-dossier-special", b"du texte", None),
        ("Un-dossier-special", b"\x89PNG", None),
        ("utf16", "<html><body>é".encode("utf-16"), PageKind.HTML),
        ("export.txt", b"Titre", PageKind.EXPORT),
        ("image.png", b"\x89PNG", None),
        ("style.css", b"body {}", None),
        ("rapport.pdf", HTML, None),
        ("._guide.html", HTML, None),
    ],
)
def test_which_files_are_pages(name, head, kind):
    assert sniff(name, head) is kind


def test_one_entrance_for_both_kinds():
    html = parse_page(f"<h1>Titre</h1>{fields()}".encode(), PageKind.HTML, base=SITE)
    export = parse_page(
        "Titre\nType de ressource\nGuide\nRessource privée\nNon\nRésumé\nEn bref.".encode(), PageKind.EXPORT, base=SITE
    )
    assert html == export
