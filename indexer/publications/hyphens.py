"""Hyphens at ends of lines: which ones only cut a word, which ones belong to it, and which may be either.

The document itself decides most of them: a word that it writes elsewhere without a hyphen was cut, a word that it
writes elsewhere with a hyphen keeps it. Other words are decided only where their parts leave no doubt; the rest are
indexed both ways.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import Enum, auto

from indexer.analysis.folding import fold
from indexer.analysis.stopwords import STOP_WORDS
from indexer.document.pages import MAYBE_HYPHEN
from indexer.publications.lines import HYPHENS, SOFT, Line

_WORD = re.compile(r"[^\W\d_]+")
_PAIR = re.compile(rf"(?<=([{HYPHENS}]))[^\W\d_]+")
_LAST = re.compile(r"[^\W\d_]+\Z")
_FIRST = re.compile(r"[^\W\d_]+")
_INSIDE = re.compile(rf"([^\W\d_]+){SOFT}([^\W\d_]+)")

_FIRSTS = frozenset(
    fold(word)
    for word in """
    abat aide aigre allume amuse anti après arc arrière auto avant avion bal bas basse bateau beau beaux belle
    belles ben bien blanc bloc bon bonne bouche brise cache café casse cent centre cerf cessez chasse chauffe chef
    chou ci cinquante classe clé co coffre compte contre coq coupe court couvre croque cul dame de demi deux
    deuxième dix double eau emporte en entre essuie est ex extra éco état fac faire faux fer feu film fin force
    fourre franc franco gagnant garde gaz germano général grand grande grands gratte grille haut haute hauts hispano
    homme hors huit inter jean jet laisser laissez lance langue lave là libre lieu long longue luso maître mal
    malgré mandat mère mi micro mieux mille mini mont mot moyen moyenne multi neuf new non nord nouveau nouveaux
    nouvelle nul onze opt oreille ouest ouvre par pare passe pause peau perce petit petite petits peut père pèse
    pied pique pistolet plan plate plein pluri plus point politico porte portes post pot pour pousse premier presque
    presse pré prêt pro psycho quarante quasi quatre quelques qui radio rail re remue rendez rez roche rond rouge
    sac saint sainte sans sapeur sauf savoir semi sept serre service site six social socio soi soit soixante sol
    sous stand station sud sur t taille tard taxi techno télé tête tiers timbre tire tourne tout toute toutes trans
    treize trente trois ultra un une vert vice vide ville vingt vis voiture vol wagon web week œil
    """.split()
)
"""First parts of compounds that are written with a hyphen."""

_PRONOUNS = frozenset(
    "il elle on ils elles je tu nous vous ce moi toi le la les lui leur y en ci là même mêmes".split()
)
"""Words that follow a hyphen after a verb, a pronoun or a noun: « dit-il », « celui-ci »."""

_ENDINGS = frozenset(
    """
    ment ments tion tions sion sions ration rations tation tations sation sations cation cations nation nations
    lement lements tement tements rement rements nement nements sement sements gement gements vement vements
    lité lités rité rités bilité bilités vité vités tivité tivités sité sités cité cités nité nités teur teurs
    trice trices rielle rielles tique tiques rique riques nique niques sible sibles rable rables
    naire naires taire taires sance sances tance tances rence rences dence dences rents rente
    ques quement lisation lisations risation risations nisation nisations tionnel tionnelle tionnels tionnelles
    """.split()
)
"""Ends of words that are hardly ever words themselves: after a hyphen, they continue a word that was cut."""

_ENOUGH_WORDS = 1_000
"""Number of different words from which a document is likely to use a part of a compound alone as well."""


class Cut(Enum):
    """What a hyphen at the end of a line means."""

    WORD = auto()
    """The hyphen only cuts a word."""
    HYPHEN = auto()
    """The hyphen belongs to the word."""
    EITHER = auto()


_WRITTEN = {Cut.WORD: "", Cut.HYPHEN: "-", Cut.EITHER: MAYBE_HYPHEN}


class Vocabulary:
    """The words of a document, and how it writes them.

    Args:
        pages: the lines of each page.
    """

    def __init__(self, pages: Iterable[Iterable[Line]]) -> None:
        self._words: set[str] = set()
        self._pairs: set[tuple[str, str]] = set()
        self._inside: Counter[str] = Counter()
        for lines in pages:
            carried = False
            for line in lines:
                self._learn(line, carried=carried)
                carried = bool(line.cut)

    def _learn(self, line: Line, *, carried: bool) -> None:
        text = line.text
        words = [(match.start(), match.end(), match[0].casefold()) for match in _WORD.finditer(text)]
        for number, (start, end, word) in enumerate(words):
            # The two parts of a word that is cut here are no words yet.
            part = (line.cut and end == len(text)) or (carried and start == 0) or SOFT in text[start - 1 : end + 1]
            if not part:
                self._words.add(word)
            if number and text[start - 1] in HYPHENS and words[number - 1][1] == start - 1:
                self._inside[text[start - 1]] += 1
                self._pairs.add((words[number - 1][2], word))

    def decide(self, before: str, after: str, sign: str) -> Cut:
        """Return what a hyphen between the two parts of a word means.

        Args:
            before: the text that ends with the first part.
            after: the text that begins with the second part.
            sign: the hyphen as it is written.
        """
        first, second = _LAST.search(before), _FIRST.match(after)
        if not first or not second:
            return Cut.HYPHEN  # numbers and codes: « L. 230-5 »
        a, b = first[0].casefold(), second[0].casefold()
        whole, pair = a + b in self._words, (a, b) in self._pairs
        if whole != pair:
            return Cut.WORD if whole else Cut.HYPHEN
        if whole:
            return Cut.EITHER
        in_capitals = first[0].isupper() and second[0].isupper() and len(first[0] + second[0]) > 2
        if second[0][0].isupper() and not in_capitals:
            return Cut.HYPHEN  # « Saint-Denis »
        # Browsers write a sign of their own where they cut words, and no other.
        if sign in {SOFT, "\u2010"} and not self._inside[sign]:
            return Cut.WORD
        return self._by_its_parts(a, b, after[second.end() :])

    def _by_its_parts(self, a: str, b: str, rest: str) -> Cut:
        if b in _PRONOUNS or b == "t":
            asked = (b == "t" and rest.startswith(tuple(HYPHENS))) or (
                a[-1] in "td" and b in {"il", "elle", "on", "ils", "elles"}
            )
            return Cut.HYPHEN if asked else Cut.EITHER
        if a == b and len(a) >= 5:
            return Cut.HYPHEN  # « gagnant-gagnant »
        if a == b or fold(a) in _FIRSTS or a in STOP_WORDS:
            return Cut.EITHER
        if b in _ENDINGS or (
            len(self._words) >= _ENOUGH_WORDS and a not in self._words and b not in self._words and b not in STOP_WORDS
        ):
            return Cut.WORD
        return Cut.EITHER

    def write(self, before: str, after: str, sign: str) -> str:
        """Return what to write between the two parts of a word; arguments as for `decide`."""
        return _WRITTEN[self.decide(before, after, sign)]

    def settle(self, text: str) -> str:
        """Return a line without soft hyphens (`SOFT`): each is removed, or replaced by a hyphen or `MAYBE_HYPHEN`."""
        if SOFT not in text:
            return text
        text = _INSIDE.sub(lambda match: match[1] + self.write(match[1], match[2], SOFT) + match[2], text)
        return text.replace(SOFT, "")
