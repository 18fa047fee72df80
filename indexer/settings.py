"""How a setting is declared and read; and the settings of the archive itself.

Each setting is declared once, as a `Setting`: its name, its default, how its text is parsed, and what it is for. Values
come from a settings file and from the environment, which takes precedence. The site declares its own settings in
`search_app.settings`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from indexer.errors import SettingsError
from indexer.storage.os_errors import Reason, reason_of

OWN_SYNONYMS = "synonyms.txt"
"""File of the site's own synonyms, in the data folder."""

ROOT = Path(__file__).resolve().parent.parent
"""Folder of the program, which contains the default folders."""

SETTINGS_FILE = "archive.env"
"""Name of the settings file that is looked for in the working folder."""

PREFIX = "RTES_"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_NO_TEXT = re.compile(r"[\ud800-\udfff]")
"""Matches the surrogates by which Python represents bytes that are not UTF-8 in environment variables and paths."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Given:
    """The text that someone gave for a setting.

    Attributes:
        text: the text, without spaces around it.
        folder: folder that a relative path in it starts from.
        source: file and line in brackets, for messages; empty for the environment and the command line.
    """

    text: str
    folder: Path
    source: str = ""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """The declaration of one setting.

    Attributes:
        variable: name of its environment variable, and of its key in a settings file.
        default: text of the value that applies if none is given, as people would write it.
        parse: converts a text to the value; its ValueError says in French what is wrong, and completes the sentence «
            RTES_X vaut « texte », … ».
        help: what the setting is for, in French.
    """

    variable: str
    default: str
    parse: Callable[[str], T]
    help: str

    def read(self, given: Mapping[str, Given]) -> T:
        """Return the value of the text that was given, or of the default if there is none.

        Raises:
            SettingsError: the text cannot be used.
        """
        return self.value(given.get(self.variable) or Given(self.default, ROOT))

    @property
    def fallback(self) -> T:
        """The value that applies if no text is given."""
        return self.read({})

    def value(self, given: Given) -> T:
        """Return the value that a given text means.

        Raises:
            SettingsError: the text cannot be used.
        """
        # The message does not show such a text: it may hold terminal escape codes, or a secret after an unclosed quote.
        if _CONTROL.search(given.text) or _NO_TEXT.search(given.text):
            raise SettingsError(
                f"{self.variable}{given.source} contient autre chose que du texte : récrivez sa valeur."
            )
        try:
            return self.parse(given.text)
        except ValueError as error:
            raise SettingsError(f"{self.variable}{given.source} vaut « {given.text} », {error}") from None


@dataclass(frozen=True, slots=True)
class FolderSetting(Setting[Path]):
    """A setting that names a folder; a relative path starts from the folder of `Given`."""

    def value(self, given: Given) -> Path:
        """Return the absolute path of the folder that a given text names.

        Raises:
            SettingsError: the text names no folder.
        """
        # Names of folders need not be UTF-8: for the system they are bytes.
        if _CONTROL.search(given.text):
            raise SettingsError(
                f"{self.variable}{given.source} contient autre chose que du texte : récrivez sa valeur."
            )
        try:
            return (given.folder / self.parse(given.text)).resolve()
        except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a cycle of links, before Python 3.13
            raise SettingsError(
                f"{self.variable}{given.source} vaut « {given.text} », qui ne mène à aucun dossier : "
                "écrivez un chemin complet."
            ) from error


# Parsers of texts


def plain(text: str) -> str:
    """Return a text unchanged: the parser of settings whose value is any text."""
    return text


def folder(text: str) -> Path:
    """Return a path, in which ``~`` is replaced by the home folder.

    Raises:
        RuntimeError: the home folder is not known, for example that of ``~name`` if there is no such user.
    """
    return Path(text).expanduser()


def web_address(text: str) -> str:
    """Return the address if it is a web address (http or https).

    Raises:
        ValueError: it is not a web address.
    """
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise ValueError("qui n’est pas une adresse : écrivez par exemple https://www.rtes.fr/")
    return text


def days(text: str) -> int:
    """Return the number of days that a text gives.

    Raises:
        ValueError: the text is not a number from 0 to 9999.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise ValueError("qui n’est pas une durée : écrivez un nombre de jours, de 0 à 9999.")
    return int(text)


def _private_titles(text: str) -> bool:
    value = text.casefold()
    if value not in {"hidden", "title"}:
        raise ValueError("qui n’est pas un choix : écrivez « hidden » ou « title ».")
    return value == "title"


# Settings of the archive

CORPUS = FolderSetting("RTES_CORPUS", "corpus", folder, "dossier des pages importées")
INDEX = FolderSetting("RTES_INDEX", "index", folder, "dossier de l’index, toujours reconstructible depuis le corpus")
DATA = FolderSetting("RTES_DATA", "data", folder, "dossier des comptes, du secret de session et des journaux")
SITE_URL = Setting(
    "RTES_SITE_URL",
    "https://www.rtes.fr/",
    web_address,
    "adresse du site d’origine, pour résoudre les liens relatifs",
)
PRIVATE = Setting(
    "RTES_PRIVATE",
    "hidden",
    _private_titles,
    "« title » : les visiteurs trouvent les ressources réservées par leurs titre, type et année, rien d’autre",
)
CONTACT = Setting(
    "RTES_CONTACT",
    "",
    plain,
    "adresse électronique ou page de qui récupère les pages des sources, dite à leurs sites et aux "
    "moissonneurs ; vide, RTES_SITE_URL",
)
GONE_DAYS = Setting(
    "RTES_GONE_DAYS",
    "90",
    days,
    "jours après lesquels une page disparue de sa source, déjà retirée, est effacée du corpus ; 0 : jamais",
)
PUBLICATION_GRACE_DAYS = Setting(
    "RTES_PUBLICATION_GRACE_DAYS",
    "30",
    days,
    "jours avant que soit effacé le fichier d’une publication que plus aucune ressource n’a",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the archive: its folders, what visitors see of private resources, how sources are gathered, and
    how long pages and publications that are gone are kept.

    Attributes:
        corpus, index, data: folders.
        site_url: address of the original site.
        private_titles: whether visitors see the title, type and year of private resources.
        contact: address that administrators of gathered sites may write to; empty if none is given.
        gone_days: days after which a page that is gone from its source is deleted; 0 keeps it forever.
        publication_grace_days: number of days after which a publication that no resource holds any more is erased.
    """

    corpus: Path
    index: Path
    data: Path
    site_url: str = SITE_URL.fallback
    private_titles: bool = PRIVATE.fallback
    contact: str = CONTACT.fallback
    gone_days: int = GONE_DAYS.fallback
    publication_grace_days: int = PUBLICATION_GRACE_DAYS.fallback


# Reading the given values


def find_settings_file(named: str | None) -> Path | None:
    """Return the settings file: the one named by the user, else that of the working folder, or None if there is none.

    Raises:
        SettingsError: the file cannot be examined, or is that of the working folder and may have been written by
            another user.
    """
    try:
        if named is not None:
            return Path(named).absolute()
        path = Path(SETTINGS_FILE)
        if not os.path.lexists(path):
            return None
        path = path.absolute()
        found = path.stat()
    except OSError as error:
        raise _unreadable(Path(named or SETTINGS_FILE), reason_of(error)) from error
    if found.st_uid not in {os.geteuid(), 0} or found.st_mode & stat.S_IWOTH:
        raise SettingsError(
            f"Le fichier de réglages « {path} » a pu être écrit par un autre utilisateur de cette machine, et n’est "
            f"donc pas suivi : vérifiez à qui il est, ou confirmez-le par « --settings {SETTINGS_FILE} »."
        )
    return path


def collect(
    environ: Mapping[str, str], file: Path | None, known: Iterable[Setting[Any]], *, retired: Collection[str] = ()
) -> dict[str, Given]:
    """Return the texts given in the environment and the settings file, by name of the setting, without empty ones.

    Args:
        environ: environment variables; they win over the file.
        file: a settings file, or None if there is none. Paths in it are relative to its own folder.
        known: all settings.
        retired: names of former settings; texts given for them are returned too, not refused.

    Raises:
        SettingsError: the file cannot be read, or a given name is not a setting; a misspelt name could leave the site
            unprotected.
    """
    given = {} if file is None else _read_file(file)
    given |= {
        name: Given(text.strip(), Path())
        for name, text in environ.items()
        if name.upper().startswith(PREFIX) and (text.strip() or name not in given)
    }
    variables = [setting.variable for setting in known]
    strangers = [name for name in given if name not in variables and name not in retired]
    if strangers:
        raise SettingsError(" ".join(_no_setting(name, given[name].source, variables) for name in strangers))
    return {name: one for name, one in given.items() if one.text}


def _no_setting(name: str, source: str, variables: Sequence[str]) -> str:
    near = _nearest(name, variables)
    meant = f"vouliez-vous écrire {near} ?" if near else "« python run.py --help » donne la liste des réglages."
    return f"{name}{source} n’est pas un réglage : {meant}"


def _nearest(name: str, variables: Sequence[str]) -> str | None:
    """Return the setting that was probably meant: one that is spelt almost alike, else one that contains all words of
    the name, else one with a similar spelling, else None.
    """
    alike = get_close_matches(
        name.upper().removeprefix(PREFIX), (one.removeprefix(PREFIX) for one in variables), 1, 0.85
    )
    if alike:
        return f"{PREFIX}{alike[0]}"
    words = {word for word in name.upper().split("_") if word != PREFIX.strip("_")}
    having = [one for one in variables if words <= set(one.split("_"))]
    # Without the common prefix, which would make all names similar.
    tails = [one.removeprefix(PREFIX) for one in having or variables]
    near = get_close_matches(name.upper().removeprefix(PREFIX), tails, 1, 0.0 if having else 0.5)
    return f"{PREFIX}{near[0]}" if near else None


def _read_file(path: Path) -> dict[str, Given]:
    # Imported only if there is a file. Its parser rather than `dotenv_values`, which skips lines that it cannot parse.
    from dotenv.parser import parse_stream

    try:
        content = path.read_text("utf-8")
    except OSError as error:
        raise _unreadable(path, reason_of(error)) from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, Reason("ce n’est pas de l’UTF-8", "enregistrez-le en UTF-8")) from error
    given = {}
    for binding in parse_stream(StringIO(content)):
        written = binding.original.string
        number = binding.original.line + written[: len(written) - len(written.lstrip())].count("\n")
        name, text = binding.key, binding.value
        if name is None and not binding.error:
            continue  # a comment or an empty line
        if name is None or text is None or not _NAME.fullmatch(name):
            # The message does not show the line, which may hold a secret.
            raise SettingsError(
                f"Le fichier de réglages « {path} » ne se lit pas à la ligne {number} : écrivez RTES_NOM=valeur, "
                'ou RTES_NOM="valeur" si la valeur contient un guillemet, une apostrophe ou un dièse.'
            )
        given[name] = Given(text.strip(), path.parent, f" ({path}, ligne {number})")
    return given


def _unreadable(path: Path, reason: Reason) -> SettingsError:
    return SettingsError(f"Le fichier de réglages « {path} » ne peut être lu {reason.then('vérifiez son nom')}.")
