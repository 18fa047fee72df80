"""Pages that show a private node among others, in every layout that a Drupal theme without CSS classes may give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product

from tests.support.parsing import bare, fields

SECRET = "zorglubien"
"""Word that all private texts contain, including titles and addresses."""
SHOWN = "paprikash"
"""Word that the text of the public neighbour contains."""
PIECES = ("title", "body", "fields", "neighbour", "filters", "related")
OWN = ("title", "body", "fields")
WRAPPERS = {
    "article": ("<article>", "</article>"),
    "node": ('<div class="node node--type-ressource">', "</div>"),
    "div": ("<div>", "</div>"),
}


def labels(private: str = "Non") -> str:
    """Return the HTML of the two labels that every resource has: its type, and whether it is private (Oui, Non)."""
    return f"<div>{bare('Type de ressource', 'Autres')}{bare('Ressource privée', private)}</div>"


NEIGHBOUR = f'<h2><a href="/voisine">Guide des halles</a></h2><p>Le guide {SHOWN} des halles.</p>'
RELATED = {
    "links": '<div><h3>Voir aussi</h3><ul><li><a href="/autre">Un atlas</a></li></ul></div>',
    "text": "<div><p>Voir aussi</p><p>Un atlas, pour la suite.</p></div>",
    "fields": f'<div><h3>Voir aussi</h3><div><a href="/autre">Un atlas</a>{labels()}</div></div>',
}


@dataclass(frozen=True)
class Layout:
    """The layout of a page that shows a private node, its public neighbour, filters and related resources.

    Attributes:
        order: the pieces of the private node, in page order.
        wrapper: element around the private node and around its neighbour, a key of `WRAPPERS`; "" for none.
        cut: number of pieces in the first column, 0 for a single column.
        related: kind of the block of related resources, a key of `RELATED`.
        titled: name of the element that holds the private title.
    """

    order: tuple[str, ...]
    wrapper: str
    cut: int
    related: str
    titled: str

    def page(self) -> str:
        """Return the HTML of the page."""
        title = f"Note {SECRET}"
        opening, closing = WRAPPERS.get(self.wrapper, ("", ""))
        pieces = {
            "title": f"<{self.titled}>{title}</{self.titled}>",
            "body": f'<p>Un texte {SECRET} du bureau, et <a href="/{SECRET}.pdf">sa pièce</a>.</p>',
            "fields": labels("Oui"),
            "neighbour": opening + NEIGHBOUR + labels() + closing,
            "filters": labels(),
            "related": RELATED[self.related],
        }
        order = list(self.order)
        if self.wrapper:
            # Put the whole node in the place of its first piece.
            own = [piece for piece in order if piece in OWN]
            first = order.index(own[0])
            pieces["node"] = opening + "".join(pieces[piece] for piece in own) + closing
            order = (
                [piece for piece in order[:first] if piece not in OWN]
                + ["node"]
                + [piece for piece in order[first:] if piece not in OWN]
            )
        content = "".join(pieces[piece] for piece in order)
        if self.cut:
            sides = order[: self.cut], order[self.cut :]
            columns = ("<div>" + "".join(pieces[piece] for piece in side) + "</div>" for side in sides)
            content = f"<div>{''.join(columns)}</div>"
        return (
            f"<html><head><title>{title} | Site</title><link rel=canonical href='https://exemple.test/{SECRET}'></head>"
            f"<body><main>{content}</main></body></html>"
        )


def every_layout() -> Iterator[Layout]:
    """Yield the layouts to test; of several with the same HTML, only the first."""
    seen: set[str] = set()
    for number, (order, wrapper, related) in enumerate(product(permutations(PIECES), ("", *WRAPPERS), RELATED)):
        # Each order in one and in two columns; the positions of the second column are combined with the other choices
        # in turn.
        for cut in (0, 1 + number % 5):
            layout = Layout(order, wrapper, cut, related, ("h1", "h2")[number // 5 % 2])
            key = layout.page()
            if key not in seen:
                seen.add(key)
                yield layout


_HEAD = f"<h2><a href='/{SECRET}'>Note {SECRET}</a></h2>"
_TEXT = f"<p>Un texte {SECRET} du bureau.</p>"
_YES, _NO = labels("Oui"), labels()
_FLAT = "<p>Type de ressource</p><p>Autres</p><p>Ressource privée</p><p>{}</p>"
_BREAKS = "Type de ressource<br>Autres<br>Ressource privée<br>{}<br>"
_STRONG = "<p><strong>Type de ressource :</strong> Autres</p><p><strong>Ressource privée :</strong> {}</p>"
_LIST = "<dl><dt>Type de ressource</dt><dd>Autres</dd><dt>Ressource privée</dt><dd>{}</dd></dl>"
_TABLE = (
    "<table><tr><th>Type de ressource</th><td>Autres</td></tr><tr><th>Ressource privée</th><td>{}</td></tr></table>"
)
_SUMMED = "<p>Type de ressource</p><p>Autres</p><p>Ressource privée</p><p>Non</p><p>Résumé</p><p>En bref.</p>"
_MISSING = f"<div>{bare('Type de ressource', 'Autres')}</div>"
_FILTER = f"<div>{bare('Ressource privée', 'Non')}</div>"
_OTHERS = f"<article>{NEIGHBOUR}{_NO}</article><article><h2><a href='/b'>Bourse</a></h2>{_NO}</article>"
_MORE = "<p>Voir aussi</p><ul><li><a href='/x'>Un atlas</a></li></ul>"
_LINKS = "<h2>Voir aussi</h2><ul><li><a href='/x'>Un atlas</a></li></ul>"

ODD = {
    "fields before the text": _YES + _HEAD + _TEXT + _NO + NEIGHBOUR,
    "fields before the text, public first": _NO + NEIGHBOUR + _YES + _HEAD + _TEXT,
    "fields between title and text": _HEAD + _YES + _TEXT + NEIGHBOUR.replace("</h2>", "</h2>" + _NO),
    "fields between title and text, public first": NEIGHBOUR.replace("</h2>", "</h2>" + _NO) + _HEAD + _YES + _TEXT,
    "text before its title": _TEXT + _HEAD + _YES + NEIGHBOUR + _NO,
    "filters between text and fields": _HEAD + _TEXT + _NO + _YES,
    "filters with a heading of their own": _HEAD + _TEXT + "<h3>Filtres actifs</h3>" + _NO + _YES,
    "filters between title and text": _HEAD + _NO + _TEXT + _YES,
    "filters, then related links": _HEAD + _TEXT + _NO + _LINKS + _YES,
    "paragraphs": _TEXT + _FLAT.format("Oui") + NEIGHBOUR + _FLAT.format("Non"),
    "paragraphs, a text after the public summary": NEIGHBOUR + _SUMMED + _TEXT + _HEAD + _FLAT.format("Oui"),
    "a text after the public summary, then other links": NEIGHBOUR
    + _SUMMED
    + _TEXT
    + _HEAD
    + "<p>Un atlas.</p>"
    + _SUMMED.replace("Non", "Oui"),
    "lines": _HEAD
    + f"<div>Un texte {SECRET}<br>{_BREAKS.format('Oui')}</div>{NEIGHBOUR}<div>{_BREAKS.format('Non')}</div>",
    "lines, one after the other": f"<div>Note {SECRET}<br>Un texte.<br>{_BREAKS.format('Oui')}Guide<br>"
    f"{_BREAKS.format('Non')}</div>",
    "lines, fields first": f"<div>{_BREAKS.format('Oui')}Note {SECRET}<br>{_BREAKS.format('Non')}Guide</div>",
    "definitions": _TEXT + _LIST.format("Oui") + NEIGHBOUR + _LIST.format("Non") + _HEAD,
    "one list of definitions": f"<dl><dt>Note {SECRET}</dt><dd>Texte</dd>{_LIST[4:-5].format('Oui')}"
    f"<dt>Guide</dt><dd>Texte</dd>{_LIST[4:-5].format('Non')}</dl>",
    "tables": _TABLE.format("Oui") + _HEAD + _TEXT + _TABLE.format("Non") + NEIGHBOUR,
    "a table of layout": f"<table><tr><td>{_YES}</td><td>{_NO}</td></tr><tr><td>{_HEAD}{_TEXT}</td><td>{NEIGHBOUR}</td>"
    "</tr></table>",
    "a table with a head": "<table><tr><th>Titre</th><th>Type de ressource</th><th>Ressource privée</th></tr><tr>"
    f"<td>Guide</td><td>Autres</td><td>Non</td></tr><tr><td>Note {SECRET}</td><td>Autres</td><td>Oui</td></tr></table>",
    "a table for fields, in a column": f"<div><div>{_HEAD}{_TEXT}<table><tr><th>Type de ressource</th>"
    f"<th>Ressource privée</th></tr><tr><td>Autres</td><td>Oui</td></tr></table><p>Fin.</p></div>"
    f"<div>{NEIGHBOUR}{_NO}</div></div>",
    "a table, privacy first": "<table><tr><th>Ressource privée</th></tr><tr><td>Non</td><td>Guide</td></tr><tr>"
    f"<td>Oui</td><td>Note {SECRET}</td></tr></table>",
    "bold words against other fields": _HEAD + _TEXT + _STRONG.format("Oui") + f"<div>{NEIGHBOUR}{_NO}</div>",
    "bold words in a column": f"<div><div>{_HEAD}{_TEXT}{_STRONG.format('Oui')}<p>Fin.</p></div><div>{_NO}</div></div>",
    "bold words in an article": f"<article>{_HEAD}{_TEXT}{_STRONG.format('Oui')}<div>{_NO}</div></article>",
    "a sentence for fields": f"<div>{_HEAD}{_TEXT}<p>Ressource privée : Oui</p></div><div>{NEIGHBOUR}{_NO}</div>",
    "rows of titles, rows of fields": f"<div><div>{_HEAD}{_TEXT}</div><div>{NEIGHBOUR}</div></div>"
    f"<div><div>{_YES}</div><div>{_NO}</div></div>",
    "rows of titles, fields turned round": f"<div><div>{_HEAD}{_TEXT}</div><div>{NEIGHBOUR}</div></div>"
    f"<div><div>{_NO}</div><div>{_YES}</div></div>",
    "a text in the neighbour's row": f"<div>{_HEAD}</div><div><div>{_TEXT}</div><div><p>Voir aussi</p><div>"
    f"<a href='/r'>Guide</a>{_NO}</div></div></div>{_YES}",
    "a text in the neighbour's column": f"<div><div>{_HEAD}{_YES}</div><div>{_TEXT}{NEIGHBOUR}{_NO}</div></div>",
    "a text below the neighbour": f"<div><div>{_HEAD}{_YES}</div><div>{NEIGHBOUR}{_NO}{_TEXT}</div></div>",
    "a text below related links": f"<div><div>{_HEAD}{_YES}</div><div>{_LINKS}{_TEXT}{_NO}</div></div>",
    "related links with the title": f"<div><div>{_HEAD}{_MORE}{_YES}</div><div>{_TEXT}{NEIGHBOUR}{_NO}</div></div>",
    "three columns": f"<div><div>{_HEAD}</div><div>{_TEXT}{_NO}</div><div>{_YES}</div></div>",
    "fields below the columns": f"<div><div>{_HEAD}{_TEXT}{_NO}</div><div>{NEIGHBOUR}{_NO}</div></div>{_YES}",
    "fields in the page's footer": f"<div>{_HEAD}{_TEXT}{_NO}</div><footer>{_YES}</footer>",
    "fields in the page's header": f"<header>{_YES}</header><div>{_HEAD}{_TEXT}{_NO}</div>",
    "fields in a sidebar": f"<article>{_HEAD}{_TEXT}<div><div><a href='/r'>Guide</a>{_NO}</div></div></article>"
    f"<aside>{_YES}</aside>",
    "a sidebar, and another article": f"<article>{_HEAD}{_TEXT}<div><h3>Voir aussi</h3>{_NO}</div></article>"
    f"<article>{NEIGHBOUR}{_NO}</article><aside>{_YES}</aside>",
    "tabs": f"<div>{_HEAD}{_TEXT}</div><ul><li>Fiche</li></ul><div>{_YES}</div><div>{NEIGHBOUR}{_NO}</div>",
    "tabs, turned round": f"<div>{_HEAD}{_TEXT}</div><div><h3>Liens</h3>{_NO}</div><div><h3>Fiche</h3>{_YES}</div>",
    "an accordion": f"<details><summary>Note {SECRET}</summary>{_TEXT}</details><details><summary>Fiche</summary>{_NO}"
    f"</details><details><summary>Accès</summary>{_YES}</details>",
    "a listing in a text": f"<div>{_HEAD}{_TEXT}<ul><li>{NEIGHBOUR}{_NO}</li></ul><p>{SECRET}</p>{_YES}</div>",
    "a grid without headings": f"<div class=views-row><div>Note {SECRET}{_YES}</div><div>Guide{_NO}</div></div>",
    "a label without value": _HEAD + _TEXT + labels("") + NEIGHBOUR + _NO,
    "a label without its own": f"<div>{_HEAD}{_TEXT}{_MISSING}</div>{_FILTER}<div>{NEIGHBOUR}{_NO}</div>",
    "a filter in an article's stead": f"<article>{_HEAD}{_TEXT}{_MISSING}</article>{_FILTER}",
    "a filter before the fields": _FILTER + _MISSING + _TEXT + _HEAD + NEIGHBOUR + _NO,
    "two that disagree": f"<div>{_HEAD}{_TEXT}{bare('Type de ressource', 'Autres')}{bare('Ressource privée', 'Non')}"
    f"{bare('Ressource privée', 'Oui')}</div>",
    "two that disagree, in an article": f"<article>{_HEAD}{_TEXT}{_NO}{_FLAT.format('Oui')}</article>",
    "a Non in other letters": f"<article>{_HEAD}{_TEXT}{labels(chr(0x39D) + chr(0x3BF) + 'n')}</article>",
    "a label in other letters": f"<div>{_HEAD}{_TEXT}{bare('Type de ressource', 'Autres')}"
    f"{bare('Ress' + chr(0x43E) + 'urce privée', 'Oui')}</div><div>{NEIGHBOUR}{_NO}</div>",
    "teasers without fields": f"<article>{_HEAD}{_YES}</article><article>{NEIGHBOUR}{_NO}<div><article>{_HEAD}{_TEXT}"
    "</article></div></article>",
    "a filter and a related page, laid out as nodes": _HEAD + _TEXT + _NO + "<h2><a href='/liee'>Voir aussi</a></h2>"
    f"<p>La suite {SECRET}.</p>{_YES}",
    "a flat list without summaries": _HEAD + _TEXT + _YES + NEIGHBOUR + _NO,
    "a title above, a theme of others": f"<h1>Note {SECRET}</h1><article>{_TEXT}{_YES}</article><div>{_OTHERS}</div>",
    "a heading of the text for a title": f"<h1>Note {SECRET}</h1><article><h2>Étapes</h2>{_TEXT}{_YES}</article>"
    + _OTHERS,
}
"""Content of `<main>` in further unusual layouts, by name; nothing private may be shown, the neighbour may be missing.
"""

WRAPPED = {
    "a table that names the fields": f"<h1>Notes</h1><div><p>Le guide {SHOWN} des notes.</p><table><tr>"
    "<th>Type de ressource</th><th>Ressource privée</th><th>Quand</th></tr><tr><td>Guide</td><td>Oui</td><td>Non</td>"
    f"</tr><tr><td>Atlas</td><td>Non</td><td>Toujours</td></tr></table><p>Fin.</p></div>{_NO}",
    "articles": f"<article>{_HEAD}{_TEXT}{_YES}</article><article>{NEIGHBOUR}{_NO}</article>",
    "divs": f"<div>{_HEAD}{_TEXT}{_YES}</div><div>{NEIGHBOUR}{_NO}</div>",
    "divs, no private text": f"<div>{_HEAD}{_YES}</div><div>{NEIGHBOUR}{_NO}</div>",
    "items": f"<ul><li>{_HEAD}{_TEXT}{_YES}</li><li>{NEIGHBOUR}{_NO}</li></ul>",
    "divs, fields before the text": f"<div>{_HEAD}{_YES}{_TEXT}</div><div>"
    + NEIGHBOUR.replace("</h2>", "</h2>" + _NO)
    + "</div>",
    "articles under filters": f"{_NO}<article>{_HEAD}{_TEXT}{_YES}</article><article>{NEIGHBOUR}{_NO}</article>",
    "articles under filters on private ones": f"{_YES}<article>{_HEAD}{_TEXT}{_YES}</article><article>{NEIGHBOUR}{_NO}"
    "</article>",
    "a form of filters and one article": "<form><label>Type de ressource</label><select><option>Autres</select><label>"
    f"Ressource privée</label><select><option>Oui</select></form><article>{NEIGHBOUR}{_NO}</article>",
    "an article in a private one": f"<article>{_HEAD}{_TEXT}<article>{NEIGHBOUR}{_NO}</article>{_YES}</article>",
    "a flat list with summaries": f"<h2>Note {SECRET}</h2>{_TEXT}{fields(private='Oui')}<h2>Halles</h2>"
    f"<p>Le guide {SHOWN}.</p>{fields()}",
    "a private main part and related articles": f"<article><h1>Note {SECRET}</h1>{_TEXT}{_YES}</article><div><article>"
    f"{NEIGHBOUR}{_NO}</article></div>",
}
"""Content of `<main>` in unambiguous layouts, by name, in which the public neighbour must stay public."""
