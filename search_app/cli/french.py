"""Has click speak French.

Click takes its words from gettext. Their catalogue is in `locale/`: `click.po` is written by hand, `click.mo` is
compiled from it (`python -m bench.tools.catalogue`), and tests compare both with what click may say.
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
"""The variable that gettext reads first: with it, no locale needs to be installed."""


@contextmanager
def speaking_french() -> Iterator[None]:
    """Have gettext read the French catalogue, whatever the locale; afterwards gettext is as it was before."""
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
