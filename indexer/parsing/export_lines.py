"""Split a text export into lines: remove quoting and menus, and give labels lines of their own."""

from __future__ import annotations

import re
from itertools import pairwise

from indexer.parsing.labels import ANCHORS, Label, read_privacy, recognise
from indexer.parsing.shipped_profile import label_of
from indexer.parsing.site_name import is_site_name
from indexer.parsing.text import collapse, fold

_QUOTE = re.compile(r"\s*(?:>\s?)+")
_INLINE = re.compile(
    r"\s*(?:[-*•·]\s+)?([^:\t]{4,40}?)[ \u00a0\u202f]*(?::[ \t\u00a0\u202f]*|\t[\t ]*:?[ \t]*)(\S.*?)\s*"
)
_MENU = frozenset(
    [
        "accueil",
        "menu",
        "menu principal",
        "fermer",
        "ouvrir le menu",
        "rechercher",
        "recherche",
        "actualites",
        "agenda",
        "evenements",
        "contact",
        "contactez-nous",
        "nous contacter",
        "qui sommes-nous ?",
        "qui sommes-nous",
        "le reseau",
        "nos actions",
        "adherer",
        "nos adherents",
        "espace adherent",
        "espace adherents",
        "connexion",
        "se connecter",
        "se deconnecter",
        "mon compte",
        "plan du site",
        "mentions legales",
        "politique de confidentialite",
        "donnees personnelles",
        "gestion des cookies",
        "accessibilite",
        "newsletter",
        "lettre d'information",
        "s'inscrire a la newsletter",
        "centre de ressources",
        "ressources",
        "presse",
        "faq",
        "suivez-nous",
        "facebook",
        "twitter",
        "linkedin",
        "youtube",
        "partager",
        "imprimer",
        "retour",
        "haut de page",
        "retour en haut",
        "vous etes ici",
        "fil d'ariane",
        "aller au contenu principal",
        "aller au contenu",
    ]
)
_TRAIL = re.compile(r"(?:vous etes ici\s*:?\s*)?accueil\s*[>»›/→|].*")
_SHORT = 60
_MENU_AT_LEAST = 2
_LINE_OF_LABELS = 200


def read_lines(text: str) -> list[str]:
    """Return an export's lines, with each label on a line of its own.

    Lines « Libellé : valeur » are cut in two where lines with at least two different labels follow one another, « Type
    de ressource » or « Ressource privée » among them, unless one of these two is on a line of its own in the file. Any
    other such line is text, so that a text which quotes the labels cannot end a private resource.

    Args:
        text: the export, decoded.
    """
    raw = text.split("\n")
    quoted = [line for line in raw if (match := _QUOTE.match(line)) and _is_label_line(line[match.end() :])]
    if quoted:
        raw = [_QUOTE.sub("", line, count=1) if _QUOTE.match(line) else line for line in raw]
    if not _stand_alone([line for line in raw if line.strip()]):
        raw = _spread(raw)
    return _without_menu([line for line in map(collapse, raw) if line and not is_site_name(line)])


def mentions_label(text: str) -> bool:
    """Return whether a short line contains « Type de ressource » or « Ressource privée » beside other words."""
    lines = (fold(line) for line in text.split("\n") if len(line) <= _LINE_OF_LABELS)
    return any(fold(name) in line for line in lines for name in (label_of("type"), label_of("private")))


def holds_private_run(lines: list[str]) -> bool:
    """Return whether two adjacent lines are « Libellé : valeur », one of them « Ressource privée » other than « Non ».

    Args:
        lines: the text of one resource.
    """
    for before, line in pairwise(lines):
        pair = [_inline(before), _inline(line)]
        said = [one for one in pair if one and one[0] is Label.PRIVATE]
        if all(pair) and said and read_privacy([said[0][2]])[0]:
            return True
    return False


def menu_end(lines: list[str], stop: int) -> int | None:
    """Return the index of the title below the menu at the top of an export, or None if there is no menu.

    Args:
        lines: the export's lines.
        stop: index of the resource's first label.
    """
    paragraph = next((i for i in range(stop) if len(lines[i]) > _SHORT or lines[i].endswith((".", "!", "…"))), stop)
    items = [i for i in range(paragraph) if _is_menu(lines[i])]
    if len(items) < _MENU_AT_LEAST or paragraph - 1 <= items[-1]:
        return None
    # Short lines between the menu and the text may be sub-menus; the last of them is the title.
    return paragraph - 1


def _is_label_line(line: str) -> bool:
    return recognise(collapse(line)) is not None or _inline(line) is not None


def _inline(line: str) -> tuple[Label, str, str] | None:
    """Return the label of a line « Libellé : valeur », the label as written, and the value; None for other lines."""
    if len(line) > 2000 or (":" not in line and "\t" not in line):
        return None
    match = _INLINE.fullmatch(line)
    if match is None or (label := recognise(match.group(1))) is None:
        return None
    return label, match.group(1), match.group(2)


def _stand_alone(lines: list[str]) -> bool:
    """Return whether « Type de ressource » or « Ressource privée » is a whole line, and no line « Libellé : valeur » is
    next to it.
    """
    for index, line in enumerate(lines):
        if recognise(collapse(line)) in ANCHORS:
            beside = lines[max(index - 1, 0) : index] + lines[index + 1 : index + 2]
            if not any(map(_inline, beside)):
                return True
    return False


def _spread(raw: list[str]) -> list[str]:
    """Return the lines, with those of the form « Libellé : valeur » cut in two where they are a resource's fields."""
    found = {index: one for index, line in enumerate(raw) if (one := _inline(line))}
    lines: list[str] = []
    index = 0
    while index < len(raw):
        run: list[int] = []
        end = index
        empty: list[Label] = []
        while end < len(raw) and (end in found or not raw[end].strip() or recognise(collapse(raw[end])) is not None):
            if end in found:
                run.append(end)
            elif (label := recognise(collapse(raw[end]))) is not None:
                empty.append(label)
            end += 1
        labels = [found[one][0] for one in run]
        if run and len({*labels, *empty}) > 1 and ANCHORS & set(labels):
            for place in range(index, end):
                lines += found[place][1:] if place in found else (raw[place],)
            index = end
        else:
            lines.append(raw[index])
            index += 1
    return lines


def _is_menu(line: str) -> bool:
    folded = fold(line).strip("☰✕×•-|> ")
    return folded in _MENU or _TRAIL.fullmatch(folded) is not None


def _without_menu(lines: list[str]) -> list[str]:
    """Return the lines without a menu at their end, which comes from the footer of a copied page."""
    tail = len(lines)
    while tail and len(lines[tail - 1]) <= _SHORT and recognise(lines[tail - 1]) is None:
        tail -= 1
    items = [i for i in range(tail, len(lines)) if _is_menu(lines[i])]
    return lines[: items[0]] if len(items) >= _MENU_AT_LEAST and items[0] > 0 else lines
