"""Inclusive writing: "acteur·rice·s" stands for acteur, actrice, acteurs and actrices at one position.

The rules say which ending of a masculine takes which mark (the letters after a sign), and how the feminine is formed.
They follow morphology rather than a list of words: "professionnel.les" is inclusive, since -el doubles its l; in
"territoire.les" the full stop lacks its space, since no word in -e takes "les". Full stop, hyphen and slash have other
uses too: after them, marks that are also words ("le", "se", "ne", "elle") are accepted only after certain masculines.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class _InclusiveRule(NamedTuple):
    """The rule by which one ending becomes feminine.

    Attributes:
        ending: what the masculine ends with.
        cut: how many letters of the ending are removed.
        marks: marks that this ending takes, without their plural s.
        added: what replaces the letters cut.
        doubtful: matches the masculines that are accepted where the sign has other uses, so that the mark may be a word
            after a missing space; None accepts all.
    """

    ending: re.Pattern[str]
    cut: int
    marks: frozenset[str]
    added: str
    doubtful: re.Pattern[str] | None


def _rule(ending: str, cut: int, marks: str, added: str, *, only: str = "", never: str = "") -> _InclusiveRule:
    """Return the rule of an ending; see `_InclusiveRule` for `cut`, `marks` and `added`.

    At most one of `only` and `never` is given: the masculines (a word, or an ending after a hyphen) that alone take, or
    never take, the mark where it may be a word after a missing space.
    """
    listed = "|".join(f".*{word[1:]}" if word[0] == "-" else word for word in (only or never).split())
    doubtful = f"(?:{listed})" if only else f"(?!(?:{listed})$).*"
    return _InclusiveRule(
        re.compile(rf"(?:{ending})$"), cut, frozenset(marks.split()), added, re.compile(doubtful) if listed else None
    )


# The first rule that applies wins, so specific endings come before general ones.
_RULES = (
    _rule("^ce", 0, "tte", "tte"),
    _rule("^copain", 3, "ine e", "ine"),
    _rule("^compagnon", 2, "agne gne ne", "e"),
    _rule("^héros", 1, "ïne oïne", "ïne"),
    _rule("^dieu", 1, "esse sse", "esse"),
    _rule("[td]eur", 3, "rice ice trice drice atrice utrice ctrice itrice", "rice"),
    _rule(
        "eur",
        1,
        "se euse teuse",
        "se",
        never="leur valeur secteur peur coeur cœur soeur sœur fleur chaleur faveur "
        "vigueur rigueur couleur douleur largeur hauteur longueur intérieur extérieur ordinateur moteur",
    ),
    _rule("eur", 3, "esse eresse", "eresse"),
    _rule("eur", 0, "e eure", "e"),
    _rule("er", 2, "ère ere ière iere ére re e", "ère"),
    _rule("er", 2, "euse", "euse"),
    _rule("[eo]ux", 1, "se euse ouse", "se", never="jeux enjeux lieux milieux deux ceux mieux eux yeux feux cieux"),
    _rule("(?:fa|ro)ux", 1, "sse", "sse"),
    _rule("doux", 1, "ce", "ce"),
    _rule("^(?:sous|co)?chef", 0, "fe effe", "fe"),
    _rule("f", 1, "ve ive euve e", "ve"),
    _rule("^grec", 0, "que", "que"),
    _rule("c", 1, "que ïque ique", "que", only="public turc caduc laïc"),
    _rule("^(?:blanc|franc)", 0, "he che", "he"),
    _rule("eau", 2, "elle lle velle le", "lle", only="nouveau beau jumeau"),
    _rule(
        "(?:el|eil|ul|il)",
        0,
        "le",
        "le",
        never="appel rappel hôtel autel cartel cheptel pastel duel sel "
        "miel ciel fiel arc-en-ciel logiciel progiciel didacticiel ludiciel pixel label gel dégel recel -eil -cul -ul "
        "il -il",
    ),
    _rule("el", 0, "elle e", "le"),
    _rule("eil", 0, "eille e", "le"),
    _rule("en", 0, "ne enne", "ne", never="bien rien lien combien soutien maintien entretien examen en"),
    _rule("en", 0, "e", "ne"),
    _rule(
        "on",
        0,
        "ne onne",
        "ne",
        only="bon patron champion espion lion mignon baron breton vigneron bûcheron forgeron wallon piéton",
    ),
    _rule("an", 0, "ne", "ne", only="paysan rouman"),
    _rule("et", 2, "ète", "ète"),
    _rule("(?:et|ot|at)", 0, "te ette otte atte", "te", only="cadet net muet coquet sot chat cet"),
    _rule("s", 0, "se", "se", only="gros bas gras épais las métis"),
    _rule("[^aeiou]re|te|ce|gre|ne|ge|ire|sse", 0, "sse esse", "sse"),
    _rule("[iué]|[bcdghjklmnprstz]", 0, "e", "e"),
    _rule("é", 0, "ée", "e"),
    _rule("i", 0, "ie", "e"),
    _rule("u", 0, "ue", "e"),
)

# Forms that the rules cannot derive: masculine and feminine, singular and plural.
_WHOLE = dict.fromkeys(("tou", "tous", "tout"), ("tout", "toute", "tous", "toutes"))
_NOT_MASCULINE_PLURALS = frozenset({"gros", "gras", "bas", "las", "épais", "métis", "français", "anglais", "suis"})


def _plural(masculine: str) -> str:
    if masculine[-1] in "sxz":
        return masculine
    if masculine.endswith("al"):
        return masculine[:-1] + "ux"
    return masculine + ("x" if masculine.endswith(("eau", "eu")) else "s")


def _feminine(masculine: str, mark: str, *, sure: bool) -> str | None:
    """Return the feminine of a masculine with a mark, or None if no rule accepts the mark. Fewer masculines are
    accepted if the sign before the mark has other uses (not `sure`).
    """
    for rule in _RULES:
        if mark in rule.marks and rule.ending.search(masculine):
            if not sure and rule.doubtful is not None and not rule.doubtful.fullmatch(masculine):
                return None
            return masculine[: len(masculine) - rule.cut] + rule.added
    # A mark that repeats the end of the masculine: "étudiant·ante", "local/ale".
    if len(mark) >= 3 and mark[-1] == "e" and masculine.endswith(mark[:-1]):
        return masculine + "e"
    return None


def _singulars(base: str, *, plural: bool) -> tuple[str, ...]:
    """Return the masculine singulars that the letters before a mark may stand for; with `plural`, these letters may be
    a plural ("élus" in "élus·es").
    """
    if not plural or base[-1] not in "sx" or base in _NOT_MASCULINE_PLURALS:
        return (base,)
    if base.endswith("aux") and not base.endswith("eaux"):
        return (base[:-2] + "l", base[:-1])
    # "lyonnais" and "chinois" are singulars too.
    return (base, base[:-1]) if base.endswith(("ais", "ois")) else (base[:-1], base)


def _feminines(masculine: str, mark: str, *, sure: bool) -> tuple[str, ...]:
    """Return the feminines of a masculine: for "auteur·e", "auteure" as written, and "autrice" to be found too. There
    are none if no rule accepts the mark; `sure` is as for `_feminine`.
    """
    first = _feminine(masculine, mark, sure=sure)
    if first is None:
        return ()
    if mark == "e" and masculine.endswith("eur"):
        other = masculine[:-3] + ("rice" if masculine.endswith(("teur", "deur")) else "euse")
        return (first, other)
    return (first,)


def inclusive_forms(base: str, marks: tuple[str, ...], *, sure: bool) -> tuple[str, ...]:
    """Spell out an inclusive form.

    Args:
        base: letters before the first mark, lower case, accents kept (``"acteur"``).
        marks: letters between and after the signs, lower case (``("rice", "s")``).
        sure: whether the sign has no other use (a middle dot, brackets); False for full stop, hyphen and slash.

    Returns:
        Surface forms, the masculine singular first; empty if the letters are no inclusive form.
    """
    if len(base) < 2:
        return ()
    if len(marks) > 1 and "x" in marks:
        marks = tuple(mark for mark in marks if mark != "x")  # the x of "étudiant·e·x·s" (non-binary) adds no form
    *rest, last = marks
    if not rest and last in ("s", "x"):
        return (base, base + last) if sure or (last == "s" and len(base) > 2) else ()
    plural = last in ("s", "x", "aux")
    if not plural:
        rest.append(last)
    if rest and rest[-1] == "aux" and base.endswith("al"):
        rest.pop()
    if not rest:
        return (base, base[:-1] + "ux") if last == "aux" and base.endswith("al") else ()
    if len(rest) != 1:
        return ()
    mark = rest[0]
    if len(mark) > 1 and mark[-1] == "s":
        plural, mark = True, mark[:-1]
    for masculine in _singulars(base, plural=plural):
        if masculine in _WHOLE and mark in ("e", "te"):
            return _WHOLE[masculine]
        feminines = _feminines(masculine, mark, sure=sure)
        if feminines:
            singulars = (masculine, *feminines)
            plurals = (_plural(masculine), *(feminine + "s" for feminine in feminines))
            return tuple(dict.fromkeys(singulars + plurals))
    return ()


def bracketed_forms(base: str, inserted: str, tail: str) -> tuple[str, ...]:
    """Spell out letters in brackets inside a word: "doi(ven)t" is "doit" and "doivent".

    Empty if a part is too long or too short.

    Args:
        base: letters before the brackets, lower case.
        inserted: letters inside the brackets.
        tail: letters right after the brackets.
    """
    if len(base) < 2 or len(inserted) > 4 or len(tail) > 3:
        return ()
    return (base + tail, base + inserted + tail)


# Contracted forms: masculine and feminine in one word, without a sign between them ("lecteurices").
_CONTRACTED = {
    "touste": ("tout", "toute", "tous", "toutes"),
    "touxte": ("tout", "toute", "tous", "toutes"),
    "toutxe": ("tout", "toute", "tous", "toutes"),
    "celleux": ("ceux", "celles"),
    "ceulle": ("ceux", "celles"),
    "ceuxelle": ("ceux", "celles"),
    "cellui": ("celui", "celle"),
    "elleux": ("eux", "elles"),
    "ielle": ("il", "elle", "ils", "elles"),
    "copaine": ("copain", "copine", "copains", "copines"),
    "amix": ("ami", "amie", "amis", "amies"),
    "amixe": ("ami", "amie", "amis", "amies"),
}
# What the contraction ends with (a plural s aside), what the masculine ends with, and the mark of its feminine. An x
# stands for any gender ("étudiantxs").
_CONTRACTIONS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(rf"(..+){contraction}"), masculine, mark)
    for contraction, masculine, mark in (
        ("(?<=[td])eur(?:r?ice|xe?)", "eur", "rice"),
        ("eur(?:euse|xe?)", "eur", "se"),
        ("eux(?:e?use|se)", "eux", "se"),
        ("if(?:i?ve|xe?)", "if", "ve"),
        ("ier(?:i?[èe]re|xe?)", "ier", "ère"),
        ("er(?:[èe]re|xe?)", "er", "ère"),
        ("en(?:nne|xe?|xne)", "en", "ne"),
        ("el(?:xe?|xle)", "el", "le"),
        ("al(?:xe?)", "al", "e"),
        ("n(?:tx|xt)e?", "nt", "e"),
        ("éx(?:e|ée)?", "é", "e"),
        ("ux(?:e|ue)", "u", "e"),
    )
)
# Hardly any other word holds one of these: they are looked for first, which is quicker.
_SIGN_OF_CONTRACTION = re.compile("x|eurr?ice|eureuse|ifi?ve|er[iè]|erere|euxe?use|ennne")
_ADJECTIVES_IN_EUREUSE = frozenset("heureuse malheureuse bienheureuse peureuse chaleureuse valeureuse".split())


def contracted_forms(word: str) -> tuple[str, ...]:
    """Spell out an inclusive form without signs: "lecteurices" is lecteur, lectrice and their plurals.

    Args:
        word: letters, lower case, accents kept.

    Returns:
        Surface forms, the masculine singular first; empty if the word is no contracted form.
    """
    singular = word.removesuffix("s")
    if singular in _CONTRACTED:
        return _CONTRACTED[singular]
    if singular in _ADJECTIVES_IN_EUREUSE or _SIGN_OF_CONTRACTION.search(singular) is None:
        return ()
    for contraction, ending, mark in _CONTRACTIONS:
        match = contraction.fullmatch(singular)
        if match is not None:
            return inclusive_forms(match[1] + ending, (mark, "s"), sure=True)
    return ()
