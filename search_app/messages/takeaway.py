"""French of what people take away: files, citations, feeds."""

from __future__ import annotations

from collections.abc import Mapping

from indexer.query.request import MAX_REACH
from search_app.messages import THIN, typeset

ACCESS_COLUMN = "Accès"
COLUMNS = (
    "Titre",
    "Type",
    "Année",
    "Origine de l’année",
    "Date",
    "Thèmes",
    ACCESS_COLUMN,
    "Résumé",
    "Page d’origine",
    "Page dans l’archive",
    "Documents",
    "Identifiant",
)
ACCESS: Mapping[bool, str] = {True: "réservé aux adhérents", False: "public"}
HINTS: Mapping[str, str] = {
    "csv": "tableur",
    "bib": "LaTeX, JabRef",
    "ris": "Zotero, EndNote",
    "jsonl": "programmes",
}
FILE = "ressources"
SELECTION_FILE = "Ma sélection"


def citation(*, title: str, publisher: str, date: str, address: str) -> str:
    """A citation; « [en ligne] » and what follows are fixed by the norm."""
    return f"{title} [en ligne]. {publisher}, {date}. " + typeset("Disponible à l’adresse :") + f" {address}"


def cut_short(total: int) -> str:
    """Said where a file holds less than the search found."""
    count = f"{total:,}".replace(",", THIN)
    reach = f"{MAX_REACH:,}".replace(",", THIN)
    return typeset(f"La recherche trouve {count} ressources : seules les {reach} premières sont dans ce fichier.")


def cut_name(stem: str, total: int) -> str:
    """Name of a file that holds less than the search found."""
    return f"{stem} ({MAX_REACH} premières sur {total})"


def feed_title(site_name: str, heading: str) -> str:
    """Title of a search's feed."""
    return f"{site_name} – {heading}"


FEED_SUBTITLE = typeset(
    "Les ressources les plus récentes d’une recherche. Une ressource sans date y est placée en dernier ; la date de "
    "mise à jour que le format exige est alors le 1er janvier 1970."
)


def opensearch_description(site_name: str) -> str:
    """What the search of this site is, for the browser that adds it."""
    return f"Recherche en texte intégral dans {site_name}"
