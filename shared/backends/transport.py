"""The POST itself: to no address that it must not reach, in no more than its time, with no more than 64 KiB back.

requests-hardened resolves the host's name once, refuses loopback, private and link-local addresses and their like, and
connects to the address that it checked, so that a name cannot lead elsewhere a moment later.
"""

import logging
from functools import partial
from http import HTTPStatus
from typing import NoReturn

import requests
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter

from shared.backends.http import Request, Response
from shared.deadline import STEPS, Line, LineAdapter, OutOfTime, in_time
from shared.errors import Refused, Unavailable
from shared.reasons import Reason

BODY_MAX = 64 * 1024
_CHUNK = 16 * 1024
_TALKATIVE = "requests_hardened.ip_filter"  # quotes the URL, which may hold a secret


class Poster:
    """Makes requests, each on a connection of its own: one that slept with its Lambda is of no use.

    Args:
        local: whether loopback addresses and plain http are allowed. Certificates are verified all the same.
    """

    def __init__(self, *, local: bool) -> None:
        self._local = local
        logging.getLogger(_TALKATIVE).disabled = True

    def __call__(self, request: Request) -> Response:
        """What came back. Raises Unavailable, Refused."""
        try:
            return in_time(request.timeout_seconds, partial(self._exchange, request))
        except OutOfTime:
            message = f"the backend took longer than {request.timeout_seconds:g} seconds to answer"
            raise Unavailable(message) from None

    def _exchange(self, request: Request, line: Line) -> Response:
        # Only the kind of what went wrong is told, and nothing is chained: requests' own words quote the URL.
        try:
            with _Session(line, STEPS * request.timeout_seconds, local=self._local) as session:
                return _post(session, request)
        except InvalidIPAddress:
            _refuse(Reason.BACKEND_ADDRESS, "the backend's host is at a loopback, private or link-local address")
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            message = f"the backend could not be reached, or broke off: {type(error).__name__}"
            raise Unavailable(message) from None
        except (InvalidSchema, InvalidURL, MissingSchema, UnicodeError) as error:
            _refuse(Reason.BACKEND_ADDRESS, f"the backend's URL cannot be used: {type(error).__name__}")
        except (requests.RequestException, ValueError) as error:  # urllib3 lets int() and read() speak for themselves
            _refuse(
                Reason.BACKEND_NONSENSE, f"the backend's answer makes no sense: it breaks HTTP ({type(error).__name__})"
            )


def _post(session: requests.Session, request: Request) -> Response:
    # identity: what is small on the wire must not grow when it is unpacked
    headers = {**request.headers, "accept-encoding": "identity"}
    with session.post(request.url, data=request.body, headers=headers, stream=True) as response:
        if response.status_code != HTTPStatus.OK or not request.wants_body:
            return Response(response.status_code)
        if response.headers.get("content-encoding", "identity") != "identity":
            _refuse(
                Reason.BACKEND_NONSENSE,
                "the backend's answer makes no sense: it is compressed, which was not asked for",
            )
        body = b""
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > BODY_MAX:
                _refuse(Reason.BACKEND_NONSENSE, "the backend's answer makes no sense: it is larger than 64 KiB")
        return Response(response.status_code, body)


def _refuse(reason: Reason, message: str) -> NoReturn:
    raise Refused(reason, message) from None


class _Session(HTTPSession):  # type: ignore[misc] # the package ships no types
    """A session that knows nothing of the environment, and looks at no redirect."""

    def __init__(self, line: Line, timeout_seconds: float, *, local: bool) -> None:
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
        self.mount("https://", _Adapter(line, is_https_proto=True, allow_loopback=local))
        if local:
            self.mount("http://", _Adapter(line, is_https_proto=False, allow_loopback=local))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests would read the whole body of a redirect, however large, even when it follows none."""


class _Adapter(LineAdapter, IPFilterAdapter):  # type: ignore[misc] # the package ships no types
    """Connects to no address that it must not reach."""
