"""Resources with values that are difficult to write to files, for tests of exports."""

from __future__ import annotations

from typing import Any

from indexer.resource import Attachment, Audience, Resource, YearSource
from search_app.export.record import Record, Source

VISITOR = Source("Archives d’essai", Audience.VISITOR)
MEMBER = Source("Archives d’essai", Audience.MEMBER)


def record(**fields: Any) -> Record:
    """Return the export record of a plain public resource; `fields` replace those of the resource."""
    plain: dict[str, Any] = {
        "id": "guide",
        "url": "https://www.reseau.example/guide",
        "title": "Guide",
        "body": None,
        "summary": None,
        "type": None,
        "private": False,
        "themes": (),
        "date": None,
        "year": None,
        "year_source": None,
    }
    return Record(Resource(**{**plain, **fields}), f"https://archives.example/ressources/{fields.get('id', 'guide')}")


AWKWARD = (
    record(
        id="ete-2024",
        title="L’été à 100 % : {œuvre} & « coût » $5 #1_a ~b^c \\d",
        body="Premier paragraphe.\n\nSecond.",
        summary="Ligne un.\nLigne deux ; « fin ».",
        type="Guides",
        themes=("Coopérations, PTCE et SCIC", "Économie"),
        date="2024-02-16",
        year=2024,
        year_source=YearSource.PAGE,
        url="https://reseau.example/a{b}?c=d&e=100%25",
        author="Léa Roux & fils; Le {Réseau}",
        attachments=(
            Attachment("https://reseau.example/guide.pdf", "Le guide"),
            Attachment("https://reseau.example/b.pdf", ""),
        ),
    ),
    record(id="sans-annee", title='Dit "fin"; sans année', url=None),
    record(id="formule", title="=SOMME(A1:A9)", summary="-1+2", type="@type", themes=("+33", "\ttab"), date="2021-11",
           year=2021, year_source=YearSource.TEXT, private=True),
)  # fmt: skip
