"""System and SQLite errors in French."""

from __future__ import annotations

import errno
import sqlite3

_SYSTEM = {
    errno.ENOSPC: "il n’y a plus de place sur le disque",
    errno.EDQUOT: "le quota de disque est atteint",
    errno.EFBIG: "le fichier dépasse la taille permise",
    errno.EACCES: "droits insuffisants",
    errno.EPERM: "opération interdite",
    errno.EROFS: "le disque est en lecture seule",
    errno.EIO: "le disque a une panne",
    errno.ENOENT: "il n’existe pas",
    errno.ENOTDIR: "un fichier est à la place d’un dossier",
    errno.EISDIR: "c’est un dossier",
    errno.EEXIST: "il existe déjà",
    errno.ENOTEMPTY: "le dossier n’est pas vide",
    errno.EMFILE: "trop de fichiers sont ouverts",
    errno.ENFILE: "trop de fichiers sont ouverts",
    errno.ENAMETOOLONG: "son nom est trop long",
    errno.ELOOP: "les liens tournent en rond",
    errno.EBUSY: "il est utilisé par un autre programme",
    errno.EXDEV: "les deux dossiers ne sont pas sur le même disque",
    errno.EMLINK: "le fichier a trop de noms",
    errno.ENOMEM: "la mémoire manque",
}
_SQLITE = (
    ("SQLITE_FULL", _SYSTEM[errno.ENOSPC]),
    ("SQLITE_READONLY", "il est en lecture seule"),
    ("SQLITE_PERM", _SYSTEM[errno.EACCES]),
    ("SQLITE_CANTOPEN", "il ne peut pas être ouvert"),
    ("SQLITE_IOERR", "le disque refuse de lire ou d’écrire"),
    ("SQLITE_CORRUPT", "son contenu est abîmé"),
    ("SQLITE_NOTADB", "son contenu est abîmé"),
    ("SQLITE_BUSY", "un autre programme l’utilise"),
    ("SQLITE_LOCKED", "un autre programme l’utilise"),
    ("SQLITE_NOMEM", _SYSTEM[errno.ENOMEM]),
)


def because(error: OSError | sqlite3.Error) -> str:
    """Return why a call failed, as a few French words for the middle of a sentence."""
    if isinstance(error, OSError):
        if error.errno is None:
            return "écriture incomplète"
        return _SYSTEM.get(error.errno, f"erreur {error.errno} du système")
    name = getattr(error, "sqlite_errorname", "")  # absent from errors that Python's sqlite3 module raises itself
    return next((french for prefix, french in _SQLITE if name.startswith(prefix)), "son contenu est inattendu")
