"""Property tests at two depths: few examples with every change, and all of them in the slow tests."""

from __future__ import annotations

import pytest


def examples(*, light: int, full: int) -> pytest.MarkDecorator:
    """Give a test `examples`, the number that Hypothesis draws: `light` by default, `full` if it is marked slow."""
    return pytest.mark.parametrize(
        "examples", [pytest.param(light, id="light"), pytest.param(full, id="full", marks=pytest.mark.slow)]
    )
