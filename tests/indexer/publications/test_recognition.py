"""Recognised text: how pages are drawn for Tesseract, what its answer adds, and what becomes of the document."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from indexer.document.pages import Page
from indexer.errors import PublicationError, RecognitionError
from indexer.publications import (
    PDF,
    Limits,
    Processes,
    Publication,
    Scan,
    Status,
    find_tesseract,
    reader,
    reasons,
    recognise_page,
    recognition,
    with_recognised,
)
from indexer.publications.limits import MAX_SCAN_PIXELS
from indexer.publications.reader import scan_page
from indexer.publications.recognition import Tesseract, text_of
from tests.support.publications import PROSE, FakeRecogniser, Sheet, endless, pdf, scan, scanned

needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract n’est pas installé")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[BinaryIO]:
    """A PDF: a page that is a picture of text, a blank one, and a blank picture."""
    path = tmp_path / "fichier"
    path.write_bytes(pdf([Sheet(draw=scanned(PROSE.split("\n"), size=24)), Sheet(), Sheet(draw=scan)]))
    with path.open("rb") as file:
        yield file


# What Tesseract is shown


def test_a_page_is_drawn_at_200_dots_per_inch(opened: BinaryIO) -> None:
    drawn = scan_page(opened, 1, processes=Processes())
    assert drawn is not None
    assert (drawn.width, drawn.height, drawn.dpi) == (1654, 2339, 200)
    assert len(drawn.pixels) == drawn.width * drawn.height
    assert min(drawn.pixels) < 50 < 200 < max(drawn.pixels)


@pytest.mark.parametrize("number", [2, 3, 4])
def test_blank_pages_and_pages_that_are_not_there_are_not_shown(opened: BinaryIO, number: int) -> None:
    assert scan_page(opened, number, processes=Processes()) is None


def test_large_pages_are_drawn_smaller(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(3000, 4000), invariant=1)
    canvas.drawString(1000, 1000, "Affiche")
    canvas.save()
    buffer.seek(0)
    (tmp_path / "affiche").write_bytes(buffer.getvalue())
    with (tmp_path / "affiche").open("rb") as file:
        drawn = scan_page(file, 1, processes=Processes())
    assert drawn is not None
    assert 0.9 * MAX_SCAN_PIXELS < drawn.width * drawn.height <= MAX_SCAN_PIXELS
    assert drawn.dpi == round(72 * drawn.width / 3000)


@pytest.mark.slow
def test_a_page_without_end_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_bytes(endless())
    with (tmp_path / "fichier").open("rb") as file:
        assert scan_page(file, 1, processes=Processes(), limits=Limits(cpu=1)) is None


LIES = {
    "nothing": b"",
    "no header": b"abc",
    "another format": b"\x89PNG\r\n",
    "too few pixels": b"P5 2 2 200 255\nabc",
    "too many pixels": b"P5 2 2 200 255\nabcde",
    "no size": b"P5 0 2 200 255\n",
    "too wide": b"P5 100000 1 200 255\n" + bytes(100_000),
    "more than there may be": b"P5 4000 4000 200 255\n" + bytes(16_000_000),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_a_hijacked_process_draws_is_shown_to_nobody(
    monkeypatch: pytest.MonkeyPatch, opened: BinaryIO, lie: str
) -> None:
    def run(
        self: Processes, what: tuple[str, ...], file: BinaryIO, receiver: reader._BytesReceiver, limits: Limits
    ) -> int:
        receiver.feed(LIES[lie])
        return 0

    monkeypatch.setattr(Processes, "run", run)
    assert scan_page(opened, 1, processes=Processes()) is None


def test_a_stopped_run_starts_nothing(opened: BinaryIO) -> None:
    stopped = Processes()
    stopped.stop()
    with pytest.raises(PublicationError, match="interrompu"):
        scan_page(opened, 1, processes=stopped)
    assert recognise_page(opened, 1, FakeRecogniser(lambda _: "texte"), stopped) is None


# What is taken of Tesseract's answer

HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"


def answer(*words: tuple[str, float], line: int = 1, block: int = 1) -> str:
    rows = [f"5\t1\t{block}\t1\t{line}\t{n}\t10\t10\t50\t20\t{sure}\t{word}" for n, (word, sure) in enumerate(words, 1)]
    return "\n".join(rows)


def test_words_are_put_in_lines() -> None:
    said = [
        HEAD,
        "1\t1\t0\t0\t0\t0\t0\t0\t1654\t2339\t-1\t",
        answer(("Une", 96), ("épicerie", 95.5)),
        answer(("soli-", 96), line=2),
        "4\t1\t1\t1\t3\t0\t10\t10\t50\t20\t-1\t",
        answer(("daire", 96), line=3),
        answer(("Titre", 91), block=2),
    ]
    assert text_of("\n".join(said)) == "Une épicerie\nsoli-\ndaire\nTitre"


def test_words_that_are_not_sure_are_left_out() -> None:
    said = "\n".join(
        [HEAD, answer(("fanese", 0), ("Liberté", 96), ("Égalité", 96), (" ", 95), ("|", 60)), answer(("(", 90), line=2)]
    )
    assert text_of(said) == "Liberté Égalité |"


NOISE = "kqzx vbrt plmf wgnd hjkt zzrq tfgb mpsd xcvn grtk bdfl wqzp"


@pytest.mark.parametrize(
    "said",
    [
        "",
        HEAD,
        "une erreur\tsans rapport",
        HEAD + "\n" + answer(*((word, 40) for word in PROSE.split())),
        HEAD + "\n" + answer(*((word, 90) for word in (NOISE * 3).split())),
        HEAD + "\n" + answer(("|", 90), ("-", 95), ("&", 92)),
    ],
    ids=["nothing", "no word", "no answer", "not sure", "no language", "signs"],
)
def test_noise_is_no_text(said: str) -> None:
    assert text_of(said) == ""


# What becomes of the document


def document(*texts: str, status: Status = Status.READ, reason: str = "") -> Publication:
    pages = tuple(Page(number, None, text) for number, text in enumerate(texts, 1))
    return Publication(PDF, status, reason, pages, "Titre")


def test_only_pages_without_text_get_some() -> None:
    read = document("Un texte", "", "", reason=reasons.without_text((2, 3)))
    seen = with_recognised(read, {1: "autre chose", 2: "Une épicerie soli-\ndaire", 3: ""})
    assert [page.text for page in seen.pages] == ["Un texte", "Une épicerie soli-\u00addaire", ""]
    assert [page.number for page in seen.pages] == [1, 2, 3]
    assert (seen.recognised_pages, seen.empty_pages, seen.reason) == ((2,), (3,), reasons.without_text((3,)))
    assert seen.title == "Titre"


@pytest.mark.parametrize("status", [Status.NO_TEXT, Status.UNREADABLE])
def test_a_document_without_text_becomes_one_that_is_searched(status: Status) -> None:
    seen = with_recognised(document("", "", status=status, reason="motif."), {1: PROSE, 2: PROSE})
    assert (seen.status, seen.reason, len(seen.searchable)) == (Status.READ, "", 2)


def test_headers_of_scanned_pages_are_running_lines() -> None:
    prose = [" ".join(PROSE.split()[first:]) for first in (0, 9, 18)]
    texts = {number: f"Guide des épiceries\n{text}" for number, text in enumerate(prose, 1)}
    seen = with_recognised(document("", "", "", status=Status.NO_TEXT, reason="motif."), texts)
    for page in seen.pages:
        assert [page.text[start:end] for start, end in page.running] == ["Guide des épiceries"]


def test_nothing_recognised_is_said() -> None:
    seen = with_recognised(document("", status=Status.NO_TEXT, reason=reasons.NO_TEXT), {1: ""})
    assert (seen.status, seen.reason) == (Status.NO_TEXT, reasons.NOTHING_RECOGNISED)


@pytest.mark.parametrize("status", [Status.PASSWORD, Status.DAMAGED, Status.INTERRUPTED])
def test_what_was_not_read_stays_so(status: Status) -> None:
    read = Publication(PDF, status, "motif.")
    assert with_recognised(read, {1: PROSE}) == read


# Tesseract itself


@pytest.mark.parametrize("program", ["", "#!/bin/sh\nexit 1\n", "#!/bin/sh\necho 'tesseract 5.3.0'\necho eng\n"])
def test_without_tesseract_or_its_french_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str
) -> None:
    if program:
        (tmp_path / "tesseract").write_text(program)
        (tmp_path / "tesseract").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RecognitionError, match="paquets Debian tesseract-ocr et tesseract-ocr-fra"):
        find_tesseract()


SHEET = Scan(60, 60, 200, bytes(range(60)) * 60)


def installed(folder: Path, script: str, **limits: float) -> Tesseract:
    """Return a `Tesseract` whose program is a shell script.

    Args:
        folder: where the script is written.
        script: lines of the script.
        limits: arguments of `Limits`.
    """
    program = folder / "programme"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return Tesseract(str(program), "1 essai", Limits(**limits))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("script", "limits", "text"),
    [
        ("kill -ABRT $$", {}, ""),
        pytest.param("while :; do :; done", {"cpu": 1}, "", marks=pytest.mark.slow),
        ("exec sleep 60", {"wall": 0.2}, None),
        ("kill -KILL $$", {}, None),
        ("exec head -c 20000000 /dev/zero", {}, ""),
    ],
    ids=["crash", "too long", "stalled", "killed", "talkative"],
)
def test_a_page_that_does_not_end_well(tmp_path: Path, script: str, limits: dict[str, float], text: str | None) -> None:
    assert installed(tmp_path, script, **limits).recognise(SHEET, Processes()) == text


def test_it_sees_one_image_writes_nothing_and_uses_one_thread(tmp_path: Path) -> None:
    program = installed(
        tmp_path,
        f'head -c 13 >&1 | tr -d "\\n"; (echo x > {tmp_path}/fichier) 2>&1; echo "$OMP_THREAD_LIMIT $*"; ulimit -v',
    )
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recognition, "text_of", lambda text: said.append(text) or "")
        program.recognise(SHEET, Processes())
    (text,) = said
    assert text.startswith("P5 60 60 255")
    assert "1 stdin stdout -l fra --dpi 200 --psm 3 -c tessedit_create_tsv=1\n" in text
    assert text.endswith(f"{Limits().memory // 1024}\n")
    assert (tmp_path / "fichier").read_bytes() == b""


def test_a_program_that_fails_is_not_a_page_without_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = installed(tmp_path, "exit 1")
    monkeypatch.setattr(recognition, "find_tesseract", lambda: Tesseract(program.program, "2 autre"))
    with pytest.raises(RecognitionError, match="a changé"):
        program.recognise(SHEET, Processes())
    monkeypatch.setattr(recognition, "find_tesseract", lambda: program)
    assert program.recognise(SHEET, Processes()) == ""


@pytest.mark.slow
@needs_tesseract
def test_a_scanned_page_is_read(opened: BinaryIO) -> None:
    found = find_tesseract()
    text = recognise_page(opened, 1, found, Processes())
    assert text is not None
    assert "la gestion de l’épicerie solidaire du quartier" in text.replace("'", "’").replace("\n", " ")
    assert found.version.startswith("1 tesseract ")
    assert found == find_tesseract()
