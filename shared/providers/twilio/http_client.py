"""Requests to Twilio's REST API, and what each of its answers means: taken, later, never, or in doubt.

Source: Twilio docs, "Error and warning dictionary". What Twilio says about a failure may quote the numbers and the
text, so of its answers only the HTTP status and the error code go into our errors.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from shared.deadline import OpenConnections, TrackedAdapter
from shared.errors import Configuration, InDoubt, SmsReceiverError, Unavailable, UpstreamRefused
from shared.providers.twilio import opt_out
from shared.providers.twilio.errors import REMEDIES, Remedy
from shared.reasons import Reason

UNAUTHORIZED = 20003
_NOT_YET = frozenset({HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


class Unauthorized(Exception):
    """Twilio does not accept this key; it may accept another."""


class TwilioHttp(TwilioHttpClient):  # type: ignore[misc] # the library has no types
    """Twilio's own HTTP client, without redirects, retries or proxies, and with our errors.

    Each request has a connection of its own: one that was open while its Lambda was frozen may be dead, and would leave
    us in doubt. No cookie that Twilio sets for one account is kept for the next.

    Args:
        url: what stands in for Twilio's hosts, of which its APIs have several; None for these.
        connections: tracks the connections of the exchange.
        timeout_seconds: how long each step may take, where a connection cannot be shut down.
    """

    def __init__(self, url: str | None, connections: OpenConnections, timeout_seconds: float) -> None:
        super().__init__(pool_connections=False, timeout=timeout_seconds)
        self._url = None if url is None else url.rstrip("/")
        self._connections = connections

    def request(self, method: str, url: str, *args: object, **options: Any) -> Response:  # noqa: ANN401 - the library's
        """Twilio's answer, if it is a yes. Raises what every other one means."""
        options["allow_redirects"] = False
        if self._url is not None:
            url, options["headers"] = self._rebased(url, options.get("headers"))
        try:
            with _session(self._connections) as self.session:
                response = super().request(method, url, *args, **options)
        except UnicodeEncodeError:  # no key of Twilio's has such characters
            raise Unauthorized from None
        except (InvalidSchema, InvalidURL, MissingSchema) as error:
            message = f"TWILIO_URL cannot be asked: {type(error).__name__}"
            raise Configuration(message) from None
        except requests.RequestException as error:
            raise _no_answer(error) from None
        if HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            return response
        raise _refusal(response.status_code, _code(response.text)) from None

    def _rebased(self, url: str, headers: Mapping[str, str] | None) -> tuple[str, Mapping[str, str]]:
        """The URL at the stand-in, which learns from the header Host which of Twilio's hosts is meant."""
        split = urlsplit(url)
        rebased = f"{self._url}{split.path}" + (f"?{split.query}" if split.query else "")
        return rebased, {**(headers or {}), "Host": split.netloc}

    def log_request(self, kwargs: object) -> None:
        """Log nothing: the library would log URLs, which hold phone numbers."""

    def log_response(self, status_code: int, response: object) -> None:
        """Log nothing: the library would log headers."""


def _session(connections: OpenConnections) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy, no .netrc
    for scheme in ("https://", "http://"):
        session.mount(scheme, TrackedAdapter(connections))
    return session


def _no_answer(error: requests.RequestException) -> SmsReceiverError:
    """Unavailable when there was no connection, so that nothing was sent; else InDoubt."""
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(cause, NewConnectionError | ConnectTimeoutError):
        return Unavailable(f"Twilio cannot be reached: {type(cause).__name__}")
    return InDoubt(f"Twilio was asked, and did not answer: {type(error).__name__}")


def _code(body: str) -> int | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if isinstance(code, int) else None


def _refusal(status: int, code: int | None) -> Exception:
    answered = f"Twilio answered {status}" + (f", error {code}" if code else "")
    if status == HTTPStatus.UNAUTHORIZED or code == UNAUTHORIZED:
        return Unauthorized()
    remedy = REMEDIES.get(code or 0)
    if remedy is Remedy.WAIT or status in _NOT_YET:
        return Unavailable(answered)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return InDoubt(answered)
    if code == opt_out.CODE:
        return UpstreamRefused(Reason.OPTED_OUT, f"{answered}: the person has opted out", code=code)
    seek = f"; what it means: https://www.twilio.com/docs/api/errors/{code}" if code else ""
    reason = Reason.UNREACHABLE if remedy is Remedy.NOBODY else Reason.PROVIDER_REFUSED
    return UpstreamRefused(reason, answered + seek, code=code)
