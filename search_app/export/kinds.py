"""Kinds of references: to reference managers, a resource is a report or a web page, never a journal article."""

from __future__ import annotations

from enum import StrEnum

from indexer.analysis import fold
from indexer.resource import Resource


class Kind(StrEnum):
    """A kind of reference, under the name that Zotero and Dublin Core's `type` give it."""

    REPORT = "report"
    WEB_PAGE = "webpage"


_REPORTS = frozenset(
    "actes annuaire avis bilan brochure cahier charte compte diagnostic dossier enquete etude evaluation fiche guide "
    "livre livret manuel memento memoire monographie note plaidoyer publication rapport recueil referentiel synthese "
    "vademecum".split()
)
"""First words of the types of resources that count as reports, in the singular and without accents."""


def kind_of(resource: Resource) -> Kind:
    """Return the kind of a resource: a report if its type names a document, else a web page."""
    words = fold(resource.type or "").replace("-", " ").split()
    return Kind.REPORT if words and {words[0], words[0].removesuffix("s")} & _REPORTS else Kind.WEB_PAGE
