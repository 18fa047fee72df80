from __future__ import annotations

import pytest

from indexer.parsing.labels import Label, read_privacy, recognise


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Catégorie", Label.CATEGORY),
        ("CATEGORIE", Label.CATEGORY),
        ("Type de ressource", Label.TYPE),
        ("  Type\u00a0de  ressource\u00a0: ", Label.TYPE),
        ("ressource privee:", Label.PRIVATE),
        ("Re\u0301sume\u0301", Label.SUMMARY),
        ("Ress\u043eurce priv\u00e9e", Label.PRIVATE),
        ("R\u0435ss\u03bfurc\u0435 \u0440riv\u00e9e", Label.PRIVATE),
        ("\u0422ype de ressource", Label.TYPE),
        ("\u200bRessource\u00ad priv\u00e9e", Label.PRIVATE),
        ("\uff32essource privée", Label.PRIVATE),
        ("Résumé de la journée", None),
        ("Type", None),
        ("Ressources RTES", None),
        ("", None),
        (":", None),
    ],
)
def test_labels(text, label):
    assert recognise(text) is label


@pytest.mark.parametrize(
    ("values", "private", "warned"),
    [
        (["Non"], False, False),
        (["NON :"], False, False),
        (["\u00a0non "], False, False),
        (["Oui"], True, False),
        (["oui:"], True, False),
        (None, True, True),
        ([], True, True),
        ([""], True, True),
        (["Non", "Oui"], True, True),
        (["Non renseigné"], True, True),
        (["N0n"], True, True),
        (["\u039d\u03bfn"], True, True),
        (["N\u043en"], True, True),
        (["\uff2eon"], True, True),
        (["N\u0336o\u0336n\u0336"], True, True),
        (["N\u200don"], True, True),
        (["N\u200bon"], False, False),
        (["\u041eui"], True, True),
    ],
)
def test_only_a_clear_no_is_public(values, private, warned):
    assert read_privacy(values)[0] is private
    assert (read_privacy(values)[1] is not None) is warned
