"""French for click: every message it may print is translated, whatever the locale, and help is readable."""

from __future__ import annotations

import ast
import gettext
import inspect
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from string import Formatter
from typing import Any

import click
import polib
import pytest
from click import core, decorators, exceptions, formatting, parser, shell_completion, types

from bench.tools.catalogue import COMPILED, SOURCE
from search_app.cli import sentences
from search_app.cli.french import DOMAIN, speaking_french
from search_app.cli.main import PLACES, command_line
from search_app.cli.sentences import VERSION
from search_app.settings import SETTINGS
from tests.support.places import CHECKOUT
from tests.support.spaces import plain
from tests.support.waiting import PATIENCE

NEVER_SHOWN = frozenset(
    {
        # Mistakes in the declaration of a command, which only its developer sees.
        "Could not determine name for option with declarations {decls!r}",
        "No options defined but a name was passed ({name}). Did you mean to declare an argument instead? "
        "Did you mean to pass '--{name}'?",
        "Name '{name}' defined twice",
        "Boolean option {decl!r} cannot use the same flag for true/false.",
        "Arguments take exactly one parameter declaration, got {length}: {decls}.",
        "Invalid start character for option ({option})",
        "Choice({choices})",
        # No command is deprecated.
        "deprecated",
        "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
        "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
    }
)
ASKED_BY_NAME = frozenset({"required"})
"""Messages that the source of click passes to gettext in a variable, so that `said_by_click` does not find them."""


def said_by_click() -> Iterator[str]:
    """Yield every message in the source of the modules of click that a command line uses."""
    for module in (core, decorators, exceptions, formatting, parser, shell_completion, types):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "ngettext"}:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value)


def test_every_message_of_click_has_a_translation() -> None:
    translated = {entry.msgid for entry in polib.pofile(str(SOURCE))}
    said = set(said_by_click())
    assert len(said) > 40
    assert said - translated == NEVER_SHOWN
    assert translated - said == ASKED_BY_NAME


def test_the_compiled_catalogue_is_that_of_its_source() -> None:
    def entries(catalogue: Any) -> set[tuple[str, str, str, str]]:
        return {(one.msgid, one.msgid_plural, one.msgstr, str(one.msgstr_plural)) for one in catalogue}

    assert entries(polib.mofile(str(COMPILED))) == entries(polib.pofile(str(SOURCE)))


def test_translations_are_typeset_and_name_what_the_message_names() -> None:
    for entry in polib.pofile(str(SOURCE)):
        both = {0: entry.msgstr} if not entry.msgstr_plural else entry.msgstr_plural
        known = {
            name for text in (entry.msgid, entry.msgid_plural) for _, name, _, _ in Formatter().parse(text) if name
        }
        for text in both.values():
            assert text, entry.msgid
            assert not re.search(r" [:;!?»]|« |'", text), text
            assert {name for _, name, _, _ in Formatter().parse(text) if name} <= known, text


@pytest.mark.parametrize(
    "locale", [None, *(pytest.param(name, marks=pytest.mark.slow) for name in ("C", "en_GB.UTF-8", "fr_FR.UTF-8"))]
)
def test_no_locale_is_needed(locale: str | None) -> None:
    environ = {name: value for name, value in os.environ.items() if name not in {"LANG", "LANGUAGE", "LC_ALL"}}
    if locale is not None:
        environ |= {"LANG": locale, "LANGUAGE": "en", "LC_ALL": locale}
    command = [sys.executable, str(CHECKOUT / "run.py"), "index", "--json=oui"]
    done = subprocess.run(command, env=environ, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    said = done.stderr.decode("utf-8") if locale != "C" else done.stderr.decode("utf-8", "backslashreplace")
    assert "--json ne prend pas de valeur." in plain(said)


def test_gettext_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    before = gettext.textdomain()
    with speaking_french():
        assert (gettext.textdomain(), os.environ["LANGUAGE"]) == (DOMAIN, "fr")
        assert gettext.gettext("Aborted!") == "Interrompu."
    assert (gettext.textdomain(), os.environ["LANGUAGE"]) == (before, "de")
    monkeypatch.delenv("LANGUAGE")
    with speaking_french():
        pass
    assert "LANGUAGE" not in os.environ


# Help


def paths(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield before
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from paths(command, (*before, name))
        else:
            yield (*before, name)


EVERY_COMMAND = sorted(paths(command_line))


@pytest.mark.parametrize("path", EVERY_COMMAND, ids=" ".join)
@pytest.mark.parametrize("columns", ["80", "200"])
def test_help_fits_a_terminal(
    bare: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...], columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    shown = bare(*path, "--help").out
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    prose = shown.partition("exemples\u00a0:")[0]
    assert [line for line in prose.splitlines() if line.endswith("-")] == [], "a word is cut at its hyphen"
    assert not re.search(r" [:;!?»]|« ", prose), "plain spaces"


@pytest.mark.parametrize("path", EVERY_COMMAND, ids=" ".join)
def test_help_says_what_every_parameter_is(bare: Callable[..., Any], path: tuple[str, ...]) -> None:
    command: click.Command = command_line
    for name in path:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name) or command
    shown = bare(*path, "--help").out
    context = click.Context(command)
    for param in command.params:
        name, help = param.get_help_record(context) or ("", "")
        assert help, name
        assert re.search(rf"^  {re.escape(name)}\s+{re.escape(help.split(' ')[0])}", shown, re.MULTILINE), name


def test_every_command_is_described_and_has_a_place() -> None:
    assert list(PLACES) == list(sentences.COMMANDS)


def test_help_and_completion_load_no_engine() -> None:
    """Shells run the program at each press of Tab, so it must start quickly."""
    asked = "import sys, search_app.cli as c; s = c.main(sys.argv[1:]); print(sorted(sys.modules), file=sys.stderr)"
    for arguments in (["--help"], ["search", "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", asked, *arguments],
            cwd=CHECKOUT, capture_output=True, text=True, timeout=PATIENCE, check=True,
        )  # fmt: skip
        assert not {"numpy", "bs4", "flask"} & set(ast.literal_eval(done.stderr)), arguments


@pytest.mark.parametrize("columns", ["20", "60", "80"])
def test_settings_are_readable(bare: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """The help breaks no name of a setting across lines, even on a narrow terminal, and describes each setting."""
    monkeypatch.setenv("COLUMNS", columns)
    shown = bare("--help").out
    for setting in SETTINGS:
        assert re.search(rf"^  {setting.variable}\s+\S", shown, re.MULTILINE), setting.variable
    words = set(plain(shown).split())
    for setting in SETTINGS:
        assert set(plain(setting.help).split()) <= words | {f"{word})" for word in words}, setting.help


def test_version(bare: Callable[..., Any]) -> None:
    told = bare("--version")
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION
    assert (told.status, told.out, told.err) == (0, f"{project['name']} {VERSION}\n", "")
