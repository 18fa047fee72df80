"""The progress of a long run."""

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
    """A listener that shows nothing."""

    def begin(self, stage: str, total: int, /) -> None:
        """Ignore it."""

    def advance(self, steps: int, /) -> None:
        """Ignore it."""
