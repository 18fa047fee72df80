"""File names: how the name in a link and the name of a file are compared."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import unquote_to_bytes, urlsplit

_RENAMED = re.compile(r"_0(?=\.[^.]*\Z|\Z)")
"""Matches the suffix that Drupal adds to the name of a file if the name is already taken."""
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|\ud800-\udfff]")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?::\d{1,5})?", re.IGNORECASE)


def decoded(text: str) -> str:
    """Return a part of an address or of a path without percent-encoding, in NFC."""
    try:
        raw = unquote_to_bytes(text.encode("utf-8", "surrogateescape"))  # how Python passes names that are not UTF-8
    except UnicodeEncodeError:
        raw = unquote_to_bytes(text.encode("utf-8", "replace"))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")  # as in addresses of the 2000s
    return unicodedata.normalize("NFC", text)


def path_of_link(link: str) -> str:
    """Return the path of a link, absolute or relative, decoded and without its query and fragment.

    Site mirrors keep the query in the names of files, and percent-encode its question mark in their links.
    """
    try:
        path = urlsplit(link).path
    except ValueError:
        path = link.partition("#")[0].partition("?")[0]
    return decoded(path).partition("?")[0]


def path_of_file(path: str) -> str:
    """Return the path of a file within its source, in the form in which `path_of_link` returns a link to the file."""
    return decoded(path.replace("\\", "/")).partition("?")[0]


def name_of(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def without_renaming(name: str) -> str:
    """Return the name of a file without the « _0 » that Drupal adds to a name that is already taken."""
    return _RENAMED.sub("", name)


def name_key(path: str) -> str:
    """Return a key that is the same for a link and for every file that it may lead to; its length is limited.

    Args:
        path: what `path_of_link` or `path_of_file` returns.
    """
    return without_renaming(name_of(path)).casefold()[:200]


def address_of_place(place: PurePosixPath, *, root: str = "") -> str | None:
    """Return the address of a file in a mirror of a site, whose folders are named like the host and path of the
    address; None if no folder is named like a host.

    Args:
        place: path of the file within the source.
        root: name of the source's own folder, which may be the host; empty if it has none.
    """
    parts = (root, *place.parts)
    for number, part in enumerate(parts[:-1]):
        if _HOST.fullmatch(part):
            return "https://" + "/".join(parts[number:])
    return None


def safe_path(path: str) -> str:
    """Return a path with « _ » for what file systems refuse in names, so that a link equals the file saved from it."""
    return "/".join(_UNSAFE.sub("_", part) for part in path.split("/"))
