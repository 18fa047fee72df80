"""No message of the site reveals where the server keeps its files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import indexer
import search_app
from search_app.errors import StoreError
from search_app.messages import said, typeset, without_paths

ROOTS = tuple(Path(package.__file__).parent for package in (indexer, search_app))
PLACE = "/srv/rtes/données/jobs.sqlite"
_RAISED = ("Error", "SetAside", "Notice")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for root in ROOTS:
        for path in sorted(root.rglob("*.py")):
            yield path.relative_to(root.parent).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def sentences() -> Iterator[tuple[str, str]]:
    """Yield every error message and every reason for setting a file aside, with paths in place of all arguments."""
    for name, tree in modules():
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call):
                continue
            called = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            if not called.endswith(_RAISED):
                continue
            for part in ast.walk(call):
                if isinstance(part, ast.JoinedStr):
                    pieces = (one.value if isinstance(one, ast.Constant) else PLACE for one in part.values)
                    yield f"{name}:{part.lineno}", "".join(map(str, pieces))


SENTENCES = dict(sentences())


def test_there_are_sentences_to_look_at() -> None:
    assert len(SENTENCES) > 60
    assert sum(PLACE in text for text in SENTENCES.values()) > 50


@pytest.mark.parametrize("place", SENTENCES)
def test_no_sentence_of_an_error_keeps_a_place(place: str) -> None:
    for text in (SENTENCES[place], typeset(SENTENCES[place])):
        assert "/srv" not in without_paths(text)
        assert "rtes/donn" not in without_paths(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Impossible de lire « /srv/mon archive/a b.html » (plein).", "Impossible de lire « a b.html » (plein)."),
        ("«\u00a0/srv/x/é.sqlite\u00a0»", "«\u00a0é.sqlite\u00a0»"),
        ("dans /srv/rtes/spool (plein).", "dans spool (plein)."),
        ("dans /data.", "dans data."),
        ("RTES_DATA=/srv/rtes vaut", "RTES_DATA=rtes vaut"),
        ("« file:///srv/rtes/x »", "« file:x »"),
        ("[Errno 2] No such file: '/srv/mon archive/x'", "[Errno 2] No such file: 'x'"),
        ("lot.zip/pages/a.html : entrée abîmée.", "lot.zip/pages/a.html : entrée abîmée."),
        ("Voyez https://reseau.example/a/b?c=/d et http://x.example/.", "Voyez https://reseau.example/a/b?c=/d et http://x.example/."),
        ("c’est la fin de son adresse, après /ressources/.", "c’est la fin de son adresse, après /ressources/."),
        ("habitant/e/s, 1/2, et/ou, km / h", "habitant/e/s, 1/2, et/ou, km / h"),
    ],
)  # fmt: skip
def test_places_are_left_out_and_nothing_else(text: str, shown: str) -> None:
    assert without_paths(text) == shown


def test_what_a_page_shows_of_an_error() -> None:
    assert said(StoreError(f"Le fichier « {PLACE} » ne peut être lu.")) == "Le fichier « jobs.sqlite » ne peut être lu."


MAY_SHOW_AN_ERROR_AS_IT_IS = {
    # Errors of a search contain what was typed, but no path.
    "search_app/search/params.py",
    "search_app/search/results_page.py",
    "search_app/web/error_pages.py",
    # Errors in addresses; in settings, before the site starts; and the function that all other modules use.
    "search_app/accounts/oidc.py",
    "search_app/accounts/oidc_views.py",
    # The outcome of a mail, which the command line alone shows.
    "search_app/mail/delivery.py",
    "search_app/settings.py",
    "search_app/messages.py",
}


def test_pages_ask_one_function_what_to_show_of_an_error() -> None:
    found = {
        name
        for name, tree in modules()
        if name.startswith("search_app/") and not name.startswith("search_app/cli/")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "str"
        and [arg.id for arg in call.args if isinstance(arg, ast.Name)] == ["error"]
    }
    assert found <= MAY_SHOW_AN_ERROR_AS_IT_IS | {"search_app/jobs/uploads.py"}
