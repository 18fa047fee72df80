"""Generated pages, for when the practical sheets are not available: French words with frequencies by Zipf's law."""

from __future__ import annotations

import random
from itertools import accumulate
from pathlib import Path

_TYPES = ("Guide", "Actualité", "Compte rendu", "Fiche")
_THEMES = tuple(f"Thème {letter}" for letter in "ABCDEFGHIJKL")
_STARTS = (
    "ba ca da fa ga la ma na pa ra sa ta vi li mi ri ti bou cou dou fou lou mou pou rou sou tou ché dé pré tré".split()
)
_MIDDLES = "bi ca dan fi ga lan men ni pa ra sis ti von li mi ron ten bla cré dro fla gri pli tra".split()
_ENDS = "ble ge me nce que re sme té teur tion ture vage".split()
_COUNT = 20_000
_YEARS = range(2002, 2027)


def _vocabulary(rng: random.Random) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < _COUNT:
        middles = "".join(rng.choices(_MIDDLES, k=rng.randint(0, 2)))
        words.setdefault(rng.choice(_STARTS) + middles + rng.choice(_ENDS))
    return list(words)


def make(folder: Path, count: int) -> None:
    """Write `count` pages below `folder`, a thousand per subfolder; the same count always gives the same pages."""
    rng = random.Random(2026)
    words = _vocabulary(rng)
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(words))))

    def text(length: int) -> str:
        return " ".join(rng.choices(words, cum_weights=weights, k=length))

    for number in range(count):
        inside = folder / f"{number // 1000:04}"
        inside.mkdir(parents=True, exist_ok=True)
        paragraphs = "".join(f"<p>{text(rng.randint(30, 90)).capitalize()}.</p>" for _ in range(rng.randint(2, 6)))
        fields = (
            ("Thème", rng.choice(_THEMES)),
            ("Type de ressource", rng.choice(_TYPES)),
            ("Ressource privée", rng.choices(("Oui", "Non"), (1, 4))[0]),
        )
        labelled = "".join(f"<div><div>{label}</div><div>{value}</div></div>" for label, value in fields)
        title = text(rng.randint(3, 8)).capitalize()
        (inside / f"page-{number:06}.html").write_text(
            f"<!DOCTYPE html><html lang='fr'><head><meta charset='utf-8'><title>{title}</title>"
            f"<link rel='canonical' href='https://archive.example/page/{number}'></head><body><main><article>"
            f"<h2><a href='/page/{number}'>{title}</a></h2>"
            f"<p>Publié le {rng.randint(2, 28)} mars {rng.choice(_YEARS)}</p><div>{paragraphs}</div>{labelled}"
            "</article></main></body></html>",
            encoding="utf-8",
        )
