"""Every setting: what it may be, what is said of what it may not be, and that README tells of it."""

from __future__ import annotations

import re

import pytest

from indexer.errors import SettingsError
from indexer.settings import SETTINGS, Rate, read_settings
from tests.support.places import CHECKOUT


def test_readme_tells_of_every_setting() -> None:
    rows = re.findall(
        r"^\| `(RTES_\w+)` \|\s*`?([^`|]*?)`?\s*\|", (CHECKOUT / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert dict(rows) == {setting.variable: setting.default for setting in SETTINGS}


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        ("", None),
        ("120/minute", Rate(120, 60)),
        ("10 / seconde", Rate(10, 1)),
        ("1000/Heure", Rate(1000, 3600)),
        ("5/second", Rate(5, 1)),
    ],
)
def test_rates(value: str, rate: Rate | None) -> None:
    assert read_settings({"RTES_RATE_LIMIT": value}).rate == rate


@pytest.mark.parametrize("value", ["120", "0/minute", "-1/minute", "120/jour", "beaucoup", "1/2/minute", "9" * 20])
def test_rates_that_make_no_sense(value: str) -> None:
    with pytest.raises(SettingsError, match="120/minute"):
        read_settings({"RTES_RATE_LIMIT": value})


def test_a_rate_behind_a_proxy_that_is_not_told_of_would_count_all_as_one() -> None:
    environ = {"RTES_RATE_LIMIT": "120/minute", "RTES_HTTPS": "oui"}
    with pytest.raises(SettingsError, match="RTES_PROXY=1"):
        read_settings(environ)
    assert read_settings({**environ, "RTES_PROXY": "1"}).proxies == 1


@pytest.mark.parametrize(("value", "count"), [("", 0), ("0", 0), ("1", 1), (" 2 ", 2)])
def test_proxies(value: str, count: int) -> None:
    assert read_settings({"RTES_PROXY": value}).proxies == count


@pytest.mark.parametrize("value", ["oui", "-1", "6", "127.0.0.1", "²"])
def test_proxies_that_make_no_sense(value: str) -> None:
    with pytest.raises(SettingsError, match="RTES_PROXY"):
        read_settings({"RTES_PROXY": value})


def test_hosts() -> None:
    names = read_settings({"RTES_HOSTS": "Archives.exemple.fr, .reseau.fr 127.0.0.1"}).hosts
    assert names == ("archives.exemple.fr", ".reseau.fr", "127.0.0.1")
    assert read_settings({}).hosts == ()


@pytest.mark.parametrize(
    "value", ["https://exemple.fr", "exemple.fr:8000", "exemple.fr/", "*", "[::1]", "*.exemple.fr", "a..b"]
)
def test_hosts_that_make_no_sense(value: str) -> None:
    with pytest.raises(SettingsError, match="RTES_HOSTS"):
        read_settings({"RTES_HOSTS": value})
