"""How a long run, such as an import, reports its progress."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """The interface by which a run reports its stages and their progress."""

    def begin(self, stage: str, total: int, /) -> None:
        """Begin a stage of `total` steps; `stage` is its name in French."""
        ...

    def advance(self, steps: int, /) -> None:
        """Count `steps` more steps of the stage as done."""
        ...


class Silent:
    """A `Progress` that ignores every report."""

    def begin(self, stage: str, total: int, /) -> None:
        """Do nothing."""

    def advance(self, steps: int, /) -> None:
        """Do nothing."""
