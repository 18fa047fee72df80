"""Completion, the same for every engine: what is completed, to what, and which slips are forgiven.

A text is a completion if every typed word begins one of its words. Texts that begin with what was typed come first,
then those in which the typed words follow one another, then those that have them in any order. If there is none, one
typed word may be one edit away from the beginning of a word (`may_slip`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from indexer.analysis import fold

SLIP_FROM = 4
"""Number of letters from which a slip (one edit) in a typed word is forgiven; shorter words are close to too many."""
MAX_WORDS = 12
"""Largest number of typed words that are read; further ones are ignored."""
MAX_LETTERS = 40
"""Largest number of letters of a typed word in which a slip (one edit) is forgiven."""

WORD = re.compile(r"[^\W_]+")
"""Matches a word of a text that may be a completion. Underscores separate words, since names of files often have them
for spaces.
"""


class CompletionKind(StrEnum):
    """What a completion leads to: the resources of a theme, a resource, a publication of one, or a search."""

    THEME = "theme"
    RESOURCE = "resource"
    DOCUMENT = "document"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class Completion:
    """A completion of a prefix.

    Attributes:
        text: what people read: the name of the theme or publication, the title of the resource, the words to search.
        kind: what it leads to.
        count: number of resources with the theme that the reader sees; None for other kinds.
        resource: id of the resource, or of the one that the publication belongs to, else None.
        document: number of the publication in its resource, else None.
    """

    text: str
    kind: CompletionKind
    count: int | None = None
    resource: str | None = None
    document: int | None = None


def completion_words(text: str) -> list[str]:
    """Return the folded words of a text that may be a completion, or of what was typed."""
    return [word for word in map(folded_word, WORD.findall(text)) if word]


def folded_word(word: str) -> str:
    """Fold a word, removing any character that could be taken for a space or line feed."""
    return "".join(WORD.findall(fold(word)))


def completion_line(title: str) -> str:
    """Return the folded words of a text that may be a completion, each preceded by a space, then a line feed."""
    return "".join(" " + folded_word(word) for word in WORD.findall(title)) + "\n"


def may_slip(word: str) -> bool:
    """Return whether a slip (one edit) in a typed word is forgiven; never in a number, as 2023 is no slip for 2024."""
    return SLIP_FROM <= len(word) <= MAX_LETTERS and word.isascii() and word.isalpha()


@dataclass(frozen=True, slots=True)
class Candidates:
    """The completions of each kind, best first.

    Attributes:
        phrases: words found in several titles, and titles that several resources have.
        themes, resources, documents: the names of themes, titles of resources and names of publications.
    """

    phrases: tuple[Completion, ...] = ()
    themes: tuple[Completion, ...] = ()
    resources: tuple[Completion, ...] = ()
    documents: tuple[Completion, ...] = ()


def chosen(candidates: Candidates, limit: int) -> tuple[Completion, ...]:
    """Return at most `limit` completions, grouped by kind: themes, phrases, resources, documents.

    Each kind but resources has a quota, so that none crowds out the others; kinds that have more fill places left over.
    """
    groups = [candidates.themes, _without(candidates.phrases, candidates.themes), candidates.resources]
    groups.append(candidates.documents)
    counts = [0] * len(groups)
    quotas = (max(limit // 4, 1), max(limit * 3 // 8, 1), limit, max(limit // 4, 1))
    # Publications take their places before resources, which would leave them none.
    for number in (0, 1, 3, 2):
        counts[number] = max(min(quotas[number], len(groups[number]), limit - sum(counts)), 0)
    for number in (3, 1, 0):
        counts[number] += min(len(groups[number]) - counts[number], limit - sum(counts))
    return tuple(one for group, count in zip(groups, counts, strict=True) for one in group[:count])


def _without(phrases: tuple[Completion, ...], themes: tuple[Completion, ...]) -> tuple[Completion, ...]:
    """Return the phrases that are not also the name of a theme."""
    named = {tuple(completion_words(theme.text)) for theme in themes}
    return tuple(phrase for phrase in phrases if tuple(completion_words(phrase.text)) not in named)
