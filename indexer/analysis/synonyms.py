"""Synonyms: acronyms and their expansions, from the program's file `synonyms.txt` and the site's own file."""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.analysis.analyzer import Analyzer
from indexer.analysis.token import Token, Word
from indexer.errors import SettingsError
from indexer.storage.os_errors import reason_of

_log = logging.getLogger(__name__)

SYNONYMS_FILE = Path(__file__).with_name("synonyms.txt")
_MOST_STOP_WORDS = 4  # allowed between two words of an expression, as in "pour le développement de la"
_FileState = tuple[int, int, int]
"""Modification time (ns), inode and size of a file."""
_REFUSED: _FileState = (-1, -1, -1)
"""State of a file that the system refuses to show; the file may well exist."""


class SynonymsError(SettingsError):
    """The file of synonyms has lines that cannot be used.

    Args:
        path: the file.
        faults: line number (0 for the whole file) and French sentence of every fault.
    """

    def __init__(self, path: Path, faults: Sequence[tuple[int, str]]) -> None:
        lines = [f"ligne {line} : {what}" if line else what for line, what in faults]
        state = "est à corriger" if any(line for line, _ in faults) else "ne peut pas être utilisé"
        super().__init__(f"Le fichier de synonymes {path} {state}. " + " ".join(lines))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class SynonymMatch:
    """A span of a query that other expressions may replace.

    Attributes:
        first: index of its first token.
        last: index of its last token, inclusive.
        alternatives: the other expressions, analysed; positions count from 0 in each.
    """

    first: int
    last: int
    alternatives: tuple[tuple[Token, ...], ...]


@dataclass(frozen=True, slots=True)
class _SynonymRule:
    """An expression to recognise, and the expressions that may replace it.

    Attributes:
        words: words that must follow one another.
        loose: whether stop words may occur between them.
        capitals: whether it is recognised only in capitals.
        alternatives: the expressions it may be replaced by.
    """

    words: tuple[Word, ...]
    loose: bool
    capitals: bool
    alternatives: tuple[tuple[Token, ...], ...]


def _meets(asked: Word, known: Word) -> bool:
    return not set(asked.asked).isdisjoint(known.terms)


class Synonyms:
    """Rules of synonymy, ready to be applied to analysed queries."""

    def __init__(self, rules: Iterable[_SynonymRule], fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self._rules = tuple(rules)
        self._by_first_term: dict[str, list[_SynonymRule]] = defaultdict(list)
        for rule in self._rules:
            for term in rule.words[0].terms:
                self._by_first_term[term].append(rule)
        self._terms = {
            term
            for rule in self._rules
            for words in (rule.words, *((token.word for token in alternative) for alternative in rule.alternatives))
            for word in words
            for term in word.terms
        }

    @classmethod
    def load(cls, path: Path, analyzer: Analyzer) -> Synonyms:
        """Read a file of synonyms.

        Args:
            path: the file, UTF-8.
            analyzer: what its expressions are analysed with.

        Returns:
            The rules.

        Raises:
            SynonymsError: the file cannot be read, or lines of it are wrong; all are reported at once.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise SynonymsError(
                path, [(0, f"Il est introuvable ou illisible {reason_of(error).then('vérifiez son chemin')}.")]
            ) from error
        except UnicodeDecodeError as error:
            raise SynonymsError(path, [(0, "Il doit être enregistré en UTF-8.")]) from error
        return cls.read(text, analyzer, path)

    @classmethod
    def read(cls, text: str, analyzer: Analyzer, path: Path) -> Synonyms:
        """Parse the text of a file of synonyms.

        Args:
            text: lines in the format that the head of `synonyms.txt` explains.
            analyzer: what its expressions are analysed with.
            path: the file that the text comes from, for error messages.

        Raises:
            SynonymsError: lines of it are wrong; all are reported at once.
        """
        rules: list[_SynonymRule] = []
        faults: list[tuple[int, str]] = []
        for number, line in enumerate(text.splitlines(), start=1):
            content = line.split("#", 1)[0].strip()
            if content:
                made = _read_line(content, analyzer)
                if isinstance(made, str):
                    faults.append((number, made))
                else:
                    rules.extend(made)
        if faults:
            raise SynonymsError(path, faults)
        return cls(rules, hashlib.sha256(f"{analyzer.fingerprint}\n{text}".encode()).hexdigest()[:16])

    def holds(self, word: Word) -> bool:
        """Return whether a word occurs in any expression."""
        return not self._terms.isdisjoint(word.asked)

    def plus(self, other: Synonyms) -> Synonyms:
        """Return the rules of these synonyms and of `other` together."""
        return Synonyms((*self._rules, *other._rules), f"{self.fingerprint}+{other.fingerprint}")

    def matches(self, tokens: Sequence[Token]) -> list[SynonymMatch]:
        """Find the expressions of a query that have synonyms.

        Args:
            tokens: an analysed query, or a part of one.

        Returns:
            Matches in order, without overlaps; where several overlap, the longest.
        """
        found = []
        first = 0
        while first < len(tokens):
            match = self._longest(tokens, first)
            if match is None:
                first += 1
            else:
                found.append(match)
                first = match.last + 1
        return found

    def _longest(self, tokens: Sequence[Token], first: int) -> SynonymMatch | None:
        ends: dict[int, dict[tuple[Word, ...], tuple[Token, ...]]] = {}
        for term in tokens[first].word.asked:
            for rule in self._by_first_term.get(term, ()):
                last = _end_of(rule, tokens, first)
                if last is not None:
                    known = ends.setdefault(last, {})
                    for alternative in rule.alternatives:
                        known.setdefault(tuple(token.word for token in alternative), alternative)
        if not ends:
            return None
        last = max(ends)
        return SynonymMatch(first, last, tuple(ends[last].values()))


def _end_of(rule: _SynonymRule, tokens: Sequence[Token], first: int) -> int | None:
    """Return the index of the last token of a rule's match that begins at index `first`; None if it does not match."""
    if rule.capitals and not tokens[first].word.asked[0].isupper():
        return None
    at = first
    for number, word in enumerate(rule.words):
        if number:
            at += 1
            skipped = 0
            while (
                rule.loose
                and at < len(tokens)
                and tokens[at].word.stop
                and not _meets(tokens[at].word, word)
                and skipped < _MOST_STOP_WORDS
            ):
                at += 1
                skipped += 1
        if at >= len(tokens) or not _meets(tokens[at].word, word):
            return None
    return at


def _read_line(content: str, analyzer: Analyzer) -> list[_SynonymRule] | str:
    """Return the rules of one line, or a French sentence on what is wrong with it."""
    sides = content.split("=>")
    if len(sides) > 2:
        return "une seule flèche « => » par ligne."
    groups = [[expression.strip() for expression in side.split("=")] for side in sides]
    expressions = [expression for group in groups for expression in group]
    if len(expressions) < 2:
        return "écrivez deux expressions séparées par « = » ou « => »."
    if not all(expressions):
        return "il manque une expression avant ou après le signe."
    analysed = {expression: tuple(analyzer.tokens(expression.removeprefix("!"))) for expression in expressions}
    for expression, tokens in analysed.items():
        if not tokens:
            return f"« {expression} » ne contient aucun mot."
    if len({tuple(token.word for token in tokens) for tokens in analysed.values()}) < len(expressions):
        return "la même expression y est écrite deux fois."
    rules = []
    for expression in groups[0]:
        targets = groups[1] if len(groups) == 2 else [other for other in groups[0] if other != expression]
        words = tuple(token.word for token in analysed[expression])
        content_words = tuple(word for word in words if not word.stop)
        # If only one word is not a stop word, the stop words belong to the expression: "sur mesure" is not just
        # "mesure".
        loose = len(content_words) > 1
        rules.append(
            _SynonymRule(
                words=content_words if loose else words,
                loose=loose,
                capitals=expression.startswith("!"),
                alternatives=tuple(analysed[target] for target in targets),
            )
        )
    return rules


class WatchedSynonyms:
    """The program's synonyms and the site's own, reloaded whenever the site's file changes.

    Args:
        analyzer: what expressions are analysed with.
        own: the site's file, in the format of `synonyms.txt`; it need not exist. None uses the program's synonyms
            alone.

    Raises:
        SynonymsError: a file has lines that cannot be used.
    """

    def __init__(self, analyzer: Analyzer, own: Path | None = None) -> None:
        self._analyzer, self._own = analyzer, own
        self._base = Synonyms.load(SYNONYMS_FILE, analyzer)
        self._logged = ""
        self._seen = self._look()
        self._synonyms = self._load()

    @property
    def synonyms(self) -> Synonyms:
        """The current synonyms. If the file has become faulty, this is logged and the previous synonyms stay in use."""
        seen = self._look()
        if seen != self._seen:
            before, self._seen = self._seen, seen
            try:
                self._synonyms = self._load()
            except SynonymsError as error:
                if str(error) != self._logged:
                    self._logged = str(error)
                    _log.error("synonymes inchangés: %s", error)
                if isinstance(error.__cause__, OSError):  # the next query tries again
                    self._seen = before
        return self._synonyms

    def with_own(self, text: str) -> Synonyms:
        """Return the synonyms that would be used if the site's file held this text.

        Raises:
            SynonymsError: some lines of it are wrong.
        """
        return self._base.plus(Synonyms.read(text, self._analyzer, self._own or SYNONYMS_FILE))

    def _look(self) -> _FileState | None:
        if self._own is None:
            return None
        try:
            stat = self._own.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            return _REFUSED
        return stat.st_mtime_ns, stat.st_ino, stat.st_size

    def _load(self) -> Synonyms:
        if self._own is None or self._seen is None:
            return self._base
        return self._base.plus(Synonyms.load(self._own, self._analyzer))
