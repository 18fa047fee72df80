"""Property tests at two depths: a few examples with every change, all of them among the slow tests."""

from __future__ import annotations

import pytest


def examples(*, light: int, full: int) -> pytest.MarkDecorator:
    """Give a test `examples`, how many Hypothesis draws: `light` by default, `full` where it is marked slow."""
    return pytest.mark.parametrize(
        "examples", [pytest.param(light, id="light"), pytest.param(full, id="full", marks=pytest.mark.slow)]
    )
