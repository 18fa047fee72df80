"""Parsing of the real sample and the generated pages, skipped where these are absent."""

from __future__ import annotations

import gzip
import json
import random
import re
import subprocess
import sys

import pytest

from indexer.parsing.node import PageKind
from indexer.parsing.page import parse_page
from tests.support.parsing import SITE

pytestmark = pytest.mark.slow

# beginning of the title · type · private · year · where the year was found · date
SAMPLE = [
    ("Communiqué de presse RTES - Projet", "Ressources RTES", False, 2025, "title", "2025"),
    ('RepèrESS "Alimentation durable', "Ressources RTES", False, 2024, "text", "2024-09-12"),
    ("Métropoles et territoires voisins", "Autres", False, None, None, None),
    ("Retour sur le séminaire du CA", "Ressources RTES", True, 2024, "title", "2024-02-16"),
    ("ETUDE TERRITOIRES URBAINS", "Ressources RTES", False, 2021, "text", "2021-11"),
    ("Convention de coopération", "Autres", True, None, None, None),
    ('Webinaire du RTES "Evaluation', "Ressources RTES", False, 2023, "text", "2023-04-05"),
    ("Rapport d'activité 2022", "Ressources RTES", False, 2022, "title", "2022"),
    ("L'ESS présente au salon", "Ressources RTES", False, None, None, None),
]
# The beginning and the end of each body and each summary, None if there is none.
BODIES = [
    ("Le Réseau", "cliquant ici"),
    ('"Alimentation', "RepèrESS du RTES :"),
    ("Intercommunalités", "unalites.fr"),
    None,
    ("Les territoires", "cliquant ici"),
    None,
    ("Afin d'éclairer", "le 23 juin"),
    ("Faire connaître", "2022 du RTES :"),
    ("Plusieurs élus", "et le RTES."),
]
SUMMARIES = [
    ("Le Réseau", "cliquant ici"),
    ('"Alimentation', "RepèrESS du RTES :"),
    ("Intercommunalités", "unalites.fr"),
    ("Le conseil", "ressources complémentaires :"),
    ("Les territoires", "cliquant ici"),
    ("Retrouver ci-dessous", "chaque collectivité."),
    ("Afin d'éclairer", "cliquant ici."),
    ("Faire connaître", "2022 du RTES :"),
    ("Plusieurs élus", "et le RTES."),
]


def test_the_sample(shared):
    page = parse_page((shared / "archive/rtes-export.txt").read_bytes(), PageKind.EXPORT, base=SITE)
    assert page.theme is None
    assert len(page.nodes) == len(SAMPLE)
    for node, (title, *row) in zip(page.nodes, SAMPLE, strict=True):
        assert node.title.startswith(title)
        assert [node.type, node.private, node.year, node.year_source, node.date] == row
        assert node.warnings == ()


@pytest.mark.parametrize(("field", "expected"), [("body", BODIES), ("summary", SUMMARIES)])
def test_where_texts_of_the_sample_begin_and_end(shared, field, expected):
    page = parse_page((shared / "archive/rtes-export.txt").read_bytes(), PageKind.EXPORT, base=SITE)
    for text, ends in zip((getattr(node, field) for node in page.nodes), expected, strict=True):
        assert (text is None) == (ends is None)
        assert ends is None or (text.startswith(ends[0]) and text.endswith(ends[1]))


def squeezed(text: str) -> list[str]:
    # Soft hyphens and zero-width spaces are removed on purpose; the first 60 documents have none.
    return [line for part in text.split("\n\n") if (line := re.sub(r"[ \t\n]+", " ", part).strip())]


@pytest.mark.parametrize("markup", ["mixed", "bare", "classes"])
@pytest.mark.parametrize("per_page", [1, 10])
def test_generated_pages(shared, tmp_path, markup, per_page):
    count, rng = 60, random.Random(2026)
    command = [
        shared / "fiches/make_pages.py",
        tmp_path,
        f"--count={count}",
        f"--markup={markup}",
        f"--listing={per_page}",
    ]
    subprocess.run([sys.executable, *map(str, command)], check=True)
    pages = [parse_page(path.read_bytes(), PageKind.HTML, base=SITE) for path in tmp_path.rglob("*.html")]
    assert len(pages) == count // per_page
    assert {page.theme for page in pages} == {None}
    nodes = {node.addresses[0].removeprefix("https://archive.example/"): node for page in pages for node in page.nodes}
    with gzip.open(shared / "fiches/docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        docs = [json.loads(line) for _, line in zip(range(count), lines, strict=False)]
    assert len(nodes) == count
    for doc in docs:
        private, node = rng.random() < 0.2, nodes[doc["id"]]
        no_body = private and len(doc["description"]) % 2
        assert node.title == doc["title"]
        assert (node.body or "").split("\n\n") == ([""] if no_body else squeezed(doc["body"]))
        assert (node.summary or "").split("\n\n") == squeezed(doc["description"])
        assert (node.type, node.private, node.date, node.year_source) == (doc["type"], private, doc["date"], "page")
        assert node.themes == ((doc["theme"],) if doc["theme"] else ())
        assert node.warnings == ()
