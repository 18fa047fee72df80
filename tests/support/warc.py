"""WARC files as crawlers write them, built by hand so that they can also be invalid."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Mapping


def record(
    kind: str,
    address: str | None,
    block: bytes,
    *,
    date: str | None = "2024-02-16T10:00:00Z",
    type: str = "application/http; msgtype=response",
    length: str | None = "",
    more: Mapping[str, str] | None = None,
) -> bytes:
    """Return a WARC record of type `kind` (such as "response"), with further headers `more`.

    None leaves out a header; `length` replaces the declared length if it is not empty.
    """
    headers = {"WARC-Type": kind, "WARC-Record-ID": f"<urn:uuid:{uuid.UUID(int=len(block))}>", "Content-Type": type}
    headers |= {} if address is None else {"WARC-Target-URI": address}
    headers |= {} if date is None else {"WARC-Date": date}
    headers |= {} if length is None else {"Content-Length": length or str(len(block))}
    lines = [f"{name}: {value}" for name, value in (headers | dict(more or {})).items()]
    return ("WARC/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode() + block + b"\r\n\r\n"


def http(
    body: bytes, *, status: str = "200 OK", type: str | None = "text/html; charset=utf-8", **headers: str
) -> bytes:
    """Return an HTTP response; underscores in names of headers become hyphens."""
    lines = [f"HTTP/1.1 {status}", *([] if type is None else [f"Content-Type: {type}"])]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def response(address: str, html: str | bytes, *, date: str | None = "2024-02-16T10:00:00Z", **headers: str) -> bytes:
    """Return the WARC record of a response with a page; `headers` are further arguments of `http`."""
    body = html.encode() if isinstance(html, str) else html
    return record("response", address, http(body, **headers), date=date)


def chunked(body: bytes, size: int = 100) -> bytes:
    """Return a body in HTTP's chunked encoding."""
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


INFO = record("warcinfo", None, b"software: essai\r\n", type="application/warc-fields")


def warc(*records: bytes, compressed: bool = False) -> bytes:
    """Return a whole WARC file; if compressed, each record is a separate gzip member."""
    return b"".join(gzip.compress(one, mtime=0) if compressed else one for one in (INFO, *records))
