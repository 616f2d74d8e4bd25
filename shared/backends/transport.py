"""The HTTP client for backends, with limits on the address, the time and the size of the response.

requests-hardened resolves the host name once, refuses loopback, private, link-local and similar addresses, and connects
to the address that it checked. So DNS rebinding cannot redirect a request. Of IPv6 it lets forms through that carry an
IPv4 address or were once private, so what is not in the one range of public addresses is refused here.
"""

import logging
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any, NoReturn

import requests
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

from shared.backends.post import BackendRequest, BackendResponse
from shared.deadline import STEP_FACTOR, DeadlineExceeded, OpenConnections, TrackedAdapter, run_within
from shared.errors import Unavailable, UpstreamRefused
from shared.reasons import Reason

_CHUNK = 16 * 1024
_IPV6 = 6
_PUBLIC_IPV6 = ip_network("2000::/3")  # all that is given out (IANA, "Internet Protocol Version 6 Address Space")
_URL_LOGGER = "requests_hardened.ip_filter"  # quotes the URL, which may contain a secret


class Poster:
    """Sends requests, each on a new connection: one that is kept open dies while Lambda freezes the environment.

    Args:
        local: whether loopback addresses and plain HTTP are allowed. Certificates are verified in any case.
    """

    def __init__(self, *, local: bool) -> None:
        self._local = local
        logging.getLogger(_URL_LOGGER).disabled = True

    def __call__(self, request: BackendRequest) -> BackendResponse:
        """The response. Raises Unavailable, UpstreamRefused."""
        try:
            return run_within(request.timeout_seconds, partial(self._exchange, request))
        except DeadlineExceeded:
            message = f"the backend took longer than {request.timeout_seconds:g} seconds to answer"
            raise Unavailable(message) from None

    def _exchange(self, request: BackendRequest, connections: OpenConnections) -> BackendResponse:
        # The errors name only the type of the exception and are not chained: the messages of requests quote the URL.
        try:
            with _Session(connections, STEP_FACTOR * request.timeout_seconds, local=self._local) as session:
                return _post(session, request)
        except InvalidIPAddress:
            _refuse(Reason.BACKEND_ADDRESS, "the backend's host has a loopback, private or link-local address")
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            message = f"the backend could not be reached, or closed the connection: {type(error).__name__}"
            raise Unavailable(message) from None
        except (InvalidSchema, InvalidURL, MissingSchema, UnicodeError) as error:
            _refuse(Reason.BACKEND_ADDRESS, f"the backend's URL cannot be used: {type(error).__name__}")
        except (requests.RequestException, ValueError) as error:  # ValueError: from int() and read() in urllib3
            _refuse(
                Reason.BACKEND_NONSENSE,
                f"the backend's answer makes no sense: it is not valid HTTP ({type(error).__name__})",
            )


def _post(session: requests.Session, request: BackendRequest) -> BackendResponse:
    # identity: a small compressed body could decompress to a huge one
    headers = {**request.headers, "accept-encoding": "identity"}
    with session.post(request.url, data=request.body, headers=headers, stream=True) as response:
        if response.status_code != request.success or not request.wants_body:
            return BackendResponse(response.status_code)
        if response.headers.get("content-encoding", "identity") != "identity":
            _refuse(
                Reason.BACKEND_NONSENSE,
                "the backend's answer makes no sense: it is compressed, which was not requested",
            )
        body = b""
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > request.body_max:
                limit = f"{request.body_max // 1024} KiB"
                _refuse(Reason.BACKEND_NONSENSE, f"the backend's answer makes no sense: it is larger than {limit}")
        return BackendResponse(response.status_code, body)


def _refuse(reason: Reason, message: str) -> NoReturn:
    raise UpstreamRefused(reason, message) from None


class _Session(HTTPSession):  # type: ignore[misc] # the package ships no types
    """A session that ignores environment variables and redirects."""

    def __init__(self, connections: OpenConnections, timeout_seconds: float, *, local: bool) -> None:
        super().__init__(
            Config(
                ip_filter_enable=True,
                ip_filter_allow_loopback_ips=local,
                never_redirect=True,
                default_timeout=(timeout_seconds, timeout_seconds),
                user_agent_override="sms-receiver",
            )
        )
        self.trust_env = False  # no proxy, no .netrc, no other CA certificates
        self.adapters.clear()
        self.mount("https://", _Adapter(connections, is_https_proto=True, allow_loopback=local))
        if local:
            self.mount("http://", _Adapter(connections, is_https_proto=False, allow_loopback=local))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None. Otherwise requests would read the whole body of a redirect, whatever its size."""


class _Adapter(TrackedAdapter, IPFilterAdapter):  # type: ignore[misc] # the package ships no types
    """An adapter with both the address filter and tracked connections."""

    def build_connection_pool_key_attributes(self, *args: Any, **options: Any) -> tuple[Any, Any]:  # noqa: ANN401 - requests' own
        """Where to connect to, as requests asks for it. Raises InvalidIPAddress when no backend may be there."""
        host, pool = super().build_connection_pool_key_attributes(*args, **options)
        address = ip_address(host["host"].strip("[]"))  # the one that the name was resolved to
        is_allowed_loopback = self._allow_loopback and address.is_loopback
        if address.version == _IPV6 and address not in _PUBLIC_IPV6 and not is_allowed_loopback:
            raise InvalidIPAddress(address)
        return host, pool
