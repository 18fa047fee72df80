"""Sources: a file, a folder, a zip or a WARC. Each yields pages, publications and the files that are left out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from indexer.errors import SourceError
from indexer.sources.entry import Entry, Found, FoundPublication, Passed, SetAside
from indexer.sources.folders import read_file, read_folder
from indexer.sources.zip_files import open_zip, read_zip
from indexer.storage.os_errors import reason_of

__all__ = ["Entry", "Found", "FoundPublication", "Passed", "SetAside", "read_source", "under_their_names"]


def read_source(path: Path) -> Iterator[Entry]:
    """Yield a result for each file under a path given to the `import` command.

    Args:
        path: a page, a text export, a WARC, a folder (read with all below it) or a zip.

    Raises:
        SourceError: the path does not exist or cannot be opened; raised before anything is yielded.
    """
    try:
        if not path.exists():
            raise SourceError(f"« {path} » n’existe pas : vérifiez le chemin.")
        if path.is_dir():
            return read_folder(path)
        if path.suffix.lower() == ".zip":
            return read_zip(open_zip(path), path)
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        # A symbolic link given as the path is followed; those inside a folder or a zip are not.
        return read_file(path.resolve(), Path(path.name))
    except OSError as error:
        raise SourceError(f"Impossible d’ouvrir « {path} » {reason_of(error).then('vérifiez son chemin')}.") from error


def under_their_names(entries: Iterator[Entry], folder: Path, names: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the entries of a folder of uploaded files under the original names of the files.

    Args:
        entries: what `read_source` found in the folder.
        folder: the folder; its path is removed from all entries.
        names: original names of the files, by their names in the folder.
    """
    outer = f"{folder}{os.sep}"
    for entry in entries:
        first, slash, rest = entry.path.removeprefix(outer).partition(os.sep)
        called = names.get(first, first)
        shown = called + slash + rest
        if isinstance(entry, Found | FoundPublication):
            if entry.captured is not None:  # named after its address, not after its file
                yield replace(entry, path=shown)
                continue
            # The pages of a zip go to a folder named after it.
            head = called if len(entry.name.parts) == 1 else PurePosixPath(called).stem
            yield replace(entry, path=shown, name=PurePosixPath(head or called, *entry.name.parts[1:]))
        else:
            yield replace(entry, path=shown)
