"""E-mail addresses: which are taken, and the one spelling under which each is kept and compared.

Two addresses are one only if a mail server must say so: the letters A to Z have no case, and a domain is its ASCII
form. Nothing else is folded. Unicode would make `ſecretariat` of another mailbox into `secretariat`, and IDNA's older
mapping `straße.fr` into `strasse.fr`, which is somebody else's domain.
"""

from __future__ import annotations

import re
import unicodedata

import idna

from search_app.errors import AccountError
from search_app.messages import quoted, typeset

MAX_EMAIL, MAX_LOCAL = 254, 64
"""Characters of an address, and of what stands before the @ (RFC 5321)."""

_LONGEST_READ = 1000
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
_UNSEEN_LETTERS = re.compile(
    # Letters and marks by category, and yet blank: fillers, variation selectors, the empty Braille cell.
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def canonical(text: str) -> str:
    """Return the spelling under which an address is kept and compared.

    Args:
        text: as typed, or as a sign-on provider gives it; spaces around it do not matter.

    Raises:
        AccountError: the address is not taken; the message says why.
    """
    if len(text) > _LONGEST_READ:
        raise AccountError(email_malformed(text))
    address = text.strip(" ")
    unseen = unseen_character(address)
    if unseen is not None:
        raise AccountError(email_unseen(ord(unseen)))
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise AccountError(email_malformed(text))
    if not local.isascii():
        raise AccountError(_email_not_ascii(local))
    spelled = f"{local.lower()}@{_ascii_domain(domain)}"
    if len(local) > MAX_LOCAL or len(spelled) > MAX_EMAIL or not _LOCAL.fullmatch(local.lower()):
        raise AccountError(email_malformed(text))
    return spelled


def fits(address: str) -> bool:
    """Return whether an address of an account would be taken today, and names the same mailbox."""
    try:
        return address in _two_spellings(canonical(address))
    except AccountError:
        return False


def spellings(text: str) -> tuple[str, ...]:
    """Return how the account of an address may be spelled in the file, the likeliest first; perhaps no way at all.

    Accounts made by earlier versions have domains in Unicode, and some have addresses that are no longer taken. Those
    are found as they were then, but never an account whose address is taken: what is not taken is no other name for it.
    """
    earlier = _as_earlier_versions(text)
    try:
        found = _two_spellings(canonical(text))
    except AccountError:
        return () if fits(earlier) else (earlier,)
    return tuple(sorted(found, key=lambda one: one != earlier))


def key_of(text: str) -> str:
    """Return what stands for an address, taken or not, where things are counted and noted."""
    try:
        return canonical(text)
    except AccountError:
        earlier = _as_earlier_versions(text)
        return _encodable(text) if fits(earlier) else earlier


def names_of(text: str) -> tuple[str, ...]:
    """Return every name under which something of an address may have been noted."""
    return tuple(dict.fromkeys((key_of(text), *spellings(text))))


def unseen_character(text: str) -> str | None:
    """Return the first character that nobody sees or that reorders others, but for the space; None if there is none."""
    for character in text:
        if character != " " and unicodedata.category(character) in _UNSEEN_CATEGORIES:
            return character
    found = _UNSEEN_LETTERS.search(text)
    return found[0] if found else None


def _ascii_domain(domain: str) -> str:
    """Return the ASCII form of a domain, by IDNA 2008 without any mapping but that of capitals to their own letters."""
    lowered = "".join(map(_lower, domain))
    try:
        # Strict: the full stops of other scripts part no labels.
        encoded = idna.encode(lowered, strict=True).decode("ascii")
        idna.decode(encoded, strict=True)
    except UnicodeError as error:
        raise AccountError(_email_domain(domain)) from error
    labels = encoded.split(".")
    if len(labels) < 2 or not all(labels) or labels[-1].isdecimal():
        raise AccountError(_email_domain(domain))
    return encoded


def _lower(character: str) -> str:
    """Return the small letter of a capital, if that is all they are: not ``k`` for the Kelvin sign."""
    lowered = character.lower()
    return lowered if len(lowered) == 1 and lowered.upper() == character else character


def _two_spellings(address: str) -> tuple[str, ...]:
    local, _, domain = address.partition("@")
    return tuple(dict.fromkeys((address, f"{local}@{idna.decode(domain, strict=True)}")))


def _as_earlier_versions(text: str) -> str:
    """Return an address as versions before this module kept it."""
    return unicodedata.normalize("NFC", _encodable(text)).strip().casefold()


def _encodable(text: str) -> str:
    """Return the text without lone surrogates, which neither a hash nor SQLite can take."""
    return text.encode("utf-8", "replace").decode("utf-8")


def email_malformed(email: str) -> str:
    """Return the sentence on what is no e-mail address."""
    return f"{quoted(email)} " + typeset("n’est pas une adresse électronique : écrivez par exemple nom@exemple.fr.")


def _email_domain(domain: str) -> str:
    """Return the sentence on an address whose domain is none."""
    return f"{quoted(domain)} " + typeset("n’est pas un nom de domaine : écrivez par exemple nom@exemple.fr.")


def _email_not_ascii(local: str) -> str:
    """Return the sentence on an address with accents before the @."""
    return f"{quoted(local)} " + typeset(
        "ne peut pas précéder l’arobase : seules les lettres de A à Z sans accent, les chiffres et quelques signes "
        "y sont admis. Employez l’adresse sans accent de la même boîte."
    )


def email_unseen(code: int) -> str:
    """Return the sentence on a character that nobody sees, or that reorders what is around it."""
    return typeset(f"Cette adresse contient un caractère invisible (U+{code:04X}) : retapez-la au lieu de la coller.")
