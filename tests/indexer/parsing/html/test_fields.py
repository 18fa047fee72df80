"""Labels and their values, in all forms of markup that the site and its copies use."""

from __future__ import annotations

import pytest

from indexer.errors import PageError
from tests.support.parsing import article, bare, drupal, fields, read, read_page

SEVERAL = {
    "drupal classes": drupal("Catégorie", "Énergie", "Habitat, foncier")
    + drupal("Type de ressource", "Guide")
    + drupal("Ressource privée", "Non")
    + drupal("Résumé", "<p>Un.</p><p>Deux.</p>"),
    "older drupal classes": "".join(
        f'<div class="field field-name-f{n}"><div class="field-label">{label}:&nbsp;</div>'
        f'<div class="field-items">{items}</div></div>'
        for n, (label, items) in enumerate(
            [
                (
                    "Catégorie",
                    '<div class="field-item even">Énergie</div><div class="field-item odd">Habitat, foncier</div>',
                ),
                ("Type de ressource", '<div class="field-item even">Guide</div>'),
                ("Ressource privée", '<div class="field-item even">Non</div>'),
                ("Résumé", '<div class="field-item even"><p>Un.</p><p>Deux.</p></div>'),
            ]
        )
    ),
    "no class": bare("Catégorie", "<div>Énergie</div><div>Habitat, foncier</div>")
    + bare("Type de ressource", "Guide")
    + bare("Ressource privée", "Non")
    + bare("Résumé", "<p>Un.</p><p>Deux.</p>"),
    "divs side by side": "<div>Catégorie</div><div>Énergie</div><div>Habitat, foncier</div><div>Type de ressource</div>"
    "<div>Guide</div><div>Ressource privée</div><div>Non</div><div>Résumé</div><div><p>Un.</p><p>Deux.</p></div>",
    "definition list": "<dl><dt>Catégorie</dt><dd>Énergie</dd><dd>Habitat, foncier</dd><dt>Type de ressource</dt>"
    "<dd>Guide</dd><dt>Ressource privée</dt><dd>Non</dd><dt>Résumé</dt><dd><p>Un.</p><p>Deux.</p></dd></dl>",
    "table": "<table><tr><th>Catégorie</th><td>Énergie<br>Habitat, foncier</td></tr><tr><th>Type de ressource</th>"
    "<td>Guide</td></tr><tr><th>Ressource privée</th><td>Non</td></tr><tr><th>Résumé</th>"
    "<td><p>Un.</p><p>Deux.</p></td></tr></table>",
    "paragraphs": "<p>Catégorie</p><p>Énergie</p><p>Habitat, foncier</p><p>Type de ressource</p><p>Guide</p>"
    "<p>Ressource privée</p><p>Non</p><p>Résumé</p><p>Un.</p><p>Deux.</p>",
    "strong, value in the same paragraph": "<p><strong>Catégorie :</strong> Énergie<br>Habitat, foncier</p>"
    "<p><strong>Type de ressource :</strong> Guide</p><p><strong>Ressource privée :</strong> Non</p>"
    "<p><strong>Résumé :</strong> Un.</p><p>Deux.</p>",
    "strong, value in the next paragraph": "<p><strong>Catégorie</strong></p><p>Énergie</p><p>Habitat, foncier</p>"
    "<p><strong>Type de ressource</strong></p><p>Guide</p><p><strong>Ressource privée</strong></p><p>Non</p>"
    "<p><strong>Résumé</strong></p><p>Un.</p><p>Deux.</p>",
    "headings": "<h3>Catégorie</h3><p>Énergie</p><p>Habitat, foncier</p><h3>Type de ressource</h3><p>Guide</p>"
    "<h3>Ressource privée</h3><p>Non</p><h3>Résumé</h3><p>Un.</p><p>Deux.</p>",
    "spans": "<div><span>Catégorie</span> <span>Énergie</span> <span>Habitat, foncier</span></div>"
    "<div><span>Type de ressource</span><span>Guide</span></div>"
    "<div><span>Ressource privée</span><span>Non</span></div><div><span>Résumé</span><p>Un.</p><p>Deux.</p></div>",
    "links": bare("Catégorie", "<a href='/e'>Énergie</a>, <a href='/h'>Habitat, foncier</a>")
    + bare("Type de ressource", "<a href='/g'>Guide</a>")
    + bare("Ressource privée", "Non")
    + bare("Résumé", "<p>Un.</p><p>Deux.</p>"),
    "capitals, no accents, colons": bare("CATEGORIE :", "<ul><li>Énergie</li><li>Habitat, foncier</li></ul>")
    + bare("TYPE DE&nbsp;RESSOURCE :", "Guide")
    + bare("RESSOURCE PRIVEE&nbsp;:", "non")
    + bare("RESUME", "<p>Un.</p><p>Deux.</p>"),
    "labels for screen readers only": drupal("Catégorie", "Énergie", "Habitat, foncier").replace(
        "field__label", "field__label visually-hidden"
    )
    + drupal("Type de ressource", "Guide")
    + drupal("Ressource privée", "Non")
    + drupal("Résumé", "<p>Un.</p><p>Deux.</p>"),
    "unclosed fields": "<div><div>Catégorie</div><div>Énergie</div><div>Habitat, foncier</div>"
    "<div><div>Type de ressource</div><div>Guide</div><div><div>Ressource privée</div><div>Non</div>"
    "<div><div>Résumé</div><div><p>Un.</p><p>Deux.</p>",
}


@pytest.mark.parametrize("markup", SEVERAL.values(), ids=SEVERAL.keys())
def test_the_same_node_in_every_markup(markup):
    node = article("<div><p>Le corps.</p></div>", markup)
    assert node.title == "Monnaie locale"
    assert node.body == "Le corps."
    assert node.themes == ("Énergie", "Habitat, foncier")
    assert node.type == "Guide"
    assert node.private is False
    assert node.summary == "Un.\n\nDeux."
    assert node.warnings == ()


DECOYS = {
    "heading": "<h3>Résumé</h3><p>Faux.</p>",
    "paragraphs": "<p>Type de ressource</p><p>Livre</p><p>Ressource privée</p><p>Oui</p><p>Résumé</p><p>Faux.</p>",
    "table with a row a label": "<table><tr><td>Type de ressource</td><td>Livre</td></tr>"
    "<tr><td>Ressource privée</td><td>Oui</td></tr></table>",
    "table with a column a label": "<table><tr><th>Type de ressource</th><th>Ressource privée</th></tr>"
    "<tr><td>Livre</td><td>Oui</td></tr></table>",
    "bold": "<p><b>Type de ressource</b> : Livre</p><p><b>Ressource privée</b> : Oui</p>",
    "list": "<ul><li>Catégorie</li><li>Type de ressource</li><li>Ressource privée</li></ul>",
    "sentence": "<p>Le champ <em>Ressource privée</em> dit qui peut lire.</p>",
}


@pytest.mark.parametrize("decoy", DECOYS.values(), ids=DECOYS.keys())
@pytest.mark.parametrize("real", [fields(), drupal("Type de ressource", "Guide") + drupal("Ressource privée", "Non")])
def test_labels_in_a_body_are_body(decoy, real):
    node = article(f"<div><p>Début.</p>{decoy}<p>Fin.</p></div>", real)
    assert (node.type, node.private) == ("Guide", False)
    words = node.body.split()
    assert words[0] == "Début."
    assert words[-1] == "Fin."
    assert any(word in words for word in ("Résumé", "Ressource", "ressource"))


def test_a_broken_off_word_is_joined_to_its_paragraph_again():
    node = article("<p><strong>Résumé</strong> de l’atelier, <b>Type de ressource</b> compris.</p>")
    assert node.body == "Résumé de l’atelier, Type de ressource compris."


def test_labels_in_a_summary_are_summary():
    node = article("", fields(summary="<p>Champs :</p><p>Ressource privée</p><p>Oui</p>"))
    assert node.private is False
    assert node.summary == "Champs :\n\nRessource privée\n\nOui"


@pytest.mark.parametrize(
    ("markup", "private", "warned"),
    [
        (bare("Ressource privée", "Non"), False, False),
        (bare("Ressource privée", "Oui"), True, False),
        (bare("Ressource privée", ""), True, True),
        (bare("Ressource privée", "à voir"), True, True),
        (drupal("Ressource privée", "Non", "Oui"), True, True),
        ("", True, True),
    ],
    ids=["non", "oui", "empty", "unclear", "both", "missing"],
)
def test_privacy(markup, private, warned):
    node = article("<p>Réservé aux adhérents, dit le texte.</p>", bare("Type de ressource", "Guide") + markup)
    assert node.private is private
    assert bool(node.warnings) is warned


def test_the_same_fields_twice_and_opposed_are_private():
    node = article("", fields(private="Oui") + "<p>Suite.</p>" + fields(private="Non"))
    assert node.private is True
    assert node.warnings


def test_a_label_without_value_takes_nothing_from_what_follows():
    empty = (
        '<div class="field"><div class="field__label">Résumé</div></div><div class="field"><p>Pièces jointes</p></div>'
    )
    node = article(
        "", drupal("Catégorie") + drupal("Type de ressource", "Guide") + drupal("Ressource privée", "Non") + empty
    )
    assert node.themes == ()
    assert node.summary is None
    assert node.body == "Pièces jointes"


def test_a_summary_may_come_first():
    node = article(
        "", bare("Résumé", "<p>En bref.</p>") + bare("Type de ressource", "Guide") + bare("Ressource privée", "Non")
    )
    assert (node.summary, node.type, node.private) == ("En bref.", "Guide", False)


def test_a_label_split_between_elements():
    node = article("", bare("Type de <b>ressource</b>", "Guide") + bare("Ressource privée<span> :</span>", "Non"))
    assert (node.type, node.private) == ("Guide", False)


@pytest.mark.parametrize(
    "html",
    ["<p>Bonjour</p>", "Bonjour", "<h2>Résumé</h2><p>x</p>", "<p>Ressource privée de ses moyens</p>"],
)
def test_a_page_without_labels_is_no_resource(html):
    with pytest.raises(PageError, match="libellé"):
        read_page(html)


def test_a_page_without_a_word_beside_its_labels_has_no_title():
    with pytest.raises(PageError, match="titre"):
        read(f"<body>{fields(summary='')}</body>")
