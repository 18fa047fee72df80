"""Static files, read once and kept in memory, compressed: they are few, small, and the same for everyone."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, request

_WORTH_IT = 512
"""Size in bytes below which a file is not compressed."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file: its bytes, the compressed bytes if that is worthwhile, its media type, a fingerprint of its
    content.
    """

    body: bytes
    gzipped: bytes | None
    mimetype: str
    fingerprint: str


def install(app: Flask) -> Mapping[str, Asset]:
    """Serve the app's static folder from memory; changed files need a restart.

    Returns:
        The files by name, as `url_for("static", filename=…)` takes it.
    """
    folder = Path(app.static_folder or "")
    files = {path.relative_to(folder).as_posix(): _read(path) for path in folder.rglob("*") if path.is_file()}

    def serve(filename: str) -> Response:
        asset = files.get(filename) or abort(404)
        # They contain no secrets, so compression leaks nothing (unlike in pages, which contain tokens).
        packed = asset.gzipped if request.accept_encodings.quality("gzip") > 0 else None
        response = Response(asset.body if packed is None else packed, mimetype=asset.mimetype)
        response.set_etag(asset.fingerprint if packed is None else f"{asset.fingerprint}-gz")
        response.vary.add("Accept-Encoding")
        if packed is not None:
            response.headers["Content-Encoding"] = "gzip"
        response.make_conditional(request)
        return response

    app.view_functions["static"] = serve
    return files


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    packed = gzip.compress(body, 9, mtime=0) if len(body) >= _WORTH_IT else None
    kind = "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(path.name)[0]
    return Asset(
        body,
        packed if packed is not None and len(packed) < len(body) else None,
        kind or "application/octet-stream",
        hashlib.sha256(body).hexdigest()[:12],
    )
