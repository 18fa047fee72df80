"""`python -m bench`: speed compared with other engines; `--help` lists the options."""

import sys

from bench.speed.command import main

sys.exit(main())
