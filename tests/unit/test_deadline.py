"""The time limit of an exchange over the network."""

import socket
import threading

import pytest

from shared.deadline import DeadlineExceeded, OpenConnections, run_within


def test_returns_what_the_exchange_returns_and_raises_what_it_raises() -> None:
    assert run_within(5, lambda _connections: 42) == 42
    with pytest.raises(ZeroDivisionError):
        run_within(5, lambda _connections: 1 // 0)


@pytest.mark.parametrize("connected", [True, False])
def test_says_whether_a_request_can_have_been_sent(*, connected: bool) -> None:
    ended = threading.Event()
    after: list[type[Exception]] = []
    client, server = socket.socketpair()

    def exchange(connections: OpenConnections) -> None:
        if connected:
            connections.add(client)
        ended.wait(30)
        try:
            connections.add(client)
        except TimeoutError as error:
            after.append(type(error))

    with client, server:
        before = set(threading.enumerate())
        with pytest.raises(DeadlineExceeded) as failed:
            run_within(0.05, exchange)
        assert failed.value.connected is connected
        server.settimeout(0 if not connected else 5)
        if connected:
            assert server.recv(1) == b""  # it was shut down
        else:
            with pytest.raises(BlockingIOError):
                server.recv(1)
        ended.set()
        for thread in set(threading.enumerate()) - before:
            thread.join()
    assert after == [TimeoutError]  # no new connection after the limit


def test_leaves_no_connection_open() -> None:
    client, server = socket.socketpair()
    with server:
        run_within(5, lambda connections: connections.add(client))
        client.close()
        server.settimeout(5)
        assert server.recv(1) == b""
