"""Lexer: splits a typed query into tokens: words, phrases, fields, brackets, operators.

Queries are often titles that people paste, so punctuation means something only where it cannot be ordinary French:
a hyphen only before a word, a bracket only apart from a word (« élu(e)s » is one), ``?`` never at the end of a word.
One pass with a look-ahead of a few characters at most, so that time is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum, auto
from typing import NamedTuple

from indexer.analysis import fold


class TokenKind(IntEnum):
    """The kind of a query token. An IntEnum, because hashing an integer is faster and kinds are looked up in sets."""

    WORD = auto()
    PHRASE = auto()
    PREFIX = auto()
    WILDCARD = auto()
    FIELD = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    MINUS = auto()
    PLUS = auto()
    OPEN = auto()
    CLOSE = auto()
    NOTHING = auto()
    """Text to ignore, such as punctuation; a sign or a field typed right before it is ignored too."""
    END = auto()


class QueryToken(NamedTuple):
    """One element of a query.

    Attributes:
        kind: what it is.
        text: what it stands for: a word without escapes and outer punctuation, a phrase without quotes, or a field's
            name.
        source: the text as typed, for messages.
        glued: whether it follows the prefix before it (``-``, ``+`` or a field) without a space.
        slop: number of extra positions that a phrase may span.
        closed: whether a phrase has its closing quote.
    """

    kind: TokenKind
    text: str = ""
    source: str = ""
    glued: bool = False
    slop: int = 0
    closed: bool = True


YEAR = "year"
"""Name of the year field, whose values become a `YearRange`."""

TERRITORY = "territory"
"""Name of the field of territories, whose values become an `InTerritory`."""

FIELD_ALIASES = {
    "titre": "title",
    "title": "title",
    "resume": "summary",
    "summary": "summary",
    "texte": "body",
    "body": "body",
    "type": "type",
    "theme": "theme",
    "publication": "publication",
    "publications": "publication",
    "annee": YEAR,
    "year": YEAR,
    "date": YEAR,
    "territoire": TERRITORY,
    "territoires": TERRITORY,
    "territory": TERRITORY,
}
"""Name of the field in query trees, by each folded name that may be typed before a colon."""

OPERATORS = {
    "ET": TokenKind.AND,
    "AND": TokenKind.AND,
    "OU": TokenKind.OR,
    "OR": TokenKind.OR,
    "SAUF": TokenKind.NOT,
    "NON": TokenKind.NOT,
    "NOT": TokenKind.NOT,
}
MAX_SLOP = 100
EMPTY_PHRASE = '""'
STAR = "*"
"""Text of a `NOTHING` token read from wildcards without a letter; `EMPTY_PHRASE` is that of one read from quotes
without a word.
"""

_CHOICE = frozenset({"OU", "OR"})
_OPERATOR_KINDS = frozenset(OPERATORS.values())
_PREFIXES = frozenset({TokenKind.MINUS, TokenKind.PLUS, TokenKind.FIELD})
_SIGNS = {"-": TokenKind.MINUS, "+": TokenKind.PLUS}
_STRAIGHT = '"“”„‟'
_ANGLED = "«»"
_QUOTES = _STRAIGHT + _ANGLED
_PUNCTUATION = ",;:!…[]{}|"
_LEADING = re.compile(rf"(?:[{re.escape(_PUNCTUATION)}¿¡'’]|\.\.+)*")
_FIELD = re.compile(r"([^\W\d_]{4,12}):")
_ADDRESS = re.compile(r"(?:https?://|www\.)(?=\w)", re.IGNORECASE)
_INCLUSIVE = re.compile(r"\([-.·]?[^\W\d_]{1,6}(?:[-.·][^\W\d_])?\)")
_INNER_MARKS = re.compile(r"(?:^|(?<=a))\?+(?=a)")
_WORDS_ALONE = re.compile("[A-Za-zÀ-ÖØ-öø-ÿŒœ]+(?: [A-Za-zÀ-ÖØ-öø-ÿŒœ]+)*")
_PLAIN = re.compile(r"[^\W\d_]+(?=\s|$)")
"""Matches a word made of letters only."""
_SLOP = re.compile(r"~([0-9]*)")


def clean(text: str) -> str:
    """Normalise a typed query.

    Args:
        text: anything.

    Returns:
        NFC text without outer spaces, control and format characters (bidirectional marks, soft hyphens) or surrogates.
    """
    if text.isprintable():  # nothing to remove, and no space but the ordinary one
        return unicodedata.normalize("NFC", text).strip()
    kept = (" " if char.isspace() else char for char in text)
    return unicodedata.normalize("NFC", "".join(char for char in kept if unicodedata.category(char)[0] != "C")).strip()


def words_alone(text: str) -> tuple[list[str], bool]:
    """Return the words of a query of plain words, and whether OU joins them all; no words for any other query.

    Args:
        text: as typed.
    """
    words = text.split(" ") if _WORDS_ALONE.fullmatch(text) else []
    if OPERATORS.keys().isdisjoint(words):
        return words, False
    asked, between = words[::2], words[1::2]
    choice = len(words) % 2 == 1 and set(between) <= _CHOICE and OPERATORS.keys().isdisjoint(asked)
    return (asked, True) if choice and not text.isupper() else ([], False)


def has_content(text: str) -> bool:
    """Return whether a text holds a letter or a digit."""
    return any(map(str.isalnum, text))


def tokenize(text: str) -> list[QueryToken]:
    """Split a clean text into tokens.

    Args:
        text: as `clean` returns it.

    Returns:
        Tokens in order, brackets and operators wherever they were typed, `TokenKind.END` last.
    """
    tokens: list[QueryToken] = []
    at, prefix_end = 0, -1
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        plain = _PLAIN.match(text, at)
        if plain is not None and at != prefix_end:  # a shortcut for most words, with the same result
            word, at = plain[0], plain.end()
            tokens.append(QueryToken(OPERATORS.get(word, TokenKind.WORD), word, word))
            continue
        token, end = _next(text, at)
        if token is not None:
            glued = at == prefix_end
            if glued and token.kind in _OPERATOR_KINDS:
                token = token._replace(kind=TokenKind.WORD)  # in « titre:ET », ET is a word
            tokens.append(token._replace(source=text[at:end], glued=glued))
            prefix_end = end if token.kind in _PREFIXES else -1
        at = end
    tokens.append(QueryToken(TokenKind.END))
    return _read_capitals(tokens) if text.isupper() else tokens


def _next(text: str, at: int) -> tuple[QueryToken | None, int]:
    """Return the token that begins at `at`, or None for punctuation without meaning, and the offset of its end."""
    char = text[at]
    if char == "(":
        return QueryToken(TokenKind.OPEN), at + 1
    if char == ")":
        return QueryToken(TokenKind.CLOSE), at + 1
    if char == "»":
        return QueryToken(TokenKind.NOTHING, char), at + 1
    if char in _QUOTES:
        return _phrase(text, at)
    if char in _SIGNS:
        return _sign(text, at)
    named = _FIELD.match(text, at)
    if named is not None:
        name = FIELD_ALIASES.get(fold(named[1]))
        if name is not None:
            return QueryToken(TokenKind.FIELD, name), named.end()
    return _word(text, at)


def _sign(text: str, at: int) -> tuple[QueryToken | None, int]:
    """Read a hyphen or plus outside a word: it is an operator only after a space or bracket and directly before its
    operand.
    """
    char = text[at]
    end = at + 1
    while end < len(text) and text[end] == char:
        end += 1
    free = at == 0 or text[at - 1].isspace() or text[at - 1] in "(-+:"
    bears = end < len(text) and not text[end].isspace() and text[end] != ")"
    if end == at + 1 and free and bears:
        return QueryToken(_SIGNS[char]), end
    return None, end


def _phrase(text: str, at: int) -> tuple[QueryToken, int]:
    """Read a phrase up to a quote of the same family or the end; other quotes inside it become spaces."""
    family = _STRAIGHT if text[at] in _STRAIGHT else _ANGLED
    chars: list[str] = []
    end, closed = at + 1, False
    while end < len(text) and not closed:
        char = text[end]
        if char == "\\" and end + 1 < len(text):
            end += 1
            char = text[end]
        elif char in family:
            closed = True
        chars.append(" " if char in _QUOTES or char == "\\" else char)
        end += 1
    slop = _SLOP.match(text, end) if closed else None
    if slop is not None:
        end = slop.end()
    words = unicodedata.normalize("NFC", " ".join("".join(chars).split()))
    if not has_content(words):
        return QueryToken(TokenKind.NOTHING, EMPTY_PHRASE, closed=closed), end
    # Four digits are enough to exceed the limit, and keep int() cheap.
    distance = min(int(slop[1][:4] or 0), MAX_SLOP) if slop is not None else 0
    return QueryToken(TokenKind.PHRASE, words, slop=distance, closed=closed), end


def _word(text: str, at: int) -> tuple[QueryToken, int]:
    """Read a word with its apostrophes, hyphens, and brackets of inclusive writing, or an address."""
    if _ADDRESS.match(text, at):
        return _address(text, at)
    chars: list[str] = []
    # One code for each character: "*" and "?" may be wildcards, "a" is a letter or digit, "." anything else.
    shape: list[str] = []
    end, escaped = at, False
    while end < len(text):
        char = text[end]
        if char.isspace() or char in _QUOTES or char == ")":
            break
        if char == "(":
            inclusive = _INCLUSIVE.match(text, end)
            if inclusive is None or not _same_word(chars, inclusive[0]):
                break
            chars += inclusive[0]
            shape += ["."] * len(inclusive[0])
            end = inclusive.end()
            continue
        if char == "\\":
            end += 1
            escaped = True
            if end == len(text) or text[end].isspace():
                break
            char = text[end]
            shape.append("a" if char.isalnum() else ".")
        else:
            shape.append("a" if char.isalnum() else char if char in "*?" else ".")
        chars.append(char)
        end += 1
    typed = "".join(chars)
    if not escaped and typed in OPERATORS:
        return QueryToken(OPERATORS[typed], typed), end
    if typed.endswith(("'", "’")) and end < len(text) and text[end] in _QUOTES:
        return QueryToken(
            TokenKind.NOTHING, typed
        ), end  # in « l'"économie sociale" » the article before the phrase is dropped
    return _classify(typed, "".join(shape)), end


def _same_word(before: list[str], bracket: str) -> bool:
    """Return whether a bracket such as « (e) » continues the word whose characters are `before`.

    Capitals after a small letter do not: « loi(ESS) » is two words.
    """
    letter = before[-2:][0] if before[-1:] == [")"] else "".join(before[-1:])
    return letter.isalpha() and (bracket.islower() or letter.isupper())


def _address(text: str, at: int) -> tuple[QueryToken, int]:
    """Read a web address, up to a final full stop or a closing bracket without its opening one."""
    end, depth = at, 0
    while end < len(text) and not text[end].isspace() and text[end] not in _QUOTES and text[end] != "\\":
        depth += (text[end] == "(") - (text[end] == ")")
        if depth < 0:
            break
        end += 1
    return QueryToken(TokenKind.WORD, text[at:end].rstrip(_PUNCTUATION + "?.")), end


def _classify(typed: str, shape: str) -> QueryToken:
    """Return the token of a word, prefix or wildcard.

    Args:
        typed: the word without its backslashes.
        shape: for each character "*" or "?" if it may be a wildcard, "a" for a letter or digit, "." for anything else.
    """
    starred = "*" in shape
    if starred:
        active = {at for at, sign in enumerate(shape) if sign in "*?"}
    else:
        # « ? » at the end of a word is punctuation: _INNER_MARKS requires a letter after it.
        active = {at for run in _INNER_MARKS.finditer(shape) for at in range(*run.span())}
    if not active:
        word = unicodedata.normalize("NFC", _trim(typed))
        return QueryToken(TokenKind.WORD if has_content(word) else TokenKind.NOTHING, word)
    kept = (char for at, char in enumerate(typed) if at in active or char not in "*?")
    pattern = re.sub(r"\*\*+", "*", unicodedata.normalize("NFC", _trim("".join(kept), pattern=True)))
    if not has_content(pattern):
        return QueryToken(TokenKind.NOTHING, STAR)
    if pattern.endswith("*") and "*" not in pattern[:-1] and "?" not in pattern:
        return QueryToken(TokenKind.PREFIX, pattern[:-1])
    return QueryToken(TokenKind.WILDCARD, pattern)


def _trim(word: str, *, pattern: bool = False) -> str:
    """Strip punctuation from both ends; an acronym keeps its last full stop, a pattern its wildcards."""
    found = _LEADING.match(word)
    leading = found[0] if found is not None else ""
    word = word[len(leading) :]
    # A final apostrophe marks an elision (« l' »), unless another one opens the word.
    quoted = leading.endswith(("'", "’"))
    body = word.rstrip(_PUNCTUATION + ("." if pattern else ".?") + ("'’" if quoted else ""))
    if not pattern and body[-2:-1] == "." and word[len(body) :].startswith("."):
        return body + "."  # S.C.I.C.
    return body


def trim(word: str) -> str:
    """Return a word as it would be read if it were typed alone; used after a text was cut."""
    return _trim(word)


def _read_capitals(tokens: list[QueryToken]) -> list[QueryToken]:
    """Read « ET » and « OU » as ordinary words in a sentence all in capitals.

    « SCIC OU SCOP » must stay a disjunction: a sentence has three words or more, one of them longer than any acronym.
    Any other syntax of the query language (quotes, brackets, fields, wildcards) shows that operators are meant.
    """
    words = [token.source for token in tokens if token.kind is TokenKind.WORD]
    sentence = (
        len(words) >= 3
        and all(token.kind in _OPERATOR_KINDS | {TokenKind.WORD, TokenKind.NOTHING, TokenKind.END} for token in tokens)
        and not any(char.islower() for word in words for char in word)
        and any(sum(map(str.isupper, word)) >= 6 for word in words)
    )
    if not sentence:
        return tokens
    return [token._replace(kind=TokenKind.WORD) if token.kind in _OPERATOR_KINDS else token for token in tokens]
