"""The site's own synonyms are added to those of the program, and read again when their file changes."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from indexer.analysis.analyzer import Analyzer
from indexer.analysis.synonyms import SynonymsError, WatchedSynonyms


def finds(vocabulary: WatchedSynonyms, analyzer: Analyzer, text: str) -> bool:
    return bool(vocabulary.synonyms.matches(tuple(analyzer.tokens(text))))


def test_a_file_that_comes_changes_and_goes(tmp_path: Path, analyzer: Analyzer) -> None:
    own = tmp_path / "synonyms.txt"
    vocabulary = WatchedSynonyms(analyzer, own)
    assert finds(vocabulary, analyzer, "ESS")
    assert not finds(vocabulary, analyzer, "gratiferia")
    own.write_text("gratiferia = marché gratuit\n", "utf-8")
    assert finds(vocabulary, analyzer, "gratiferia")
    assert finds(vocabulary, analyzer, "ESS")
    own.write_text("# plus rien\n", "utf-8")
    assert not finds(vocabulary, analyzer, "gratiferia")
    own.unlink()
    assert finds(vocabulary, analyzer, "ESS")


def test_a_file_that_becomes_faulty_changes_nothing(
    tmp_path: Path, analyzer: Analyzer, caplog: pytest.LogCaptureFixture
) -> None:
    own = tmp_path / "synonyms.txt"
    own.write_text("gratiferia = marché gratuit\n", "utf-8")
    vocabulary = WatchedSynonyms(analyzer, own)
    with caplog.at_level(logging.ERROR):
        own.write_text("gratiferia =\n", "utf-8")
        assert finds(vocabulary, analyzer, "gratiferia")
    assert "ligne 1" in caplog.text


def test_a_faulty_file_is_refused_at_the_start(tmp_path: Path, analyzer: Analyzer) -> None:
    own = tmp_path / "synonyms.txt"
    own.write_text("gratiferia\n", "utf-8")
    with pytest.raises(SynonymsError, match="ligne 1"):
        WatchedSynonyms(analyzer, own)
