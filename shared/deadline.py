"""An exchange over the network in no more than its time, whatever the other side does.

requests' own time-outs are for each step: a name that resolves slowly, or a server that sends a byte now and then,
outlives them all. So an exchange runs in a thread, and its connections are cut when the time is over. Connecting cannot
be cut: for that a step has a time-out of its own, STEPS times as long, so that it never runs out first.

A read without a size is refused: a chunk whose size is -1 would be all that the other side ever sends (urllib3 takes
int()'s word for the size, and http.client's reader takes -1 for "everything").

Each exchange has connections of its own, and for each of these requests would read the certificates of all authorities
anew, which is more work than the rest of an exchange. Here an environment reads them once.
"""

import io
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from http.client import HTTPResponse
from typing import Any, TypeVar

from requests import adapters
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import ConnectionPool
from urllib3.util import create_urllib3_context

T = TypeVar("T")

STEPS = 2
_TALKATIVE = ("urllib3.connection", "urllib3.connectionpool")
"""Loggers that quote the URL, which may hold a secret or a number; even in a warning, at a header with no colon."""


class OutOfTime(Exception):
    """The time was over.

    Args:
        connected: whether there was a connection: without one, nothing was asked.
    """

    def __init__(self, *, connected: bool) -> None:
        super().__init__("the time was over")
        self.connected = connected


class Line:
    """The connections of one exchange, so that another thread can cut them."""

    def __init__(self) -> None:
        self.connected = False
        self._lock = threading.Lock()
        self._is_over = False
        self._sockets: list[socket.socket] = []
        self._responses: list[HTTPResponse] = []

    def watch(self, pool: HTTPConnectionPool) -> None:
        """Lets the pool's connections be on the line, before TLS begins on them."""
        pool.ConnectionCls = _on(self, pool.ConnectionCls)  # type: ignore[arg-type] # one of urllib3's two

    def add(self, connected: socket.socket) -> None:
        """Remembers a connection by a duplicate of its own: TLS takes the original away. Raises TimeoutError."""
        with self._lock:
            if self._is_over:
                raise TimeoutError
            self.connected = True
            self._sockets.append(connected.dup())

    def respond(self, *args: Any, **kwargs: Any) -> HTTPResponse:  # noqa: ANN401 - http.client's own
        """Makes a response, and remembers it: one that cannot be understood, nobody else would close."""
        response = _Response(*args, **kwargs)
        self._responses.append(response)
        return response

    def cut(self) -> None:
        """Ends everything that is sent and received, now and from now on."""
        with self._lock:
            self._is_over = True
            for connected in self._sockets:
                # Nobody is there any more: then there is nothing to end.
                try:
                    connected.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def close(self) -> None:
        """Gives the duplicates back, and what a response still holds."""
        for response in self._responses:
            response.close()
        with self._lock:
            for connected in self._sockets:
                connected.close()
            self._sockets.clear()


class LineAdapter(HTTPAdapter):
    """Makes connections that are on the line, and with TLS only to servers that an authority vouches for.

    Args:
        line: what the connections are on.
        more: what the adapter is made with that this one is put before.
    """

    def __init__(self, line: Line, **more: Any) -> None:  # noqa: ANN401 - the other's
        super().__init__(**more)
        self._line = line

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Lets all connections begin TLS with the same."""
        super().init_poolmanager(*args, **kwargs, ssl_context=trusting_authorities())

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> ConnectionPool:  # noqa: ANN401
        """The pool for a request, whose connections are on the line."""
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        if isinstance(pool, HTTPConnectionPool):
            self._line.watch(pool)
        return pool

    def cert_verify(self, conn: Any, *_: object) -> None:  # noqa: ANN401
        """Certificates are always verified. requests would also name the file here, which urllib3 would then read."""
        conn.cert_reqs = "CERT_REQUIRED"


def trusting_authorities() -> ssl.SSLContext:
    """What TLS begins with that trusts the authorities that requests trusts, and is otherwise as urllib3 makes it."""
    return _trusting(adapters.DEFAULT_CA_BUNDLE_PATH)


@cache
def _trusting(bundle: str) -> ssl.SSLContext:
    context = create_urllib3_context()
    context.load_verify_locations(bundle)
    return context


def in_time(seconds: float, exchange: Callable[[Line], T]) -> T:
    """What the exchange gives. Raises what it raises, or OutOfTime; then nothing more is sent, and nothing read.

    Args:
        seconds: how long it may take in all.
        exchange: asks and listens, on connections that are on the line that it is given.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).disabled = True
    line = Line()
    with_time = ThreadPoolExecutor(max_workers=1)
    exchanging = with_time.submit(_closing, exchange, line)
    with_time.shutdown(wait=False)
    if wait([exchanging], seconds).not_done:
        line.cut()
        raise OutOfTime(connected=line.connected)
    return exchanging.result()


def _closing(exchange: Callable[[Line], T], line: Line) -> T:
    try:
        return exchange(line)
    finally:
        line.close()


class _Bounded:
    """A connection's stream that is read in pieces of a size only."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a stream can do
        return getattr(self._stream, name)

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or fewer at the end. Raises ValueError for a negative size."""
        if size < 0:
            message = "a read without a size"
            raise ValueError(message)
        return self._stream.read(size)


class _Response(HTTPResponse):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - http.client's own
        super().__init__(*args, **kwargs)
        self.fp = _Bounded(self.fp)  # type: ignore[assignment] # all that a response needs of a stream


def _on(line: Line, kind: type[HTTPConnection]) -> type[HTTPConnection]:
    class OnTheLine(kind):  # type: ignore[valid-type,misc] # a base that is chosen at run time
        response_class = staticmethod(line.respond)

        def _new_conn(self) -> socket.socket:
            connected: socket.socket = super()._new_conn()
            line.add(connected)
            return connected

    return OnTheLine
