"""Titles of publications that people wrote, unlike titles made up by programs and links such as « télécharger »."""

from __future__ import annotations

import re

from indexer.analysis.folding import fold
from indexer.parsing.text import collapse
from indexer.publications.limits import MAX_TITLE

_MADE = re.compile(
    r"""
    .*\.(?:pdf|docx?|odt|pptx?|odp|xlsx?|ods|rtf|indd|pub|qxd|ai|psd|eps|tmp|html?|dvi|ps|tex|jpe?g|png|tiff?)
    | \S*[\\/]\S* | \S*_\S* | [a-z0-9]+(?:-[a-z0-9]+){2,}-[0-9]+ | [a-z0-9]+(?:-[a-z0-9]+){4,}
    | (?:microsoft|adobe|libreoffice|openoffice|powerpoint|word|excel|indesign|photoshop|canva)
      (?:\s+(?:powerpoint|word|excel|indesign|photoshop|acrobat|illustrator|publisher|writer|impress|pdf|document))*
      \s+[-–]\s.*
    | (?:document|pr[ée]sentation|untitled|sans\s+(?:titre|nom)|titre|title|nouveau\s+document|new\s+document)
      (?:\s+(?:powerpoint|word|microsoft\s+\w+|document|presentation|sans\s+(?:titre|nom)))?[\W\d]*
    | (?:powerpoint|word|microsoft\s+\w+)\s+(?:document|presentation|pr[ée]sentation)[\W\d]*
    | (?:mise\s+en\s+page|layout|page|diapositive|slide|feuil|feuille|planche|classeur|couverture|maquette)[\W\d]*
    | (?:scan|scanned|num[ée]risation|camscanner|copieur|image)(?:[\W\d_]|scan|document|page|copie)*
    | (?:skm|kmbt|img|dsc|xerox|doc)[\W\d_]\S*
    | \(?(?:anonymous|none|null|n/a|pdf)\)?
    | [\W\d]*
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Matches titles that programs, copiers and converters made up."""
_SIZE = re.compile(r"\s*[\[(][^\])]*\b(?:pdf|docx?|odt|pptx?|[kmg]o|[kmg]b|octets)\b[^\])]*[\])]\s*\Z", re.IGNORECASE)
_ASKED = re.compile(
    r"(?:pour\s+)?(?:télécharge[rz]|consulte[rz]|lire|lisez|voir|découvr(?:ir|ez)|ouvrir|accéder\s+à|retrouve[rz])\s+"
    r"(?:le\s+|la\s+|les\s+|l['’]\s*|notre\s+|un\s+|une\s+|ce\s+|cette\s+)?(?=\S)",
    re.IGNORECASE,
)
"""Matches the words by which a link asks people to open the publication that it then names."""
_WORDS = re.compile(r"[^\W_]+")
_SAYS_NOTHING = frozenset(
    fold(word)
    for word in """
    a accéder accès afficher aller annexe article au aux brochure c ce ces cet cette ci cliquer cliquez complet complète
    consultable consulter consultez contre d dans de des dessous dessus découvrez découvrir document documents docx
    dossier du en et fiche fichier fichiers format guide ici intégral intégrale intégralité jointe joint kit ko l la le
    les lien ligne lire lisez livret mo n note numéro odt ouvrir page pages par pdf pièce plaquette plus pour pptx
    publication publications rapport ressource retrouver retrouvez savoir site sur synthèse télécharger télécharge
    téléchargez téléchargeable téléchargement texte un une version voir
    """.split()
)
"""Words of links that lead to a publication without naming it, and kinds of publications."""


def own_title(text: str | None) -> str | None:
    """Return the title in the properties of a file, without needless spaces; None if a program made it up."""
    title = collapse((text or "")[: 2 * MAX_TITLE])[:MAX_TITLE].strip()
    return None if _MADE.fullmatch(title) else title


def title_of_link(label: str) -> str | None:
    """Return the title of a publication as the text of a link gives it; None if the text only asks to open the file."""
    said = _SIZE.sub("", collapse(label[: 2 * MAX_TITLE])).strip()
    asked = _ASKED.match(said)
    title = own_title(said[asked.end()].upper() + said[asked.end() + 1 :] if asked else said)
    if title is None or "://" in title:
        return None
    named = [word for word in _WORDS.findall(fold(title)) if word not in _SAYS_NOTHING and not word.isdigit()]
    return title if named else None
