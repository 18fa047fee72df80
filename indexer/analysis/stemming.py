"""Stemming: the French Snowball stemmer, with corrections where it stems a plural, a feminine or a verb form
differently from its base form, or gives unrelated words one stem.

Snowball (https://snowballstem.org/algorithms/french/stemmer.html) keeps the s of "élus", "lois" and "emplois", the x of
"lieux", and does not know "travaux". These are first reduced to the singular, by rule or by the table in `irregular`.
"actrice", "vendeuse", "coopèrent" and "peuvent" are also stemmed as "acteur", "vendeur", "coopérer" and "pouvoir".
"""

from __future__ import annotations

import re
import threading

import Stemmer

from indexer.analysis.families import APART, TOGETHER
from indexer.analysis.folding import fold
from indexer.analysis.irregular import IRREGULAR, UNCHANGED
from indexer.analysis.stopwords import is_stop_word
from indexer.analysis.verbs import infinitive

STEMMER_VERSION = f"snowball-{Stemmer.version()}"
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
# Endings that French words only have with an accent; the accent is restored so that they are stemmed correctly.
_UNACCENTED = re.compile(r"ees?$|ieres?$|erent$|(?:al|ar|id|il|iv|os)ites?$")
_ACCENTED = {"ee": "ée", "ie": "iè", "er": "èr"}
_PLURAL_S = re.compile(r"...[^s]s$|..[aiou]s$")
# Words that Snowball takes for verbs ("conseiller", "crédit", "permis") and stems differently with a final e or s.
_LIKE_A_VERB = re.compile(r".(?:[^i]er|it|is)$")
# Feminines whose masculine stems differently when typed without its accent ("associe" for "associé").
_PARTICIPLE = re.compile(r"[ciy]ee$")
# Feminines and derivations that Snowball stems apart from their base: the ending, and that of the base. "vendeuse" may
# be an adjective in -eux or not, so it keeps its own stem too.
_ENDING = re.compile(r"(?:(?<=[td])rice|(?<=...)euse|(?<=.)ive|(?<=.)ification|(?<=.)uction)s?$")
_BASE_ENDINGS = {"rice": "eur", "euse": "eur", "ive": "if", "ification": "ifier", "uction": "uire"}
_NOT_FEMININE = frozenset({"cicatrice", "cicatrices", "matrice", "matrices"})
# A Stemmer object is not thread-safe. Each word is stemmed only once, so there is little contention for the lock.
_stemmer = Stemmer.Stemmer("french", 0)
_lock = threading.Lock()


def _stems(words: list[str]) -> list[str]:
    with _lock:
        return [str(stem) for stem in _stemmer.stemWords(words)]


def _accent_ending(folded: str) -> str:
    """Return a word with the accent that its ending must have ("demandees", "premiere", "activite")."""
    match = _UNACCENTED.search(folded)
    if match is None:
        return folded
    ending = match[0]
    if ending[:2] in _ACCENTED:
        return folded[: match.start()] + _ACCENTED[ending[:2]] + ending[2:]
    return folded[: match.start()] + ending.replace("ite", "ité")


def _base_forms(word: str, folded: str) -> tuple[str, ...]:
    """Return the infinitive of a verb form, or the base of a feminine or derived noun, if Snowball misses it."""
    verb = infinitive(word, folded)
    if verb is not None:
        return (verb,)
    match = _ENDING.search(folded)
    # "motivé" is no feminine, and typed without its accent it is found as a participle.
    if match is None or folded in _NOT_FEMININE or not word.endswith(match[0]):
        return ()
    return (word[: len(word) - len(match[0])] + _BASE_ENDINGS[match[0].removesuffix("s")],)


def _together() -> dict[str, str]:
    """Return the stem of the first word of each group in `TOGETHER`, by the stems of the other words of the group."""
    shared: dict[str, str] = {}
    for first, *others in TOGETHER:
        stem = APART.get(fold(first)) or fold(_stems([first])[0])
        shared |= {fold(other): stem for other in _stems(others)}
    return shared


_SHARED_STEMS = _together()


def stems(word: str) -> tuple[str, ...]:
    """Return the folded stems of a word.

    Folding before stemming confuses words ("congrès" would have the stem of "congre"); folding after stemming misses
    words typed without accents. Both stems are therefore kept, and all spellings of a word share the second.

    Args:
        word: cleaned, lower case, accents kept or not.

    Returns:
        One or a few stems, first the stem of the word as written.
    """
    plain = word if word.isascii() else word.translate(_LIGATURES)
    folded = fold(plain)
    if folded in APART:
        return (APART[folded],)
    if folded in IRREGULAR:
        plain = IRREGULAR[folded]
        folded = fold(plain)
    spellings = [(plain, folded)]
    if _PLURAL_S.search(folded) and folded not in UNCHANGED:
        # A plural ("élus") or a singular ("chinois"): the ending alone does not decide, so both stems are kept.
        spellings.append((plain[:-1], folded[:-1]))
    spellings += [(plain[:-1], folded[:-1]) for plain, folded in spellings if _PARTICIPLE.search(folded)]
    if not is_stop_word(word):
        spellings += [(base, fold(base)) for base in _base_forms(plain, folded)]
    spellings += [(plain + "e", folded + "e") for plain, folded in spellings if _LIKE_A_VERB.search(folded)]
    forms = [form for written, unaccented in spellings for form in (written, _accent_ending(unaccented))]
    found = dict.fromkeys(map(fold, _stems(list(dict.fromkeys(forms)))))
    found.update(dict.fromkeys(_SHARED_STEMS[stem] for stem in tuple(found) if stem in _SHARED_STEMS))
    return tuple(found)
