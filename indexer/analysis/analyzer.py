"""The French analyzer: every step of the analysis in order.

    text → chunks → runs (cleaned) → elision → acronyms, codes, inclusive forms, prefixes, ordinals,
    plain words → tokens

Index and query go through the same chain. A query word `q` matches a text word `w` if and only if
`set(q.asked) & set(w.terms)` is not empty.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from indexer.analysis import acronyms, codes, elision, inclusive, ordinals, prefixes, references, stopwords, terms
from indexer.analysis.capitals import in_heading
from indexer.analysis.families import APART, TOGETHER
from indexer.analysis.folding import fold
from indexer.analysis.irregular import IRREGULAR, UNCHANGED
from indexer.analysis.normalization import RUN, clean
from indexer.analysis.stemming import STEMMER_VERSION
from indexer.analysis.token import Token, Word
from indexer.analysis.tokenizer import CHUNKS, LetterRun, cut
from indexer.analysis.verbs import INFINITIVES, NOT_VERBS

# Increment with every change to the analyzer's output or to `sort_form`: indexes of another version are rebuilt.
VERSION = 5
MAX_CACHED_CHUNKS = 1_000_000
_LONGEST_CACHED = 100
PLAIN_CHUNK = re.compile("[a-zß-öø-ÿœ]+")
_SURE_SIGNS = frozenset({"·", "(", ")", "(-"})
_UNSURE_SIGNS = frozenset({".", "-", "/"})

Piece = tuple[Word, int, int]
Pieces = tuple[Piece, ...]


class Analyzer:
    """French analysis. One object may be used by several threads."""

    def __init__(self) -> None:
        # Cached for each chunk: its pieces, and its pieces in a heading if they differ.
        self._chunks: dict[str, tuple[Pieces, Pieces | None]] = {}
        self._words: dict[tuple[str, ...], Word] = {}
        self.fingerprint = hashlib.sha256(
            repr(
                (
                    VERSION,
                    STEMMER_VERSION,
                    sorted(stopwords.STOP_WORDS),
                    sorted(prefixes.PREFIXES),
                    sorted(IRREGULAR.items()),
                    sorted(UNCHANGED),
                    sorted(APART.items()),
                    TOGETHER,
                    sorted(INFINITIVES.items()),
                    sorted(NOT_VERBS),
                )
            ).encode()
        ).hexdigest()[:16]

    def tokens(self, text: str) -> list[Token]:
        """Analyse a text.

        Args:
            text: a text or a query, in any Unicode normalization form.

        Returns:
            Tokens in order, one per position; offsets refer to `text` as given.
        """
        found: list[Token] = []
        add, known, new = found.append, self._chunks.get, tuple.__new__
        position = 0
        for match in CHUNKS.finditer(text):
            chunk = match[0]
            pieces, ordinary = known(chunk) or self._learn(chunk)
            offset = match.start()
            if ordinary is not None and in_heading(text, offset, match.end()):
                pieces = ordinary
            for word, start, end in pieces:
                add(new(Token, (word, position, offset + start, offset + end)))
                position += 1
        if not found:
            # Only elided words ("l'"): keep them, as a query of stop words alone is kept.
            for match in RUN.finditer(text):
                word = terms.plain_word(clean(match[0]).lower())
                add(Token(word, len(found), match.start(), match.end()))
        return found

    def forget(self) -> None:
        """Empty the caches, for benchmarks."""
        self._chunks.clear()
        self._words.clear()

    @property
    def cached_chunks(self) -> int:
        """Number of chunks in the cache, at most `MAX_CACHED_CHUNKS`."""
        return len(self._chunks)

    def _learn(self, chunk: str) -> tuple[Pieces, Pieces | None]:
        ordinary: Pieces | None = None
        lower = chunk.lower()
        if PLAIN_CHUNK.fullmatch(chunk):  # a shortcut for most chunks (one word, no acronym), same result
            pieces: Pieces = ((self._plain(chunk), 0, len(chunk)),)
        else:
            pieces = self._analyse(chunk)
        if lower != chunk and len(lower) == len(chunk) and any(acronyms.is_acronym(run.text) for run in cut(chunk)):
            ordinary = self._analyse(lower)
        if max(len(self._chunks), len(self._words)) >= MAX_CACHED_CHUNKS:
            self.forget()
        if len(chunk) > _LONGEST_CACHED:
            return pieces, ordinary
        return self._chunks.setdefault(chunk, (pieces, ordinary))

    def _word(self, kind: str, make: Callable[[], Word], *key: str) -> Word:
        """Return the word cached under `kind` (the step that makes it) and `key`; the first time, `make` makes it."""
        known = self._words.get((kind, *key))
        return known if known is not None else self._words.setdefault((kind, *key), make())

    def _plain(self, text: str) -> Word:
        lower = text.lower()
        if acronyms.is_acronym(text) and lower not in stopwords.FOLDED_STOP_WORDS:
            letters = text.removesuffix("s")
            return self._word("acronym", lambda: terms.acronym_word(letters), letters)
        ordinal = ordinals.ordinal_terms(text)
        if ordinal:
            return self._word("ordinal", lambda: terms.ordinal_word(ordinal, lower), lower)
        forms = inclusive.contracted_forms(lower)
        if forms:
            return self._word("forms", lambda: terms.word_of_forms(forms), *forms)
        return self._word("plain", lambda: terms.plain_word(lower), lower)

    def _analyse(self, chunk: str) -> Pieces:
        reference = references.read(chunk)
        if reference is not None:
            return self._referred(reference)
        runs = cut(chunk)
        pieces: list[Piece] = []
        index = 0
        while index < len(runs):
            taken, made = self._step(runs, index)
            pieces.extend(made)
            index += taken
        return tuple(pieces)

    def _referred(self, reference: references.Reference) -> Pieces:
        """Return the word of a reference with its offsets, or nothing for the "n°" before a number."""
        if not reference.terms:
            return ()
        stop = reference.introduces
        make = partial(terms.reference_word, reference.terms, stop=stop)
        word = self._word("introduction" if stop else "reference", make, reference.terms[0])
        return ((word, reference.start, reference.end),)

    def _step(self, runs: Sequence[LetterRun], index: int) -> tuple[int, Sequence[Piece]]:
        """Analyse what begins at a run of letters; return the number of runs read, and their words with offsets."""
        run = runs[index]
        if run.after == "'":
            if elision.is_elided(run.text):
                return 1, ()
            if index + 1 < len(runs):
                return self._apostrophes(runs, index)
        for read in (self._dotted, self._code, self._inclusive, self._prefixed):
            taken, made = read(runs, index)
            if taken:
                return taken, made
        return 1, ((self._plain(run.text), run.start, run.end),)

    def _apostrophes(self, runs: Sequence[LetterRun], index: int) -> tuple[int, Sequence[Piece]]:
        """Analyse a word with an apostrophe inside ("aujourd'hui", "O'Brien"). The result is as for `_step`."""
        last = index + 1
        while last + 1 < len(runs) and runs[last].after == "'":
            last += 1
        parts = [run.text.lower() for run in runs[index : last + 1]]
        exact, end = "'".join(parts), parts[-1]

        def make() -> Word:
            joined = terms.plain_word("".join(parts))
            whole = Word(joined.terms, joined.asked, exact, joined.forms, stopwords.is_stop_word(exact))
            return whole if whole.stop or len(end) < 4 else terms.joined_word(whole, terms.plain_word(end))

        return last + 1 - index, ((self._word("apostrophe", make, exact), runs[index].start, runs[last].end),)

    def _dotted(self, runs: Sequence[LetterRun], index: int) -> tuple[int, Sequence[Piece]]:
        """Analyse an acronym with signs ("S.C.I.C.", "R&D"). The result is as for `_step`; 0 runs if there is none."""
        last = index
        while (
            last < len(runs)
            and len(runs[last].text) == 1
            and runs[last].text.isalpha()
            and (last == index or runs[last].sign in {".", "&"})
        ):
            last += 1
        if last - index < 2:
            return 0, ()
        letters = fold("".join(run.text for run in runs[index:last])).upper()
        word = self._word("acronym", lambda: terms.acronym_word(letters), letters)
        return last - index, ((word, runs[index].start, runs[last - 1].end),)

    def _code(self, runs: Sequence[LetterRun], index: int) -> tuple[int, Sequence[Piece]]:
        """Analyse a date, a law number, a decimal or a host name. The result is as for `_step`; 0 runs for none."""
        end = codes.number_end(runs, index)
        if end - index < 2:
            end = codes.host_end(runs, index)
        if end - index < 2:
            return 0, ()
        parts = runs[index:end]
        apart = codes.is_period(parts)
        made = []
        for run, longer in zip(parts, codes.wholes(parts), strict=True):
            asked = None if apart or not longer else longer[-1]
            make = partial(terms.word_with, self._plain(run.text), longer, asked)
            made.append((self._word("code", make, run.text, *longer), run.start, run.end))
        return end - index, made

    def _marks(self, runs: Sequence[LetterRun], index: int) -> tuple[int, tuple[str, ...]]:
        """Look for an inclusive form at a run; return the number of runs it takes and its surface forms (empty if there
        is none).
        """
        base = runs[index].text
        if not base.isalpha():
            return 0, ()
        for count in (4, 3, 2, 1):
            marks = runs[index + 1 : index + 1 + count]
            if len(marks) < count or any(
                not (mark.text.isupper() if base.isupper() else mark.text.islower()) for mark in marks
            ):
                continue
            signs = {mark.sign for mark in marks}
            if not signs <= _SURE_SIGNS | _UNSURE_SIGNS | {")("}:
                continue
            texts = tuple(mark.text.lower() for mark in marks)
            sure = not signs <= _UNSURE_SIGNS
            forms = inclusive.inclusive_forms(base.lower(), texts, sure=sure)
            if not forms and [mark.sign for mark in marks] == ["(", ")"]:
                forms = inclusive.bracketed_forms(base.lower(), *texts)
            if forms and not (texts == ("s",) and "/" in signs):  # "km/s"
                return count + 1, forms
        return 0, ()

    def _inclusive(self, runs: Sequence[LetterRun], index: int) -> tuple[int, Sequence[Piece]]:
        """Analyse an inclusive form ("élu·e·s"). The result is as for `_step`; 0 runs if there is none."""
        taken, forms = self._marks(runs, index)
        if not taken:
            return 0, ()
        word = self._word("forms", lambda: terms.word_of_forms(forms), *forms)
        return taken, ((word, runs[index].start, runs[index + taken - 1].closed),)

    def _prefixed(self, runs: Sequence[LetterRun], index: int) -> tuple[int, Sequence[Piece]]:
        """Analyse a word with a prefix ("co-construction", "co-président·e·s", "(ré)emploi", "micro entreprise"). The
        result is as for `_step`; 0 runs if there is none.
        """
        if index + 1 == len(runs):
            return 0, ()
        prefix, following = runs[index].text.lower(), runs[index + 1]
        if following.after == "'" or not prefixes.is_prefix(prefix, following.sign, following.text):
            return 0, ()
        taken, forms = self._marks(runs, index + 1)
        parts = forms or (following.text.lower(),)

        def make() -> Word:
            joined = terms.word_of_forms(tuple(prefix + part for part in parts))
            return terms.joined_word(joined, terms.word_of_forms(parts), prefix)

        last = runs[index + max(taken, 1)]
        end = last.closed if taken else last.end
        return max(taken, 1) + 1, ((self._word("prefix", make, prefix, *parts), runs[index].start, end),)


@lru_cache(maxsize=1)
def default_analyzer() -> Analyzer:
    """Return the analyzer that the process shares."""
    return Analyzer()
