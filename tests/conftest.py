"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No test is timed: a busy machine must not make one fail. Nor does chance: every run draws the same examples, so that
# what fails fails again. To look for more: HYPOTHESIS_PROFILE=wandering.
settings.register_profile("fixed", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("wandering", settings.get_profile("fixed"), derandomize=False, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
