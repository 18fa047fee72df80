"""Text exports as people copy them: quoted, with menus, with labels and values on one line."""

# Markup is easier to read on one line.
# ruff: noqa: E501

from __future__ import annotations

import pytest

from indexer.errors import PageError
from indexer.parsing.export import parse_export

FORMS = {
    "one line": "Halle\n\nLe texte.\n\nCatégorie\nType de ressource : Autres\nRessource privée : Non\nRésumé\nEn bref.",
    "all on their lines": "Halle\nLe texte.\nType de ressource\u00a0: Autres\nRessource privée\u00a0: Non\nRésumé : En bref.",
    "no space": "Halle\nLe texte.\nType de ressource:Autres\nRessource privée:Non\nRésumé:En bref.",
    "tabs": "Halle\nLe texte.\nType de ressource\tAutres\nRessource privée\tNon\nRésumé\tEn bref.",
    "tabs before": "\tHalle\n\tLe texte.\n\tType de ressource\n\tAutres\n\tRessource privée\n\tNon\n\tRésumé\n\tEn bref.",
    "list": "Halle\nLe texte.\n- Type de ressource : Autres\n- Ressource privée : Non\n- Résumé : En bref.",
    "quoted": "> Halle\n>\n> Le texte.\n>\n> Type de ressource\n> Autres\n> Ressource privée\n> Non\n> Résumé\n> En bref.",
    "quoted twice, one line": ">> Halle\n>> Le texte.\n>> Type de ressource : Autres\n>> Ressource privée : Non\n>> Résumé : En bref.",
    "menu": "Aller au contenu principal\nAccueil\nActualités\nContact\nAccueil > Ressources\nHalle\nLe texte.\n"
    "Type de ressource\nAutres\nRessource privée\nNon\nRésumé\nEn bref.\nMentions légales\nPlan du site",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())
def test_the_same_resource(text):
    (node,) = parse_export(text.encode()).nodes
    assert (node.title, node.body, node.summary) == ("Halle", "Le texte.", "En bref.")
    assert (node.type, node.private, node.warnings) == ("Autres", False, ())


def test_several_resources():
    text = "\n\n".join(
        f"Halle {n}\nTexte {n}.\nType de ressource : Autres\nRessource privée : {private}\nRésumé : Texte {n}."
        for n, private in enumerate(["Non", "Oui", "✖", ""])
    )
    assert [(node.title, node.private) for node in parse_export(text.encode()).nodes][:3] == [
        ("Halle 0", False),
        ("Halle 1", True),
        ("Halle 2", False),
    ]


def test_a_lone_line_is_text():
    text = "Halle\nRessource privée : Non\nLe texte.\nType de ressource\nAutres\nRessource privée\nNon"
    (node,) = parse_export(text.encode()).nodes
    assert node.body == "Ressource privée : Non\n\nLe texte."


def test_a_lone_line_alone_says_what_to_do():
    with pytest.raises(PageError, match="deux lignes"):
        parse_export("Halle\nLe texte.\nRessource privée : Non\nFin.".encode())


def test_labels_quoted_in_a_private_text_end_nothing():
    text = (
        "Note\nTexte zorglubien.\nType de ressource : Autres\nRessource privée : Non\nSuite zorglubienne.\n"
        "Type de ressource\nAutres\nRessource privée\nOui\n"
    )
    assert not any("zorglub" in repr(node) for node in parse_export(text.encode()).nodes if not node.private)


def test_a_private_resource_on_one_line_hides_what_it_would_be_taken_into():
    text = (
        "Guide\nUn guide.\nType de ressource\nAutres\nRessource privée\nNon\nRésumé\nUn guide.\n"
        "Note\nTexte zorglubien.\nType de ressource : Autres\nRessource privée : Oui\nRésumé : zorglub."
    )
    assert not any("zorglub" in repr(node) for node in parse_export(text.encode()).nodes if not node.private)


def test_a_byline():
    text = "Halle\n16 février 2024, par Jeanne Roux\nLe texte.\nType de ressource : Autres\nRessource privée : Non\nRésumé : Bref."
    (node,) = parse_export(text.encode()).nodes
    assert (node.date, node.author, node.body) == ("2024-02-16", "Jeanne Roux", "Le texte.")
