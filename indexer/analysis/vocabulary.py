"""The synonyms in force: the program's, and a site's own beside them, read again whenever they change."""

from __future__ import annotations

import logging
from pathlib import Path

from indexer.analysis.analyzer import Analyzer
from indexer.analysis.synonyms import SYNONYMS_FILE, Synonyms, SynonymsError

_log = logging.getLogger(__name__)
_State = tuple[int, int, int]


class WatchedSynonyms:
    """Synonyms that follow a file.

    Args:
        analyzer: what expressions are analysed with.
        own: the site's file, in the format of `synonyms.txt`; it need not exist. None: the program's alone.

    Raises:
        SynonymsError: a file has lines that cannot be used.
    """

    def __init__(self, analyzer: Analyzer, own: Path | None = None) -> None:
        self._analyzer, self._own = analyzer, own
        self._base = Synonyms.load(SYNONYMS_FILE, analyzer)
        self._seen = self._look()
        self._synonyms = self._load()

    @property
    def synonyms(self) -> Synonyms:
        """Those in force now. A file that became faulty is told of in the log, and changes nothing."""
        seen = self._look()
        if seen != self._seen:
            self._seen = seen
            try:
                self._synonyms = self._load()
            except SynonymsError as error:
                _log.error("synonymes inchangés: %s", error)
        return self._synonyms

    def with_own(self, text: str) -> Synonyms:
        """Those that would be in force if the site's file held this text.

        Raises:
            SynonymsError: lines of it are wrong.
        """
        return self._base.plus(Synonyms.read(text, self._analyzer, self._own or SYNONYMS_FILE))

    def _look(self) -> _State | None:
        if self._own is None:
            return None
        try:
            stat = self._own.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino, stat.st_size

    def _load(self) -> Synonyms:
        if self._own is None or self._seen is None:
            return self._base
        return self._base.plus(Synonyms.load(self._own, self._analyzer))
