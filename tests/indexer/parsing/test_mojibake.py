"""Text that was encoded twice is repaired where possible, and other text stays as it is."""

from __future__ import annotations

import pytest

from indexer.errors import PageError
from indexer.parsing.encoding import decode
from indexer.parsing.mojibake import repair
from tests.support.parsing import fields, read

WRITTEN = "<p>L’été à Évreux : « des ressources privées », créées où ça ? Cœur naïf – 10 €…</p>"


def twice(text: str, encoding: str, times: int = 1) -> str:
    for _ in range(times):
        raw = text.encode()
        if encoding == "cp1252":
            text = "".join(bytes([b]).decode("latin-1" if b in b"\x81\x8d\x8f\x90\x9d" else "cp1252") for b in raw)
        else:
            text = raw.decode("latin-1")
    return text


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("times", [1, 2])
def test_text_encoded_again_is_repaired(encoding, times):
    assert decode(twice(WRITTEN, encoding, times).encode()) == WRITTEN


def test_a_page_of_which_a_part_is_broken():
    broken = twice("<p>Une coopérative née à l’été.</p>", "cp1252")
    assert decode(f"<h1>Été</h1>\n{broken}".encode()) == "<h1>Été</h1>\n<p>Une coopérative née à l’été.</p>"


def test_characters_written_as_entities():
    assert repair("<p>coop&Atilde;&copy;rative &amp; &lt;b&gt;</p>") == "<p>coopérative &amp; &lt;b&gt;</p>"


@pytest.mark.parametrize("written", ["&#195;&#169;", "&#xC3;&#xA9;", "&#xc3;©", "&Atilde;&copy;"])
def test_characters_written_as_numbers(written):
    assert repair(f"<p>coop{written}rative</p>") == "<p>coopérative</p>"


def test_a_page_that_writes_the_letter_itself():
    text = "<p>La lettre Ã se lit « a tilde » à São Paulo.</p>"
    assert repair(text) == text


def test_labels_are_read_again():
    page = f"<html><body><article><h1>Coopérative</h1><p>Un été créé.</p>{fields()}</article></body></html>"
    node = read(twice(page, "cp1252").encode())
    assert (node.title, node.body, node.private) == ("Coopérative", "Un été créé.", False)


def test_what_cannot_be_repaired_says_so():
    with pytest.raises(PageError, match="abîmés"):
        decode("<p>CoopÃ©rative nÃ\ufffde de l\u2019Ã\ufffdtÃ©.</p>".encode())


@pytest.mark.parametrize(
    "text",
    [
        "<p>SÃO PAULO, Â, pâté : des accents justes.</p>",
        "<p>« Ã© » est un « é » lu deux fois. " + "Déjà l’été où l’on créa. " * 20 + "</p>",
        "<p>Ascii alone</p>",
    ],
)
def test_what_is_right_stays(text):
    assert decode(text.encode()) == text
