"""Parser: turns what a person types into a query tree, with messages but never an error.

    items      one after the other: all must match          solidarité (loi OU décret) -2014
    choice     chain OU chain …                             SCIC OU SCOP ESS  =  (SCIC OU SCOP) ESS
    chain      item ET item …, binds tighter than OU        a ET b OU c  =  (a ET b) OU c
    item       -, +, SAUF or a field, then its operand       -titre:"tiers-lieux"
    element    word  "phrase"  "phrase"~5  coop*  terr*re  ( items )

What makes no sense is ignored with a message. Recursion is bounded by `MAX_DEPTH`, work by `MAX_TYPED`.
"""

from __future__ import annotations

import re

from indexer.analysis import fold
from indexer.query import lexer
from indexer.query.ast import And, InTerritory, Not, Or, ParsedQuery, Phrase, Prefix, Term, Tree, Wildcard, YearRange
from indexer.query.lexer import TERRITORY, YEAR, QueryToken, TokenKind
from indexer.territories import gazetteer, name_key

MAX_CHARACTERS = 500
"""Largest number of characters of words and phrases in a query. Punctuation of the query language does not count, so
that the text of any tree (`unparse.to_text`) is short enough to be parsed again.
"""

MAX_TYPED = 4_000
"""Number of characters read; the rest of the query is ignored."""

MAX_CLAUSES = 40
"""Largest number of words and years in a query, including those in phrases and compounds."""

MAX_PATTERNS = 8
"""Largest number of wildcards, each of which may match a large part of the index."""

MAX_LOOSE_WORDS = 12
"""Largest number of words in all phrases with a distance, which are costly: occurrences of each word are compared with
those of the next.
"""

MAX_DEPTH = 20
MAX_MESSAGES = 10
MIN_LETTERS = 2
"""Smallest number of letters of a wildcard; fewer would match too large a part of the index."""

_RUN = re.compile(r"[^\W_]+")
_PART = re.compile(r"[\w*?]+")
_PREFIXES = frozenset({TokenKind.FIELD, TokenKind.MINUS, TokenKind.PLUS, TokenKind.NOT})
_JOINTS = frozenset({TokenKind.AND, TokenKind.OR})
_NO_YEAR = frozenset({"aucun", "aucune", "sans", "none"})
_NO_TERRITORY = _NO_YEAR
_LONGEST_TERRITORY = 100
_RANGE = re.compile(r"([0-9]{4})?(?:\.\.|[-–])([0-9]{4})?")
_BOUND = re.compile(r"(>=|<=|>|<|≥|≤)?([0-9]{4})")

UNCLOSED_QUOTE = "Un guillemet n’est pas fermé\u00a0: la phrase cherchée va jusqu’à la fin de la demande."
STRAY_QUOTE = "Un guillemet fermant a été ignoré\u00a0: rien ne l’ouvre."
EMPTY_QUOTES = "Des guillemets vides ont été ignorés\u00a0: écrivez entre eux les mots à trouver côte à côte."
STARRED_PHRASE = "L’étoile a été ignorée entre guillemets\u00a0: elle ne sert que dans un mot seul."
UNCLOSED_BRACKET = "Une parenthèse n’est pas fermée\u00a0: elle l’est à la fin de la demande."
STRAY_BRACKET = "Une parenthèse fermante a été ignorée\u00a0: rien ne l’ouvre."
EMPTY_BRACKETS = "Des parenthèses vides ont été ignorées\u00a0: écrivez entre elles les mots à regrouper."
DEEP_BRACKETS = (
    f"Les parenthèses imbriquées au-delà de {MAX_DEPTH} niveaux ont été ignorées\u00a0: simplifiez la demande."
)
LONE_JOINT = "«\u00a0{}\u00a0» a été ignoré\u00a0: placez-le entre deux mots, ou en minuscules s’il s’agit d’un mot."
LONE_NOT = "«\u00a0{}\u00a0» a été ignoré\u00a0: faites-le suivre du mot à écarter."
LONE_FIELD = "«\u00a0{}\u00a0» a été ignoré\u00a0: faites-le suivre, sans espace, de ce qu’il faut y chercher."
_LONE = {TokenKind.AND: LONE_JOINT, TokenKind.OR: LONE_JOINT, TokenKind.NOT: LONE_NOT, TokenKind.FIELD: LONE_FIELD}
BAD_TERRITORY = (
    "Le territoire «\u00a0{}\u00a0» a été ignoré\u00a0: écrivez le nom officiel ou le code d’une région, "
    "d’un département, d’une intercommunalité ou d’une commune, "
    'par exemple territoire:bretagne ou territoire:"rennes métropole".'
)
BAD_YEAR = "L’année «\u00a0{}\u00a0» a été ignorée\u00a0: écrivez par exemple annee:2020 ou annee:2020..2024."
TOO_WIDE = f"«\u00a0{{}}\u00a0» a été ignoré, car trop large\u00a0: donnez au moins {MIN_LETTERS} lettres."
TOO_LONG = f"La demande dépasse {MAX_CHARACTERS} caractères\u00a0: la fin a été ignorée, raccourcissez-la."
TOO_MANY = f"La demande compte plus de {MAX_CLAUSES} mots\u00a0: les suivants ont été ignorés, raccourcissez-la."
TOO_MANY_PATTERNS = (
    f"La demande compte plus de {MAX_PATTERNS} mots à étoile ou à point d’interrogation\u00a0: "
    "les suivants ont été ignorés, raccourcissez-la."
)
TOO_MANY_LOOSE = (
    f'Les expressions à distance, comme "a b"~5, comptent ensemble plus de {MAX_LOOSE_WORDS} mots\u00a0: '
    "les suivantes ont été ignorées."
)
NO_WORD = "Cette demande ne contient aucun mot à chercher\u00a0: écrivez-en au moins un."


def parse(text: str) -> ParsedQuery:
    """Parse a query.

    Args:
        text: as typed; it may hold anything.

    Returns:
        The tree, None for an empty query, and a French sentence on each thing that was ignored. Nothing is raised.
    """
    words, choice = lexer.words_alone(text)
    if words and len(text) <= MAX_CHARACTERS and len(words) <= MAX_CLAUSES:  # a shortcut with the same result
        terms = tuple([Term(word) for word in words])
        if len(terms) == 1:
            return ParsedQuery(terms[0], ())
        return ParsedQuery(Or(terms) if choice else And(terms, relaxable=True), ())
    notes = _Messages()
    typed = lexer.clean(text[:MAX_TYPED])
    tokens = lexer.tokenize(typed)
    reader = _Parser(_Tidier(notes).tidy(tokens), notes)
    tree = reader.read()
    if text[MAX_TYPED:].strip():
        notes.add(TOO_LONG)
    # Stars alone match everything, as an empty query does.
    wordless = tree is None and not lexer.has_content(typed) and not set(typed) <= {" ", lexer.STAR}
    if wordless:
        notes.add(NO_WORD)
    return ParsedQuery(tree, tuple(notes.sentences), wordless)


class _Messages:
    """Messages in order, each once, each with a short quotation of what was typed."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def add(self, sentence: str, source: str = "") -> None:
        """Add a message, in which `source` replaces ``{}``."""
        short = source if len(source) <= 40 else source[:39] + "…"
        sentence = sentence.format(short) if source else sentence
        if sentence not in self.sentences and len(self.sentences) < MAX_MESSAGES:
            self.sentences.append(sentence)


class _Tidier:
    """Removes operators and brackets without an operand, so that the parser needs no error recovery."""

    def __init__(self, notes: _Messages) -> None:
        self.notes = notes
        self.kept: list[QueryToken] = []
        self.opened: list[bool] = []  # whether each open bracket was kept

    def tidy(self, tokens: list[QueryToken]) -> list[QueryToken]:
        """Tidy a whole query.

        Args:
            tokens: from the lexer, `TokenKind.END` last.

        Returns:
            Tokens in which brackets are balanced, not empty and nested at most `MAX_DEPTH` deep; ET and OU have an item
            on each side; and the operand of a field or negation follows it directly. `TokenKind.END` is last.
        """
        for token in tokens[:-1]:
            self.add(token)
        if self.opened:
            self.notes.add(UNCLOSED_BRACKET)
        while self.opened:
            self.close()
        self.shed(_PREFIXES | _JOINTS)
        return [*self.kept, tokens[-1]]

    @property
    def last(self) -> TokenKind:
        return self.kept[-1].kind if self.kept else TokenKind.OPEN

    def add(self, token: QueryToken) -> None:
        if token.kind is TokenKind.NOTHING:
            self.pass_over(token)
        elif token.kind is TokenKind.OPEN:
            self.open(token)
        elif token.kind is TokenKind.CLOSE and not self.opened:
            self.notes.add(STRAY_BRACKET)
        elif token.kind is TokenKind.CLOSE:
            self.close()
        elif token.kind in _JOINTS:
            self.shed(_PREFIXES)
            self.keep(token, unless=_JOINTS | {TokenKind.OPEN})
        elif token.kind is TokenKind.NOT:
            self.keep(token, unless=frozenset({TokenKind.NOT, TokenKind.MINUS}))
        else:
            if not token.closed:
                self.notes.add(UNCLOSED_QUOTE)
            self.kept.append(token)

    def keep(self, token: QueryToken, *, unless: frozenset[TokenKind]) -> None:
        """Keep an operator; drop it with a message if the last token kept is of one of the kinds `unless`."""
        if self.last in unless:
            self.notes.add(_LONE[token.kind], token.source)
        else:
            self.kept.append(token)

    def pass_over(self, token: QueryToken) -> None:
        empty = token.text == lexer.EMPTY_PHRASE
        if empty or token.text == "»":
            self.notes.add(EMPTY_QUOTES if empty else STRAY_QUOTE)
        # The « - » of « -& mot » must not exclude the word that follows.
        if empty or token.glued:
            self.shed(_PREFIXES)

    def open(self, token: QueryToken) -> None:
        # No bracket beyond the limit is kept, so the kept ones are exactly those within it.
        fits = len(self.opened) < MAX_DEPTH
        self.opened.append(fits)
        if fits:
            self.kept.append(token)
        else:
            self.notes.add(DEEP_BRACKETS)
            self.shed(_PREFIXES)

    def close(self) -> None:
        if not self.opened.pop():
            return
        self.shed(_PREFIXES | _JOINTS)
        if self.last is TokenKind.OPEN:
            self.kept.pop()
            self.notes.add(EMPTY_BRACKETS)
            self.shed(_PREFIXES)
        else:
            self.kept.append(QueryToken(TokenKind.CLOSE))

    def shed(self, kinds: frozenset[TokenKind]) -> None:
        """Remove operators of the given kinds from the end of the tokens kept so far."""
        while self.kept and self.kept[-1].kind in kinds:
            token = self.kept.pop()
            if token.kind in _LONE:
                self.notes.add(_LONE[token.kind], token.source)


class _Parser:
    """A recursive-descent parser of tidy tokens. Each method parses one level, and returns None if it is empty."""

    def __init__(self, tokens: list[QueryToken], notes: _Messages) -> None:
        self.tokens = tokens
        self.notes = notes
        self.at = 0
        self.plain = True  # whether only plain words were met so far
        self.clauses = 0
        self.patterns = 0
        self.loose_words = 0
        self.room = MAX_CHARACTERS

    @property
    def kind(self) -> TokenKind:
        return self.tokens[self.at].kind

    def take(self) -> QueryToken:
        self.at += 1
        return self.tokens[self.at - 1]

    def read(self) -> Tree | None:
        tree = self.items(None)
        return And(tree.children, relaxable=True) if isinstance(tree, And) and self.plain else tree

    def items(self, field: str | None) -> Tree | None:
        found = []
        while self.kind not in {TokenKind.CLOSE, TokenKind.END}:
            found.append(self.choice(field))
        return _together(found)

    def choice(self, field: str | None) -> Tree | None:
        found = [self.chain(field)]
        while self.kind is TokenKind.OR:
            self.take()
            self.plain = False
            found.append(self.chain(field))
        return _either(found)

    def chain(self, field: str | None) -> Tree | None:
        found = [self.item(field)]
        while self.kind is TokenKind.AND:
            self.take()
            self.plain = False
            found.append(self.item(field))
        return _together(found)

    def item(self, field: str | None) -> Tree | None:
        negated = False
        while self.kind in _PREFIXES:
            token = self.take()
            self.plain = False
            if token.kind is TokenKind.FIELD:
                field = token.text
            elif token.kind is not TokenKind.PLUS:
                negated = True
        if self.kind is TokenKind.OPEN:
            self.take()
            node = self.items(field)
            self.take()
        else:
            node = self.element(self.take(), field)
        if node is None or not negated:
            return node
        return node.child if isinstance(node, Not) else Not(node)

    def element(self, token: QueryToken, field: str | None) -> Tree | None:
        if self.clauses >= MAX_CLAUSES:
            self.notes.add(TOO_MANY)
            return None
        node: Tree | None
        if field == YEAR:
            node = self.year(token)
        elif field == TERRITORY:
            node = self.territory(token)
        else:
            node = self.text(token, field)
        self.plain = self.plain and (node is None or isinstance(node, Term))
        return node

    def year(self, token: QueryToken) -> YearRange | None:
        years = _read_years(token.text if token.kind is TokenKind.PHRASE else token.source)
        if years is None:
            self.notes.add(BAD_YEAR, token.source)
        else:
            self.clauses += 1
        return years

    def territory(self, token: QueryToken) -> InTerritory | None:
        text = " ".join(token.text.split())
        if fold(text) in _NO_TERRITORY and token.kind is TokenKind.WORD:
            self.clauses += 1
            return InTerritory(None)
        name = text if token.kind in {TokenKind.WORD, TokenKind.PHRASE} and len(text) <= _LONGEST_TERRITORY else ""
        codes = gazetteer().named(name)
        if not codes:
            self.notes.add(BAD_TERRITORY, token.source)
            return None
        self.clauses += 1
        return InTerritory(name_key(name), codes)

    def text(self, token: QueryToken, field: str | None) -> Tree | None:
        if token.kind is TokenKind.WORD and len(token.text) <= self.room and token.text.isalpha():
            # A shortcut for the common case of a single plain word, with the same result.
            self.room -= len(token.text)
            self.clauses += 1
            return Term(token.text, field)
        if token.kind in {TokenKind.PREFIX, TokenKind.WILDCARD} and sum(map(str.isalnum, token.text)) < MIN_LETTERS:
            self.notes.add(TOO_WIDE, token.source)
            return None
        text = self.fit(token)
        if not text or self.passes(token.kind, text, token.slop):
            return None
        self.clauses += max(1, len(_RUN.findall(text)))
        if token.kind is TokenKind.PHRASE:
            if "*" in text:
                self.notes.add(STARRED_PHRASE)
            return Phrase(text, token.slop, field)
        if token.kind is TokenKind.PREFIX:
            return Prefix(text, field)
        return Wildcard(text, field) if token.kind is TokenKind.WILDCARD else Term(text, field)

    def passes(self, kind: TokenKind, text: str, slop: int) -> bool:
        """Count a wildcard, or the words of a phrase with a distance (`slop`, not 0), and return whether the query
        now has too many; a message is added then.
        """
        if kind in {TokenKind.PREFIX, TokenKind.WILDCARD}:
            self.patterns += len(_PART.findall(text))
            if self.patterns > MAX_PATTERNS:
                self.notes.add(TOO_MANY_PATTERNS)
                return True
        words = len(_RUN.findall(text))
        if kind is TokenKind.PHRASE and slop and words > 1:
            self.loose_words += words
            if self.loose_words > MAX_LOOSE_WORDS:
                self.notes.add(TOO_MANY_LOOSE)
                return True
        return False

    def fit(self, token: QueryToken) -> str:
        """Return the part of a token's text that fits the limits, cut between words unless the first word alone is too
        long.
        """
        text = token.text
        if len(text) > self.room:
            self.notes.add(TOO_LONG)
            first = self.room == MAX_CHARACTERS
            cut = text.rfind(" ", 0, self.room + 1)
            text = text[: cut if cut > 0 else self.room if first else 0]
            if token.kind in {TokenKind.PREFIX, TokenKind.WILDCARD}:
                text = ""
            elif token.kind is TokenKind.WORD:
                text = lexer.trim(text)
            self.room = 0
        else:
            self.room -= len(text)
        runs = list(_RUN.finditer(text))
        left = MAX_CLAUSES - self.clauses
        if len(runs) > left:
            self.notes.add(TOO_MANY)
            # A pattern is never cut: part of it would mean something else.
            text = "" if token.kind in {TokenKind.PREFIX, TokenKind.WILDCARD} else text[: runs[left - 1].end()]
        return text if lexer.has_content(text) else ""


def _together(found: list[Tree | None]) -> Tree | None:
    """Return the conjunction of some trees, with nested conjunctions flattened."""
    flat: list[Tree] = []
    for node in found:
        if node is not None:
            flat += node.children if isinstance(node, And) else (node,)
    return flat[0] if len(flat) == 1 else And(tuple(flat)) if flat else None


def _either(found: list[Tree | None]) -> Tree | None:
    """Return the disjunction of some trees, with nested disjunctions flattened."""
    flat: list[Tree] = []
    for node in found:
        if node is not None:
            flat += node.children if isinstance(node, Or) else (node,)
    return flat[0] if len(flat) == 1 else Or(tuple(flat)) if flat else None


def _read_years(source: str) -> YearRange | None:
    """Return the years that a field value denotes (a year, a range, a bound, or « aucune »); None if it is none of
    these.

    Args:
        source: the value as typed.
    """
    value = fold(source.strip(",;:!?")).replace("…", "..")
    value = value.replace("...", "..")
    if value in _NO_YEAR:
        return YearRange(None, None)
    bound = _BOUND.fullmatch(value)
    if bound is not None:
        sign, year = bound[1] or "", int(bound[2])
        low, high = {
            "": (year, year),
            ">": (year + 1, None),
            "<": (None, year - 1),
            ">=": (year, None),
            "≥": (year, None),
            "<=": (None, year),
            "≤": (None, year),
        }[sign]
    else:
        span = _RANGE.fullmatch(value)
        if span is None or span[0] in {"..", "-", "–"}:
            return None
        low, high = (int(end) if end else None for end in span.groups())
        if low is not None and high is not None:
            low, high = min(low, high), max(low, high)
    if any(end is not None and not 1000 <= end <= 9999 for end in (low, high)):
        return None
    return YearRange(low, high)
