"""The lexer: how a typed query is split into tokens."""

import pytest

from indexer.query.lexer import QueryToken, TokenKind, clean, tokenize, trim


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  loi\t\nESS ", "loi  ESS"),
        ("e\u0301te\u0301", "été"),
        ("co\u00adop\u200b\u2066\ufeff", "coop"),
        ("a\x00\x1b\ud800b", "ab"),
        ("a\u00a0b\u202fc", "a b c"),
    ],
)
def test_clean(typed: str, cleaned: str) -> None:
    assert clean(typed) == cleaned


@pytest.mark.parametrize(
    ("word", "trimmed"),
    [
        ("loi,", "loi"),
        ("…loi…", "loi"),
        ("'loi'", "loi"),
        ("l'", "l'"),
        ("S.C.I.C.", "S.C.I.C."),
        ("rtes.fr.", "rtes.fr"),
        (".net", ".net"),
        ("...suite", "suite"),
        ("?!", ""),
    ],
)
def test_trim(word: str, trimmed: str) -> None:
    assert trim(word) == trimmed
    assert trim(trimmed) == trimmed


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", []),
        ("loi", ["WORD"]),
        ("-loi +loi", ["MINUS", "WORD", "PLUS", "WORD"]),
        ("a-b - c", ["WORD", "WORD"]),
        ('"a"-b', ["PHRASE", "WORD"]),
        ("a ET b OU c SAUF d", ["WORD", "AND", "WORD", "OR", "WORD", "NOT", "WORD"]),
        ("titre:(a)", ["FIELD", "OPEN", "WORD", "CLOSE"]),
        ("titre:ET", ["FIELD", "WORD"]),
        ("coop* terr*re c?op", ["PREFIX", "WILDCARD", "WILDCARD"]),
        ("* & »", ["NOTHING", "NOTHING", "NOTHING"]),
    ],
    ids=str,
)
def test_kinds(text: str, kinds: list[str]) -> None:
    tokens = tokenize(text)
    assert [token.kind.name for token in tokens[:-1]] == kinds
    assert tokens[-1] == QueryToken(TokenKind.END)


def test_tokens_remember_what_was_typed() -> None:
    field, word, phrase = tokenize('Thème:l\\oi, "a  b"~3')[:-1]
    assert (field.text, field.source, field.glued) == ("theme", "Thème:", False)
    assert (word.text, word.source, word.glued) == ("loi", "l\\oi,", True)
    assert (phrase.text, phrase.source, phrase.slop, phrase.closed) == ("a b", '"a  b"~3', 3, True)


def test_an_open_quote_is_told() -> None:
    assert not tokenize('"a b')[0].closed


@pytest.mark.parametrize("text", ["ÉTUDE TERRITOIRES ET RURAUX", "OU TROUVER UN FINANCEMENT"])
def test_a_sentence_in_capitals_has_no_operators(text: str) -> None:
    assert {token.kind for token in tokenize(text)} == {TokenKind.WORD, TokenKind.END}


@pytest.mark.parametrize(
    "text", ["SCIC ET SCOP", "SCIC OU SCOP OU CAE", "ÉTUDE ET (TERRITOIRES RURAUX)", "Étude ET TERRITOIRES RURAUX"]
)
def test_operators_between_acronyms_stay(text: str) -> None:
    assert {token.kind for token in tokenize(text)} & {TokenKind.AND, TokenKind.OR}
