"""The POST itself: to no address that it must not reach, in no more than its time, with no more than 64 KiB back.

requests-hardened resolves the host's name once, refuses loopback, private and link-local addresses and their like, and
connects to the address that it checked, so that a name cannot lead elsewhere a moment later.
"""

import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from http import HTTPStatus
from typing import Any, NoReturn

import requests
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection

from shared.backends.http import Request, Response
from shared.errors import Refused, Unavailable

BODY_MAX = 64 * 1024
_CHUNK = 16 * 1024
_TALKATIVE = ("urllib3.connection", "urllib3.connectionpool", "requests_hardened.ip_filter")
"""Loggers that quote the URL, which may hold a secret; the first one even in a warning, at a header with no colon."""


class Poster:
    """Makes requests, each on a connection of its own: one that slept with its Lambda is of no use.

    Args:
        local: whether loopback addresses and plain http are allowed. Certificates are verified all the same.
    """

    def __init__(self, *, local: bool) -> None:
        self._local = local
        for name in _TALKATIVE:
            logging.getLogger(name).disabled = True

    def __call__(self, request: Request) -> Response:
        """What came back. Raises Unavailable, Refused.

        requests' own time-outs are for each step: a name that resolves slowly, or a server that sends a byte now and
        then, outlives them all. So the exchange runs in a thread, and its connection is cut when the time is over.
        """
        line = _Line()
        with_time = ThreadPoolExecutor(max_workers=1)
        exchange = with_time.submit(self._exchange, request, line)
        with_time.shutdown(wait=False)
        if wait([exchange], request.timeout_seconds).not_done:
            line.cut()
            message = f"the backend took longer than {request.timeout_seconds:g} seconds to answer"
            raise Unavailable(message)
        return exchange.result()

    def _exchange(self, request: Request, line: "_Line") -> Response:
        # Only the kind of what went wrong is told, and nothing is chained: requests' own words quote the URL.
        try:
            with _Session(line, request.timeout_seconds, local=self._local) as session:
                return _post(session, request)
        except InvalidIPAddress:
            _refuse("backend_address", "the backend's host is at a loopback, private or link-local address")
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            message = f"the backend could not be reached, or broke off: {type(error).__name__}"
            raise Unavailable(message) from None
        except requests.RequestException as error:
            _refuse("backend_address", f"the backend's URL cannot be used: {type(error).__name__}")
        finally:
            line.close()


def _post(session: requests.Session, request: Request) -> Response:
    # identity: what is small on the wire must not grow when it is unpacked
    headers = {**request.headers, "accept-encoding": "identity"}
    with session.post(request.url, data=request.body, headers=headers, stream=True) as response:
        if response.status_code != HTTPStatus.OK or not request.wants_body:
            return Response(response.status_code)
        if response.headers.get("content-encoding", "identity") != "identity":
            _refuse(
                "backend_nonsense", "the backend's answer makes no sense: it is compressed, which was not asked for"
            )
        body = b""
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > BODY_MAX:
                _refuse("backend_nonsense", "the backend's answer makes no sense: it is larger than 64 KiB")
        return Response(response.status_code, body)


def _refuse(reason: str, message: str) -> NoReturn:
    raise Refused(reason, message) from None


class _Line:
    """The connections of one request, so that another thread can cut them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_over = False
        self._sockets: list[socket.socket] = []

    def add(self, connected: socket.socket) -> None:
        """Remembers a connection by a duplicate of its own: TLS takes the original away. Raises TimeoutError."""
        with self._lock:
            if self._is_over:
                raise TimeoutError
            self._sockets.append(connected.dup())

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
        """Gives the duplicates back."""
        with self._lock:
            for connected in self._sockets:
                connected.close()
            self._sockets.clear()


class _Session(HTTPSession):  # type: ignore[misc] # the package ships no types
    """A session that knows nothing of the environment, and looks at no redirect."""

    def __init__(self, line: _Line, timeout_seconds: float, *, local: bool) -> None:
        super().__init__(
            Config(
                ip_filter_enable=True,
                ip_filter_allow_loopback_ips=local,
                never_redirect=True,
                default_timeout=(timeout_seconds, timeout_seconds),
                user_agent_override="sms-receiver",
            )
        )
        self.trust_env = False  # no proxy, no .netrc, no certificates of somebody's choice
        self.adapters.clear()
        self.mount("https://", _Adapter(line, https=True, local=local))
        if local:
            self.mount("http://", _Adapter(line, https=False, local=local))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests would read the whole body of a redirect, however large, even when it follows none."""


class _Adapter(IPFilterAdapter):  # type: ignore[misc] # the package ships no types
    """Tells the line of each connection, before TLS begins on it."""

    def __init__(self, line: _Line, *, https: bool, local: bool) -> None:
        super().__init__(is_https_proto=https, allow_loopback=local)
        self._line = line

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:  # noqa: ANN401
        """The pool for a request, whose connections are on the line."""
        pool: HTTPConnectionPool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _on(self._line, pool.ConnectionCls)  # type: ignore[arg-type] # one of urllib3's two
        return pool


def _on(line: _Line, kind: type[HTTPConnection]) -> type[HTTPConnection]:
    class OnTheLine(kind):  # type: ignore[valid-type,misc] # a base that is chosen at run time
        def _new_conn(self) -> socket.socket:
            connected: socket.socket = super()._new_conn()
            line.add(connected)
            return connected

    return OnTheLine
