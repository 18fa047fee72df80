"""Publications for tests: PDFs written by reportlab, office documents written as the zips of XML that they are."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from indexer.publications import Processes, Scan

WIDTH, HEIGHT = A4
MARGIN, LEADING = 72, 14
_FONT = Path(reportlab.__file__).with_name("fonts") / "Vera.ttf"

PROSE = """Les collectivités adhérentes ont confié à une association la gestion de l’épicerie solidaire du quartier.
Elle accueille depuis trois ans les familles que lui adressent les travailleurs sociaux de la ville et du département.
Un comité de pilotage réunit deux fois par an les élus, les bénévoles et les habitants qui le souhaitent."""
"""Enough French for a document to be taken as language."""


@dataclass(frozen=True)
class Sheet:
    """A page to draw: its lines from the top, or a function that draws it."""

    lines: Sequence[str] = ()
    header: str = ""
    footer: str = ""
    draw: Callable[[Canvas], None] | None = None


def pdf(
    sheets: Sequence[Sheet],
    *,
    owner: str | None = None,
    password: str | None = None,
    label_from: int = 0,
    title: str = "",
) -> bytes:
    """Return a PDF.

    Args:
        sheets: its pages.
        owner: password of its owner; it then opens without one.
        password: the password it needs.
        label_from: number of pages labelled i, ii, … before those labelled 1, 2, …
        title: title in its properties.
    """
    encryption = None
    if owner or password:
        encryption = StandardEncryption(password or "", ownerPassword=owner, canModify=0, strength=128)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, encrypt=encryption, invariant=1)
    canvas.setTitle(title)
    if label_from:
        canvas.addPageLabel(0, style="ROMAN_LOWER", start=1)
        canvas.addPageLabel(label_from, style="ARABIC", start=1)
    for sheet in sheets:
        canvas.setFont("Helvetica", 11)
        if sheet.header:
            canvas.drawString(MARGIN, HEIGHT - 36, sheet.header)
        if sheet.draw:
            sheet.draw(canvas)
        for number, line in enumerate(sheet.lines):
            canvas.drawString(MARGIN, HEIGHT - MARGIN - number * LEADING, line)
        if sheet.footer:
            canvas.drawString(MARGIN, 36, sheet.footer)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def scan(canvas: Canvas) -> None:
    """Draw a page that is only a picture."""
    canvas.drawImage(ImageReader(Image.new("RGB", (60, 80), "white")), MARGIN, MARGIN, 400, 600)


def rows_of_columns(left: Sequence[str], right: Sequence[str], *, gutter: float = 18) -> Callable[[Canvas], None]:
    """Return a function that draws two columns row by row, as some programs do, `gutter` points apart."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 9)
        for number, (one, other) in enumerate(zip(left, right, strict=True)):
            height = HEIGHT - 2 * MARGIN - number * LEADING
            canvas.drawString(MARGIN, height, one)
            canvas.drawString((WIDTH + gutter) / 2, height, other)

    return draw


def endless(depth: int = 12, width: int = 12) -> bytes:
    """Return a PDF of a few kilobytes whose only page draws `width` to the power of `depth` texts."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for number in range(depth):
        canvas.beginForm(f"f{number}")
        for _ in range(width):
            if number:
                canvas.doForm(f"f{number - 1}")
            else:
                canvas.drawString(MARGIN, MARGIN, "encore")
        canvas.endForm()
    canvas.doForm(f"f{depth - 1}")
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def zip_of(entries: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def docx(body: str, **more: str | bytes) -> bytes:
    """Return a DOCX with the given XML in its body; `more` are further files of its zip, by path."""
    document = f"<w:document {W} {MC}><w:body>{body}</w:body></w:document>"
    return zip_of({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **more})


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


ODT_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table", "draw")
)


def odt(body: str, **more: str | bytes) -> bytes:
    """Return an ODT with the given XML in its body; `more` are further files of its zip, by path."""
    content = (
        f"<office:document-content {ODT_NAMES}><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    return zip_of({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, **more})


P = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'


def shape(text: str, placeholder: str = "") -> str:
    holder = f'<p:ph type="{placeholder}"/>' if placeholder else ""
    return (
        f"<p:sp><p:nvSpPr><p:nvPr>{holder}</p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p>"
        "</p:txBody></p:sp>"
    )


def pptx(slides: Sequence[str], order: Sequence[int] | None = None) -> bytes:
    """Return a PPTX.

    Args:
        slides: for each slide file, its shapes as XML.
        order: numbers of the slide files, from 1, as they are shown.
    """
    shown = order or range(1, len(slides) + 1)
    entries: dict[str, str | bytes] = {
        "ppt/presentation.xml": f"<p:presentation {P}><p:sldIdLst>"
        + "".join(f'<p:sldId id="{255 + number}" r:id="rId{number}"/>' for number in shown)
        + "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": _RELATIONS.format(
            "".join(
                f'<Relationship Id="rId{number}" Target="slides/slide{number}.xml"/>'
                for number in range(1, len(slides) + 1)
            )
        ),
    }
    for number, shapes in enumerate(slides, 1):
        entries[f"ppt/slides/slide{number}.xml"] = f"<p:sld {P}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
    return zip_of(entries)


def scanned(lines: Sequence[str], *, size: int = 40) -> Callable[[Canvas], None]:
    """Return a function that draws a scanned page: only a picture of lines, in letters of `size` pixels."""
    font = ImageFont.truetype(_FONT, size)
    image = Image.new("L", (1654, 2339), 255)
    drawing = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        drawing.text((150, 200 + number * 2 * size), line, fill=0, font=font)

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(image), 0, 0, WIDTH, HEIGHT)

    return draw


class FakeRecogniser:
    """A text recogniser (OCR) that gives the texts that a test chooses, and notes the pages that it got in `seen`.

    Args:
        text: returns the text of a page, None if it was interrupted.
        version: version that it claims to have.
    """

    def __init__(self, text: Callable[[Scan], str | None], version: str = "1 faux") -> None:
        self.version = version
        self.seen: list[Scan] = []
        self._text = text

    def recognise(self, scan: Scan, processes: Processes, /) -> str | None:
        """Return the text that the test gives for a page, or None if it was interrupted."""
        self.seen.append(scan)
        return self._text(scan)
