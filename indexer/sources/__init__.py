"""Sources of pages: a file, a folder, a zip. Each yields what it found and what it sets aside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from indexer.errors import SourceError
from indexer.sources.entry import Found, Passed, SetAside
from indexer.sources.folders import read_file, read_folder
from indexer.sources.zip_files import open_zip, read_zip
from indexer.storage.os_errors import reason_of

__all__ = ["Found", "Passed", "SetAside", "read_source"]


def read_source(path: Path) -> Iterator[Found | SetAside | Passed]:
    """Yield everything found under a path given to `import`.

    Args:
        path: a page, a text export, a folder (read with all below it) or a zip.

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
        # A link given by name is followed: only those met inside a folder or a zip are not.
        return iter([read_file(path.resolve(), Path(path.name))])
    except OSError as error:
        raise SourceError(f"Impossible d’ouvrir « {path} » {reason_of(error).then('vérifiez son chemin')}.") from error
