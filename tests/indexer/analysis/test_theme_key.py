from __future__ import annotations

import pytest

from indexer.analysis.theme_key import best_form, theme_key


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Économie circulaire", "ECONOMIE CIRCULAIRE"),
        ("Tiers-lieux : foncier, OFS", "tiers lieux foncier ofs"),
        ("L’eau", "L'eau"),
        ("  Europe\u00a0et  international ", "europe-et-international"),
        ("Œuvres sociales", "oeuvres sociales"),
    ],
)
def test_one_theme(left, right):
    assert theme_key(left) == theme_key(right)


def test_two_themes():
    assert theme_key("Coopération") != theme_key("Coopérations")


@pytest.mark.parametrize(
    ("forms", "best"),
    [
        (["Economie", "Économie"], "Économie"),
        (["ÉCONOMIE", "Économie"], "Économie"),
        (["economie-circulaire", "Economie circulaire"], "Economie circulaire"),
        (["eau"], "eau"),
    ],
)
def test_the_most_accented_form_is_shown(forms, best):
    assert best_form(forms) == best_form(reversed(forms)) == best
