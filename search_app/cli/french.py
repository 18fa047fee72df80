"""French messages for click.

Click gets its messages from gettext. The catalogue is in `locale/`: `click.po` is written by hand, `click.mo` is
compiled from it (`python -m bench.tools.catalogue`), and tests check both against click's messages.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DOMAIN = "click"
CATALOGUES = Path(__file__).parent / "locale"

_LANGUAGE = "LANGUAGE"
"""The environment variable that gettext reads first; with it, no locale needs to be installed."""


@contextmanager
def speaking_french() -> Iterator[None]:
    """Have gettext read the French catalogue, whatever the locale, and restore gettext's state afterwards."""
    domain, language = gettext.textdomain(), os.environ.get(_LANGUAGE)
    gettext.bindtextdomain(DOMAIN, str(CATALOGUES))
    gettext.textdomain(DOMAIN)
    os.environ[_LANGUAGE] = "fr"
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if language is None:
            os.environ.pop(_LANGUAGE, None)
        else:
            os.environ[_LANGUAGE] = language
