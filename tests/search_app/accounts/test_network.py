"""Which network addresses count as one client."""

from __future__ import annotations

import pytest

from search_app.accounts.network import client_network


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        (None, ""),
        ("bizarre", "bizarre"),
    ],
)
def test_one_home_is_one_client(address: str | None, network: str) -> None:
    assert client_network(address) == network
