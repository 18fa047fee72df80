"""Packs values into text for the binary fields of OpenSearch, and unpacks them."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any


def pack(value: Any) -> str:
    """Return a value as compressed JSON in base64."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return pack_bytes(text)


def pack_bytes(raw: bytes) -> str:
    """Return bytes, compressed and in base64."""
    return base64.b64encode(zlib.compress(raw, 1)).decode()


def unpack(text: str) -> Any:
    """Return a value that `pack` wrote.

    Raises:
        ValueError: the text is damaged.
    """
    return json.loads(unpack_bytes(text))


def unpack_bytes(text: str) -> bytes:
    """Return bytes that `pack_bytes` wrote.

    Raises:
        ValueError: the text is damaged.
    """
    try:
        return zlib.decompress(decode(text))
    except zlib.error as error:
        raise ValueError(str(error)) from error


def decode(text: str) -> bytes:
    """Return the bytes of base64, whose padding OpenSearch leaves out."""
    return base64.b64decode(text + "=" * (-len(text) % 4))
