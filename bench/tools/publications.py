"""`python -m bench.tools.publications`: write the publications of the demonstration archive from their texts.

The texts stand in `bench/tools/publications/`, one file a publication. A line is « key: value », an item of a list
(« - … ») or a paragraph; keys are `file`, `title`, `subtitle`, `header`, `front` (the title of a page before the first
chapter, numbered in Roman numerals) and `chapter`. The PDFs are small, with a table of contents, running headers and
page labels, and are the same each time. Run this whenever a text changes.
"""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass, field
from pathlib import Path

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    KeepTogether,
    ListFlowable,
    ListItem,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
)
from reportlab.platypus.tableofcontents import TableOfContents

from bench.speed.pages import ROOT

TEXTS = Path(__file__).with_name("publications")
FOLDER = ROOT / "corpus" / "exemple"
"""Folder of the PDFs, and of the pages that link to them."""

_MARGIN = 18 * mm
_BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=15.5, spaceAfter=7)
_HEADING = ParagraphStyle("heading", fontName="Helvetica-Bold", fontSize=15, leading=19, spaceAfter=12)
_TITLE = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=22, leading=27, alignment=TA_CENTER)
_SUBTITLE = ParagraphStyle("subtitle", parent=_BODY, fontSize=13, leading=18, alignment=TA_CENTER, spaceBefore=14)
_ENTRY = ParagraphStyle("entry", parent=_BODY, leading=19)
_ROMAN = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")


@dataclass
class Text:
    """The text of a publication.

    Attributes:
        facts: its file name, title, subtitle and header, by key.
        parts: its parts in order: whether the part comes before the first chapter, its title, its lines.
    """

    facts: dict[str, str] = field(default_factory=dict)
    parts: list[tuple[bool, str, list[str]]] = field(default_factory=list)


def read(path: Path) -> Text:
    """Return the text of a publication, read from its file."""
    text = Text()
    for line in filter(None, map(str.strip, path.read_text("utf-8").splitlines())):
        key, _, value = line.partition(": ")
        if key in {"front", "chapter"}:
            text.parts.append((key == "front", value, []))
        elif key in {"file", "title", "subtitle", "header"}:
            text.facts[key] = value
        else:
            text.parts[-1][2].append(line)
    return text


def typeset(text: str) -> str:
    """Return a text with no-break spaces as in French, and the special characters of XML escaped."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    for sign in ":;!?»":
        text = text.replace(f" {sign}", f"\N{NO-BREAK SPACE}{sign}")
    return text.replace("« ", "«\N{NO-BREAK SPACE}")


class _Heading(Paragraph):
    """The title of a part, which the table of contents lists."""


class _Book(SimpleDocTemplate):
    """A document with a cover, pages in Roman numerals, then chapters from page 1."""

    def __init__(self, target: io.BytesIO, text: Text) -> None:
        super().__init__(
            target,
            pagesize=A5,
            title=text.facts["title"],
            author="Archive de démonstration",
            lang="fr-FR",
            invariant=1,
            leftMargin=_MARGIN,
            rightMargin=_MARGIN,
            topMargin=22 * mm,
            bottomMargin=20 * mm,
        )
        self._header = text.facts["header"]
        self.has_front = any(front for front, *_ in text.parts)
        self.body_from = 1  # page of the first chapter, known once the pages were laid out

    def afterFlowable(self, flowable: Flowable) -> None:
        """Note the page on which a part begins, when its heading has been laid out; called by reportlab."""
        if isinstance(flowable, _Heading):
            self.notify("TOCEntry", (0, flowable.getPlainText(), self.page))
            if getattr(flowable, "opens_body", False):
                self.body_from = self.page

    def label(self, page: int) -> str:
        """Return the label of a page: a Roman numeral before the first chapter, then a number counted from it."""
        if not self.has_front:
            return str(page)
        return _ROMAN[page] if page < self.body_from else str(page - self.body_from + 1)

    def decorate(self, canvas: Canvas, _: object) -> None:
        """Draw the header and the label on every page but the cover, and set the page labels of the PDF."""
        page = canvas.getPageNumber()
        if self.has_front and page == 1:
            canvas.addPageLabel(0, style="ROMAN_LOWER", start=1)
        if self.has_front and page == self.body_from and page > 1:
            canvas.addPageLabel(page - 1, style="ARABIC", start=1)
        if page > 1:
            canvas.setFont("Helvetica", 8)
            canvas.drawString(_MARGIN, A5[1] - 12 * mm, self._header)
            canvas.drawRightString(A5[0] - _MARGIN, 10 * mm, self.label(page))


def build(text: Text) -> bytes:
    """Return the PDF of a text."""
    buffer = io.BytesIO()
    book = _Book(buffer, text)
    contents = TableOfContents(levelStyles=[_ENTRY], dotsMinLevel=0, formatter=book.label)
    story: list[Flowable] = [Spacer(1, 50 * mm), Paragraph(typeset(text.facts["title"]), _TITLE)]
    story += [Paragraph(typeset(text.facts["subtitle"]), _SUBTITLE), PageBreak()]
    story += [Paragraph("Sommaire", _HEADING), contents]
    opened = False
    for front, title, lines in text.parts:
        heading = _Heading(typeset(title), _HEADING)
        heading.opens_body = not front and not opened
        opened = opened or not front
        story += [PageBreak(), heading]
        items: list[ListItem] = []
        for line in [*lines, ""]:
            if line.startswith("- "):
                items.append(ListItem(Paragraph(typeset(line.removeprefix("- ")), _BODY)))
                continue
            if items:
                story.append(KeepTogether(ListFlowable(items, bulletType="bullet", start="•", leftIndent=12)))
                items = []
            if line:
                story.append(Paragraph(typeset(line), _BODY))
    book.multiBuild(story, onFirstPage=book.decorate, onLaterPages=book.decorate)
    return buffer.getvalue()


def main() -> int:
    """Write the PDFs of all publications to `FOLDER`, and return the exit status."""
    argparse.ArgumentParser(prog="python -m bench.tools.publications", description=__doc__).parse_args()
    for path in sorted(TEXTS.glob("*.txt")):
        text = read(path)
        target = FOLDER / text.facts["file"]
        target.write_bytes(build(text))
        print(f"{target.relative_to(ROOT)}, {target.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
