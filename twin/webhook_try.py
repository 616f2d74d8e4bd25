"""One try of a webhook: a request, repeated with credentials when challenged, and again after each redirect.

The first request carries no credentials; only a 401 whose `WWW-Authenticate` header offers Basic makes Twilio repeat it
with the URL's user and password (Twilio docs: "Security", section "HTTP authentication"; Twilio also supports Digest,
the twin does not). 301, 302 and 303 become a GET without the form, 307 keeps it, any other 3xx is an error (Twilio
docs: "11216: HTTP invalid redirect"). What a redirected request's signature covers is not documented: here it is the
URL that is requested. Credentials are only sent to the same scheme, host and port.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from twin.attempts import Attempt, HookOutcome
from twin.exchange import Connections, HookRequest, HookResponse, exchange
from twin.failures import Failure, WebhookFailed
from twin.hook_limits import HookLimits
from twin.signing import Fields, signature
from twin.twiml import replies
from twin.webhook_url import NotAWebhookUrl, WebhookUrl

ResponseReader = Callable[[HookResponse], tuple[str, ...]]
"""Reads the replies in a response, or raises `WebhookFailed`."""

MAX_REDIRECTS = 10
"""How many redirects in a row are followed. Twilio gives no number (Twilio docs: "11215: HTTP too many redirects")."""

_UNAUTHORIZED = 401
_REDIRECTS_TO_GET = {301, 302, 303}
_REDIRECTS_AS_IS = {307}
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
_BASIC = re.compile(r"(?:^|,)\s*basic(?:[\s,]|$)", re.IGNORECASE)


@dataclass(frozen=True)
class HookSender:
    """What all requests for one text have in common.

    Attributes:
        auth_token: Signs the requests.
        forged_signature: A value to send instead of the right signature; None for the right one.
        idempotency_token: The text's token.
        connections: Where to connect to instead of a URL's host.
        read: Reads the response: as TwiML, or for its status only.
    """

    auth_token: str = field(repr=False)
    forged_signature: str | None = field(repr=False)
    idempotency_token: str
    connections: Connections
    read: ResponseReader = replies

    def send(
        self, method: str, url: WebhookUrl, form: Fields, authorization: str | None, limits: HookLimits
    ) -> HookResponse:
        """Send one request.

        Raises:
            WebhookFailed: There was no response, or not in time.
        """
        genuine = self.forged_signature is None
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "X-Twilio-Signature": signature(url.url, form, self.auth_token) if genuine else self.forged_signature or "",
            "I-Twilio-Idempotency-Token": self.idempotency_token,
        }
        if authorization is not None:
            headers["Authorization"] = authorization
        content = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            content = urlencode(form).encode("ascii")
        return exchange(HookRequest(method, url, headers, content), self.connections, limits)


class Try:
    """One try of a webhook.

    Args:
        sender: Sends the requests.
        limits: The remaining time.
        kind: `primary`, `fallback` or `status_callback`.
        number: Which try this is, from 1.
    """

    def __init__(self, sender: HookSender, limits: HookLimits, kind: str, number: int) -> None:
        self._sender = sender
        self._limits = limits
        self._kind = kind
        self._number = number
        self._attempts: list[Attempt] = []

    def run(self, url: WebhookUrl, method: str, fields: Fields) -> HookOutcome:
        """Make the try. Whatever the receiver does is in the outcome and raises nothing."""
        try:
            response = self._follow(url, method, fields)
            texts = self._sender.read(response)
        except WebhookFailed as error:
            return self._failed(error.failure)
        return HookOutcome(None, response.status, texts, tuple(self._attempts))

    def _failed(self, failure: Failure) -> HookOutcome:
        *earlier, last = self._attempts
        if failure not in {Failure.STATUS, Failure.RATE_LIMITED}:
            last = replace(last, error=str(failure))
        return HookOutcome(failure, last.status, (), (*earlier, last))

    def _follow(self, url: WebhookUrl, method: str, fields: Fields) -> HookResponse:
        if method == "GET":
            url, fields = _with_query(url, fields), ()
        for _ in range(MAX_REDIRECTS + 1):
            response = self._challenged(url, method, fields)
            if not 300 <= response.status <= 399:  # noqa: PLR2004 -- the meaning of 3xx
                return response
            url = _redirected(url, response)
            if response.status in _REDIRECTS_TO_GET:
                method, fields = "GET", ()
        raise WebhookFailed(Failure.TOO_MANY_REDIRECTS)

    def _challenged(self, url: WebhookUrl, method: str, fields: Fields) -> HookResponse:
        response = self._send(url, method, fields, None)
        authorization = url.basic_authorization
        if response.status == _UNAUTHORIZED and authorization is not None and offers_basic(response):
            response = self._send(url, method, fields, authorization)
        return response

    def _send(self, url: WebhookUrl, method: str, fields: Fields, authorization: str | None) -> HookResponse:
        attempt = Attempt(url.url, self._kind, self._number, credentials=authorization is not None)
        began = time.monotonic()
        try:
            response = self._sender.send(method, url, fields, authorization, self._limits)
        except WebhookFailed:
            self._attempts.append(replace(attempt, milliseconds=_since(began)))
            raise
        self._attempts.append(
            replace(
                attempt,
                status=response.status,
                challenge=response.header("www-authenticate"),
                challenge_headers=tuple(name for name, _ in response.headers if "www-authenticate" in name),
                milliseconds=_since(began),
            )
        )
        return response


def offers_basic(response: HookResponse) -> bool:
    """Whether the response's `WWW-Authenticate` header, under exactly this name, offers the scheme Basic."""
    return _BASIC.search(_QUOTED.sub("", response.header("www-authenticate") or "")) is not None


def _with_query(url: WebhookUrl, fields: Fields) -> WebhookUrl:
    joint = "&" if "?" in url.url else "?"
    return replace(url, url=f"{url.url}{joint}{urlencode(fields)}")


def _redirected(url: WebhookUrl, response: HookResponse) -> WebhookUrl:
    location = response.header("location")
    if location is None or response.status not in _REDIRECTS_TO_GET | _REDIRECTS_AS_IS:
        raise WebhookFailed(Failure.INVALID_REDIRECT)
    try:
        return url.redirected(location)
    except NotAWebhookUrl as error:
        raise WebhookFailed(Failure.INVALID_REDIRECT) from error


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
