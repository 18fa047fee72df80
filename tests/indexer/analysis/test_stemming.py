from __future__ import annotations

import pytest

from indexer.analysis.stemming import stems


@pytest.mark.parametrize(
    "family",
    [
        "élu élus élue élues elus",
        "loi lois",
        "lieu lieux",
        "travail travaux",
        "matériau matériaux",
        "régional régionaux régionale",
        "public publics publique publiques",
        "conseiller conseillers conseillère conseillères",
        "étranger étrangers étrangère",
        "crédit crédits",
        "petit petite petits",
        "cœur coeur cœurs",
        "activité activités activite",
        "congrès congres",
        "associé associée associes associees",
    ],
)
def test_families_meet(family):
    first, *others = family.split()
    for other in others:
        assert set(stems(first)) & set(stems(other)), other


@pytest.mark.parametrize(
    ("one", "other"), [("poisson", "poison"), ("maire", "mer"), ("foi", "fois"), ("moi", "mois"), ("pois", "poids")]
)
def test_strangers_do_not(one, other):
    assert not set(stems(one)) & set(stems(other))
