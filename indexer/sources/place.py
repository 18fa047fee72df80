"""The path of a page within its source, for pages that come with their address rather than with a file name."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from indexer.analysis import slug
from indexer.parsing.urls import normalise


def place_of(address: str) -> PurePosixPath:
    """Return the path of a page within its source, which depends only on its address, in any of its spellings."""
    key = normalise(address)
    digest = hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
    parts = urlsplit(key)
    return PurePosixPath(parts.netloc or "page", f"{slug(parts.path) or 'accueil'}-{digest}.html")
