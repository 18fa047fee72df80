"""Unparse: turns a query tree back into text, for filter chips, corrections and addresses.

`parse(to_text(tree)).tree == tree` for every tree that `parse` returns.
"""

from __future__ import annotations

from indexer.query.ast import And, InTerritory, Not, Or, Phrase, Prefix, Term, Tree, Wildcard, YearRange
from indexer.query.lexer import QueryToken, TokenKind, tokenize

FIELD_LABELS = {
    "title": "titre",
    "summary": "resume",
    "body": "texte",
    "type": "type",
    "theme": "theme",
    "publication": "publication",
}
"""French name under which each field of a tree is written in queries."""

_SPECIAL = frozenset('\\"“”„‟«»()*?:')


def to_text(tree: Tree | None) -> str:
    """Return a tree as a query.

    Args:
        tree: as `parse` returns it; None is the empty query.

    Returns:
        Text that `parse` reads as the same tree, with French operators, and no more brackets or escapes than needed.
    """
    if tree is None:
        return ""
    if isinstance(tree, And) and all(isinstance(child, Term) and child.field is None for child in tree.children):
        return _plain_words(tree)
    if isinstance(tree, And):
        # The brackets are not needed, but make « (SCIC OU SCOP) ESS » easier to read.
        written = [(child, _loose(child)) for child in tree.children]
        text = " ".join(f"({part})" if isinstance(child, Or) and "(" not in part else part for child, part in written)
    else:
        text = _loose(tree)
    return _guard(text)


def words(tree: Tree | None) -> tuple[str, ...]:
    """Return the words that a query searches for in texts.

    Args:
        tree: as `parse` returns it.

    Returns:
        Words and words of phrases, as typed and in that order, without excluded words, types and themes.
    """
    if isinstance(tree, And | Or):
        return tuple(word for child in tree.children for word in words(child))
    if isinstance(tree, Term | Phrase) and tree.field not in {"type", "theme"}:
        return tuple(tree.text.split())
    return ()


def _plain_words(tree: And) -> str:
    """Return plain words as text: separated by spaces if relaxable, joined by ET if all are required."""
    texts = [child.text for child in tree.children if isinstance(child, Term)]
    if not tree.relaxable:
        return _guard(" ET ".join(map(_loose, tree.children)))
    # « ET » needs no backslash in a sentence in capitals, where it is a word.
    bare = " ".join(texts)
    if [(token.kind, token.text) for token in tokenize(bare)[:-1]] == [(TokenKind.WORD, text) for text in texts]:
        return bare
    return " ".join(map(_loose, tree.children))


def _guard(text: str) -> str:
    """Add brackets if the operators would otherwise be read as words of a sentence in capitals."""
    operators = {TokenKind.AND, TokenKind.OR}
    meant = any(token.kind in operators for token in tokenize(f"({text})"))
    return f"({text})" if meant and not any(token.kind in operators for token in tokenize(text)) else text


def _loose(tree: Tree) -> str:
    """Return the text of a tree where several items may follow one another: at the root or inside brackets."""
    if isinstance(tree, And):
        return " ".join(map(_loose, tree.children))
    if isinstance(tree, Or):
        return " OU ".join(map(_chain, tree.children))
    return _item(tree)


def _chain(tree: Tree) -> str:
    """Return the text of a tree as an operand of OU. ET binds tighter and needs no brackets, so that the text never
    nests deeper than what was typed.
    """
    return " ET ".join(map(_item, tree.children)) if isinstance(tree, And) else _item(tree)


def _item(tree: Tree, sign: str = "") -> str:
    if isinstance(tree, Not):
        return _item(tree.child, "-")
    if isinstance(tree, And | Or):
        return f"{sign}({_loose(tree)})"
    if isinstance(tree, YearRange):
        return f"{sign}annee:{_years(tree)}"
    if isinstance(tree, InTerritory):
        return f"{sign}territoire:aucun" if tree.name is None else f'{sign}territoire:"{tree.name}"'
    sign += "" if tree.field is None else f"{FIELD_LABELS[tree.field]}:"
    if isinstance(tree, Phrase):
        return f'{sign}"{tree.text}"' + (f"~{tree.slop}" if tree.slop else "")
    if isinstance(tree, Prefix):
        return sign + _written(QueryToken(TokenKind.PREFIX, tree.text), tree.text + "*", sign)
    if isinstance(tree, Wildcard):
        return sign + _written(QueryToken(TokenKind.WILDCARD, tree.pattern), tree.pattern, sign)
    return sign + _written(QueryToken(TokenKind.WORD, tree.text), tree.text, sign)


def _written(token: QueryToken, raw: str, sign: str) -> str:
    """Return `raw`, a word or pattern, if the lexer reads it after `sign` (a sign or a field, or nothing) as the same
    token; else with backslashes.
    """
    # The bracket after it checks that the word also ends in the right place when it is the last of a group.
    read = tokenize(f"{sign}{raw})")[-3:-1]
    if [(found.kind, found.text) for found in read] == [(token.kind, token.text), (TokenKind.CLOSE, "")]:
        return raw
    wild = "" if token.kind is TokenKind.WORD else "*?"
    return "".join(
        "\\" + char if char not in wild and (at == 0 or char in _SPECIAL) else char for at, char in enumerate(raw)
    )


def _years(years: YearRange) -> str:
    if years.low is None and years.high is None:
        return "aucune"
    if years.low == years.high:
        return str(years.low)
    return f"{years.low or ''}..{years.high or ''}"
