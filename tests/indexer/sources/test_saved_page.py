"""A page that a site does not show to everyone is marked as hidden; the mark is found whatever the page begins with."""

from __future__ import annotations

import pytest

from indexer.parsing.hidden import is_hidden
from indexer.sources.saved_page import hidden_page, saved_page

BEGINNINGS = {
    "nothing": b"",
    "doctype": b"<!doctype html>",
    "bom": b"\xef\xbb\xbf<!doctype html>",
    "xml": b'<?xml version="1.0"?>\n<!DOCTYPE html>',
    "blank lines of a template": b"\n" * 9_000 + b"<!doctype html>",
    "utf-16": "\ufeff".encode("utf-16-le"),
}


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=list(BEGINNINGS))
@pytest.mark.parametrize("address", [None, "https://reseau.example/x", "https://reseau.example/" + "😀" * 900])
def test_the_mark_of_a_hidden_page_is_found_again(beginning: bytes, address: str | None) -> None:
    page = beginning + b"<p>Pour les membres.</p>"
    assert is_hidden(saved_page(page, charset=None, address=address, hidden=True))
    assert is_hidden(hidden_page(saved_page(page, charset=None, address=address)))
    assert not is_hidden(saved_page(page, charset=None, address=address))
