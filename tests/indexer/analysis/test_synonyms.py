from __future__ import annotations

import pytest

from indexer.analysis.synonyms import SYNONYMS_FILE, Synonyms, SynonymsError
from indexer.errors import SettingsError


@pytest.fixture
def load(tmp_path, analyzer):
    def loaded(text):
        path = tmp_path / "synonyms.txt"
        path.write_text(text, encoding="utf-8")
        return Synonyms.load(path, analyzer)

    return loaded


def found(synonyms, analyzer, query):
    return [
        (match.first, match.last, [" ".join(token.word.exact for token in tokens) for tokens in match.alternatives])
        for match in synonyms.matches(analyzer.tokens(query))
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SCIC", [(0, 0, ["société coopérative intérêt collectif"])]),
        ("les s.c.i.c.", [(1, 1, ["société coopérative intérêt collectif"])]),
        ("les sociétés coopératives d’intérêt collectif", [(1, 4, ["scic"])]),
        ("economie sociale solidaire", [(0, 2, ["ess"])]),
        ("chambre régionale de l'économie sociale et solidaire", [(0, 6, ["cress"])]),
        ("AOT", [(0, 0, ["autorité organisatrice des transports", "autorisation occupation temporaire"])]),
        ("ami", []),
        ("AMI", [(0, 0, ["appel à manifestation intérêt"])]),
        ("la loi", []),
        ("", []),
    ],
)
def test_the_file(query, expected, synonyms, analyzer):
    assert found(synonyms, analyzer, query) == expected


def test_the_file_is_large_enough():
    lines = SYNONYMS_FILE.read_text(encoding="utf-8").splitlines()
    assert sum("=" in line and not line.startswith("#") for line in lines) >= 80


def test_arrows_go_one_way(load, analyzer):
    synonyms = load("chat = matou => animal\n")
    assert found(synonyms, analyzer, "chats") == [(0, 0, ["animal"])]
    assert found(synonyms, analyzer, "matou") == [(0, 0, ["animal"])]
    assert found(synonyms, analyzer, "animal") == []


def test_stop_words_make_an_expression_of_one_word(load, analyzer):
    synonyms = load("sur mesure = adapté\n")
    assert found(synonyms, analyzer, "mesure") == []
    assert found(synonyms, analyzer, "sur mesure") == [(0, 1, ["adapté"])]


def test_all_faults_are_told_by_line(load):
    with pytest.raises(SynonymsError) as caught:
        load("ESS = économie\nseul\n= vide\n# rien\na => b => c\n??? = mot\nmot = mot\n")
    assert [line for line, _ in caught.value.faults] == [2, 3, 5, 6, 7]
    assert "ligne 5" in str(caught.value)
    assert isinstance(caught.value, SettingsError)


def test_a_missing_file_is_told(tmp_path, analyzer):
    with pytest.raises(SynonymsError, match="introuvable"):
        Synonyms.load(tmp_path / "absent.txt", analyzer)


def test_another_encoding_is_told(tmp_path, analyzer):
    path = tmp_path / "synonyms.txt"
    path.write_bytes("été = saison".encode("latin-1"))
    with pytest.raises(SynonymsError, match="UTF-8"):
        Synonyms.load(path, analyzer)


def test_the_fingerprint_follows_the_file(load):
    assert load("a1 = b1").fingerprint != load("a1 = c1").fingerprint
