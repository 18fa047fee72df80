"""Read an import profile from a TOML file, with an error message for each mistake in it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import ProfileError
from indexer.parsing.profile import Listing, Privacy, PrivacyRule, Profile, Rule
from indexer.parsing.selector import Selector, SelectorError, read_selector
from indexer.parsing.text import collapse, fold
from indexer.storage.os_errors import because

MAX_BYTES = 64 * 1024
MAX_TEXT = 300
MAX_LIST = 1000
_FIELDS = ("title", "type", "themes", "territories", "date", "body", "summary")
_RULE = frozenset({"selector", "label", "attribute", "value", "separator"})
_PRIVATE = frozenset({"all", "selector", "label", "attribute", "public", "private", "otherwise"})
_TOP = frozenset({"name", "resource", "remove", "private", "listings", *_FIELDS})
_AT = re.compile(r"\(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """A profile with the bytes of its file."""

    raw: bytes
    profile: Profile


def read_profile(path: Path) -> ProfileFile:
    """Return the profile in a file, with the file's bytes.

    Raises:
        ProfileError: it cannot be read or used; the French message names the line and the key.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ProfileError(f"Le profil « {path} » ne peut être lu ({because(error)}) : vérifiez le chemin.") from error
    return ProfileFile(raw, parse_profile(raw, called=str(path)))


def parse_profile(raw: bytes, *, called: str) -> Profile:
    """Return the profile in the bytes of a file.

    Args:
        raw: the file's bytes, TOML in UTF-8.
        called: name of the file in error messages.

    Raises:
        ProfileError: it cannot be used; the French message names the line and the key.
    """
    if len(raw) > MAX_BYTES:
        raise ProfileError(
            f"Le profil « {called} » a plus de {MAX_BYTES // 1024} ko : ce n’est pas un profil d’import."
        )
    try:
        text = raw.decode("utf-8-sig")
        held = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ProfileError(f"Le profil « {called} » n’est pas en UTF-8 : enregistrez-le en UTF-8.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _AT.search(str(error))
        line = found.group(1) or text.count("\n") + 1 if found else None
        where = f", ligne {line}" if line else ""
        raise ProfileError(
            f"Le profil « {called} »{where} n’est pas du TOML : vérifiez guillemets, crochets et signes égal."
        ) from error
    return _Reader(called, text, held).profile(hashlib.blake2b(raw, digest_size=16).hexdigest())


class _Reader:
    def __init__(self, called: str, text: str, held: Mapping[str, Any]) -> None:
        self._called, self._lines, self._held = called, text.split("\n"), held

    def profile(self, digest: str) -> Profile:
        self._known("", self._held, _TOP)
        name = self._text("", self._held, "name")
        if name is None:
            raise self._fault("", "name", 'manque : donnez le nom du site, name = "…"')
        rules = {field: self._rule(field) for field in _FIELDS}
        title = rules.pop("title")
        if title is None or title.value is not None:
            raise self._fault("title", "", "manque : dites où est le titre, avec selector ou label")
        stated = "private" in self._held
        return Profile(
            name=name,
            digest=digest,
            title=title,
            private=self._privacy() if stated else PrivacyRule(),
            stated=stated,
            resource=self._selector("", self._held, "resource"),
            remove=self._selector("", self._held, "remove"),
            listings=self._listings(),
            **rules,
        )

    def _rule(self, section: str) -> Rule | None:
        if section not in self._held:
            return None
        table = self._table(section)
        self._known(section, table, _RULE)
        rule = Rule(
            selector=self._selector(section, table, "selector"),
            label=self._text(section, table, "label"),
            attribute=self._attribute(section, table),
            value=self._text(section, table, "value"),
            separator=self._text(section, table, "separator"),
        )
        self._one_of(section, ("selector", "label", "value"), table)
        if rule.attribute and rule.selector is None:
            raise self._fault(section, "attribute", "ne va qu’avec selector")
        if rule.value is not None and section not in ("type", "themes", "territories"):
            raise self._fault(section, "value", "ne va que dans [type], [themes] et [territories]")
        if rule.separator is not None and section not in ("themes", "territories"):
            raise self._fault(section, "separator", "ne va que dans [themes] et [territories]")
        return rule

    def _privacy(self) -> PrivacyRule:
        table = self._table("private")
        self._known("private", table, _PRIVATE)
        self._one_of("private", ("selector", "label", "all"), table)
        if "all" in table:
            if others := sorted(table.keys() - {"all"}):
                raise self._fault("private", others[0], "ne va pas avec all")
            return PrivacyRule(otherwise=self._choice("all", table))
        rule = Rule(
            selector=self._selector("private", table, "selector"),
            label=self._text("private", table, "label"),
            attribute=self._attribute("private", table),
        )
        if rule.attribute and rule.selector is None:
            raise self._fault("private", "attribute", "ne va qu’avec selector")
        public, private = self._texts("private", table, "public"), self._texts("private", table, "private")
        if both := {fold(one) for one in public} & {fold(one) for one in private}:
            raise self._fault("private", "public", f"donne « {min(both)} », que private donne aussi")
        otherwise = self._choice("otherwise", table) if "otherwise" in table else Privacy.PRIVATE
        if not public and otherwise is Privacy.PRIVATE:
            raise self._fault(
                "private", "public", 'manque : donnez les valeurs qui rendent une ressource publique, public = ["Non"]'
            )
        return PrivacyRule(rule, public, private, otherwise)

    def _choice(self, key: str, table: Mapping[str, Any]) -> Privacy:
        try:
            return Privacy(table[key])
        except ValueError as error:
            raise self._fault("private", key, 'vaut "public" ou "private"') from error

    def _listings(self) -> tuple[Listing, ...]:
        if "listings" not in self._held:
            return ()
        table = self._table("listings")
        if len(table) > MAX_LIST:
            raise self._fault("listings", "", f"a plus de {MAX_LIST} lignes")
        listings = []
        for path in table:
            theme = self._text("listings", table, path)
            if not path.startswith("/") or "*" in path[:-1] or (path.endswith("*") and not path.endswith("/*")):
                raise self._fault("listings", path, 'n’est pas un chemin : écrivez "/themes/eau", ou "/themes/eau/*"')
            listings.append(Listing(path, theme or ""))
        return tuple(listings)

    def _table(self, section: str) -> Mapping[str, Any]:
        table = self._held[section]
        if not isinstance(table, dict):
            raise self._fault("", section, f"est une section : écrivez [{section}], puis ses clés")
        return table

    def _known(self, section: str, table: Mapping[str, Any], keys: frozenset[str]) -> None:
        for key in table:
            if key not in keys:
                raise self._fault(section, key, f"n’existe pas : les clés sont {', '.join(sorted(keys))}")

    def _one_of(self, section: str, keys: tuple[str, ...], table: Mapping[str, Any]) -> None:
        given = [key for key in keys if key in table]
        if len(given) != 1:
            said = "en donne plusieurs" if given else "n’en donne aucune"
            raise self._fault(section, given[1] if given else "", f"veut une des clés {', '.join(keys)}, et {said}")

    def _text(self, section: str, table: Mapping[str, Any], key: str) -> str | None:
        if key not in table:
            return None
        return self._checked(section, key, table[key])

    def _checked(self, section: str, key: str, value: object) -> str:
        text = collapse(value) if isinstance(value, str) else ""
        if not text or len(text) > MAX_TEXT:
            raise self._fault(section, key, f"veut un texte entre guillemets, de 1 à {MAX_TEXT} caractères")
        return text

    def _texts(self, section: str, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        values = table.get(key, [])
        if not isinstance(values, list) or len(values) > MAX_LIST:
            raise self._fault(section, key, 'veut une liste de textes : ["…", "…"]')
        return tuple(self._checked(section, key, value) for value in values)

    def _attribute(self, section: str, table: Mapping[str, Any]) -> str | None:
        name = self._text(section, table, "attribute")
        if name is not None and not re.fullmatch(r"[A-Za-z][\w:.-]*", name):
            raise self._fault(section, "attribute", 'n’est pas un nom d’attribut, comme "datetime"')
        return None if name is None else name.lower()

    def _selector(self, section: str, table: Mapping[str, Any], key: str) -> Selector | None:
        text = self._text(section, table, key)
        if text is None:
            return None
        try:
            return read_selector(text)
        except SelectorError as error:
            raise self._fault(section, key, f"n’est pas un sélecteur CSS que le programme lit ({error})") from error

    def _fault(self, section: str, key: str, said: str) -> ProfileError:
        line = self._line_of(section, key)
        where = f", ligne {line}" if line else ""
        what = f"« {key} »" + (f" de [{section}]" if section else "") if key else f"[{section}]"
        return ProfileError(f"Le profil « {self._called} »{where} : {what} {said}.")

    def _line_of(self, section: str, key: str) -> int | None:
        """Return the line number of a key, else of its section; None if neither is found."""
        inside, at = "", None
        for number, line in enumerate(self._lines, 1):
            if header := re.match(r"\s*\[+\s*[\"']?([^\]\"']*?)[\"']?\s*\]", line):
                inside = header.group(1)
                if (inside == section and not key) or (not section and inside == key):
                    return number
                at = number if inside == section else at
            elif inside == section and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*(?:=|\.)", line):
                return number
        return at
