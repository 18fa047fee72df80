"""The practical sheets (« fiches pratiques », a public French data set), with queries whose relevant sheets are known.

They are not part of the project; benchmarks use them if they are beside the checkout.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.resource import Resource, YearSource

FICHES = Path(__file__).resolve().parents[2] / "shared" / "fiches"


@dataclass(frozen=True, slots=True)
class Query:
    """A query, its topic, and the grade (1 to 3) of each relevant resource, by id."""

    topic: str
    text: str
    grades: dict[str, int]


def available() -> bool:
    """Return whether the practical sheets are beside the checkout."""
    return (FICHES / "docs.jsonl.gz").is_file()


def resources() -> list[Resource]:
    """Return all sheets as public resources."""
    with gzip.open(FICHES / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [_resource(json.loads(line)) for line in lines]


def _resource(sheet: dict[str, str]) -> Resource:
    return Resource(
        id=sheet["id"].replace("/", "-").lower(),
        url=f"https://archive.example/{sheet['id']}",
        title=sheet["title"],
        body=sheet["body"] or None,
        summary=sheet["description"] or None,
        type=sheet["type"],
        private=False,
        themes=(sheet["theme"],) if sheet["theme"] else (),
        date=sheet["date"],
        year=int(sheet["date"][:4]),
        year_source=YearSource.PAGE,
    )


def queries() -> list[Query]:
    """Return all queries that may be used for development, with their grades."""
    grades: dict[str, dict[str, int]] = {}
    for line in (FICHES / "qrels.tsv").read_text("utf-8").splitlines():
        query, _, sheet, grade = line.split("\t")
        grades.setdefault(query, {})[sheet.replace("/", "-").lower()] = int(grade)
    rows = [line.split("\t") for line in (FICHES / "queries.tsv").read_text("utf-8").splitlines()]
    return [Query(topic, text, grades[query]) for query, topic, text in rows]


def ndcg(found: Sequence[str], grades: dict[str, int]) -> float:
    """Return the normalised discounted cumulative gain of the first ten hits (K. Järvelin, J. Kekäläinen, 2002), with
    gain 2^grade - 1.
    """
    ideal = _gain(sorted(grades.values(), reverse=True))
    return _gain([grades.get(each, 0) for each in found]) / ideal


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades[:10]))
