"""`python -m bench`: speed beside other engines; `--help` lists what it takes."""

import sys

from bench.speed.command import main

sys.exit(main())
