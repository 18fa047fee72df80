"""MHTML files as Chrome writes them, built by hand so that they can also be invalid."""

from __future__ import annotations

import base64
import quopri

ADDRESS = "https://reseau.example/jardins?ville=Évry"


def part(
    content: bytes, *, type: str = "text/html", encoding: str = "8bit", location: str = "", ident: str = ""
) -> bytes:
    """Return a part of a message: `location` and `ident` are its Content-Location and Content-ID, if not empty."""
    encoded = {
        "quoted-printable": quopri.encodestring,
        "base64": base64.encodebytes,
        "8bit": bytes,
        "binary": bytes,
    }[encoding](content)
    headers = [f"Content-Type: {type}", f"Content-Transfer-Encoding: {encoding}"]
    headers += [f"Content-Location: {location}"] if location else []
    headers += [f"Content-ID: <{ident}>"] if ident else []
    return "\r\n".join(headers).encode() + b"\r\n\r\n" + encoded


def mhtml(*parts: bytes, headers: str = f"Snapshot-Content-Location: {ADDRESS}\r\n", start: str = "") -> bytes:
    """Return an MHTML file as Chrome writes it; `start` is the Content-ID of its main part, empty if none is named."""
    begin = f' start="<{start}>";' if start else ""
    top = (
        "From: <Saved by Blink>\r\n"
        f"{headers}MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/related; type="text/html";{begin} boundary="--bord--"\r\n\r\n'
    )
    return top.encode() + b"".join(b"\r\n----bord--\r\n" + one for one in parts) + b"\r\n----bord----\r\n"
