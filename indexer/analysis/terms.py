"""Makes words from surface forms: chooses the terms under which they are indexed and searched."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from indexer.analysis.acronyms import acronym_asked, acronym_terms, spelled_asked, spelled_terms
from indexer.analysis.folding import fold
from indexer.analysis.stemming import stems
from indexer.analysis.stopwords import is_stop_word
from indexer.analysis.token import Word

# No French word is longer; longer strings (a key, an encoded image) are cut, so that terms stay short.
_LONGEST = 80


def _unique(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(groups)))


def plain_word(form: str) -> Word:
    """Return the word of a surface form.

    Args:
        form: letters and digits as `normalization.clean` returns them, in lower case, accents kept.
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
        forms: cleaned, lower case, accents kept; the first one is the form to show.
    """
    words = [plain_word(form) for form in forms]
    return Word(
        terms=_unique(*(word.terms for word in words)),
        asked=_unique(*(word.asked for word in words)),
        exact=forms[0],
        forms=_unique(*(word.forms for word in words)),
        # The singulars decide whether it is a stop word: no list of stop words has "uns".
        stop=all(word.stop for word in words[:2]),
    )


def ordinal_word(written: tuple[str, ...], form: str) -> Word:
    """Return the word of an ordinal.

    Args:
        written: its terms, as `ordinals.ordinal_terms` returns them.
        form: as written, lower case.
    """
    return Word(terms=written, asked=written, exact=form, forms=(fold(form),))


def joined_word(joined: Word, part: Word, prefix: str = "") -> Word:
    """Return the word of a compound that may also be written as one word. A query for a part finds the compound, but a
    query for the compound does not find the parts.

    Args:
        joined: the word without its hyphen or apostrophe.
        part: the main part, which is a word in itself.
        prefix: what precedes the main part, lower case, or empty; a query for the prefix finds the compound too, unless
            the prefix is a single letter.
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
    """Return a word that is also indexed under the longer codes that begin with it (such as a host name or a date).

    Args:
        word: the word, which is a part of the longer codes.
        extra: terms of the longer codes.
        asked: the one term to search for when the word occurs in a query; None searches for the part itself.
    """
    return Word(
        terms=_unique(word.terms, extra),
        asked=word.asked if asked is None else (asked,),
        exact=word.exact,
        forms=word.forms,
        stop=word.stop,
    )
