"""One clock for an exchange over the network."""

import socket
import threading

import pytest

from shared.deadline import Line, OutOfTime, in_time


def test_gives_what_the_exchange_gives_and_raises_what_it_raises() -> None:
    assert in_time(5, lambda _line: 42) == 42
    with pytest.raises(ZeroDivisionError):
        in_time(5, lambda _line: 1 // 0)


@pytest.mark.parametrize("connected", [True, False])
def test_tells_whether_anything_can_have_been_asked(*, connected: bool) -> None:
    cut = threading.Event()
    after: list[type[Exception]] = []
    here, there = socket.socketpair()

    def exchange(line: Line) -> None:
        if connected:
            line.add(here)
        cut.wait(30)
        try:
            line.add(here)
        except TimeoutError as error:
            after.append(type(error))

    with here, there:
        before = set(threading.enumerate())
        with pytest.raises(OutOfTime) as failed:
            in_time(0.05, exchange)
        assert failed.value.connected is connected
        there.settimeout(0 if not connected else 5)
        if connected:
            assert there.recv(1) == b""  # it was cut
        else:
            with pytest.raises(BlockingIOError):
                there.recv(1)
        cut.set()
        for thread in set(threading.enumerate()) - before:
            thread.join()
    assert after == [TimeoutError]  # nothing new is begun when the time is over


def test_the_line_keeps_no_connection_open() -> None:
    here, there = socket.socketpair()
    with there:
        in_time(5, lambda line: line.add(here))
        here.close()
        there.settimeout(5)
        assert there.recv(1) == b""
