"""Connections to the hosts of a source alone: the address that a name leads to is checked, before and after connecting.

A host's name may lead to an address of the organisation's own network, the first time it is resolved or only the
second; the last check therefore looks at the other end of the open connection, before anything is sent.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

NEVER = tuple(map(ipaddress.ip_network, ("169.254.0.0/16", "fe80::/10", "192.0.0.192/32", "168.63.129.16/32")))
"""Link-local networks and addresses, at which hosting providers give a machine its own secrets; never allowed."""
_PREFIXED = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")))
"""IPv6 networks whose addresses contain an IPv4 address at the end, to which NAT64 or an old tunnel leads."""


class PrivateAddressError(OSError):
    """A host's name leads to an address that the source may not connect to."""


class Sockets:
    """The open connections of a session, so that a request that lasts too long can be ended from another thread."""

    def __init__(self) -> None:
        self._held: set[socket.socket] = set()
        self._lock = threading.Lock()

    def add(self, one: socket.socket) -> None:
        """Add a connection, and forget those that are closed."""
        with self._lock:
            self._held = {held for held in self._held if held.fileno() >= 0} | {one}

    def end(self) -> None:
        """Shut all connections down: whoever is reading from one gets an error."""
        with self._lock:
            held = list(self._held)
        for one in held:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def is_allowed(address: str, *, local: bool) -> bool:
    """Return whether a source may connect to an IP address.

    Args:
        address: the address.
        local: whether the source may have private addresses; link-local ones are refused even then.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and not found.is_loopback and any(found in network for network in _PREFIXED):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_allowed(str(inner), local=local)
    if any(found.version == network.version and found in network for network in NEVER) or found.is_multicast:
        return False
    return local or (found.is_global and not found.is_reserved and not getattr(found, "is_site_local", False))


def adapter(sockets: Sockets, *, local: bool) -> HTTPAdapter:
    """Return an adapter that connects only to addresses that `is_allowed` allows.

    Args:
        sockets: is given every connection.
        local: whether private addresses are allowed.
    """

    def connect(connection: HTTPConnection, opened: Any) -> socket.socket:
        host = connection._dns_host
        for *_, where in socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM):
            if not is_allowed(str(where[0]), local=local):
                raise PrivateAddressError(host)
        made: socket.socket = opened()
        if not is_allowed(str(made.getpeername()[0]), local=local):
            made.close()
            raise PrivateAddressError(host)
        sockets.add(made)
        return made

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self, super()._new_conn)

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self, super()._new_conn)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *given: Any, **named: Any) -> None:
            super().init_poolmanager(*given, **named)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}

    return Adapter(pool_connections=2, pool_maxsize=1, max_retries=0)
