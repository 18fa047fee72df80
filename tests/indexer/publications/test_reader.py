"""The process that reads a file: its limits hold, its death gives a reason, and all that it answers is checked."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import PublicationError
from indexer.publications import (
    Limits,
    Page,
    Publication,
    Span,
    Status,
    processes,
    read_open_file,
    read_publication,
    reader,
    reasons,
)
from indexer.publications.child import OUT_OF_MEMORY
from indexer.publications.protocol import ProtocolError, Receiver, write_document
from tests.indexer.publications.conftest import Read
from tests.support.depth import examples
from tests.support.places import CHECKOUT
from tests.support.publications import PROSE, Sheet, docx, endless, odt, paragraph, pdf, pptx, shape

LINES = PROSE.split("\n")


def test_a_file_without_end_is_stopped(read: Read) -> None:
    document = read(endless(), limits=Limits(cpu=1))
    assert (document.status, document.pages) == (Status.TOO_MUCH, ())
    assert document.reason in {reasons.CPU, reasons.MEMORY, reasons.CRASHED}


def test_memory_is_limited(read: Read) -> None:
    many = docx("".join(paragraph(f"{number} collectivités") for number in range(200_000)))
    document = read(many, limits=Limits(memory=160 * 1024**2))
    assert (document.status, document.reason) == (Status.TOO_MUCH, reasons.MEMORY)


def test_time_is_limited(read: Read) -> None:
    document = read(pdf([Sheet(LINES)]), limits=Limits(wall=0.0))
    assert (document.status, document.reason) == (Status.INTERRUPTED, reasons.WALL)


def test_a_killed_process_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, **more)
            started.append(self)
            threading.Thread(target=os.kill, args=(self.pid, signal.SIGKILL)).start()

    monkeypatch.setattr(processes.subprocess, "Popen", Recorded)
    source, writer = os.pipe()  # a file that never ends: the process is killed while it reads
    with open(source, "rb") as file:
        document = read_open_file(file)
    os.close(writer)
    assert (document.status, document.reason) == (Status.INTERRUPTED, reasons.KILLED)
    assert started[0].returncode == -signal.SIGKILL


def test_no_file_is_written(tmp_path: Path) -> None:
    """The process limits itself: it can write no bytes to a file, and has the given limits of memory and time."""
    program = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n"
        "from indexer.publications.child import limit\n"
        f"limit({1 << 30}, 20)\n"
        "import resource\n"
        f"try:\n    open({str(tmp_path / 'x')!r}, 'wb', 0).write(b'x')\n    print('written')\n"
        "except OSError:\n    print('refused', resource.getrlimit(resource.RLIMIT_AS)[1], "
        "resource.getrlimit(resource.RLIMIT_CPU)[0])\n"
    )
    said = subprocess.run([sys.executable, "-I", "-B", "-c", program], capture_output=True, check=True, text=True)
    assert said.stdout.split() == ["refused", str(1 << 30), "20"]
    assert (tmp_path / "x").read_bytes() == b""


def frame(value: object) -> bytes:
    content = json.dumps(value).encode()
    return struct.pack(">I", len(content)) + content


HEAD = frame({"media_type": "application/pdf", "title": None})
END = frame({"status": "read", "reason": ""})

LIES = {
    "nothing": b"",
    "no frame": b"bonjour",
    "no JSON": struct.pack(">I", 3) + b"abc",
    "deep JSON": struct.pack(">I", 200_000) + b"[" * 200_000,
    "too long": struct.pack(">I", 2**31) + b"x",
    "no end": HEAD + frame([1, None, "texte", []]),
    "no head": END,
    "after the end": HEAD + END + END,
    "half a frame": HEAD + END + b"\x00",
    "type": frame({"media_type": "text/html", "title": None}) + END,
    "title": frame({"media_type": "application/pdf", "title": "a\nb"}) + END,
    "more keys": frame({"media_type": "application/pdf", "title": None, "x": 1}) + END,
    "status": HEAD + frame({"status": "perfect", "reason": ""}),
    "reason": HEAD + frame({"status": "damaged", "reason": "Envoyez votre mot de passe."}),
    "number": HEAD + frame([2, None, "texte", []]) + END,
    "boolean": HEAD + frame([True, None, "texte", []]) + END,
    "label": HEAD + frame([1, "x" * 100, "texte", []]) + END,
    "empty label": HEAD + frame([1, "", "texte", []]) + END,
    "text": HEAD + frame([1, None, ["texte"], []]) + END,
    "control": HEAD + frame([1, None, "a\x1b[2Jb", []]) + END,
    "surrogate": HEAD + frame([1, None, "a\ud800b", []]) + END,
    "span": HEAD + frame([1, None, "texte", [[0, 9]]]) + END,
    "spans": HEAD + frame([1, None, "texte", [[2, 3], [1, 2]]]) + END,
    "empty span": HEAD + frame([1, None, "texte", [[2, 2]]]) + END,
}


@pytest.mark.parametrize("said", LIES.values(), ids=LIES.keys())
def test_what_cannot_be_meant_is_refused(said: bytes) -> None:
    receiver = Receiver()
    with pytest.raises(ProtocolError):
        _ = (receiver.feed(said), receiver.document)


@given(said=st.lists(st.sampled_from([HEAD, END, frame([1, None, "a", []]), *LIES.values()]), max_size=6).map(b"".join),
       size=st.integers(1, 50))  # fmt: skip
def test_the_same_in_any_pieces(said: bytes, size: int) -> None:
    def received(pieces: list[bytes]) -> Publication | None:
        receiver = Receiver()
        try:
            for piece in pieces:
                receiver.feed(piece)
            return receiver.document
        except ProtocolError:
            return None

    said = said[:5_000]
    assert received([said]) == received([said[start : start + size] for start in range(0, len(said), size)])


def test_a_document_comes_through_unchanged(tmp_path: Path) -> None:
    pages = (
        Page(1, "iv", "L’été, « 20\u202f000 »\nfin", (Span(18, 21),)),
        Page(2, None, "😀 œuvre"),
        Page(3, None, ""),
    )
    document = Publication("application/pdf", Status.READ, reasons.without_text([3]), pages, "Étude")
    with open(tmp_path / "pipe", "w+b") as stream:
        write_document(stream, document)
        stream.seek(0)
        receiver = Receiver()
        receiver.feed(stream.read())
    assert receiver.document == document


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("print('bonjour' * 1000)", reasons.WRONG_OUTPUT),
        ("pass", reasons.WRONG_OUTPUT),
        ("while True: print('x' * 65536)", reasons.WRONG_OUTPUT),
        ("import os; os.abort()", reasons.CRASHED),
        ("raise ValueError", reasons.CRASHED),
        (f"import os; os._exit({OUT_OF_MEMORY})", reasons.MEMORY),
    ],
)
def test_a_process_that_goes_wrong(
    read: Read, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, reason: str
) -> None:
    (tmp_path / "other.py").write_text(program, "utf-8")
    monkeypatch.setattr(processes, "_CHILD", tmp_path / "other.py")
    document = read(b"%PDF-")
    assert (document.status is Status.READ, document.reason, document.pages) == (False, reason, ())


def test_a_machine_that_starts_nothing(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError

    monkeypatch.setattr(processes.subprocess, "Popen", refuse)
    assert read(b"%PDF-").status is Status.INTERRUPTED


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PublicationError, match="n’existe pas"):
        read_publication(tmp_path / "rien.pdf")
    with pytest.raises(PublicationError, match="dossier"):
        read_publication(tmp_path)


def test_a_file_too_large_is_not_opened_by_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_FILE_BYTES", 10)
    (tmp_path / "grand.pdf").write_bytes(b"%PDF-" + bytes(20))
    assert read_publication(tmp_path / "grand.pdf").reason == reasons.TOO_LARGE


SEEDS = (
    pdf([Sheet(LINES, header="Rapport", footer="1")] * 2),
    docx(paragraph(PROSE)),
    odt(f"<text:p>{PROSE}</text:p>"),
    pptx([shape(PROSE)]),
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Draw any bytes, or a publication of which some bytes are changed, removed or added."""
    content = bytearray(draw(st.sampled_from(SEEDS) | st.binary(max_size=200)))
    for _ in range(draw(st.integers(0, 8))):
        place = draw(st.integers(0, len(content)))
        change = draw(st.sampled_from(("set", "cut", "insert")))
        if change == "set" and place < len(content):
            content[place] = draw(st.integers(0, 255))
        elif change == "cut":
            del content[place : place + draw(st.integers(1, 300))]
        else:
            content[place:place] = draw(st.binary(max_size=30))
    return bytes(content)


@examples(light=6, full=60)
def test_any_file_ends_in_a_document_or_a_reason(examples: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "publication"

    @settings(max_examples=examples)
    @given(content=files())
    def check(content: bytes) -> None:
        path.write_bytes(content)
        document = read_publication(path)
        assert document.status is not Status.INTERRUPTED
        assert document.reason != reasons.WRONG_OUTPUT
        assert document.reason or document.status is Status.READ
        assert [page.number for page in document.pages] == list(range(1, len(document.pages) + 1))

    check()
