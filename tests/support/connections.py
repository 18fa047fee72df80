"""The HTTP server of the site in the process of the tests, to send raw bytes to it and read its response."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from search_app.web.connections import Connections
from search_app.web.draining import Draining
from search_app.web.request_limits import MAX_BODY


@contextmanager
def connections(app: Any) -> Iterator[Callable[[bytes], bytes]]:
    """Run the site's HTTP server over a WSGI application in this process; yield a function that sends bytes over a new
    connection and returns all bytes of the response.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = Connections([listener], app, lambda environ: MAX_BODY)

        def ask(sent: bytes) -> bytes:
            answer = b""
            with socket.create_connection(listener.getsockname()) as client:
                client.sendall(sent)
                client.setblocking(False)
                while True:
                    serving.turn(0.1)
                    with suppress(BlockingIOError, ConnectionResetError):
                        part = client.recv(65536)
                        if not part:
                            return answer
                        answer += part

        yield ask
        serving.leave(Draining())
        serving.finish(5, lambda: None)
