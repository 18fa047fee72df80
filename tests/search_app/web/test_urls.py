"""The setting of the public address is checked when it is read."""

from __future__ import annotations

import pytest

from indexer.errors import SettingsError
from search_app.settings import read_settings


@pytest.mark.parametrize("value", ["https://archives.example/", "http://10.0.0.1:8080"])
def test_an_address(value: str) -> None:
    assert read_settings({"RTES_ADDRESS": value}).address == value


def test_none_by_default() -> None:
    assert read_settings({}).address is None
    assert read_settings({"RTES_ADDRESS": "  "}).address is None


@pytest.mark.parametrize("value", ["archives.example", "ftp://archives.example/", "https://", "http://[oups"])
def test_what_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match="RTES_ADDRESS vaut"):
        read_settings({"RTES_ADDRESS": value})
