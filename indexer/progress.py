"""How a long run tells where it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A listener to the stages of a run."""

    def begin(self, stage: str, total: int, /) -> None:
        """Return a stage begins, of `total` steps; its name is French."""
        ...

    def advance(self, steps: int, /) -> None:
        """Steps were done."""
        ...


class Silent:
    """Says nothing."""

    def begin(self, stage: str, total: int, /) -> None:
        """Ignore it."""

    def advance(self, steps: int, /) -> None:
        """Ignore it."""
