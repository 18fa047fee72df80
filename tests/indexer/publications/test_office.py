"""DOCX, ODT and PPTX: the text that a reader of the document sees, and nothing hidden, deleted or in comments."""

from __future__ import annotations

import pytest

from indexer.publications import DOCX, ODT, PPTX, Publication, Status
from indexer.publications.extraction import extract
from tests.support.publications import MC, PROSE, W, docx, odt, paragraph, pptx, shape, zip_of


def text_of(document: Publication) -> str:
    assert document.status is Status.READ, document.reason
    (page,) = document.pages
    return page.text


def test_docx() -> None:
    document = extract(docx(paragraph("Une charte") + paragraph("Deux lignes")))
    assert document.media_type == DOCX
    assert text_of(document) == "Une charte\nDeux lignes"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<w:p><w:r><w:t>une</w:t><w:tab/><w:t>ligne</w:t><w:br/><w:t>puis</w:t></w:r></w:p>", "une ligne\npuis"),
        ("<w:p><w:r><w:t>collec</w:t><w:softHyphen/><w:t>tivités</w:t></w:r></w:p>", "collectivités"),
        ("<w:p><w:r><w:t>collec\u00adtivités</w:t></w:r></w:p>", "collectivités"),
        ("<w:p><w:r><w:t>sous</w:t><w:noBreakHyphen/><w:t>sol</w:t></w:r></w:p>", "sous-sol"),
        ("<w:p><w:r><w:t>re\u0301gle\u0301</w:t></w:r></w:p>", "réglé"),
        ("<w:p><w:r><w:t>gardé</w:t></w:r><w:del><w:r><w:delText>ôté</w:delText></w:r></w:del></w:p>", "gardé"),
        ("<w:p><w:r><w:t>gardé</w:t></w:r><w:moveFrom><w:r><w:t>ôté</w:t></w:r></w:moveFrom></w:p>", "gardé"),
        ("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>caché</w:t></w:r><w:r><w:t>vu</w:t></w:r></w:p>", "vu"),
        ("<w:p><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>vu</w:t></w:r></w:p>", "vu"),
        ("<w:p><w:r><w:instrText>HYPERLINK secret</w:instrText><w:t>lien</w:t></w:r></w:p>", "lien"),
        (
            f"<w:p><mc:AlternateContent {MC}><mc:Choice><w:r><w:t>encadré</w:t></w:r></mc:Choice><mc:Fallback><w:r>"
            "<w:t>encadré</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>",
            "encadré",
        ),
        (
            f"<w:tbl><w:tr><w:tc>{paragraph('Bourg')}</w:tc><w:tc>{paragraph('2024')}</w:tc></w:tr></w:tbl>",
            "Bourg\n2024",
        ),
    ],
)
def test_docx_parts(body: str, expected: str) -> None:
    assert text_of(extract(docx(body))) == expected


def test_docx_notes_are_read_and_comments_are_not() -> None:
    more = {
        "word/footnotes.xml": f"<w:footnotes {W}><w:footnote>{paragraph('Une note')}</w:footnote></w:footnotes>",
        "word/comments.xml": f"<w:comments {W}>{paragraph('Une remarque')}</w:comments>",
    }
    assert text_of(extract(docx(paragraph("Le texte"), **more))) == "Le texte\nUne note"


def test_strict_docx() -> None:
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    body = f'<w:document xmlns:w="{strict}"><w:body>{paragraph("Une charte")}</w:body></w:document>'
    assert text_of(extract(zip_of({"word/document.xml": body}))) == "Une charte"


def test_title() -> None:
    core = (
        '<c:coreProperties xmlns:c="urn:c" xmlns:d="http://purl.org/dc/elements/1.1/"><d:title>Notre charte</d:title>'
        "</c:coreProperties>"
    )
    assert extract(docx(paragraph("x"), **{"docProps/core.xml": core})).title == "Notre charte"
    assert extract(docx(paragraph("x"), **{"docProps/core.xml": "<broken"})).title is None


def test_odt() -> None:
    body = (
        "<text:h>Titre</text:h><text:p>Un<text:s text:c='3'/>mot<text:tab/>puis <text:span>deux</text:span> suite"
        "<office:annotation><text:p>remarque</text:p></office:annotation> après<text:line-break/>fin</text:p>"
        "<text:tracked-changes><text:p>ôté</text:p></text:tracked-changes>"
        "<table:table><table:table-row><table:table-cell><text:p>Bourg</text:p></table:table-cell></table:table-row>"
        "</table:table>"
    )
    document = extract(odt(body))
    assert document.media_type == ODT
    assert text_of(document) == "Titre\nUn mot puis deux suite après\nfin\nBourg"


def test_pptx_slides_are_pages_in_the_order_of_the_show() -> None:
    slides = [shape("Premier fichier") + shape("7", "sldNum") + shape("Ville de Brume", "ftr"), shape("Second fichier")]
    document = extract(pptx(slides, order=(2, 1)))
    assert (document.media_type, document.status) == (PPTX, Status.READ)
    assert [page.number for page in document.pages] == [1, 2]
    last = document.pages[1]
    assert document.pages[0].text == "Second fichier"
    assert [last.text[start:end] for start, end in last.body] == ["Premier fichier"]
    assert [last.text[start:end] for start, end in last.running] == ["7\nVille de Brume"]


def test_an_empty_slide_keeps_its_number() -> None:
    document = extract(pptx([shape(PROSE), "", shape("Fin")]))
    assert (len(document.pages), document.empty_pages) == (3, (2,))
    assert document.reason == "la page 2 est sans texte."


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "status", "word"),
    [
        (zip_of({"word/document.xml": f"<w:document {W}>" + " " * 30_000_000}), Status.TOO_MUCH, "compression"),
        (zip_of({"word/document.xml": f"{ENTITIES}<w:document {W}>&b;</w:document>"}), Status.TOO_MUCH, "entités"),
        (
            zip_of({"word/document.xml": f'<!DOCTYPE x SYSTEM "file:///etc/passwd"><w:document {W}/>'}),
            Status.TOO_MUCH,
            "entités",
        ),
        (zip_of({"word/document.xml": "<w:document"}), Status.DAMAGED, "abîmé"),
        (zip_of({"word/document.xml": ""}), Status.DAMAGED, "abîmé"),
        (zip_of({"readme.txt": "rien"}), Status.OTHER_TYPE, "PDF, DOCX, ODT et PPTX"),
        (zip_of({"xl/workbook.xml": "<x/>"}), Status.OTHER_TYPE, "PDF, DOCX, ODT et PPTX"),
        (docx(paragraph("Une charte"))[:-30], Status.DAMAGED, "abîmé"),
        (docx(""), Status.NO_TEXT, "sans texte"),
        (
            zip_of(
                {
                    "mimetype": ODT,
                    "content.xml": b"\x00\x01noise",
                    "META-INF/manifest.xml": "<manifest:encryption-data/>",
                }
            ),
            Status.PASSWORD,
            "mot de passe",
        ),
    ],
    ids=["bomb", "entities", "external", "xml", "empty-xml", "zip", "xlsx", "cut", "no-text", "odt-password"],
)
def test_awkward_files(content: bytes, status: Status, word: str) -> None:
    document = extract(content)
    assert document.status is status
    assert word in document.reason
    assert document.searchable == ()


def test_elements_in_each_other_without_end() -> None:
    document = extract(docx("<w:p>" * 100_000))
    assert (document.status, document.pages) == (Status.DAMAGED, ())
