"""Hyphens at ends of lines: which only cut a word, which belong to it, which may be either."""

from __future__ import annotations

import pytest

from indexer.analysis import default_analyzer
from indexer.document.pages import MAYBE_HYPHEN, Page
from indexer.publications.paragraphs import RawPage, build_pages
from indexer.query.page_tokens import tokens_of

MARKED = "\ufffe"
EITHER = MAYBE_HYPHEN

CASES = [
    # Text elsewhere in the document, lines with a cut word, the result.
    # A word that stands elsewhere without a hyphen loses its hyphen.
    ("Les collectivités décident.", f"une col{MARKED}lectivités entière", "une collectivités entière"),
    ("Les collectivités décident.", "une col-\r\nlectivités entière", "une collectivités entière"),
    ("Les Collectivités décident.", "une col\u2010\r\nlectivités entière", "une collectivités entière"),
    ("Les collectivités décident.", "UNE COL-\r\nLECTIVITÉS ENTIÈRE", "UNE COLLECTIVITÉS ENTIÈRE"),
    ("Les collectivités décident.", "une col\u2011\r\nlectivités entière", "une collectivités entière"),
    # A word that stands elsewhere with its hyphen keeps it.
    ("Un sous-sol ancien.", f"le sous{MARKED}sol humide", "le sous-sol humide"),
    ("L’arrière-plan du projet.", f"en arrière{MARKED}plan", "en arrière-plan"),
    ("Un arrière\u2011plan flou.", "en arrière-\r\nplan", "en arrière-plan"),
    # A word that stands elsewhere in both ways, or not at all, is found in either.
    ("Un plug-in, ou plugin.", f"le plug{MARKED}in", f"le plug{EITHER}in"),
    ("", f"en arrière{MARKED}plan", f"en arrière{EITHER}plan"),
    ("", f"la co{MARKED}construction", f"la co{EITHER}construction"),
    ("", f"un tiers{MARKED}lieu nourricier", f"un tiers{EITHER}lieu nourricier"),
    ("", f"des nord{MARKED}africains", f"des nord{EITHER}africains"),
    # The parts of the word show that the hyphen belongs to it.
    ("", f"comment sont{MARKED}ils pris", "comment sont-ils pris"),
    ("", f"permet{MARKED}elle de", "permet-elle de"),
    ("", f"comment vérifie{MARKED}t-elle", "comment vérifie-t-elle"),
    ("", f"la ville de Saint{MARKED}Denis", "la ville de Saint-Denis"),
    ("", f"un accord gagnant{MARKED}gagnant", "un accord gagnant-gagnant"),
    ("", f"des bon{MARKED}bons et du co{MARKED}co", f"des bon{EITHER}bons et du co{EITHER}co"),
    ("", f"L’É{MARKED}TAT", f"L’É{EITHER}TAT"),
    ("L’État.", f"L’É{MARKED}TAT", "L’ÉTAT"),
    ("", f"avan{MARKED}t", f"avan{EITHER}t"),
    ("", f"régulière{MARKED}ment suivie", "régulièrement suivie"),
    ("", f"une organi{MARKED}sation", "une organisation"),
    # Numbers and codes keep their hyphen, and no space comes into them.
    ("", "l’article L. 230-\r\n5-1 du code", "l’article L. 230-5-1 du code"),
    ("", "de 2010-\r\n2015", "de 2010-2015"),
    ("", "la norme A4-\r\nB", "la norme A4-B"),
    # A dash is no hyphen, and a hyphen before nothing cuts nothing.
    ("", "la première –\r\nla seconde", "la première – la seconde"),
    ("", "un deux -\r\ntrois", "un deux - trois"),
    ("", "pré- et\r\npost-opératoire", "pré- et post-opératoire"),
    ("", "fin de page, collec-", "fin de page, collec-"),
    # Soft hyphens: at an end of line and inside.
    ("Les collectivités décident.", "une col\u00ad\r\nlectivités entière", "une collectivités entière"),
    ("", "une col\u00ad\r\nlectivités entière", "une collectivités entière"),
    ("", "une col\u00adlectivités entière", "une collectivités entière"),
    ("Un sous-sol ancien.", "le sous\u00adsol humide", "le sous-sol humide"),
    # Letters that were drawn apart.
    ("Les régle\u0301s", "les re\u0301gle\u0301s", "les réglés"),
    ("", "un o\ufb03ce e\ufb00ectif, la \ufb01n, des \ufb02eurs", "un office effectif, la fin, des fleurs"),
]


def written(elsewhere: str, lines: str) -> str:
    return build_pages([RawPage(elsewhere), RawPage(lines)])[1].text


@pytest.mark.parametrize(("elsewhere", "lines", "expected"), CASES)
def test_cases(elsewhere: str, lines: str, expected: str) -> None:
    assert written(elsewhere, lines) == expected


def test_a_sign_that_only_stands_at_ends_of_lines_only_cuts() -> None:
    """U+2010 at ends of lines is removed if no line has it inside, since browsers cut words with it."""
    assert (
        written("Un rendez-vous.", "la per\u2010\r\nsonne du porte\u2010\r\nfeuille") == "la personne du portefeuille"
    )
    # Where the same sign stands inside lines too, it says nothing.
    assert written("Un rendez\u2010vous.", "en arrière\u2010\r\nplan") == f"en arrière{EITHER}plan"


def test_a_long_document_knows_its_words() -> None:
    words = " ".join(
        f"{first}{second}x" for first in "abcdefghijklmnopqrstuvwxyz" for second in "abcdefghijklmnopqrstuvwxyz"
    )
    many = f"{words} {words.replace('x', 'y')}"
    assert written(many, f"la para{MARKED}graphie") == "la paragraphie"
    assert written(f"{many} graphie", f"la para{MARKED}graphie") == f"la para{EITHER}graphie"


def test_a_cut_word_ends_before_a_running_line() -> None:
    bodies = ("Les élus se réunissent", "Un bilan paraît", "Deux communes adhèrent", "Le budget est voté")
    raw = [RawPage(f"{body}\r\n{body[-4:]} collec-\r\nRapport annuel {number}") for number, body in enumerate(bodies)]
    page = build_pages(raw)[2]
    assert page.text.endswith("rent collec-\nRapport annuel 2")
    assert [page.text[start:end] for start, end in page.running] == ["Rapport annuel 2"]


def found(text: str, query: str) -> bool:
    """Return whether a page with a text contains the words of a query one after the other."""
    analyzer = default_analyzer()
    terms = [set(token.word.terms) for token in tokens_of(Page(1, None, text), analyzer)]
    asked = [set(token.word.asked) for token in analyzer.tokens(query)]
    return any(
        all(one & terms[start + number] for number, one in enumerate(asked))
        for start in range(len(terms) - len(asked) + 1)
    )


DOUBTFUL = f"Mettre en arrière{EITHER}plan le tiers{EITHER}lieu."


@pytest.mark.parametrize(
    "query",
    [
        "arrière-plan",
        "arrièreplan",
        "plan",
        "en arrière-plan",
        "en arrièreplan",
        "arrièreplan le",
        "arriere-plan le tiers-lieu",
    ],
)
def test_doubtful_words_are_found_both_ways(query: str) -> None:
    assert found(DOUBTFUL, query)
    assert not found("Mettre en avant.", query)


def test_tokens_keep_their_places() -> None:
    tokens = tokens_of(Page(1, None, DOUBTFUL), default_analyzer())
    assert [token.position for token in tokens] == list(range(len(tokens)))
    assert [DOUBTFUL[token.start : token.end] for token in tokens] == [
        *("Mettre", "en", "arrière", "plan", "le", "tiers", "lieu"),
    ]
    plain = default_analyzer().tokens(DOUBTFUL.replace(EITHER, "-"))
    assert [token.word.asked for token in tokens] == [token.word.asked for token in plain]
