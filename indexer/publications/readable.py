"""Tell whether the text of a document is language, or the noise that fonts without a table of letters give."""

from __future__ import annotations

import re
from collections.abc import Iterable

from indexer.analysis.stopwords import STOP_WORDS
from indexer.document.pages import Page

_WORD = re.compile(r"[^\W\d_]{2,}")
_ENOUGH = 30
"""Number of words below which a document is not judged: the map of a town, for example, has only names."""
_LEAST, _FEW = 0.01, 0.03
"""Shares of function words among all words. Below the first, a text is noise; from the second, it is language; in
between, its vowels decide. Prose has ten times as many; lists of names have few, and noise some by chance.
"""
_VOWELS = frozenset("aeiouyàâäéèêëîïôöùûüœæ")
_FEW_VOWELS = 0.3
"""Least share of vowels among the letters of a language; French and the languages below have two fifths or more."""
_OTHER_LANGUAGES = frozenset(
    """
    the of and to in for is that with by this are be it from or at an der die das und den von zu mit ist für ein eine
    el los las que por con para una del al il di che per dei della lo gli ha nel alla het een van dat op da do os dos
    na em no ar ur hag gant eus eo ez an dels amb els per pel dera eth dels
    """.split()
)


def is_readable(pages: Iterable[Page]) -> bool:
    """Return whether a document has enough function words, of French or of a neighbouring language, to be a text.

    A document of a few words counts as readable.
    """
    words = known = letters = vowels = 0
    for page in pages:
        found = [word.casefold() for word in _WORD.findall(page.text)]
        words += len(found)
        known += sum(1 for word in found if word in STOP_WORDS or word in _OTHER_LANGUAGES)
        letters += sum(map(len, found))
        vowels += sum(1 for word in found for letter in word if letter in _VOWELS)
    if words < _ENOUGH or known >= _FEW * words:
        return True
    return known >= _LEAST * words and vowels >= _FEW_VOWELS * letters
