"""A hard time limit for an HTTP exchange, whatever the other side does.

The time-outs of requests apply to each step. A slow DNS lookup, or a server that sends one byte now and then, takes
longer than all of them. So an exchange runs in a thread, and its connections are shut down when the time is up. A
connection that is still being set up cannot be shut down. The time-out of a step covers that: it is STEP_FACTOR times
the limit, so that the limit always comes first.

Reads without a size are refused. urllib3 parses the size of a chunk with int(), which accepts -1, and http.client reads
everything until the end when the size is -1: the other side could send without limit.

Each exchange uses new connections, and requests would load the CA certificates for each of them, which takes longer
than the rest of the exchange. This module loads them once per Lambda environment.
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

STEP_FACTOR = 2
_URL_LOGGERS = ("urllib3.connection", "urllib3.connectionpool")
"""Loggers that quote the URL, which may contain a secret or a phone number. Some of their warnings do, too."""


class DeadlineExceeded(Exception):
    """The time limit was reached.

    Args:
        connected: whether there was a connection. Without one, no request was sent.
    """

    def __init__(self, *, connected: bool) -> None:
        super().__init__("the time limit was reached")
        self.connected = connected


class OpenConnections:
    """The connections of one exchange, which another thread can shut down."""

    def __init__(self) -> None:
        self.connected = False
        self._lock = threading.Lock()
        self._is_shut_down = False
        self._sockets: list[socket.socket] = []
        self._responses: list[HTTPResponse] = []

    def watch(self, pool: HTTPConnectionPool) -> None:
        """Tracks the pool's connections from before their TLS handshake."""
        pool.ConnectionCls = _tracked(self, pool.ConnectionCls)  # type: ignore[arg-type] # one of urllib3's two

    def add(self, connection: socket.socket) -> None:
        """Tracks a connection by a duplicate of its socket, because TLS detaches the original.

        Raises TimeoutError after a shutdown.
        """
        with self._lock:
            if self._is_shut_down:
                raise TimeoutError
            self.connected = True
            self._sockets.append(connection.dup())

    def respond(self, *args: Any, **kwargs: Any) -> HTTPResponse:  # noqa: ANN401 - http.client's own
        """A new response. It is tracked, because nobody else closes one that cannot be parsed."""
        response = _SizedResponse(*args, **kwargs)
        self._responses.append(response)
        return response

    def shut_down(self) -> None:
        """Stops all sending and receiving, and refuses new connections."""
        with self._lock:
            self._is_shut_down = True
            for connection in self._sockets:
                # The other side may have closed it already.
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def close(self) -> None:
        """Closes the responses and the duplicate sockets."""
        for response in self._responses:
            response.close()
        with self._lock:
            for connection in self._sockets:
                connection.close()
            self._sockets.clear()


class TrackedAdapter(HTTPAdapter):
    """An adapter whose connections are tracked, and whose TLS connections verify the server's certificate.

    Args:
        connections: tracks the connections.
        options: arguments of the next adapter class in the method resolution order.
    """

    def __init__(self, connections: OpenConnections, **options: Any) -> None:  # noqa: ANN401 - the next class's
        super().__init__(**options)
        self._connections = connections

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Makes all connections use the TLS context that is loaded once."""
        super().init_poolmanager(*args, **kwargs, ssl_context=tls_context())

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> ConnectionPool:  # noqa: ANN401
        """The pool for a request; its connections are tracked."""
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        if isinstance(pool, HTTPConnectionPool):
            self._connections.watch(pool)
        return pool

    def cert_verify(self, conn: Any, *_: object) -> None:  # noqa: ANN401
        """Turns verification on. requests' own method also sets the CA file, and urllib3 would load it again."""
        conn.cert_reqs = "CERT_REQUIRED"


def tls_context() -> ssl.SSLContext:
    """The TLS context: urllib3's defaults, with the CA certificates that requests trusts."""
    return _tls_context(adapters.DEFAULT_CA_BUNDLE_PATH)


@cache
def _tls_context(bundle: str) -> ssl.SSLContext:
    context = create_urllib3_context()
    context.load_verify_locations(bundle)
    return context


def run_within(seconds: float, exchange: Callable[[OpenConnections], T]) -> T:
    """The result of the exchange. Raises what it raises, or DeadlineExceeded; then nothing more is sent or read.

    Args:
        seconds: the time limit for the whole exchange.
        exchange: sends and receives; its connections are tracked by the argument.
    """
    for name in _URL_LOGGERS:
        logging.getLogger(name).disabled = True
    connections = OpenConnections()
    executor = ThreadPoolExecutor(max_workers=1)
    future = executor.submit(_run_and_close, exchange, connections)
    executor.shutdown(wait=False)
    if wait([future], seconds).not_done:
        connections.shut_down()
        raise DeadlineExceeded(connected=connections.connected)
    return future.result()


def _run_and_close(exchange: Callable[[OpenConnections], T], connections: OpenConnections) -> T:
    try:
        return exchange(connections)
    finally:
        connections.close()


class _SizedReader:
    """A connection's stream that can only be read with a size."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of a stream
        return getattr(self._stream, name)

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; fewer at the end. Raises ValueError for a negative size."""
        if size < 0:
            message = "a read without a size"
            raise ValueError(message)
        return self._stream.read(size)


class _SizedResponse(HTTPResponse):
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - http.client's own
        super().__init__(*args, **kwargs)
        self.fp = _SizedReader(self.fp)  # type: ignore[assignment] # a response needs no more of a stream


def _tracked(connections: OpenConnections, kind: type[HTTPConnection]) -> type[HTTPConnection]:
    class TrackedConnection(kind):  # type: ignore[valid-type,misc] # a base that is chosen at run time
        response_class = staticmethod(connections.respond)

        def _new_conn(self) -> socket.socket:
            connection: socket.socket = super()._new_conn()
            connections.add(connection)
            return connection

    return TrackedConnection
