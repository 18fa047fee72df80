"""Snippets: which passage of a text is chosen, and what is highlighted in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.query import snippets
from indexer.query.request import Piece
from indexer.query.snippets import TARGET, Highlight, HighlightedText, best_snippet

FILLER = "Cette phrase ne dit rien qui vaille d’être lu ici. " * 12


def text(written: str) -> HighlightedText:
    """Return a text with its matches: [mot] is a match of the first part of the query, [2:mot] of the second."""
    plain, marks = "", []
    for before, group, word in re.findall(r"([^\[]*)(?:\[(?:(\d):)?([^\]]*)\])?", written):
        plain += before
        if word:
            marks.append(Highlight(len(plain), len(plain) + len(word), int(group or 1)))
            plain += word
    return HighlightedText(plain, tuple(marks))


def written(pieces: tuple[Piece, ...]) -> str:
    """Return a snippet as text, with its matches in brackets."""
    return "".join(f"[{piece.text}]" if piece.matched else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("texts", "snippet"),
    [
        ([], ""),
        (["Un texte court."], "Un texte court."),
        (["Un [mot] marqué."], "Un [mot] marqué."),
        (["[Mot] au début, [mot] à la [fin]"], "[Mot] au début, [mot] à la [fin]"),
        (["[deux][mots] collés"], "[deux][mots] collés"),
        # The text that matches more parts of the query; the first one if nothing matches.
        (["Le résumé.", "Le corps."], "Le résumé."),
        (["Le résumé.", "Le [corps]."], "Le [corps]."),
        (["Le [résumé].", "Le [corps]."], "Le [résumé]."),
        (["Le [résumé].", "Le [1:corps] et [2:âme]."], "Le [corps] et [âme]."),
        (["Le [résumé].", "Le [corps], le [corps]."], "Le [corps], le [corps]."),
        # Blocks are shown on one line, with a mark between them and without the signs of plain text.
        (["Un titre\n\nUn [mot]."], "Un [mot]."),
        (["Un [mot]\n\nla suite."], "Un [mot] – la suite."),
        (["Un [mot]\nla suite."], "Un [mot] la suite."),
        (["• un [mot]\n\n• un autre\n\n– un tiret\n\nFin"], "un [mot] – un autre – un tiret – Fin"),
        (["• un [mot]\n• [autre]"], "un [mot] – [autre]"),
        (["Ville · Part · [Lens] · 2 %"], "Ville – Part – [Lens] – 2 %"),
        (["Ville · [Lens] ·"], "Ville – [Lens]"),
        (["[Mot]\n\n•sans espace\n\n●  deux"], "[Mot] – sans espace – deux"),
        (["Les élu·e·s et [élu•e•s], -20 %"], "Les élu·e·s et [élu•e•s], -20 %"),
        ([f"[Mot] {'é' * 190} {'a' * 60}\n\n• b {'c' * 90}"], f"[Mot] {'é' * 190} {'a' * 60} …"),
        # The sentence of the match, and following ones as long as there is room.
        ([f"{FILLER}Un [mot] ici. Et la suite."], "… Un [mot] ici. Et la suite."),
        ([f"Un [mot] ici. {'Long ' * 60}"], "Un [mot] ici."),
        ([f"{FILLER}\n\nUn [mot] en tête."], "Un [mot] en tête."),
        # The sentence that matches more parts of the query.
        (
            [f"Le [1:bien] seul. {FILLER}Le [1:bien] commun [2:local]."],
            "… Le [bien] commun [local].",
        ),
        # The full stop of an abbreviation, an article of law or a page number does not end a sentence.
        (
            [f"{FILLER}L’art. L. 2111-3 du code, cf. p. 12, dit [mot]."],
            "… L’art. L. 2111-3 du code, cf. p. 12, dit [mot].",
        ),
        ([f"{FILLER}Selon p. ex. la loi, le [mot]."], "… Selon p. ex. la loi, le [mot]."),
    ],
)
def test_passage(texts: list[str], snippet: str) -> None:
    assert written(best_snippet([text(each) for each in texts])) == snippet


def test_a_long_text_without_marks_is_cut_between_words() -> None:
    long = "solidarité " * 100
    shown = written(best_snippet([text(long)]))
    assert shown.endswith("solidarité …")
    assert len(shown) <= TARGET + 2


def test_a_long_sentence_is_cut_round_its_densest_matches() -> None:
    long = f"[1:bien] {'mot ' * 200}[1:bien] très [2:commun] {'mot ' * 200}"
    shown = written(best_snippet([text(long)]))
    assert "[bien] très [commun]" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) <= TARGET + 10


def test_marks_that_overlap_are_shown_once() -> None:
    both = HighlightedText("un tiers-lieu ici", (Highlight(3, 13, 0), Highlight(9, 13, 1)))
    assert written(best_snippet([both])) == "un [tiers-lieu] ici"


sentences = st.lists(
    st.sampled_from(["mot ", "[mot] ", "[2:autre] ", "fin. ", "É", "\n\n", "?", " ", "longuement " * 8]),
    max_size=60,
).map("".join)


@given(st.lists(sentences, max_size=3))
def test_a_snippet_says_what_its_text_says(texts: list[str]) -> None:
    marked = [text(each) for each in texts]
    pieces = best_snippet(marked)
    shown = "".join(piece.text for piece in pieces)
    assert all(piece.text for piece in pieces)
    assert len(shown) <= TARGET + 60 + 4 + shown.count(snippets.BETWEEN_BLOCKS)
    inside = " ".join(shown.removeprefix("… ").removesuffix(" …").split())
    said = [" ".join(each.text.strip().replace("\n\n", " – ").split()) for each in marked]
    assert any(inside.replace(" –", "") in one.replace(" –", "") for one in said) or not inside
    assert any(piece.matched for piece in pieces) == any(each.highlights for each in marked)
    assert all(piece.text in {"mot", "autre"} for piece in pieces if piece.matched)


@given(sentences)
def test_no_other_passage_is_better(written: str) -> None:
    marked = text(written)
    best = snippets.best_passage(marked)
    worths = []
    for mark in marked.highlights:
        start, end = snippets.sentences_around(marked.text, mark.start)
        first = next(other.start for other in marked.highlights if other.start >= start)
        inside = [other for other in marked.highlights if start <= other.start < min(end, first + TARGET)]
        worths.append((snippets.worth_of(inside), -start))
    assert (None if best is None else (best.worth, -best.start)) == max(worths, default=None)
