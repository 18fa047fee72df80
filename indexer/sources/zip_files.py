"""Zip files as sources: nothing leaves the target, nothing unfolds without end, a bad entry is set aside alone."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from indexer.errors import SourceError
from indexer.parsing.page import sniff
from indexer.sources.entry import MAX_PAGE_BYTES, TOO_LARGE, Found, Passed, SetAside, describe_unknown, is_passed
from indexer.storage.os_errors import reason_of

MAX_ENTRIES = 200_000
MAX_TOTAL_BYTES = 4 * 1024**3
MAX_RATIO = 200
"""HTML rarely shrinks more than thirty times; past this, and past `RATIO_FROM` bytes, an entry is a bomb."""
RATIO_FROM = 1024 * 1024
_ROOT = PurePosixPath()


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open a zip.

    Raises:
        SourceError: it is damaged, or no zip.
    """
    try:
        return zipfile.ZipFile(path)
    except OSError as error:
        raise SourceError(f"Impossible d’ouvrir « {path} » {reason_of(error).then('vérifiez son chemin')}.") from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError) as error:
        raise SourceError(
            f"« {path} » n’est pas un zip lisible : refaites l’archive, ou importez le dossier."
        ) from error


def read_zip(
    archive: zipfile.ZipFile, path: Path, *, under: PurePosixPath = _ROOT
) -> Iterator[Found | SetAside | Passed]:
    """Yield every entry of a zip, in the order of the archive.

    Args:
        archive: the open zip; closed at the end.
        path: where the zip is, for the report.
        under: place of the zip within its own source.
    """
    with archive:
        left = MAX_TOTAL_BYTES
        for number, info in enumerate(archive.infolist()):
            where = f"{path}/{info.filename}"
            if info.is_dir():
                continue
            if number >= MAX_ENTRIES or left <= 0:
                yield SetAside(
                    str(path), "archive trop grande : la suite est laissée de côté, importez-la en plusieurs zips."
                )
                return
            reason = _refusal(info)
            if reason is not None:
                yield SetAside(where, reason)
            elif is_passed(info.filename):
                yield Passed(where)
            else:
                left -= info.file_size  # zipfile reads no further than this
                yield _read_entry(archive, info, where, under)


def _refusal(info: zipfile.ZipInfo) -> str | None:
    """Return why an entry is not even read, or None."""
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    if not parts or parts[0].startswith("/") or ".." in parts or (len(parts[0]) == 2 and parts[0][1] == ":"):
        return "chemin interdit : il sort de l’archive."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "les liens ne sont pas suivis."
    if info.flag_bits & 0x1:
        return "entrée protégée par un mot de passe."
    if info.filename.lower().endswith(".zip"):
        return "un zip dans un zip n’est pas ouvert : importez-le à part."
    if info.file_size > MAX_PAGE_BYTES:
        return TOO_LARGE
    if info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        return "compression anormale : l’entrée est refusée par prudence."
    return None


def _read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str, under: PurePosixPath) -> Found | SetAside:
    try:
        with archive.open(info) as file:
            raw = file.read(MAX_PAGE_BYTES + 1)  # the declared size may lie
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        return SetAside(where, f"entrée abîmée ({type(error).__name__}).")
    if len(raw) > MAX_PAGE_BYTES:
        return SetAside(where, TOO_LARGE)
    name = info.filename.replace("\\", "/")
    kind = sniff(name, raw[:4096])
    if kind is None:
        return SetAside(where, describe_unknown(name))
    return Found(where, under / PurePosixPath(name), raw, kind)
