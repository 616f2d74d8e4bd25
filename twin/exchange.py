"""One HTTP exchange with a webhook receiver, over a new connection.

It uses httpcore, the layer below httpx, which sends a URL's path and query as written, reads no proxy settings and
follows no redirects. The connections table works like `curl --connect-to`: the bytes go to another address, while the
request stays as it would be for the configured one.
"""

import functools
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import httpcore

from twin.failures import Failure, WebhookFailed
from twin.hook_limits import HookLimits
from twin.webhook_url import WebhookUrl

MAX_BODY_BYTES = 64 * 1024
"""The longest response that Twilio reads (Twilio docs: "11750: TwiML response body too large")."""

Connections = Mapping[str, WebhookUrl]
"""Host or `host:port` of a configured URL, in lower case, to the address to connect to instead."""


@dataclass(frozen=True)
class HookRequest:
    """A request to send. `Host` and `Content-Length` are added; None as content sends neither a body nor a length."""

    method: str
    url: WebhookUrl
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None


@dataclass(frozen=True)
class HookResponse:
    """A receiver's response.

    Attributes:
        status: The HTTP status.
        headers: Names in lower case and values, in the order received; a name may come several times.
        body: At most `MAX_BODY_BYTES`, and one byte more when it was longer.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """All values of a header, joined by commas; None without any. The name is in lower case."""
        values = [value for header_name, value in self.headers if header_name == name]
        return ", ".join(values) if values else None


def exchange(request: HookRequest, connections: Connections, limits: HookLimits) -> HookResponse:
    """Send one request and read its response.

    Raises:
        WebhookFailed: There was no response, or not in time.
    """
    url = request.url
    destination = connections.get(f"{url.host}:{url.port}") or connections.get(url.host) or url
    address = httpcore.URL(scheme=destination.scheme, host=url.host, port=url.port, target=url.target)
    secure = _ssl_context() if destination.scheme == "https" else None
    timeout = {"connect": limits.connect_seconds, "read": limits.read_seconds, "write": limits.read_seconds}
    try:
        with (
            httpcore.ConnectionPool(ssl_context=secure, network_backend=_Detour(destination, limits)) as pool,
            pool.stream(
                request.method,
                address,
                headers=[("Host", url.authority), *request.headers.items(), *_length(request.content)],
                content=request.content,
                extensions={"timeout": timeout},
            ) as response,
        ):
            return _read(response)
    except httpcore.ConnectTimeout as error:
        raise WebhookFailed(limits.timeout_failure(Failure.CONNECT_TIMEOUT)) from error
    except httpcore.TimeoutException as error:
        raise WebhookFailed(limits.timeout_failure(Failure.READ_TIMEOUT)) from error
    except (httpcore.ProtocolError, httpcore.NetworkError) as error:
        raise WebhookFailed(Failure.PROTOCOL_VIOLATION) from error


def _length(content: bytes | None) -> list[tuple[str, str]]:
    return [] if content is None else [("Content-Length", str(len(content)))]


def _read(response: httpcore.Response) -> HookResponse:
    body = b""
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            break
    headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers)
    return HookResponse(response.status, headers, body[: MAX_BODY_BYTES + 1])


def _connect_failure(cause: BaseException | None) -> Failure:
    if isinstance(cause, ssl.SSLError):
        return Failure.TLS_FAILED
    if isinstance(cause, socket.gaierror):
        return Failure.BAD_HOST
    if isinstance(cause, ConnectionRefusedError):
        return Failure.CONNECTION_REFUSED
    return Failure.CONNECTION_FAILED


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


class _Detour(httpcore.NetworkBackend):
    """Connects to the destination whatever host is requested, and ends every wait with the total time."""

    def __init__(self, destination: WebhookUrl, limits: HookLimits) -> None:
        self._destination = destination
        self._limits = limits
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 -- httpcore's signature; the destination is used instead
        port: int,  # noqa: ARG002 -- the same
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        wait_seconds = _clip(timeout, self._limits, httpcore.ConnectTimeout)
        try:
            stream = self._network.connect_tcp(
                self._destination.host, self._destination.port, wait_seconds, local_address, socket_options
            )
        except httpcore.ConnectError as error:
            raise WebhookFailed(_connect_failure(error.__cause__)) from error
        return _Timed(stream, self._limits)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _Timed(httpcore.NetworkStream):
    """A connection on which no single wait outlasts the total time."""

    def __init__(self, stream: httpcore.NetworkStream, limits: HookLimits) -> None:
        self._stream = stream
        self._limits = limits

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _clip(timeout, self._limits))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _clip(timeout, self._limits))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait_seconds = _clip(timeout, self._limits, httpcore.ConnectTimeout)
        try:
            secured = self._stream.start_tls(ssl_context, server_hostname, wait_seconds)
        except httpcore.ConnectError as error:
            raise WebhookFailed(_connect_failure(error.__cause__)) from error
        return _Timed(secured, self._limits)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _clip(
    timeout: float | None, limits: HookLimits, timeout_error: type[httpcore.TimeoutException] = httpcore.ReadTimeout
) -> float:
    remaining_seconds = limits.remaining_seconds
    if not remaining_seconds:
        raise timeout_error
    return remaining_seconds if timeout is None else min(timeout, remaining_seconds)
