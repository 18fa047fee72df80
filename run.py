#!/usr/bin/env python3
"""Start the command line of the archive, which is defined in `search_app.cli`."""

from __future__ import annotations

import sys

try:
    from search_app.cli import main
except ModuleNotFoundError as error:
    # Probably the Python of the system: « python » is the one of the virtual environment only once that is activated.
    sys.exit(
        f"Ce Python ({sys.executable}) n’a pas les bibliothèques de l’archive : il y manque « {error.name} ».\n"
        "Lancez run.py avec le Python où elles sont installées, par exemple « .venv/bin/python run.py », ou "
        "installez-les : « python -m pip install -r requirements.txt »."
    )

if __name__ == "__main__":
    sys.exit(main())
