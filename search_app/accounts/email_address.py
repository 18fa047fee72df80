"""E-mail addresses: which ones are accepted, and the canonical spelling in which they are stored and compared.

Two addresses are equal only if every mail server treats them so: the case of A to Z does not matter, and a domain is
compared in its ASCII form. Nothing else is folded. Unicode case folding would turn `ſecretariat` into `secretariat`,
and the older IDNA mapping `straße.fr` into `strasse.fr`: another mailbox, and somebody else's domain.
"""

from __future__ import annotations

import re
import unicodedata

import idna

from search_app.errors import AccountError
from search_app.messages import quoted, typeset

MAX_EMAIL, MAX_LOCAL = 254, 64
"""Largest number of characters of an address, and of the part before the @ (RFC 5321)."""

_LONGEST_READ = 1000
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
_UNSEEN_LETTERS = re.compile(
    # Blank, though letters and marks by category: fillers, variation selectors, the empty Braille cell.
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def canonical(text: str) -> str:
    """Return the canonical spelling in which an address is stored and compared.

    Args:
        text: an address as typed, or as given by a sign-on provider; spaces around it are ignored.

    Raises:
        AccountError: the address is not accepted; the message says why.
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
    """Return whether the stored address of an account would be accepted now, and identifies the same mailbox."""
    try:
        return address in _two_spellings(canonical(address))
    except AccountError:
        return False


def spellings(text: str) -> tuple[str, ...]:
    """Return the spellings under which an account may be stored for an address, the likeliest first; it may be empty.

    Earlier versions stored domains in Unicode, and some addresses that are no longer accepted. Such accounts are found
    by their old spelling. An address that is not accepted never leads to an account whose address is accepted.
    """
    earlier = _as_earlier_versions(text)
    try:
        found = _two_spellings(canonical(text))
    except AccountError:
        return () if fits(earlier) else (earlier,)
    return tuple(sorted(found, key=lambda one: one != earlier))


def key_of(text: str) -> str:
    """Return the key of an address, accepted or not, under which sign-ins are counted."""
    try:
        return canonical(text)
    except AccountError:
        earlier = _as_earlier_versions(text)
        return _encodable(text) if fits(earlier) else earlier


def names_of(text: str) -> tuple[str, ...]:
    """Return every key under which data about an address may have been stored."""
    return tuple(dict.fromkeys((key_of(text), *spellings(text))))


def unseen_character(text: str) -> str | None:
    """Return the first character that is invisible (except the space) or changes the direction of text; None if there
    is none.
    """
    for character in text:
        if character != " " and unicodedata.category(character) in _UNSEEN_CATEGORIES:
            return character
    found = _UNSEEN_LETTERS.search(text)
    return found[0] if found else None


def _ascii_domain(domain: str) -> str:
    """Return the ASCII form of a domain, by IDNA 2008 with no mapping except that of capitals to small letters."""
    lowered = "".join(map(_lower, domain))
    try:
        # Strict: full stops of other scripts do not separate labels.
        encoded = idna.encode(lowered, strict=True).decode("ascii")
        idna.decode(encoded, strict=True)
    except UnicodeError as error:
        raise AccountError(_email_domain(domain)) from error
    labels = encoded.split(".")
    if len(labels) < 2 or not all(labels) or labels[-1].isdecimal():
        raise AccountError(_email_domain(domain))
    return encoded


def _lower(character: str) -> str:
    """Return the small letter of a capital letter, or the character itself if it is not the capital of that small
    letter, such as the Kelvin sign, which Unicode lowers to ``k``.
    """
    lowered = character.lower()
    return lowered if len(lowered) == 1 and lowered.upper() == character else character


def _two_spellings(address: str) -> tuple[str, ...]:
    local, _, domain = address.partition("@")
    return tuple(dict.fromkeys((address, f"{local}@{idna.decode(domain, strict=True)}")))


def _as_earlier_versions(text: str) -> str:
    """Return the spelling in which versions before this module stored an address."""
    return unicodedata.normalize("NFC", _encodable(text)).strip().casefold()


def _encodable(text: str) -> str:
    """Return the text without lone surrogates, which can be neither hashed nor stored in SQLite."""
    return text.encode("utf-8", "replace").decode("utf-8")


def email_malformed(email: str) -> str:
    """Return the French error message for a text that is not an e-mail address."""
    return f"{quoted(email)} " + typeset("n’est pas une adresse électronique : écrivez par exemple nom@exemple.fr.")


def _email_domain(domain: str) -> str:
    """Return the French error message for an address with an invalid domain."""
    return f"{quoted(domain)} " + typeset("n’est pas un nom de domaine : écrivez par exemple nom@exemple.fr.")


def _email_not_ascii(local: str) -> str:
    """Return the French error message for an address with accents before the @."""
    return f"{quoted(local)} " + typeset(
        "ne peut pas précéder l’arobase : seules les lettres de A à Z sans accent, les chiffres et quelques signes "
        "y sont admis. Employez l’adresse sans accent de la même boîte."
    )


def email_unseen(code: int) -> str:
    """Return the French error message for code point `code`, which is invisible or changes the direction of text."""
    return typeset(f"Cette adresse contient un caractère invisible (U+{code:04X}) : retapez-la au lieu de la coller.")
