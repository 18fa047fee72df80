"""The command `publication check`, which shows what the archive would read from a publication, without importing it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import click

from indexer.errors import PublicationError
from indexer.publications import DOCX, ODT, PDF, PPTX, Page, Publication, Status, read_publication
from search_app.cli.command import Group, argument, option
from search_app.cli.context import CommandContext
from search_app.cli.options import json_option
from search_app.cli.output import print_json, printable, say
from search_app.cli.sentences import COMMANDS
from search_app.cli.types import FILE, Number
from search_app.messages import quoted, typeset

_KINDS = {PDF: "PDF", DOCX: "DOCX", ODT: "ODT", PPTX: "PPTX"}
_STATUSES = {
    Status.READ: "lu",
    Status.NO_TEXT: "sans texte",
    Status.UNREADABLE: "illisible",
    Status.PASSWORD: "protégé par un mot de passe",
    Status.DAMAGED: "abîmé",
    Status.OTHER_TYPE: "autre format",
    Status.TOO_MUCH: "refusé",
    Status.INTERRUPTED: "lecture interrompue",
}
_SHOWN = 90
"""Largest number of characters shown from the beginning of a page."""

publication = Group("publication", summary=COMMANDS["publication"])


@publication.command(
    "check",
    summary="montre ce qui est lu de publications, sans rien garder",
    examples=("python run.py publication check guide.pdf", "python run.py publication check guide.pdf --page 12"),
)
@argument("files", nargs=-1, required=True, metavar="FICHIER …", type=FILE, help="PDF, DOCX, ODT ou PPTX")
@option("--page", "number", metavar="N", type=Number(1, 5_000), help="montre tout le texte de la page N du fichier")
@json_option("rapport en JSON")
@click.pass_obj
def cmd_publication_check(
    context: CommandContext, *, files: tuple[Path, ...], number: int | None, as_json: bool
) -> int:
    """Show what is read from publications, or the whole text of page `number`; return 1 if one cannot be read."""
    reports = []
    failed = False
    for path in files:
        try:
            document = read_publication(path)
        except PublicationError as error:
            say(str(error))
            failed = True
            continue
        if as_json:
            reports.append(_report(path, document, number))
        else:
            _print_document(path, document, number)
    if as_json:
        print_json({"publications": reports})
    return 1 if failed else 0


def _report(path: Path, document: Publication, number: int | None) -> dict[str, object]:
    report: dict[str, object] = {
        "path": str(path),
        "media_type": document.media_type,
        "title": document.title,
        "status": document.status.value,
        "reason": document.reason or None,
        "pages": len(document.pages),
        "labels": [page.label or str(page.number) for page in document.pages],
        "empty_pages": list(document.empty_pages),
    }
    if number is not None:
        page = _page(document, number)
        running = [] if page is None else [page.text[start:end] for start, end in page.running]
        report["page"] = None if page is None else {"number": number, "text": page.text, "running": running}
    return report


def _page(document: Publication, number: int) -> Page | None:
    return document.pages[number - 1] if number <= len(document.pages) else None


def _print_document(path: Path, document: Publication, number: int | None) -> None:
    facts = [_KINDS.get(document.media_type, "format inconnu"), _STATUSES[document.status]]
    if document.pages:
        facts.insert(1, f"{len(document.pages)} page{'s' if len(document.pages) > 1 else ''}")
    print(printable(f"{quoted(str(path), 254)}{typeset(' :')} {', '.join(facts)}."))
    if document.reason:
        print(typeset(f"  {document.reason[0].upper()}{document.reason[1:]}"))
    if document.title:
        print(printable(f"  {typeset('Titre :')} {document.title}"))
    for line in _labels(document):
        print(printable(f"  {line}"))
    if number is None:
        for page in document.searchable:
            print(printable(f"  p. {page.number}{typeset(' :')} {_beginning(page)}"))
        return
    shown = _page(document, number)
    if shown is None:
        print(typeset(f"  Il n’y a pas de page {number} à lire dans ce fichier."))
        return
    for start, end in sorted((*shown.body, *shown.running)):
        mark = typeset("[en-tête ou pied de page] ") if (start, end) in shown.running else ""
        for line in shown.text[start:end].split("\n"):
            print(printable(f"  {mark}{line}"))


def _labels(document: Publication) -> list[str]:
    """Return French lines that list pages whose label differs from their number, consecutive ones in one line."""
    lines = []
    for differs, group in groupby(document.pages, key=lambda page: page.label is not None):
        pages = list(group)
        if differs and len(pages) > 1:
            lines.append(f"Pages {pages[0].number} à {pages[-1].number}, notées {pages[0].label} à {pages[-1].label}.")
        elif differs:
            lines.append(f"Page {pages[0].number}, notée {pages[0].label}.")
    return lines


def _beginning(page: Page) -> str:
    """Return the beginning of a page's body, or of its running headers and footers if it has no body."""
    text = " ".join(page.text[start:end] for start, end in page.body or page.running)
    return text[:_SHOWN].rsplit(" ", 1)[0] + " …" if len(text) > _SHOWN else text
