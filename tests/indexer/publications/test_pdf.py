"""PDFs as a library writes them: pages, labels, titles, encryption, pages without text, files that are broken."""

from __future__ import annotations

import pytest

from indexer.publications import MAYBE_HYPHEN, PDF, Status, extraction
from indexer.publications import pdf as pdf_files
from tests.indexer.publications.conftest import Read
from tests.support.publications import PROSE, Sheet, pdf, scan

LINES = PROSE.split("\n")
BODIES = ("littoral se réunissent.", "massif votent un budget.", "bassin adhèrent.", "pays ouvrent une épicerie.")


def test_pages_labels_and_title(read: Read) -> None:
    sheets = [Sheet([f"Partie {number}", *LINES]) for number in range(1, 6)]
    document = read(pdf(sheets, label_from=2, title="Guide des épiceries"))
    assert (document.media_type, document.status, document.reason) == (PDF, Status.READ, "")
    assert document.title == "Guide des épiceries"
    assert document.labels == ("i", "ii", "1", "2", "3")
    assert [page.text.split("\n")[0] for page in document.pages] == [f"Partie {number}" for number in range(1, 6)]
    assert document.searchable == document.pages


def test_labels_that_are_the_numbers_are_none(read: Read) -> None:
    assert read(pdf([Sheet(LINES)] * 2)).labels == (None, None)


@pytest.mark.parametrize("title", ["rapport.indd", "Microsoft Word - rapport.doc", "Document1", "Présentation 2", " "])
def test_titles_that_programs_write_are_none(read: Read, title: str) -> None:
    assert read(pdf([Sheet(LINES)], title=title)).title is None


def test_running_lines_and_cut_words(read: Read) -> None:
    cut = ["Les agents des collec-", "tivités de Saint-", "Denis, et un rez-", "de-chaussée."]
    sheets = [
        Sheet(
            [*(f"{who} du {body}" for who in ("Les élus", "Les agents", "Les habitants", "Les maires")), *cut]
            + [f"{who} du {body}" for who in ("Les bourgs", "Les villes", "Les collectivités", "Les régions")],
            header="Rapport annuel du réseau",
            footer=f"Page {number}",
        )
        for number, body in enumerate(BODIES, 1)
    ]
    for number, page in enumerate(read(pdf(sheets)).pages):
        assert {page.text[start:end] for start, end in page.running} == {
            "Rapport annuel du réseau",
            f"Page {number + 1}",
        }
        body = "\n".join(page.text[start:end] for start, end in page.body)
        assert "Saint-Denis" in body
        assert f"rez{MAYBE_HYPHEN}de-chaussée" in body or "rez-de-chaussée" in body
        assert "Les agents des collectivités" in body  # the document has the word whole


def test_owner_password_only_is_read(read: Read) -> None:
    document = read(pdf([Sheet(LINES)], owner="secret"))
    assert document.status is Status.READ
    assert "épicerie solidaire" in document.pages[0].text


def test_password_is_set_aside(read: Read) -> None:
    document = read(pdf([Sheet(LINES)], password="secret"))
    assert (document.status, document.pages) == (Status.PASSWORD, ())
    assert "mot de passe" in document.reason


def test_scans(read: Read) -> None:
    document = read(pdf([Sheet(draw=scan)] * 2))
    assert document.status is Status.NO_TEXT
    assert (len(document.pages), document.empty_pages, document.searchable) == (2, (1, 2), ())


def test_some_pages_without_text(read: Read) -> None:
    document = read(pdf([Sheet(LINES), Sheet(draw=scan), Sheet(LINES), Sheet()]))
    assert (document.status, document.empty_pages) == (Status.READ, (2, 4))
    assert document.reason == "2 pages sont sans texte : 2, 4."
    assert [page.number for page in document.searchable] == [1, 3]


def test_noise_is_not_kept(read: Read) -> None:
    """A font without a table of its letters gives text in which each letter stands for another: no text is kept."""
    noise = "".join(
        chr((ord(char) - 97 + 13) % 26 + 97) if char.isascii() and char.islower() else char for char in PROSE
    )
    document = read(pdf([Sheet(noise.replace("é", "q").replace("à", "w").replace("’", "x").split("\n"))] * 2))
    assert document.status is Status.UNREADABLE
    assert (document.searchable, [page.text for page in document.pages]) == ((), ["", ""])


@pytest.mark.parametrize(
    "text",
    [
        "The members of the network met in the town hall and voted for the budget of the year with a report to all. "
        * 2,
        "Die Mitglieder des Netzwerks haben sich im Rathaus getroffen und mit dem Haushalt für das Jahr begonnen. " * 2,
        "Bourg Ville Hameau Lieu",
    ],
)
def test_other_languages_and_short_texts_are_read(read: Read, text: str) -> None:
    assert read(pdf([Sheet([text[start : start + 80] for start in range(0, len(text), 80)])])).status is Status.READ


def test_more_pages_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (pdf_files, extraction):
        monkeypatch.setattr(module, "MAX_PAGES", 3)
    document = extraction.extract(pdf([Sheet(["Un mot de la page"])] * 4))
    assert (document.status, len(document.pages)) == (Status.READ, 3)
    assert document.reason == "document très long : seules ses 3 premières pages sont lues."
    assert extraction.extract(pdf([Sheet(["Un mot de la page"])] * 3)).reason == ""


def test_more_text_than_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_files, "MAX_CHARACTERS", 500)
    assert extraction.extract(pdf([Sheet(LINES)])).status is Status.READ
    document = extraction.extract(pdf([Sheet(LINES)] * 2))
    assert (document.status, document.pages) == (Status.TOO_MUCH, ())


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_cut_files_give_a_reason(read: Read, share: float) -> None:
    content = pdf([Sheet(LINES)] * 3)
    document = read(content[: int(len(content) * share)])
    assert document.status in {Status.READ, Status.DAMAGED, Status.NO_TEXT}
    assert document.reason or document.pages


@pytest.mark.parametrize(
    ("content", "status", "word"),
    [
        (b"", Status.DAMAGED, "vide"),
        (b"%PDF-1.7\n", Status.DAMAGED, "abîmé"),
        (b"\xef\xbb\xbf <!DOCTYPE html><html>403</html>", Status.OTHER_TYPE, "HTML"),
        (b"<html><body>Introuvable", Status.OTHER_TYPE, "HTML"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), Status.OTHER_TYPE, "ancien format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), Status.PASSWORD, "mot de passe"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), Status.OTHER_TYPE, "PDF, DOCX, ODT et PPTX"),
        (b"PK\x03\x04" + bytes(60), Status.DAMAGED, "abîmé"),
    ],
)
def test_what_is_no_publication(read: Read, content: bytes, status: Status, word: str) -> None:
    document = read(content)
    assert (document.status, document.pages) == (status, ())
    assert word in document.reason
