"""A stopping server responds to everyone in its queue, and no other connection is established."""

from __future__ import annotations

import errno
import select
import socket
from collections.abc import Callable, Iterator

import pytest

from search_app.web.draining import Draining
from tests.support.waiting import PATIENCE


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as made:
        made.setblocking(False)
        yield made


def accepting(listener: socket.socket) -> tuple[Callable[[], bool], list[socket.socket]]:
    """Return a function that accepts a waiting connection (False if there is none), and the list of those accepted."""
    accepted: list[socket.socket] = []

    def accept() -> bool:
        try:
            accepted.append(listener.accept()[0])
        except BlockingIOError:
            return False
        return True

    return accept, accepted


def knock(listener: socket.socket) -> socket.socket:
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(listener.getsockname())
    return client


def is_in(client: socket.socket, seconds: float = 0.2) -> bool:
    """Return whether connecting succeeds or fails within `seconds`; False if it still waits for the server."""
    waiting = select.poll()
    waiting.register(client, select.POLLOUT)
    return bool(waiting.poll(seconds * 1000))


def test_all_who_are_queued_are_accepted_and_later_ones_refused(listener: socket.socket) -> None:
    draining = Draining()
    assert not draining.begun
    queued = [knock(listener) for _ in range(20)]
    assert all(map(is_in, queued))
    draining.begin([listener])
    assert draining.begun
    accept, accepted = accepting(listener)
    draining.accept_last(listener, accept)
    assert {one.getpeername() for one in accepted} == {one.getsockname() for one in queued}
    late = knock(listener)
    assert not is_in(late), "it would wait for an answer that nobody gives"
    listener.close()
    assert is_in(late, PATIENCE), "no longer waiting"
    assert late.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED
    for one in (*queued, *accepted, late):
        one.close()


def test_the_last_of_several_processes_leaves_the_queue_full(listener: socket.socket) -> None:
    """The second process to stop accepts the connections with which the first filled the queue, and fills it again."""
    draining = Draining()
    accept, accepted = accepting(listener)
    draining.begin([listener])
    draining.accept_last(listener, accept)
    assert accepted == []
    draining.accept_last(listener, accept)
    assert [one.recv(1) for one in accepted] == [b"", b""], "they are closed, and ask nothing"
    late = knock(listener)
    assert not is_in(late)
    for one in (*accepted, late):
        one.close()


def test_one_who_comes_between_two_places_is_accepted(listener: socket.socket) -> None:
    draining = Draining()
    draining.begin([listener])
    accept, accepted = accepting(listener)
    come: list[socket.socket] = []

    def accept_then_come() -> bool:
        """Accept a connection; the first three times that there is none, a client connects."""
        if accept():
            return True
        if len(come) < 3:
            come.append(knock(listener))
        return False

    draining.accept_last(listener, accept_then_come)
    assert {one.getsockname() for one in come} <= {one.getpeername() for one in accepted}
    assert len(come) == 3
    for one in (*come, *accepted):
        one.close()
