"""The time of a refused sign-in, by reason: `python -m bench.sign_in` prints medians, which must be equal.

The whole request is timed, including throttle, hash and audit log. Reasons take turns, so that other processes affect
all of them equally.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from search_app import create_app
from search_app.accounts.throttle import WINDOW
from search_app.settings import SiteSettings
from search_app.web.context import site

TURNS = 60
RIGHT, WRONG = "le bon mot de passe", "un autre mot de passe"
REASONS = {
    "wrong password": ("connue@exemple.fr", WRONG),
    "unknown account": ("absent@exemple.fr", WRONG),
    "disabled account": ("fermee@exemple.fr", RIGHT),
    "account without a password": ("unique@exemple.fr", WRONG),
    "account that lost its role": ("sansrole@exemple.fr", RIGHT),
}


def main() -> int:
    """Print the median time of each reason as a table, and return the exit status."""
    taken: dict[str, list[float]] = {reason: [] for reason in REASONS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = SiteSettings(folder / "corpus", folder / "index", folder / "data")
        app = create_app(settings, EmbeddedEngine(settings.index, default_analyzer()))
        with app.app_context():
            stores = site().stores
        for email in ("connue@exemple.fr", "fermee@exemple.fr", "sansrole@exemple.fr"):
            stores.accounts.add(email, "member", RIGHT)
        stores.accounts.set_disabled("fermee@exemple.fr", True)
        stores.accounts.lapse("sansrole@exemple.fr")
        stores.accounts.add_without_password("unique@exemple.fr", "member", "fournisseur unique")
        client = app.test_client()
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/connexion").text)
        token = found[1] if found else ""
        now = time.time()
        # The clock moves on by hours between attempts, so that none is throttled.
        stores.throttle._clock = lambda: now  # type: ignore[assignment]
        for turn in range(TURNS + 1):
            for reason, (email, password) in REASONS.items():
                now += 2 * WINDOW
                begun = time.perf_counter()
                answer = client.post("/connexion", data={"email": email, "password": password, "csrf_token": token})
                if answer.status_code != 403:
                    raise SystemExit(f"{reason}: answered {answer.status_code}, not 403")
                if turn:  # the first turn warms up
                    taken[reason].append(1000 * (time.perf_counter() - begun))
    print(f"| {TURNS} refused sign-ins each, interleaved | median, ms | quartiles, ms |\n|---|---|---|")
    for reason, times in taken.items():
        low, middle, high = statistics.quantiles(times, n=4)
        print(f"| {reason} | {middle:.1f} | {low:.1f} to {high:.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
