"""System and SQLite errors in French: why a call failed, and what to do about it.

This module alone decides the words, so that a full disk is described alike by every command, page and job.
"""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import dataclass

SystemFailure = OSError | sqlite3.Error | MemoryError
"""Errors by which the system, or SQLite on its behalf, refuses to do something."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a call failed, in French.

    Attributes:
        why: a few words for the middle of a sentence.
        remedy: what to do, as the end of a sentence; empty if that depends on the file.
    """

    why: str
    remedy: str = ""

    def then(self, otherwise: str) -> str:
        """Return the end of a sentence: the reason in brackets, a colon, and what to do.

        Args:
            otherwise: what to do if the reason does not say it.
        """
        return f"({self.why}) : {self.remedy or otherwise}"


_FULL = Reason("il n’y a plus de place sur le disque", "libérez de l’espace disque")
_RIGHTS = "vérifiez les droits de l’utilisateur sous lequel le programme tourne"
_DENIED = Reason("droits insuffisants", _RIGHTS)
_MEMORY = Reason("la mémoire manque", "libérez de la mémoire, ou donnez-en plus au programme")
_BROKEN = Reason("le disque a une panne", "vérifiez l’état du disque")
_ABSENT = Reason("le disque ne répond plus", "vérifiez qu’il est branché et monté")
_UNABLE = Reason("ce disque ne sait pas le faire", "choisissez un dossier d’un disque local")
_BUSY = Reason("un autre programme l’utilise", "vérifiez qu’il avance, et réessayez quand il aura fini")
_DAMAGED = Reason("son contenu est abîmé")

_SYSTEM = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: Reason("le quota de disque est atteint", "libérez de l’espace disque, ou faites relever ce quota"),
    errno.EFBIG: Reason("le fichier dépasse la taille permise", "relevez cette limite (ulimit -f)"),
    errno.EACCES: _DENIED,
    errno.EPERM: Reason("opération interdite", _RIGHTS),
    errno.EROFS: Reason(
        "le disque est en lecture seule",
        "vérifiez pourquoi et remontez-le en écriture, ou choisissez un autre dossier",
    ),
    errno.EIO: _BROKEN,
    errno.EMFILE: Reason(
        "le programme a ouvert autant de fichiers que permis",
        "relevez cette limite (« ulimit -n », ou LimitNOFILE pour systemd)",
    ),
    errno.ENFILE: Reason(
        "la machine a ouvert autant de fichiers que permis",
        "arrêtez d’autres programmes, ou relevez cette limite (fs.file-max)",
    ),
    errno.ENOMEM: _MEMORY,
    errno.EAGAIN: Reason(
        "le système est à court de ressources", "réessayez plus tard, ou relevez la limite de processus (ulimit -u)"
    ),
    errno.ENOLCK: Reason("le système n’a plus de verrou à donner", _UNABLE.remedy),
    errno.EBUSY: _BUSY,
    errno.ETXTBSY: _BUSY,
    errno.ENXIO: _ABSENT,
    errno.ENODEV: _ABSENT,
    errno.ESTALE: _ABSENT,
    errno.ETIMEDOUT: _ABSENT,
    errno.EHOSTDOWN: _ABSENT,
    errno.ENOTCONN: _ABSENT,
    errno.EINVAL: _UNABLE,
    errno.ENOSYS: _UNABLE,
    errno.EOPNOTSUPP: _UNABLE,
    errno.ENOENT: Reason("il n’existe pas"),
    errno.ENOTDIR: Reason("un fichier est à la place d’un dossier"),
    errno.EISDIR: Reason("c’est un dossier"),
    errno.EEXIST: Reason("il existe déjà"),
    errno.ENOTEMPTY: Reason("le dossier n’est pas vide"),
    errno.ENAMETOOLONG: Reason("son nom est trop long"),
    errno.ELOOP: Reason("les liens tournent en rond"),
    errno.EXDEV: Reason("les deux dossiers ne sont pas sur le même disque"),
    errno.EMLINK: Reason("le fichier a trop de noms"),
}

_SQLITE = (
    ("SQLITE_FULL", _FULL),
    ("SQLITE_READONLY_DBMOVED", Reason("il a été déplacé ou remplacé", "relancez la même commande")),
    ("SQLITE_READONLY", Reason("il est en lecture seule", "vérifiez ses droits et ceux de son dossier")),
    ("SQLITE_PERM", _DENIED),
    ("SQLITE_AUTH", _DENIED),
    ("SQLITE_CANTOPEN_ISDIR", _SYSTEM[errno.EISDIR]),
    ("SQLITE_CANTOPEN", Reason("il ne peut pas être ouvert", "vérifiez ses droits et ceux de son dossier")),
    ("SQLITE_IOERR_NOMEM", _MEMORY),
    ("SQLITE_NOMEM", _MEMORY),
    ("SQLITE_IOERR_CORRUPTFS", _BROKEN),
    (
        "SQLITE_IOERR",
        Reason("le disque refuse de lire ou d’écrire", "vérifiez l’état du disque et l’espace disque qui reste"),
    ),
    ("SQLITE_NOLFS", _SYSTEM[errno.EFBIG]),
    ("SQLITE_CORRUPT", _DAMAGED),
    ("SQLITE_NOTADB", _DAMAGED),
    ("SQLITE_BUSY", _BUSY),
    ("SQLITE_LOCKED", _BUSY),
    ("SQLITE_PROTOCOL", _BUSY),
)
"""Beginnings of the names of SQLite's result codes, each with its reason; the first that fits counts."""

_ONE_FILE = frozenset(
    {
        *(errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP),
        *(errno.EIO, errno.EINVAL),
    }
)
_SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOLCK})


def reason_of(error: SystemFailure) -> Reason:
    """Return why a call failed, and what to do."""
    if isinstance(error, MemoryError):
        return _MEMORY
    if isinstance(error, OSError):
        if error.errno is None:
            return Reason("écriture incomplète", _FULL.remedy)
        return _SYSTEM.get(error.errno) or Reason(f"erreur {error.errno} du système")
    name = getattr(error, "sqlite_errorname", "")  # absent from errors that Python's sqlite3 module raises itself
    return next((reason for prefix, reason in _SQLITE if name.startswith(prefix)), Reason("son contenu est inattendu"))


def because(error: SystemFailure) -> str:
    """Return why a call failed, as a few French words for the middle of a sentence."""
    return reason_of(error).why


def concerns_one_file(error: OSError) -> bool:
    """Return whether a file that could not be read is itself at fault: it is missing, misplaced, or on bad sectors.

    Otherwise a sound file could not have been read either: too many files are open, or rights or memory are lacking.
    """
    return error.errno is None or error.errno in _ONE_FILE


def lacks_resources(error: BaseException | None) -> bool:
    """Return whether the program or the machine is short of something, so that other files cannot be read either."""
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _SHORTAGES)


def failure_behind(error: BaseException) -> OSError | MemoryError | None:
    """Return the system error behind an error: the error itself, or else the first among its causes; None if there is
    none.
    """
    seen: list[BaseException] = []
    here: BaseException | None = error
    while here is not None and here not in seen:
        if isinstance(here, OSError | MemoryError):
            return here
        seen.append(here)
        here = here.__cause__ or here.__context__
    return None
