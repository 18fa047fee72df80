"""Reasons, in French, why a file is set aside or only read in part; each completes « fichier : … »."""

from __future__ import annotations

import re
from collections.abc import Sequence

PASSWORD = "protégé par un mot de passe : enregistrez-le sans mot de passe, puis importez-le de nouveau."  # noqa: S105
DAMAGED = "fichier abîmé ou incomplet : téléchargez-le de nouveau, puis importez-le."
EMPTY = "fichier vide : téléchargez-le de nouveau, puis importez-le."
HTML = "c’est une page HTML sous un autre nom, souvent une page d’erreur : téléchargez de nouveau le document."
OLD_OFFICE = "ancien format de bureautique (.doc, .xls, .ppt) : enregistrez-le en PDF, puis importez-le."
NOT_READ = "ce n’est pas un document lisible ici : on lit les formats PDF, DOCX, ODT et PPTX."
NO_TEXT = (
    "sans texte : ce sont des images de pages. Pour que ses mots soient trouvés, lancez « Reconnaître le texte des "
    "pages numérisées », ou « python run.py index --ocr »."
)
NO_TEXT_IN_OFFICE = (
    "sans texte : il n’a que des images. Enregistrez-le en PDF, puis importez-le : leur texte pourra être reconnu."
)
NOTHING_RECOGNISED = "sans texte : rien de sûr n’a été reconnu dans les images de ses pages."
UNREADABLE = (
    "texte illisible : ses lettres n’ont pas de sens connu (aucun mot courant), il n’est pas indexé. "
    "Enregistrez de nouveau le document d’origine en PDF, ou lancez « python run.py index --ocr »."
)
BOMB = "compression anormale : le fichier est refusé par prudence."
ENTITIES = "contenu anormal (déclarations d’entités XML) : le fichier est refusé par prudence."
TOO_LARGE = "fichier trop volumineux : publiez-le en plusieurs parties."
TOO_MUCH_TEXT = "texte d’une longueur anormale : le fichier est refusé par prudence."
MEMORY = "le lire demande trop de mémoire : enregistrez-le de nouveau en PDF, ou en plusieurs parties."
CPU = "le lire demande trop de calculs : enregistrez-le de nouveau en PDF, ou en plusieurs parties."
CRASHED = "le lire met le programme de lecture en défaut : enregistrez-le de nouveau en PDF."
WALL = "sa lecture a été arrêtée faute de temps : importez-le de nouveau quand la machine est moins chargée."
KILLED = "sa lecture a été interrompue par la machine : importez-le de nouveau."
NOT_STARTED = "la machine n’a pas pu lancer sa lecture : réessayez, et vérifiez sa mémoire."
WRONG_OUTPUT = "sa lecture a donné une réponse inattendue : le fichier est refusé par prudence."

_WITHOUT_TEXT = re.compile(r"(?:page \d+ est|pages sont) sans texte(?: : [\d, …]+)?\.\Z")

ALL = (
    *(PASSWORD, DAMAGED, EMPTY, HTML, OLD_OFFICE, NOT_READ, NO_TEXT, NO_TEXT_IN_OFFICE, UNREADABLE, BOMB, ENTITIES),
    *(TOO_LARGE, TOO_MUCH_TEXT, MEMORY, CPU, CRASHED, WALL, KILLED, NOT_STARTED, WRONG_OUTPUT),
)
"""Every reason without numbers that the process that reads a file may give."""


def cut_short(pages: int) -> str:
    """Return the reason that only the first `pages` pages of a document were read."""
    return f"document très long : seules ses {pages} premières pages sont lues."


def lacks_text(sentence: str) -> bool:
    """Return whether a sentence ends with a reason that recognising text may remove."""
    return sentence.endswith((NO_TEXT, UNREADABLE)) or _WITHOUT_TEXT.search(sentence) is not None


def without_text(numbers: Sequence[int]) -> str:
    """Return the reason that some pages, given by their numbers, have no text."""
    if len(numbers) == 1:
        return f"la page {numbers[0]} est sans texte."
    shown = ", ".join(map(str, numbers[:10])) + (" …" if len(numbers) > 10 else "")
    return f"{len(numbers)} pages sont sans texte : {shown}."
