from __future__ import annotations

import re
import threading
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.analysis import analyzer as analyzer_module
from indexer.analysis import stopwords
from indexer.analysis.analyzer import Analyzer, default_analyzer

SIGNS = "élu acteur rice e s ESS S C I aujourd hui l d' ’ · . - ( ) / 20 000 2014 \xad \u0301 \u200b ﬁ œuvre @ fr co"
PARTS = st.sampled_from([*SIGNS.split(" "), " ", "\n"])
LATIN = st.text(st.characters(max_codepoint=0x24F))
TEXTS = st.one_of(st.text(), st.lists(PARTS).map("".join))


@given(TEXTS)
def test_offsets_and_positions(text):
    tokens = default_analyzer().tokens(text)
    before = 0
    for number, token in enumerate(tokens):
        assert token.position == number
        assert before <= token.start < token.end <= len(text)
        assert text[token.start : token.end].strip()
        assert token.word.terms
        assert token.word.asked
        assert token.word.exact
        assert token.word.forms
        before = token.end


@given(TEXTS)
def test_a_text_is_found_by_itself(text):
    for token in default_analyzer().tokens(text):
        assert set(token.word.asked) & set(token.word.terms)


@given(LATIN)
@example("AA:A\u01de")
def test_decomposed_text_gives_the_same_words(text):
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    words, again = ([token.word for token in default_analyzer().tokens(one)] for one in (composed, decomposed))
    assert words == again


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("l'économie locale", ["économie", "locale"]),
        ("l\u2019e\u0301conomie", ["e\u0301conomie"]),
        ("les élu.e.s.", ["les", "élu.e.s"]),
        ("un(e) salarié(e), né·e", ["un(e)", "salarié(e)", "né·e"]),
        ("20 000 €", ["20 000"]),
        ("tiers-lieux", ["tiers", "lieux"]),
        ("la co-construction", ["la", "co-construction"]),
        ("le (co)financement", ["le", "(co)financement"]),
        ("finan\xadcement", ["finan\xadcement"]),
        ("S.C.I.C. et aujourd’hui", ["S.C.I.C", "et", "aujourd’hui"]),
        ("l'", ["l"]),
        ("« d' »", ["d"]),
        ("", []),
        (" … ", []),
    ],
)
def test_spans(text, spans, analyzer):
    assert [text[token.start : token.end] for token in analyzer.tokens(text)] == spans


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("L'Économie", "économie"),
        ("e\u0301conomie", "économie"),
        ("AUJOURD’HUI", "aujourd'hui"),
        ("S.C.I.C.", "scic"),
        ("acteur·rice·s", "acteur"),
        ("co-construction", "coconstruction"),
        ("la ﬁnance", "finance"),
    ],
)
def test_exact(text, exact, analyzer):
    assert analyzer.tokens(text)[-1].word.exact == exact


def test_forms_are_folded(analyzer):
    assert analyzer.tokens("élu·e·s")[0].word.forms == ("elu", "elue", "elus", "elues")


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("Le festival d'été à Lille", [True, False, False, True, False]),
        ("ils ont été", [True, True, False]),
        ("QUI SOMMES NOUS", [True, True, True]),
        ("un·e élu·e", [True, False]),
    ],
)
def test_stop_words_keep_their_place(text, stops, analyzer):
    assert [token.word.stop for token in analyzer.tokens(text)] == stops


def test_occurrences_share_one_word():
    tokens = Analyzer().tokens("Territoire, territoire et l'TERRITOIRE")
    assert tokens[0].word is tokens[1].word is tokens[3].word


def test_fingerprint_follows_the_stop_words(monkeypatch):
    before = Analyzer().fingerprint
    assert before == Analyzer().fingerprint
    monkeypatch.setattr(stopwords, "STOP_WORDS", stopwords.STOP_WORDS | {"exemple"})
    assert Analyzer().fingerprint != before


def test_threads_share_an_analyzer():
    analyzer = Analyzer()
    text = " ".join(f"mot{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}{'uvwxyz'[n % 6]}ments" for n in range(3000))
    expected = [token.word for token in Analyzer().tokens(text)]
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda: results.append([t.word for t in analyzer.tokens(text)] == expected))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 8


def test_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr("indexer.analysis.analyzer.MAX_CACHED_CHUNKS", 3)
    analyzer = Analyzer()
    assert len(analyzer.tokens("un deux trois quatre cinq six sept")) == 7
    assert 0 < analyzer.cached_chunks <= 3


def test_the_default_is_one():
    assert default_analyzer() is default_analyzer()


@pytest.mark.parametrize(
    "part", ["a", "a.", "a-", "ab-", "a'", "1-", "111 ", "é(e)", "a@", "élu·e·", "A ", "(ab)", "co-"]
)
@pytest.mark.slow
def test_no_text_takes_more_than_its_length(part):
    assert Analyzer().tokens(part * 40_000 + "x")


@given(st.text("aàâçéèêëîïôöùûüœæzbs", min_size=1, max_size=12))
@pytest.mark.slow
def test_the_short_way_says_the_same(word):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyzer_module, "PLAIN_CHUNK", re.compile("(?!)"))
        whole = Analyzer().tokens(word)
    assert Analyzer().tokens(word) == whole
