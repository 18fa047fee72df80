from __future__ import annotations

import pytest

from indexer.errors import PageError
from indexer.parsing.encoding import MAX_BYTES, decode

TEXT = "<p>Coopérative d’activité : œuvre sociale à 5 €</p>"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(TEXT.encode(), id="utf-8 without a declaration"),
        pytest.param(b"\xef\xbb\xbf" + TEXT.encode(), id="utf-8 with its mark"),
        pytest.param(TEXT.encode("utf-16"), id="utf-16 little endian"),
        pytest.param(b"\xfe\xff" + TEXT.encode("utf-16-be"), id="utf-16 big endian"),
        pytest.param(TEXT.encode("utf-16-le"), id="utf-16 without its mark"),
        pytest.param(TEXT.encode("cp1252"), id="windows-1252 without a declaration"),
    ],
)
def test_the_same_text_whatever_the_encoding(raw):
    assert decode(raw) == TEXT


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ("<meta charset='iso-8859-1'>", "utf-8"),
        ("<meta charset=utf-8>", "cp1252"),
        ("<meta charset=iso-8859-1>", "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">', "cp1252"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?>', "utf-8"),
        ('<?xml version="1.0" encoding="iso-8859-15"?>', "iso-8859-15"),
        ("<meta charset=klingon>", "cp1252"),
    ],
)
def test_a_declaration_right_or_wrong_never_makes_mojibake(declaration, encoding):
    text = declaration + "<p>Économie très solidaire, 5 €</p>"
    assert decode(text.encode(encoding)) == text


def test_one_stray_byte_does_not_spoil_a_utf8_page():
    raw = "Économie sociale, coopérative, élus".encode() + b" caf\xe9"
    assert decode(raw) == "Économie sociale, coopérative, élus café"


def test_capitals_before_a_no_break_space_are_not_taken_for_utf8():
    assert decode("LIBERTÉ\u00a0: égalité, fraternité".encode("cp1252")) == "LIBERTÉ\u00a0: égalité, fraternité"


def test_text_is_composed_and_rid_of_controls():
    assert decode("e\u0301lu\x00e\x07\r\nfin".encode()) == "élue\nfin"


def test_c1_controls_are_the_characters_that_browsers_show():
    assert decode("l\u0092élu".encode()) == "l’élu"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param(b"", "vide", id="empty"),
        pytest.param(b" \n\t", "vide", id="spaces"),
        pytest.param(b"%PDF-1.7 ...", "binaire", id="pdf"),
        pytest.param(b"PK\x03\x04rest", "binaire", id="zip"),
        pytest.param(bytes(range(9)) * 50, "binaire", id="controls"),
        pytest.param(b"a" * (MAX_BYTES + 1), "volumineuse", id="too big"),
    ],
)
def test_what_is_no_text_is_refused_with_a_reason(raw, reason):
    with pytest.raises(PageError, match=reason):
        decode(raw)
