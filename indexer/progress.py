"""The progress of a long run."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A listener to the stages of a run."""

    def begin(self, stage: str, total: int, /) -> None:
        """Begin a stage of `total` steps; its name is French."""
        ...

    def advance(self, steps: int, /) -> None:
        """Count steps of the stage as done."""
        ...


class Silent:
    """A listener that shows nothing."""

    def begin(self, stage: str, total: int, /) -> None:
        """Ignore it."""

    def advance(self, steps: int, /) -> None:
        """Ignore it."""
