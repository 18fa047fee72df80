"""Who counts as one client on the network."""

from __future__ import annotations

import ipaddress

_IPV6_HOME = 64
"""Leading bits of an IPv6 address that a home or an office holds alone."""


def client_network(address: str | None) -> str:
    """Return the part of a client's address that it cannot change at will.

    An IPv6 address counts by its /64, an IPv4 address written inside IPv6 as itself. What is no address is returned as
    it is, and None as the empty text.
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
