"""Types of values on the command line, with French messages for invalid values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from search_app.cli import sentences


class Choice(click.Choice[str]):
    """A value that must be one of a list of words."""

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__(choices)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """Return the choices as the help shows them, separated by bars."""
        return "|".join(self.choices)

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        """Return the message for a missing value."""
        return sentences.choose(self.choices)

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Return the message for an invalid word, with the possible ones."""
        return sentences.no_choice(str(value), self.choices)


class Number(click.ParamType[int]):
    """An integer within bounds, both included."""

    name = "nombre"

    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number.

        Raises:
            click.BadParameter: it is not a number, or out of bounds.
        """
        text = str(value)
        # int() raises a different error for thousands of digits.
        readable = text.isascii() and text.isdecimal() and len(text) <= 12
        if not (readable and self._low <= int(text) <= self._high):
            self.fail(sentences.no_number(text, self._low, self._high), param, ctx)
        return int(text)


class Day(click.ParamType[date]):
    """A day in ISO 8601, such as 2024-02-16."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day.

        Raises:
            click.BadParameter: it is not a day.
        """
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(sentences.no_day(str(value)), param, ctx)


class FolderName(click.ParamType[str]):
    """The name of a folder, which shells complete."""

    name = "dossier"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return an item that asks the shell to complete names of folders."""
        return [CompletionItem(incomplete, type="dir")]


YES_NO = Choice(("oui", "non"))
ROLE = Choice(("member", "staff"))

# Types for shell completion. The commands themselves check whether a file exists and can be read.
FILE = click.Path(readable=False, path_type=Path)
FILE_NAME = click.Path(readable=False, path_type=str)
FOLDER_NAME = FolderName()
