"""Whether the text of a document is language: fonts without a table of letters give noise."""

from __future__ import annotations

import re
from collections.abc import Iterable

from indexer.analysis.stopwords import STOP_WORDS
from indexer.document.pages import Page

_WORD = re.compile(r"[^\W\d_]{2,}")
_ENOUGH = 30
"""Words below which nothing is said: a plan has only names."""
_LEAST, _FEW = 0.01, 0.03
"""Shares of function words: any text has ten times as many. Lists of names have few, and noise some by chance."""
_VOWELS = frozenset("aeiouyàâäéèêëîïôöùûüœæ")
_FEW_VOWELS = 0.3
"""Share of vowels in the letters; in the languages below it is two fifths and more."""
_OTHER_LANGUAGES = frozenset(
    """
    the of and to in for is that with by this are be it from or at an der die das und den von zu mit ist für ein eine
    el los las que por con para una del al il di che per dei della lo gli ha nel alla het een van dat op da do os dos
    na em no ar ur hag gant eus eo ez an dels amb els per pel dera eth dels
    """.split()
)


def is_readable(pages: Iterable[Page]) -> bool:
    """Return whether a document has words that every text has, French or of a neighbouring language.

    A document of a few words is taken as readable.
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
