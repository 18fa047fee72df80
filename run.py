#!/usr/bin/env python3
"""Starts the command line, which `search_app.cli` wires together."""

from __future__ import annotations

import sys

try:
    from search_app.cli import main
except ModuleNotFoundError as error:
    # Another Python than the one of the virtual environment, as « python » is until that is activated.
    sys.exit(
        f"Ce Python ({sys.executable}) n’a pas les bibliothèques de l’archive : il y manque « {error.name} ».\n"
        "Lancez run.py avec le Python où elles sont installées, par exemple « .venv/bin/python run.py », ou "
        "installez-les : « python -m pip install -r requirements.txt »."
    )

if __name__ == "__main__":
    sys.exit(main())
