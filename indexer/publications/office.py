"""Read DOCX, ODT and PPTX: zips of XML. Only the process that reads one file imports this module.

What is read is what a reader of the document sees: no comments, no deleted text of tracked changes, no hidden text, no
field codes.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from indexer.document.media_types import DOCX, ODT, PPTX
from indexer.document.pages import Page, Span
from indexer.parsing.text import clean
from indexer.publications import reasons
from indexer.publications.limits import MAX_CHARACTERS, MAX_PAGE_CHARACTERS, MAX_PAGES, MAX_TITLE, MAX_XML_BYTES
from indexer.publications.outcome import SetAsideError
from indexer.publications.publication import UNKNOWN_TYPE, Status
from indexer.sources.zip_files import MAX_RATIO, RATIO_FROM

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
# The strict form of the same formats, which few programs write, has other namespaces for the same elements.
_STRICT = {
    "http://purl.oclc.org/ooxml/wordprocessingml/main": _W[1:-1],
    "http://purl.oclc.org/ooxml/drawingml/main": _A[1:-1],
    "http://purl.oclc.org/ooxml/presentationml/main": _P[1:-1],
    "http://purl.oclc.org/ooxml/officeDocument/relationships": _R[1:-1],
}

_SPACES = re.compile(r"[ \t\f\v\r]+")
_AROUND_ENDS = re.compile(r" ?\n[ \n]*")
_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
_ENCRYPTED = 0x1


@dataclass(slots=True)
class _Text:
    """A text that is built piece by piece; one that grows too long raises `SetAsideError`."""

    media_type: str
    parts: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.size += len(text)
        if self.size > MAX_PAGE_CHARACTERS:
            raise SetAsideError(Status.TOO_MUCH, reasons.TOO_MUCH_TEXT, self.media_type)

    def whole(self) -> str:
        return _AROUND_ENDS.sub("\n", clean(_SPACES.sub(" ", "".join(self.parts)))).strip()


class OfficeFile:
    """An office document.

    Args:
        content: its bytes, which begin like a zip.

    Raises:
        SetAsideError: the file is damaged, a zip bomb, or no office document.
    """

    def __init__(self, content: bytes) -> None:
        self.media_type = UNKNOWN_TYPE
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _ZIP_FAULTS as error:
            raise SetAsideError(Status.DAMAGED, reasons.DAMAGED) from error
        self._entries = {info.filename: info for info in self._zip.infolist()}
        self.media_type = self._type()

    def _type(self) -> str:
        if "word/document.xml" in self._entries:
            return DOCX
        if "ppt/presentation.xml" in self._entries:
            return PPTX
        declared = self._entries.get("mimetype")
        if declared is not None and "content.xml" in self._entries and declared.file_size <= 200:
            name = self._read(declared).decode("ascii", "replace").strip()
            if name in {ODT, f"{ODT}-template"}:
                return ODT
        raise SetAsideError(Status.OTHER_TYPE, reasons.NOT_READ)

    def title(self) -> str | None:
        """Return the title in the properties of the file, or None if it gives none that can be read."""
        name = "meta.xml" if self.media_type == ODT else "docProps/core.xml"
        if name not in self._entries:
            return None
        try:
            found = self._tree(name).find(f".//{_DC_TITLE}")
        except SetAsideError:
            return None
        return None if found is None else (found.text or "")[: 2 * MAX_TITLE] or None

    def pages(self) -> Iterator[Page]:
        """Yield its pages: the slides of a presentation, one page for a text.

        Raises:
            SetAsideError: the file is damaged, a zip bomb, has a password, or more text than is read.
        """
        if self.media_type == PPTX:
            yield from self._slides()
            return
        text = _Text(self.media_type)
        if self.media_type == ODT:
            body = self._tree("content.xml").find(f".//{_OFFICE}body")
            if body is not None:
                _read_odt(body, text)
        else:
            for name in ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml"):
                if name in self._entries:
                    _read_docx(self._tree(name), text)
                    text.add("\n")
        yield Page(1, None, text.whole())

    def _slides(self) -> Iterator[Page]:
        size = 0
        presentation = self._tree("ppt/presentation.xml")
        places = self._relations("ppt/presentation.xml")
        slides = [places.get(one.get(f"{_R}id", ""), "") for one in presentation.iter(f"{_P}sldId")]
        for number, name in enumerate(slides[:MAX_PAGES], 1):
            page = self._slide(number, name)
            size += len(page.text)
            if size > MAX_CHARACTERS:
                raise SetAsideError(Status.TOO_MUCH, reasons.TOO_MUCH_TEXT, PPTX)
            yield page

    def _slide(self, number: int, name: str) -> Page:
        if name not in self._entries:
            return Page(number, None, "")
        body, running = _Text(PPTX), _Text(PPTX)
        _read_slide(self._tree(name), body, running)
        for place in sorted(self._relations(name).values()):
            if place.startswith("ppt/notesSlides/") and place in self._entries:
                body.add("\n")
                _read_slide(self._tree(place), body, _Text(PPTX))
        text, below = body.whole(), running.whole()
        if not below:
            return Page(number, None, text)
        start = len(text) + 1 if text else 0
        whole = f"{text}\n{below}" if text else below
        return Page(number, None, whole, (Span(start, len(whole)),))

    def _relations(self, name: str) -> dict[str, str]:
        """Return the names of the parts (files in the zip) that the part `name` refers to, by id of the reference."""
        folder, file = posixpath.split(name)
        place = f"{folder}/_rels/{file}.rels"
        if place not in self._entries:
            return {}
        return {
            one.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, one.get("Target", "")))[1:]
            for one in self._tree(place).iter(f"{_RELATIONS}Relationship")
            if one.get("TargetMode") != "External"
        }

    def _read(self, info: zipfile.ZipInfo) -> bytes:
        if info.flag_bits & _ENCRYPTED:
            raise SetAsideError(Status.PASSWORD, reasons.PASSWORD, self.media_type)
        if info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise SetAsideError(Status.TOO_MUCH, reasons.BOMB, self.media_type)
        if info.file_size > MAX_XML_BYTES:
            raise SetAsideError(Status.TOO_MUCH, reasons.TOO_LARGE, self.media_type)
        if info.compress_type not in _PLAIN_METHODS:
            raise SetAsideError(Status.DAMAGED, reasons.DAMAGED, self.media_type)
        try:
            with self._zip.open(info) as file:
                return file.read(MAX_XML_BYTES)  # the declared size may lie; zipfile reads no further than it
        except _ZIP_FAULTS as error:
            raise SetAsideError(Status.DAMAGED, reasons.DAMAGED, self.media_type) from error

    def _tree(self, name: str) -> etree._Element:
        content = self._read(self._entries[name])
        for strict, usual in _STRICT.items():
            content = content.replace(strict.encode(), usual.encode())
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(content, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            encrypted = self.media_type == ODT and self._says_encrypted()
            if encrypted:
                raise SetAsideError(Status.PASSWORD, reasons.PASSWORD, self.media_type) from error
            raise SetAsideError(Status.DAMAGED, reasons.DAMAGED, self.media_type) from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise SetAsideError(Status.TOO_MUCH, reasons.ENTITIES, self.media_type)
        return root

    def _says_encrypted(self) -> bool:
        """Return whether the manifest of an ODT says that its parts are encrypted."""
        info = self._entries.get("META-INF/manifest.xml")
        return info is not None and b"encryption-data" in self._read(info)


def _events(root: etree._Element, skipped: frozenset[str]) -> Iterator[tuple[str, etree._Element, str]]:
    """Yield the start and the end of each element: the event, the element and its name. A skipped element yields only
    its end, with an empty name, since the text after it is not skipped.
    """
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        name = element.tag if isinstance(element.tag, str) else ""
        if name not in skipped:
            yield event, element, name
        elif event == "start":
            walker.skip_subtree()
        else:
            yield event, element, ""


_DOCX_SKIPPED = frozenset(
    {f"{_W}{name}" for name in "del moveFrom instrText delText delInstrText pPr rPr sectPr tblPr".split()} | {_FALLBACK}
)
_DOCX_MARKS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


def _read_docx(root: etree._Element, text: _Text) -> None:
    for event, element, name in _events(root, _DOCX_SKIPPED):
        if event == "start":
            if name == f"{_W}t":
                if not _is_hidden(element):
                    text.add(element.text or "")
            elif name in _DOCX_MARKS:
                text.add(_DOCX_MARKS[name])
            elif name == f"{_W}p":
                text.add("\n" if text.parts and not text.parts[-1].endswith("\n") else "")
        elif name in {f"{_W}p", f"{_W}tr"}:
            text.add("\n")
        elif name == f"{_W}tc":
            text.add(" ")


def _is_hidden(element: etree._Element) -> bool:
    """Return whether a text of a DOCX is hidden: its run (a part with one format) is marked as vanished."""
    run = element.getparent()
    mark = None if run is None else run.find(f"{_W}rPr/{_W}vanish")
    return mark is not None and mark.get(f"{_W}val") not in {"0", "false", "off"}


_ODT_SKIPPED = frozenset(
    {
        f"{_OFFICE}annotation",
        f"{_OFFICE}annotation-end",
        f"{_OFFICE}forms",
        f"{_OFFICE}scripts",
        f"{_TEXT}tracked-changes",
        f"{_TEXT}sequence-decls",
        f"{_TEXT}variable-decls",
        f"{_TEXT}user-field-decls",
        f"{_TEXT}hidden-text",
        f"{_TEXT}index-title-template",
        f"{_TEXT}table-of-content-source",
        f"{_TEXT}note-citation",
        "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}desc",
        "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}title",
    }
)
_ODT_BLOCKS = frozenset({f"{_TEXT}p", f"{_TEXT}h"})


def _read_odt(root: etree._Element, text: _Text) -> None:
    blocks = 0
    for event, element, name in _events(root, _ODT_SKIPPED):
        if event == "start":
            if name in _ODT_BLOCKS:
                blocks += 1
                if text.parts and not text.parts[-1].endswith("\n"):
                    text.add("\n")
            elif name in {f"{_TEXT}s", f"{_TEXT}tab"}:
                text.add(" ")
            elif name == f"{_TEXT}line-break":
                text.add("\n")
            if blocks and element.text:
                text.add(_one_line(element.text))
        else:
            if name in _ODT_BLOCKS:
                blocks -= 1
                text.add("\n")
            if blocks and element.tail:
                text.add(_one_line(element.tail))


def _one_line(text: str) -> str:
    return text.replace("\n", " ")


_SLIDE_SKIPPED = frozenset({_FALLBACK, f"{_A}pPr", f"{_A}rPr"})
_RUNNING_PLACEHOLDERS = frozenset({"sldNum", "ftr", "dt", "hdr"})


def _read_slide(root: etree._Element, body: _Text, running: _Text) -> None:
    target = body
    for event, element, name in _events(root, _SLIDE_SKIPPED):
        if name == f"{_P}sp":
            holder = element.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
            kind = "" if holder is None else holder.get("type", "")
            target = running if event == "start" and kind in _RUNNING_PLACEHOLDERS else body
        elif event == "start":
            if name == f"{_A}t":
                target.add(element.text or "")
            elif name == f"{_A}br":
                target.add("\n")
        elif name == f"{_A}p":
            target.add("\n")
