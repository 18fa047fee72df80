"""Stop words: function words that occur in every text, matched before accents are folded.

Words that may also be a noun worth searching are not stop words: "été" is a participle, but also a season. Accents
count: "sur" is a stop word, the adjective "sûr" is not. Stop words are marked, never removed.
"""

from __future__ import annotations

from indexer.analysis.folding import fold

_ARTICLES = "le la les un une des du de au aux"
_DEMONSTRATIVES = "ce cet cette ces ceci cela ça celui celle ceux celles"
_POSSESSIVES = "mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs"
_PRONOUNS = "je tu il elle on nous vous ils elles me te se lui eux moi toi soi y en iel iels"
_RELATIVES = "qui que quoi dont où quel quelle quels quelles lequel laquelle lesquels lesquelles duquel auquel"
_INDEFINITES = "quelqu'un quelques chaque tout toute tous toutes même mêmes tel telle tels telles"
_PREPOSITIONS = "à dans par pour sur sous avec sans chez vers entre depuis pendant dès lors selon"
_CONJUNCTIONS = "et ou mais ni donc car si comme lorsque puisque quoique quand afin ainsi"
_ADVERBS = "ne pas plus moins très aussi alors encore ici là non oui puis"
_ETRE = "suis es est sommes êtes sont être étant étais était étions étiez étaient sera serai seront serait seraient"
_AVOIR = "ai as a avons avez ont avoir ayant avais avait avions aviez avaient aura aurai auront aurait auraient eu"
# Fragments that remain when an apostrophe is separated from its word ("qu' il"), and the first part of host names.
_DEBRIS = "l d j m t s n c qu jusqu lorsqu puisqu quoiqu www http https"

STOP_WORDS: frozenset[str] = frozenset(
    " ".join(
        (
            _ARTICLES,
            _DEMONSTRATIVES,
            _POSSESSIVES,
            _PRONOUNS,
            _RELATIVES,
            _INDEFINITES,
            _PREPOSITIONS,
            _CONJUNCTIONS,
            _ADVERBS,
            _ETRE,
            _AVOIR,
            _DEBRIS,
        )
    ).split()
)

# Capitals are often typed without accents: "MEME" is not an acronym.
FOLDED_STOP_WORDS: frozenset[str] = frozenset(fold(word) for word in STOP_WORDS if len(word) > 1)


def is_stop_word(word: str) -> bool:
    """Return whether a word is a stop word.

    Args:
        word: a surface form, cleaned, lower case, accents kept.
    """
    return word in STOP_WORDS
