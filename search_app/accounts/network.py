"""Identifies clients by their network address."""

from __future__ import annotations

import ipaddress

_IPV6_HOME = 64
"""Length in bits of the IPv6 prefix that one home or office gets."""


def client_network(address: str | None) -> str:
    """Return the part of a client's address that the client cannot change at will, by which requests are counted.

    For IPv6 this is the /64 network; an IPv4 address mapped into IPv6 is returned as IPv4. A text that is not an
    address is returned unchanged, None as an empty string.
    """
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_HOME), strict=False).network_address)
    return str(parsed)
