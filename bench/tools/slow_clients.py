"""`python -m bench.tools.slow_clients PORT`: measures how long a search takes beside slow clients. Loopback only.

For each kind of slow client, opens 8 and 64 connections to a running site, sends searches, and prints the longest
response time, or that there was no response within a minute.
"""

from __future__ import annotations

import argparse
import http.client
import socket
import ssl
import sys
import time
from contextlib import ExitStack

KINDS = {
    "silent": b"",
    "half a header": b"GET /?q=a HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ",
    "half a body": b"POST /connexion HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 1000\r\n\r\nemail=a",
}
"""What each kind of slow client sends before it stops sending."""

PATIENCE_S = 60.0


def connect(port: int, *, tls: bool = False) -> socket.socket:
    """Connect to a port of this machine, whatever its certificate."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    if not tls:
        return plain
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    return trusting.wrap_socket(plain)


def hold(port: int, sent: bytes, count: int, stack: ExitStack, *, tls: bool = False) -> list[socket.socket]:
    """Open `count` connections, and send `sent` (the beginning of a request) on each; closing the stack closes them."""
    held = [stack.enter_context(connect(port, tls=tls)) for _ in range(count)]
    for one in held:
        one.sendall(sent)
    return held


def wait_for_search(port: int) -> float | None:
    """Send a search, and return the seconds until the response, or None if there was none."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/api/v1/search?q=epicerie")
        if connection.getresponse().status != 200:
            return None
    except OSError:
        return None
    finally:
        connection.close()
    return time.perf_counter() - began


def main() -> int:
    """Run the tool, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.tools.slow_clients", description=__doc__)
    parser.add_argument("port", type=int, help="where the site listens")
    parser.add_argument("--searches", type=int, default=5, help="searches asked beside each kind (5)")
    args = parser.parse_args()
    print("| slow clients | longest of the searches, s |\n|---|---|")
    for count in (0, 8, 64):
        for kind, sent in KINDS.items() if count else {"none": b""}.items():
            with ExitStack() as stack:
                hold(args.port, sent, count, stack)
                time.sleep(0.5)  # so that the site has accepted all of them
                waits: list[float] = []
                for _ in range(args.searches):
                    waited = wait_for_search(args.port)
                    if waited is None:
                        break
                    waits.append(waited)
            shown = f"{max(waits):.2f}" if len(waits) == args.searches else f"over {PATIENCE_S:.0f}"
            print(f"| {count} {kind} | {shown} |", flush=True)
            time.sleep(1.0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
