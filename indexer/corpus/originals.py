"""The original files of publications: each content once, under its digest, in a folder of the corpus.

corpus/publications/3f/3fa9…    a file, whatever it was called
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

from indexer.errors import CorpusError
from indexer.storage.os_errors import reason_of

PUBLICATIONS = "publications"
"""Name of the folder of originals in the corpus."""

_DIGEST = re.compile(r"[0-9a-f]{32}")


class Originals:
    """The originals of an archive, for reading; no lock is needed, since a file never changes under its digest.

    Args:
        folder: the folder of originals: `PUBLICATIONS` in the corpus.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Return the path of an original, whether it is there or not.

        Raises:
            CorpusError: this is no digest.
        """
        if not _DIGEST.fullmatch(digest):
            raise CorpusError("Cette publication n’a pas une empreinte valable : relancez « python run.py index ».")
        return self.folder / digest[:2] / digest

    def open(self, digest: str) -> BinaryIO:
        """Open an original at its beginning.

        Raises:
            CorpusError: it is not there, or cannot be read.
        """
        path = self.path(digest)
        try:
            return path.open("rb")
        except OSError as error:
            raise CorpusError(
                f"La publication « {path} » ne peut être lue "
                f"{reason_of(error).then('restaurez-la d’une sauvegarde, ou importez-la de nouveau')}."
            ) from error
