"""Select the sentences of some resources that answer a question best, without a model.

The site does not use this module: on questions that it was not tuned on, too few of its passages are right (`python -m
bench.passages` prints how many, docs/DOORS.md says why it was left out).

A sentence is worth what a small resource of its length would be: the impacts (BM25 weights of term frequencies) of the
question's words in it, by their idf. Words that stand in the title of its resource, and not in the sentence, count for
a share. What the question asks for decides between sentences of similar worth: a number or a date, yes or no, what
something is. A sentence that shares too little of the question is no answer, so there may be none.

The constants were chosen on the questions of `questions.tsv` marked `work`; those marked `fresh` judge them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from indexer.analysis import Token, fold
from indexer.query.fields import TextField
from indexer.query.highlighting import highlights_in, positive_leaves
from indexer.query.plan import All, Expand, Words
from indexer.query.plan import Sequence as Run
from indexer.query.planner import Planner
from indexer.query.scoring import K1, impact
from indexer.query.snippets import Highlight

SHOWN = 3
"""Largest number of passages that are shown for a question."""

_OF_TITLE = 0.7
"""Share of its idf that a word counts for if it stands in the title of the resource and not in the sentence."""
_ENOUGH, _ENOUGH_IF_SAID = 0.5, 0.3
"""Share of the question's idf that a sentence and the title of its resource must hold for it to be an answer. The
second share is enough if the sentence gives the kind of answer that is asked for.
"""
_OPENING, _HEADING = 1.1, 0.5
"""Factors on the worth of the first sentence of a text, and of one without an end, such as a heading."""
_ENDS = (".", "!", "…", ";")
_PIVOT, _LENGTH = 22.0, 0.6
"""Ordinary length of a sentence in words, and strength of its length normalisation."""
_PER_RANK = 0.03
"""Share of its worth that a sentence loses for each place of its resource in the results."""
_FEWEST_WORDS, _MOST_LETTERS = 4, 600
_PREFIX = 4
"""Number of letters of a prefix: a sentence that has the prefix of no term of the question is not analysed."""

_SENTENCE_END = re.compile(r"[.!?…;][»”\")]*(?<!\b[A-ZÀ-Þ]\.)[\s\u00a0]+(?=[^a-zà-ÿ])|\s*\n\s*")
_SIGN_OF_LIST = re.compile(r"\s*(?:[•●▪■◦‣]\s*|[·*–—-]\s+)?")
_ASKING = frozenset(
    "a-t-il a-t-on combien comment doit-on dois-je dans-quel d-ou est-ce est-il est-on existe-t-il faut-il ou peut-on "
    "peut-il peut-elle peuvent-ils peuvent-elles pourquoi puis-je qu que quel quelle quelles quels qui quoi quand "
    "sont-ils sont-elles y-a-t-il".split()
)
_INVERTED = re.compile(r"-(?:t-)?(?:il|elle|ils|elles|on|ce|je|nous|vous)\b")
_EMPTY = re.compile(
    r"\b(?:(?:y )?a-t-(?:il|on|elle)|combien|comment|pourquoi|quand|quel(?:le)?s?|qui|quoi|ou|que|qu[’']?|"
    r"est-ce(?: que?)?|"
    r"d[’']ou|depuis|temps|il y a|doit|doivent|dois|faut|peut|peuvent|puis|sont|est|etre|existe|encore|"
    r"difference|definition|quantite|nombre|vient|viennent)\b(?:-(?:t-)?(?:il|elle|ils|elles|on|ce|je))?"
)
_NUMBER = re.compile(
    r"\d|\b(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente|quarante|cinquante|soixante|"
    r"cent|cents|mille|millions?|moitie|tiers|quart)\b"
)
_DATE = re.compile(
    r"(?:\b(?:1er|\d{1,2}) )?\b(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)"
    r"(?: \d{4})?\b|\b(?:19|20)\d\d\b(?!\s*(?:€|euros))|\barticles? [a-z]*\.? ?[\d-]+"
)
"""Matches dates, years and articles of laws, whose numbers do not answer « combien »."""
_GOES_ON = re.compile(r"(?:ils?|elles?|cel(?:a|ui|le)-ci|ce(?:tte|s|t)? delai|ce(?:tte|t)? duree)\b")
"""Matches the beginning of a sentence that refers to something named in the sentence before."""
_YES_NO = re.compile(r"(?:oui|non)\b")
_DEFINING = re.compile(
    r"\b(?:est|sont) (?:un|une|le|la|l[’']|des|les|du|ce)\b|\bdesigne|\bpermet|\bc[’']est\b|\bconsiste|\bon appelle\b"
)


_FOR_NUMBER = re.compile(
    r"\b(?:combien|quel(?:le)?s? (?:(?:est|sont) (?:le|la|les|l[’'])? ?)?(?:duree|part|surface|age|taux|"
    r"delai|montant|prix|cout|preavis|nombre|plafond|seuil|pourcentage|salaire|tarif)s?)\b"
)

_FOR_DATE = re.compile(r"\bquand\b|\ben quelle annee\b|\bquelle (?:est la )?date\b")


class Wanted(Enum):
    """The kind of answer that a question asks for."""

    ANYTHING = "anything"
    NUMBER = "number"
    DATE = "date"
    YES_OR_NO = "yes or no"
    DEFINITION = "definition"


_SAID: Mapping[Wanted, float] = {
    Wanted.ANYTHING: 1.0,
    Wanted.NUMBER: 1.0,
    Wanted.DATE: 1.0,
    Wanted.YES_OR_NO: 1.6,
    Wanted.DEFINITION: 1.4,
}
"""Factor on the worth of a sentence that gives the kind of answer that is asked for. A question for a number or a date
has no factor, since only sentences that hold a number can answer it.
"""

Leaf = Words | Run | Expand
Part = tuple[Leaf, ...]
"""A part of a question, usually a word: its alternatives, such as a word and its synonyms."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query that is a question, taken apart.

    Attributes:
        words: the query without the words that only ask, such as « combien » or « est-ce que ».
        wanted: the kind of answer that it asks for.
    """

    words: str
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Source:
    """A text in which an answer may stand.

    Attributes:
        rank: place of its resource in the results, from 0.
        resource: id of the resource.
        title: title of the resource.
        text: the text.
        document: number of the publication, or None for a text of the resource itself.
        page: number of the page, or None.
        spans: start and end of each stretch of the text to read, which leaves out headers and footers of pages; None to
            read the whole text.
    """

    rank: int
    resource: str
    title: str
    text: str
    document: int | None = None
    page: int | None = None
    spans: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A sentence that answers a question.

    Attributes:
        source: the text in which it stands.
        start, end: its offsets in that text.
        highlights: the words of the question in it, with offsets in the whole text.
        worth: how well it answers; larger is better.
    """

    source: Source
    start: int
    end: int
    highlights: tuple[Highlight, ...]
    worth: float


def question(query: str) -> Question | None:
    """Return the question that a query asks, or None if it is not a question."""
    folded = fold(query).strip()
    first = re.split(r"[\s’']+", folded, maxsplit=1)[0]
    asks = folded.endswith("?") or first in _ASKING or bool(_INVERTED.search(folded))
    if not asks or '"' in query or "«" in query or ":" in query:
        return None
    return Question(_without_asking(query), _wanted(folded))


def _without_asking(query: str) -> str:
    """Return the query without words that only ask. Each word is folded by itself, since folding may move offsets."""
    kept = []
    for word in re.split(r"\s+", query.replace("?", " ")):
        bare = fold(word).strip()
        if bare and not _EMPTY.fullmatch(bare):
            kept.append(_INVERTED.sub("", word))
    return " ".join(kept)


def _wanted(folded: str) -> Wanted:
    if _FOR_DATE.search(folded):
        return Wanted.DATE
    if _FOR_NUMBER.search(folded):
        return Wanted.NUMBER
    if re.search(r"qu[’' ]?est-ce qu|\bdefinition\b|c[’']est quoi|\bqu[’']est-ce\b", folded):
        return Wanted.DEFINITION
    open_ = re.match(
        r"(?:a |de |d[’']|dans |en |par |pour |depuis )*(?:qui|que|qu[’']|quoi|quel|ou|comment|pourquoi)", folded
    )
    return Wanted.YES_OR_NO if _INVERTED.search(folded) and not open_ else Wanted.ANYTHING


def parts_of(asked: Question, planner: Planner) -> tuple[Part, ...]:
    """Return the parts of a question, usually one for each word; sentences are searched for them."""
    return _parts(asked.words, planner)


def words_of(asked: Question, planner: Planner) -> tuple[tuple[str, tuple[Part, ...]], ...]:
    """Return each word of a question with the parts it gives, so that a caller can count the resources that hold it."""
    return tuple((word, _parts(word, planner)) for word in asked.words.split())


def _parts(text: str, planner: Planner) -> tuple[Part, ...]:
    strict = planner.read(text).planned.strict
    children = strict.children if isinstance(strict, All) else (strict,)
    return tuple(part for child in children if (part := tuple(positive_leaves(child))))


def answers(
    asked: Question, sources: Iterable[Source], planner: Planner, idfs: Mapping[Part, float]
) -> tuple[Answer, ...]:
    """Return the sentences that answer a question best, best first; none if nothing does.

    Args:
        asked: the question.
        sources: the texts to read, by rank of their resources.
        planner: analyses texts, with the synonyms that the engine used.
        idfs: idf of each part of the question.
    """
    parts = _Parts.of(idfs)
    if parts.total <= 0:
        return ()
    found: dict[str, Answer] = {}
    titles: dict[str, frozenset[int]] = {}
    for source in sources:
        if source.resource not in titles:
            titles[source.resource] = frozenset(parts.counts(TextField.TITLE, planner.analyzer.tokens(source.title))[0])
        for answer in _read(asked, source, titles[source.resource], planner, parts):
            said = " ".join(fold(source.text[answer.start : answer.end]).split())
            if said not in found or found[said].worth < answer.worth:
                found[said] = answer
    best = sorted(found.values(), key=lambda one: (-one.worth, one.source.rank, one.start))
    return tuple(best[:SHOWN])


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a question, numbered from 0.

    Attributes:
        leaves: the alternatives of all parts (words, phrases or patterns of the query plan), one part after the other.
        part_of: for each leaf, the number of its part.
        idfs: idf of each part.
        hint: finds, in folded text, something that a leaf may match.
    """

    leaves: tuple[Leaf, ...]
    part_of: tuple[int, ...]
    idfs: tuple[float, ...]
    hint: re.Pattern[str]

    @classmethod
    def of(cls, idfs: Mapping[Part, float]) -> _Parts:
        leaves = tuple(leaf for part in idfs for leaf in part)
        part_of = tuple(number for number, part in enumerate(idfs) for _ in part)
        return cls(leaves, part_of, tuple(idfs.values()), _hint(leaves))

    @property
    def total(self) -> float:
        return sum(self.idfs)

    def counts(self, field: TextField, tokens: Sequence[Token]) -> tuple[dict[int, int], tuple[Highlight, ...]]:
        """Return how often each part occurs in a text, by the number of the part, and where the parts occur."""
        marks = highlights_in(self.leaves, field, tokens)
        counts: dict[int, int] = {}
        for mark in marks:
            number = self.part_of[mark.group]
            counts[number] = counts.get(number, 0) + 1
        return counts, marks


def _hint(leaves: Sequence[Words | Run | Expand]) -> re.Pattern[str]:
    """Return a pattern that finds, in folded text, something that one of the leaves may match."""
    terms = set()
    for leaf in leaves:
        if isinstance(leaf, Words):
            terms.update(leaf.terms)
        elif isinstance(leaf, Run):
            terms.update(term for item in leaf.items for term in item)
    starts = {re.escape(term[:_PREFIX]) for term in terms if term}
    return re.compile("|".join(sorted(starts)) or r"(?!)")


def _read(
    asked: Question, source: Source, in_title: frozenset[int], planner: Planner, parts: _Parts
) -> Iterator[Answer]:
    field = TextField.BODY if source.document is None else TextField.PUBLICATION
    opening, before = True, frozenset[int]()
    for start, end in _sentences(source):
        text = source.text[start:end]
        folded = fold(text)
        factor, opening = _OPENING if opening else 1.0, False
        goes_on, held = before if _GOES_ON.match(folded) else frozenset[int](), before
        before = frozenset()
        if len(text) > _MOST_LETTERS or not (goes_on or parts.hint.search(folded)):
            continue
        tokens = planner.analyzer.tokens(text)
        counts, marks = parts.counts(field, tokens)
        before = frozenset(counts) | (held if goes_on else frozenset())
        says = _says(asked.wanted, folded)
        if asked.wanted in {Wanted.NUMBER, Wanted.DATE} and not says:
            continue
        if len(tokens) < _FEWEST_WORDS or not (counts or (goes_on and says)) or folded.rstrip().endswith(("?", ":")):
            continue
        carried = sum(parts.idfs[number] for number in counts)
        lent = sum(parts.idfs[number] for number in (in_title | goes_on) - counts.keys())
        if carried + lent < (_ENOUGH_IF_SAID if says else _ENOUGH) * parts.total:
            continue
        norm = K1 * (1 - _LENGTH + _LENGTH * len(tokens) / _PIVOT)
        worth = sum(parts.idfs[number] * impact(1.0, times, norm) for number, times in counts.items())
        worth = (worth + _OF_TITLE * lent) * factor * (1 - _PER_RANK * source.rank)
        worth *= _SAID[asked.wanted] if says else 1.0
        worth *= 1.0 if folded.rstrip('»”" )').endswith(_ENDS) else _HEADING
        moved = tuple(Highlight(one.start + start, one.end + start, one.group) for one in marks)
        yield Answer(source, start, end, moved, worth)


def _says(wanted: Wanted, folded: str) -> bool:
    """Return whether a sentence, folded, gives the kind of answer that is asked for."""
    match wanted:
        case Wanted.DATE:
            return _NUMBER.search(folded) is not None
        case Wanted.NUMBER:
            return _NUMBER.search(_DATE.sub(" ", folded)) is not None
        case Wanted.YES_OR_NO:
            return _YES_NO.match(folded) is not None
        case Wanted.DEFINITION:
            return _DEFINING.search(folded) is not None
    return False


def _sentences(source: Source) -> Iterator[tuple[int, int]]:
    for first, last in source.spans or ((0, len(source.text)),):
        place = first
        for end in [*(one.end() for one in _SENTENCE_END.finditer(source.text, first, last)), last]:
            opening = _SIGN_OF_LIST.match(source.text, place, end)
            start, stop = opening.end() if opening else place, place + len(source.text[place:end].rstrip())
            if start < stop:
                yield start, stop
            place = end
