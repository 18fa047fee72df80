from __future__ import annotations

import pytest

from indexer.analysis.inclusive import bracketed_forms, inclusive_forms
from indexer.analysis.normalization import MIDDLE_DOTS

SURE = [
    ("élu e s", "élu élue élus élues"),
    ("élus es", "élu élue élus élues"),
    ("acteur rice s", "acteur actrice acteurs actrices"),
    ("acteur ice s", "acteur actrice acteurs actrices"),
    ("directeur trice", "directeur directrice directeurs directrices"),
    ("ambassadeur drice", "ambassadeur ambassadrice ambassadeurs ambassadrices"),
    ("recruteur ses", "recruteur recruteuse recruteurs recruteuses"),
    ("citoyen ne s", "citoyen citoyenne citoyens citoyennes"),
    ("citoyen e s", "citoyen citoyenne citoyens citoyennes"),
    ("conseiller ère s", "conseiller conseillère conseillers conseillères"),
    ("ouvrier e", "ouvrier ouvrière ouvriers ouvrières"),
    ("époux se", "époux épouse épouses"),
    ("veuf ve s", "veuf veuve veufs veuves"),
    ("public que", "public publique publics publiques"),
    ("maître sse s", "maître maîtresse maîtres maîtresses"),
    ("chef fe s", "chef cheffe chefs cheffes"),
    ("copain ine", "copain copine copains copines"),
    ("nouveaux elles", "nouveau nouvelle nouveaux nouvelles"),
    ("familial e aux", "familial familiale familiaux familiales"),
    ("étudiant ante s", "étudiant étudiante étudiants étudiantes"),
    ("tou te s", "tout toute tous toutes"),
    ("lieu x", "lieu lieux"),
    ("auteur e s", "auteur auteure autrice auteurs auteures autrices"),
    ("chercheur e s", "chercheur chercheure chercheuse chercheurs chercheures chercheuses"),
    ("lyonnais es", "lyonnais lyonnaise lyonnaises"),
    ("nationaux ales", "national nationale nationaux nationales"),
    ("étudiant e x s", "étudiant étudiante étudiants étudiantes"),
    ("héros ïne", "héros héroïne héroïnes"),
    ("blanc he s", "blanc blanche blancs blanches"),
    ("complet ète", "complet complète complets complètes"),
]


@pytest.mark.parametrize(("written", "forms"), SURE)
def test_forms(written, forms):
    base, *marks = written.split()
    assert inclusive_forms(base, tuple(marks), sure=True) == tuple(forms.split())


@pytest.mark.parametrize(
    "written",
    [
        "territoire les",
        "fin le",
        "conseil les",
        "secteur se",
        "situation ne",
        "hôtel les",
        "valeur se",
        "lieux se",
        "x e",
    ],
)
def test_a_missing_space_is_none(written):
    base, *marks = written.split()
    assert inclusive_forms(base, tuple(marks), sure=False) == ()


@pytest.mark.parametrize("sign", [*MIDDLE_DOTS, ".", "-", "\u2011", "/"])
@pytest.mark.parametrize("upper", [False, True])
def test_every_sign(sign, upper, analyzer):
    text = f"les élu{sign}e{sign}s engagés"
    text = text.upper() if upper else text
    tokens = analyzer.tokens(text)
    assert [text[token.start : token.end].lower() for token in tokens] == ["les", f"élu{sign}e{sign}s", "engagés"]
    assert tokens[1].word.forms == ("elu", "elue", "elus", "elues")


@pytest.mark.parametrize("text", ["élu(e)s", "élu(e)(s)", "élu(e)", "élu(-e)", "élu·e(s)"])
def test_brackets(text, analyzer):
    (token,) = analyzer.tokens(text)
    assert (token.start, token.end) == (0, len(text))
    assert token.word.forms == ("elu", "elue", "elus", "elues")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rtes.fr", ["rtes", "fr"]),
        ("fin.Le", ["fin", "le"]),
        ("km/s", ["km", "s"]),
        ("et/ou", ["et", "ou"]),
        ("ils·elles", ["ils", "elles"]),
        ("donne-les", ["donne", "les"]),
        ("vont-elles", ["vont", "elles"]),
        ("est-ce", ["est", "ce"]),
        ("Chargé.E", ["chargé", "e"]),
        ("coopérative(SCIC)", ["coopérative", "scic"]),
        ("doit(vent)", ["doit", "vent"]),
    ],
)
def test_not_inclusive(text, words, analyzer):
    assert [token.word.exact for token in analyzer.tokens(text)] == words


def test_letters_in_brackets():
    assert bracketed_forms("doi", "ven", "t") == ("doit", "doivent")
    assert bracketed_forms("d", "ven", "t") == ()
