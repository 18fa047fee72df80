"""Files and folders as sources."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from indexer.errors import PageError, SourceError
from indexer.sources.entry import (
    HEAD,
    MAX_PAGE_BYTES,
    PIECE,
    Entry,
    FoundPublication,
    Passed,
    SetAside,
    describe_large,
    describe_unknown,
    is_page,
    is_passed,
    read_captures,
    read_entry,
)
from indexer.sources.publication_files import (
    MAX_PUBLICATION_BYTES,
    PUBLICATION_TOO_LARGE,
    publication_type,
)
from indexer.sources.warc import is_warc
from indexer.sources.zip_files import open_zip, read_zip
from indexer.storage.os_errors import because, lacks_resources, reason_of


def read_folder(folder: Path) -> Iterator[Entry]:
    """Yield a result for every file below a folder, ordered by path; symbolic links are not followed.

    Raises:
        SourceError: the folder itself cannot be listed.
    """
    try:
        os.listdir(folder)
    except OSError as error:
        raise _unusable(folder, error) from error
    return _walk(folder)


def _walk(folder: Path) -> Iterator[Entry]:
    unreadable: list[OSError] = []  # reported at the end, since the last ones may come after the last file
    for place, folders, files in os.walk(folder, onerror=unreadable.append):
        folders.sort()
        for name in sorted(files):
            path = Path(place) / name
            inside = path.relative_to(folder)
            if is_passed(inside.as_posix()):
                yield Passed(str(path))
            elif path.suffix.lower() == ".zip" and not path.is_symlink():
                yield from _zip_inside(path, inside)
            else:
                yield from read_file(path, inside)
    for error in unreadable:
        if lacks_resources(error):
            raise _unusable(Path(error.filename), error) from error
        yield SetAside(str(error.filename), f"dossier illisible ({because(error)}).")


def _zip_inside(path: Path, inside: Path) -> Iterator[Entry]:
    try:
        archive = open_zip(path, called="ce fichier")
    except SourceError as error:
        yield SetAside(str(path), str(error))
        return
    yield from read_zip(archive, path, under=PurePosixPath(inside.as_posix()).with_suffix(""))


def read_file(path: Path, inside: Path) -> Iterator[Entry]:
    """Yield the result for one file: its page, or all pages of a WARC.

    Args:
        path: the file.
        inside: its path within the source.

    Raises:
        SourceError: no file can be opened now, for want of memory or of file handles.
    """
    try:
        # O_NOFOLLOW and fstat ensure that the file checked is the file read, even if others write to the folder.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if lacks_resources(error):  # nothing is wrong with this file
            raise _unusable(path, error) from error
        reason = "les liens ne sont pas suivis." if path.is_symlink() else f"fichier illisible ({because(error)})."
        yield SetAside(str(path), reason)
        return
    place = PurePosixPath(inside.as_posix())
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            yield SetAside(str(path), "ce n’est pas un fichier ordinaire.")
            return
        try:
            raw = file.read(HEAD)
            media_type = publication_type(path.name, raw)
            if is_warc(path.name, raw) or media_type is not None:
                file.seek(0)
            elif is_page(path.name, raw):
                raw += file.read(max(0, MAX_PAGE_BYTES + 1 - HEAD))
        except OSError as error:
            yield SetAside(str(path), f"fichier illisible ({because(error)}).")
            return
        if is_warc(path.name, raw[:HEAD]):
            yield from read_captures(str(path), file, place.parent)
        elif media_type is not None:
            if found.st_size > MAX_PUBLICATION_BYTES:
                yield SetAside(str(path), PUBLICATION_TOO_LARGE)
            else:
                yield FoundPublication(str(path), place, media_type, _pieces(path, file))
        elif max(found.st_size, len(raw)) > MAX_PAGE_BYTES:
            yield SetAside(str(path), describe_large(path.name, raw[:HEAD]))
        elif not is_page(path.name, raw[:HEAD]):
            yield SetAside(str(path), describe_unknown(path.name, raw))
        else:
            yield from read_entry(str(path), path.name, place, raw)


def _pieces(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    """Yield the content of an open file.

    Raises:
        PageError: the file cannot be read.
        SourceError: no file can be read now, for want of memory or of file handles.
    """
    try:
        while piece := file.read(PIECE):
            yield piece
    except OSError as error:
        if lacks_resources(error):
            raise _unusable(path, error) from error
        raise PageError(f"fichier illisible ({because(error)}).") from error


def _unusable(path: Path, error: OSError) -> SourceError:
    what = "le dossier " if path.is_dir() else ""
    return SourceError(f"Impossible de lire {what}« {path} » {reason_of(error).then('vérifiez son chemin')}.")
