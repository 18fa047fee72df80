"""Rules for passwords: one normal form for each, and no common or easily guessed ones.

The normal form is OpaqueString of RFC 8265: NFC, every kind of space a plain one, no controls or unassigned characters.
Systems encode « é » differently, so without it a password set on one machine might fail on another.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from indexer.analysis import fold
from search_app.errors import AccountError
from search_app.messages import typeset

if TYPE_CHECKING:
    from precis_i18n.profile import Profile

MIN_PASSWORD = 10
MAX_PASSWORD = 1000

_ADDED = 4
"""Largest number of other characters in a password that is refused because it consists of known words."""

_PIECES = 3
"""Largest number of known words in a password that is refused because it consists of them; more make a sentence."""

_COMMON = (
    # Frequent words of leaked passwords, in French and in English.
    "motdepasse motdepass monmotdepasse mdp secret azerty azertyuiop qwerty qwertz qwertyuiop bonjour bonsoir "
    "coucou salut bienvenue soleil loulou doudou chouchou choupette nounours nounou bisous bisou calin amour "
    "amitie jetaime jtaime toujours coeur cheri cherie bebe princesse princess papillon chocolat vanille "
    "caramel fraise cerise orange citron banane framboise marseille paris lyon bordeaux toulouse nantes "
    "strasbourg lille rennes france francais bretagne corse portugal algerie maroc tunisie football foot "
    "olympique psg rugby juventus barcelona chelsea arsenal liverpool nicolas thomas julien alexandre antoine "
    "camille marine pauline sophie celine julie laura charlotte manon sebastien christophe philippe isabelle "
    "nathalie stephanie veronique caroline patrick pascal olivier laurent frederic daniel michel jerome "
    "vincent romain maxime quentin kevin jordan anthony jessica vanessa melissa sabrina maman papa mamie papi "
    "famille maison jardin musique guitare piano danse cheval lapin chaton minou tigre lionne dauphin dragon "
    "licorne etoile lumiere liberte bonheur vacances voiture peugeot renault citroen ferrari ordinateur "
    "internet utilisateur administrateur admin administrator root test tester essai demo exemple changeme "
    "changezmoi nouveau invite guest default user login passwd password passw pass mypassword letmein welcome "
    "hello iloveyou iloveu loveyou lovely love forever sunshine superman batman spiderman starwars pokemon "
    "naruto minecraft monkey shadow master killer ninja mustang baseball soccer hockey summer winter spring "
    "autumn printemps automne hiver janvier fevrier avril juin juillet aout septembre octobre novembre "
    "decembre lundi mardi mercredi jeudi vendredi samedi dimanche trustno whatever freedom computer michael "
    "jennifer ashley charlie hunter harley ranger buster tigger pepper ginger cookie flower google facebook "
    "youtube instagram snapchat linkedin"
).split()
_SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "00112233445566778899",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "&e\"'(-e_ca)=",
    "1q2w3e4r5t6y7u8i9o0p",
    "1a2z3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujm",
)
_YEAR = r"(?:19|20)\d\d"
_LONG_ENOUGH = 3
"""Least length of a part of an address that counts as a known word; repetitions and sequences must be longer."""

_FOR_LETTERS = str.maketrans("013457@$!", "oieastasi")
_DISGUISED = re.compile(r"[013457@$!]+(?=[a-z])")
_REPEATED = re.compile(r"(.{1,8}?)\1+")

_COMMON_REFUSED = (
    "Ce mot de passe est de ceux que l’on essaie en premier : choisissez-en un autre, par exemple une phrase."
)
_ADDRESS_REFUSED = "Ce mot de passe ressemble à l’adresse du compte : choisissez-en un autre, par exemple une phrase."


def kept_form(password: str) -> str:
    """Return the normal form of a password, which is hashed.

    Raises:
        AccountError: it contains a character that passwords cannot have, such as a control or a lone surrogate.
    """
    try:
        return str(_profile().enforce(password)) if password else ""
    except UnicodeEncodeError as error:
        raise AccountError(_character_refused(error.object[error.start])) from error


def typed_forms(password: str) -> tuple[str, ...]:
    """Return the forms in which a password typed at sign-in may have been hashed, the current one first.

    Earlier versions hashed what the browser sent. The result depends only on what was typed, so that the time it takes
    to try all forms reveals nothing about an account.
    """
    raw = password.encode("utf-8", "replace").decode("utf-8")
    forms = [unicodedata.normalize("NFC", raw), unicodedata.normalize("NFD", raw), raw]
    with suppress(AccountError):
        forms.insert(0, kept_form(raw))
    return tuple(dict.fromkeys(forms))


def check_new_password(password: str, email: str = "") -> str:
    """Check a new password and return its normal form.

    Args:
        password: as typed.
        email: address of the account; the password must not be derived from it.

    Raises:
        AccountError: it is too short, too long or too easily guessed, or contains a character that is not allowed.
    """
    form = kept_form(password)
    if len(form) < MIN_PASSWORD:
        raise AccountError(_password_short(MIN_PASSWORD))
    if len(form) > MAX_PASSWORD:
        raise AccountError(_password_long(MAX_PASSWORD))
    if _is_made_of(form, _COMMON):
        raise AccountError(typeset(_COMMON_REFUSED))
    if email and _is_made_of(form, [*_parts(email), *_COMMON]):
        raise AccountError(typeset(_ADDRESS_REFUSED))
    return form


@cache
def _profile() -> Profile:
    from precis_i18n import get_profile  # imported here since most commands do not need it

    return get_profile("OpaqueString")


def _is_made_of(password: str, words: list[str]) -> bool:
    """Return whether a password consists almost entirely of the given words, years, sequences and repetitions."""
    folded = fold(password)
    undisguised = _DISGUISED.sub(lambda found: found[0].translate(_FOR_LETTERS), folded)
    return any(_little_is_left(text, words) for text in dict.fromkeys((folded, undisguised)))


def _little_is_left(text: str, words: list[str]) -> bool:
    ordered = sorted({word for word in words if word in text}, key=len, reverse=True)
    known = re.compile("|".join([*map(re.escape, ordered), _YEAR]))
    left, pieces = known.subn("", text)
    for take in (_without_sequences, _without_repetitions):
        left, more = take(left)
        pieces += more
    return len(left) <= _ADDED and pieces <= _PIECES


def _without_sequences(text: str) -> tuple[str, int]:
    """Return a text without runs of the alphabet, digits or keyboard rows, and the number of runs."""
    lines = [line for row in _SEQUENCES for line in (row, row[::-1])]
    left, found, place = [], 0, 0
    while place < len(text):
        size = max(_shared(text, place, line) for line in lines)
        if size > _LONG_ENOUGH:
            found, place = found + 1, place + size
        else:
            left.append(text[place])
            place += 1
    return "".join(left), found


def _shared(text: str, place: int, line: str) -> int:
    """Return the length of the longest piece of a text, from offset `place` on, that the sequence `line` contains."""
    size = 0
    while place + size < len(text) and text[place : place + size + 1] in line:
        size += 1
    return size


def _without_repetitions(text: str) -> tuple[str, int]:
    """Return a text with repeated pieces written once, and the number of such pieces."""
    found = 0

    def once(match: re.Match[str]) -> str:
        nonlocal found
        if len(match[0]) <= _LONG_ENOUGH:
            return match[0]
        found += 1
        return match[1]

    return _REPEATED.sub(once, text), found


def _parts(email: str) -> list[str]:
    """Return an e-mail address and its parts, folded (lower case, no accents), as words that a password may contain."""
    whole = fold(email)
    local, _, domain = whole.partition("@")
    pieces = [whole, local, domain, *re.split(r"[^a-z0-9]+", whole)]
    return [piece for piece in dict.fromkeys(pieces) if len(piece) >= _LONG_ENOUGH]


def _character_refused(sign: str) -> str:
    """Return the French error message for a character that passwords cannot have."""
    return typeset(
        f"Le mot de passe contient un caractère qui ne se tape pas partout (U+{ord(sign):04X}) : écrivez-le sans lui."
    )


def _password_short(least: int) -> str:
    """Return the French error message for a password that is too short."""
    return typeset(f"Le mot de passe est trop court : choisissez-en un d’au moins {least} caractères.")


def _password_long(most: int) -> str:
    """Return the French error message for a password that is too long."""
    return typeset(f"Le mot de passe est trop long : {most} caractères au plus.")
