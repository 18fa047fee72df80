"""Verb forms and feminines find their base form and are found by it; nouns that look like them do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.analysis.folding import fold
from indexer.analysis.stemming import stems
from indexer.analysis.verbs import infinitive

ROWS = [line.split("\t") for line in Path(__file__).with_name("verbs.tsv").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("base", "form", "same"), ROWS)
def test_the_base_and_the_form(base, form, same):
    assert bool(set(stems(base)) & set(stems(form))) == (same == "1")


@pytest.mark.parametrize(("base", "form", "same"), [row for row in ROWS if row[2] == "1" and row[1] != "diffèrent"])
def test_the_form_typed_without_accents(base, form, same):
    assert set(stems(base)) & set(stems(fold(form)))


@pytest.mark.parametrize("word", ["parent", "moment", "récent", "dépendance", "vent", "saisons", "économie", "a"])
def test_other_words_have_no_infinitive(word):
    assert infinitive(word, fold(word)) is None


def test_stop_words_stay_as_they_are():
    assert stems("sont") == ("sont",)
    assert "étayer" not in stems("étaient")
