"""Words made from surface forms: the terms that they are indexed under and searched by."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from indexer.analysis.acronyms import acronym_asked, acronym_terms, spelled_asked, spelled_terms
from indexer.analysis.folding import fold
from indexer.analysis.stemming import stems
from indexer.analysis.stopwords import is_stop_word
from indexer.analysis.token import Word

# No French word is longer; what is (a key, an image in letters) is cut, so that no term is.
_LONGEST = 80


def _unique(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(groups)))


def plain_word(form: str) -> Word:
    """Return the word of a surface form.

    Args:
        form: cleaned, lower case, accents kept; letters and digits.
    """
    form = form[:_LONGEST]
    folded = fold(form)
    if not form.isalpha():
        return Word(terms=(folded,), asked=(folded,), exact=form, forms=(folded,))
    own = stems(form)
    if is_stop_word(form):
        return Word(terms=own, asked=own, exact=form, forms=(folded,), stop=True)
    return Word(
        terms=_unique(own, spelled_terms(folded)),
        asked=_unique(own, spelled_asked(folded)),
        exact=form,
        forms=(folded,),
    )


def acronym_word(letters: str) -> Word:
    """Return the word of an acronym.

    Args:
        letters: its letters, without full stops, in any case.
    """
    lower = letters.lower()
    return Word(terms=acronym_terms(letters), asked=acronym_asked(letters), exact=lower, forms=(fold(lower),))


def word_of_forms(forms: tuple[str, ...]) -> Word:
    """Return one word of several surface forms, any of which finds it.

    Args:
        forms: cleaned, lower case, accents kept; the one to show first.
    """
    words = [plain_word(form) for form in forms]
    return Word(
        terms=_unique(*(word.terms for word in words)),
        asked=_unique(*(word.asked for word in words)),
        exact=forms[0],
        forms=_unique(*(word.forms for word in words)),
        # The singulars decide: no list of stop words has "uns".
        stop=all(word.stop for word in words[:2]),
    )


def joined_word(joined: Word, part: Word, prefix: str = "") -> Word:
    """Return the word of a compound that is also written in one word; its parts find it, it does not find its parts.

    Args:
        joined: the word without its hyphen or apostrophe.
        part: the part that is a word of its own.
        prefix: what comes before it, lower case; found too, unless it is one letter.
    """
    return Word(
        terms=_unique(joined.terms, part.terms, stems(prefix) if len(prefix) > 1 else ()),
        asked=joined.asked,
        exact=joined.exact,
        forms=_unique(joined.forms, part.forms),
    )


def reference_word(written: tuple[str, ...], *, stop: bool) -> Word:
    """Return the word of a reference to law or a registration number, whichever way it is written.

    Args:
        written: its normal form, then what else finds it, as `references.read` returns them.
        stop: whether it only introduces a reference ("article").
    """
    if stop:
        word = plain_word(written[0])
        return Word(word.terms, word.asked, word.exact, word.forms, stop=True)
    return Word(terms=written, asked=written[:1], exact=written[0], forms=written[:1])


def word_with(word: Word, extra: Iterable[str], asked: str | None) -> Word:
    """Return a word with more terms: those of longer codes that begin with it (a host name, a date).

    Args:
        word: the part.
        extra: terms of what the part begins.
        asked: the one term to look for when this occurs in a query; None to look for the part.
    """
    return Word(
        terms=_unique(word.terms, extra),
        asked=word.asked if asked is None else (asked,),
        exact=word.exact,
        forms=word.forms,
        stop=word.stop,
    )
