"""Judged queries (with known relevant resources) on the subjects of the real archive; used if beside the checkout.

They are asked as a member. The archive that is searched joins a copy of the demonstration archive, as it was when the
queries were judged, and a sample of the real archive.
"""

from __future__ import annotations

from pathlib import Path

from bench.fiches import Query
from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.pipeline import import_paths, index_corpus
from indexer.progress import Silent
from indexer.settings import Settings

SHARED = Path(__file__).resolve().parents[2] / "shared"
DOMAIN = SHARED / "domain"


def available() -> bool:
    """Return whether the judged queries are beside the checkout."""
    return (DOMAIN / "queries.tsv").is_file()


def engine(folder: Path) -> EmbeddedEngine:
    """Return an engine over the judged archive.

    Args:
        folder: where corpus and index are written.
    """
    settings = Settings(corpus=folder / "corpus", index=folder / "index", data=folder / "data")
    opened = EmbeddedEngine(settings.index, default_analyzer())
    paths = [DOMAIN / "archive", SHARED / "archive" / "rtes-export.txt"]
    import_paths(settings, paths, theme=None, progress=Silent(), engine=opened)
    index_corpus(settings, opened, full=True, progress=Silent())
    return opened


def queries() -> list[Query]:
    """Return the judged queries; the topic of each is its kind. Queries without a relevant resource have no grades."""
    grades: dict[str, dict[str, int]] = {}
    for line in (DOMAIN / "qrels.tsv").read_text("utf-8").splitlines():
        query, resource, _, grade = line.split("\t")
        grades.setdefault(query, {})[resource] = int(grade)
    rows = [line.split("\t") for line in (DOMAIN / "queries.tsv").read_text("utf-8").splitlines()]
    return [Query(kind, text, grades.get(query, {})) for query, text, kind in rows]
