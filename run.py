#!/usr/bin/env python3
"""Starts the command line, which `search_app.cli` wires together."""

from __future__ import annotations

import sys

from search_app.cli import main

if __name__ == "__main__":
    sys.exit(main())
