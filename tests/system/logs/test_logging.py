"""The log of the process: our own messages in one line each; of messages of libraries, only the place in the code and
the type of an error.
"""

from __future__ import annotations

import io
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gunicorn
import pytest
from flask import Flask
from gunicorn.config import Config
from hypothesis import given
from hypothesis import strategies as st

from search_app import messages
from search_app.web.error_pages import ArchiveFlask
from search_app.web.logging import RedactingFormatter, escape_controls
from search_app.web.server import SENTENCES, ServerLog
from tests.support.archive import CHECKOUT
from tests.support.connections import connections

SECRET = "zanzibar"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The log of the process, including debug messages."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(RedactingFormatter())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@given(st.text(), st.text())
def test_a_record_of_ours_is_one_line(message: str, argument: str) -> None:
    record = logging.LogRecord(
        "search_app.web.error_pages", logging.ERROR, __file__, 1, "%s | %s", (message, argument), None
    )
    written = RedactingFormatter().format(record)
    assert len(written.splitlines()) == 1
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", written)
    written.encode("utf-8")


def test_our_sentences_keep_their_typography() -> None:
    sentence = "« L’index\u00a0» est illisible\u202f: relancez « python run.py index ». \U0001f600"
    assert escape_controls(sentence) == sentence
    assert escape_controls("a\nb\x1b[31m\u202ec\ud800") == "a\\nb\\x1b[31m\\u202ec\\ud800"


@pytest.mark.parametrize(
    "name", ["gunicorn.error", "waitress", "urllib3.connectionpool", "asyncio", "root", "indexers"]
)
def test_a_sentence_of_a_library_is_not_written(stream: io.StringIO, name: str) -> None:
    try:
        raise ConnectionError(SECRET)
    except ConnectionError:
        logging.getLogger(name).debug(f"GET /{SECRET} from %s", "192.0.2.7")
        logging.getLogger(name).exception(SECRET, stack_info=True, extra={"client": SECRET})
    written = stream.getvalue()
    assert SECRET not in written
    assert "192.0.2.7" not in written
    assert written.count("logs/test_logging.py:") == 3, "where it was said, twice, and where it fell"
    assert "builtins.ConnectionError" in written
    assert name in written


def server_log() -> ServerLog:
    config = Config()
    config.set("loglevel", "debug")
    return ServerLog(config)


@pytest.mark.parametrize("level", ["critical", "error", "warning", "info", "debug", "exception", "log"])
def test_the_server_says_nothing_of_clients(stream: io.StringIO, level: str) -> None:
    log = server_log()
    say = getattr(log, level)
    first = ("warning",) if level == "log" else ()
    say(*first, f"Error handling request /{SECRET}")
    say(*first, "Error handling request %s %s", "GET", SECRET)
    say(*first, "%(client)s", {"client": SECRET})
    log.access(SimpleNamespace(status=SECRET, headers=[]), None, {"PATH_INFO": SECRET}, None)
    written = stream.getvalue()
    assert SECRET not in written
    assert "192.0.2.7" not in written
    assert len(re.findall(r"^\d{4}-", written, re.MULTILINE)) == 3
    assert written.count("logs/test_logging.py:") == 3, "where it was said"


def test_what_operators_need_of_the_server_is_said(stream: io.StringIO) -> None:
    log = server_log()
    log.critical("WORKER TIMEOUT (pid:%s)", 4321)
    log.error("Worker (pid:%s) was sent %s! Perhaps out of memory?", 4322, "SIGKILL")
    log.error("Worker (pid:%s) exited with code %s.", 4323, 3)
    written = stream.getvalue()
    for said in ("le processus 4321 ne répond plus", "4322 a reçu SIGKILL", "4323 s’est terminé avec le code 3"):
        assert said in written


def test_the_sentences_that_are_replaced_are_gunicorns() -> None:
    folder = Path(gunicorn.__file__).parent
    source = folder.joinpath("arbiter.py").read_text("utf-8")
    for sentence in SENTENCES:
        first, _, rest = sentence.partition("!")
        assert first in source, sentence
        assert rest in source, sentence


UNREADABLE = {
    "no request line": b"ZANZIBAR\r\n\r\n",
    "a method in small letters": b"zanzibar / HTTP/1.1\r\n\r\n",
    "a name with a space": b"GET /zanzibar HTTP/1.1\r\nzanzibar zanzibar: x\r\n\r\n",
    "a header folded from nowhere": b"GET /zanzibar HTTP/1.1\r\n zanzibar: x\r\n\r\n",
    "a bare line end": b"GET /zanzibar HTTP/1.1\r\nA: zan\nzibar\r\n\r\n",
    "a length that is no number": b"POST /zanzibar HTTP/1.1\r\nContent-Length: zanzibar\r\n\r\n",
    "a length past all bounds": b"POST /zanzibar HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "a coding that nobody knows": b"POST /zanzibar HTTP/1.1\r\nTransfer-Encoding: zanzibar\r\n\r\n",
    "headers without end": b"GET /zanzibar HTTP/1.1\r\n" + b"Zanzibar: zanzibar\r\n" * 3000,
    "an address that is none": b"GET http://[zanzibar/ HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_request_that_the_server_refuses_is_answered_in_french_and_not_written(
    stream: io.StringIO, kind: str
) -> None:
    with connections(lambda environ, start: []) as ask:
        answer = ask(UNREADABLE[kind]).decode()
    head, _, body = answer.partition("\r\n\r\n")
    status = int(head.split()[1])
    assert status in {400, 431, 501}
    assert body == "\n".join(messages.error(status)) + "\n"
    assert "waitress" not in answer
    written = stream.getvalue()
    assert len(re.findall("demande illisible refusée", written)) == 1
    for told in (answer, written):
        assert SECRET not in told.casefold()
    assert "127.0.0.1" not in written


def test_an_answer_that_breaks_off_is_written_without_its_path(stream: io.StringIO) -> None:
    def breaking(environ: Any, start: Any) -> Iterator[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        yield b"abc"
        raise RuntimeError(SECRET)

    with connections(breaking) as ask:
        answer = ask(f"GET /{SECRET} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert answer.endswith(b"3\r\nabc\r\n"), "without the mark of its end"
    written = stream.getvalue()
    assert "incident pendant l’envoi d’une réponse" in written
    assert "builtins.RuntimeError" in written
    assert SECRET not in written


def test_an_incident_names_the_route_and_a_known_method(stream: io.StringIO) -> None:
    app: Flask = ArchiveFlask("search_app")

    @app.route("/ressources/<name>", methods=["GET", "ZANZIBAR"])
    def resource(name: str) -> str:
        raise RuntimeError(name)

    app.test_client().open(f"/ressources/{SECRET}%0aFORGED", method="ZANZIBAR")
    written = stream.getvalue()
    assert "incident sur /ressources/<name> [OTHER]" in written
    assert "builtins.RuntimeError" in written
    assert not re.search(rf"{SECRET}|FORGED", written, re.IGNORECASE)


LAST_WORDS = {
    "an exception that nobody takes": "raise RuntimeError('zanzibar')",
    "a thread": "t = threading.Thread(target=lambda: int('zanzibar')); t.start(); t.join()",
    "what cannot be raised": "type('A', (), {'__del__': lambda self: int('zanzibar')})()",
    "a warning": "warnings.simplefilter('always'); warnings.warn('zanzibar', ResourceWarning)",
    "the logger of a library": "logging.getLogger('lib').error('zanzibar')",
    "a record that is malformed": "logging.getLogger('lib').error('zanzibar %d', 'zanzibar')",
}


@pytest.mark.parametrize("name", LAST_WORDS)
def test_python_itself_says_nothing_more(name: str) -> None:
    code = "import logging, threading, warnings\n"
    code += "from search_app.web.logging import configure_logging\nconfigure_logging()\n"
    code += LAST_WORDS[name]
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    written = done.stdout + done.stderr
    assert re.match(r"\d{4}-\d\d-\d\d [\d:]+ \+\d{4} \[\d+\] \[[A-Z]+\] ", written)
    assert SECRET not in written
