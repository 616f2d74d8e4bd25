"""Twilio's REST API: to send a message, and to find out whether one was sent.

Source: Twilio docs, "Messages resource" and "Error and warning dictionary". What Twilio says about a failure may quote
the numbers and the text, so of its answers only the HTTP status and the error code go into our errors.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from twilio.base import values
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from shared.errors import InDoubt, Refused, SmsReceiverError, Unavailable
from shared.model import OutboundMessage, SentMessage
from shared.providers.twilio import STATUS_RANKS, Twilio
from shared.tenant import Account

T = TypeVar("T")

UNAUTHORIZED, OPTED_OUT = 20003, 21610
LATER = frozenset({20429, 21611, 30001})  # too many requests; the number's queue is full, by its two codes
_NOT_YET = frozenset({HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_LOOK_BACK = 100  # messages between the two numbers; Twilio lists the latest first
_TRIAL = "Sent from your Twilio trial account - "  # what a trial account puts before every text
_NO_ENVIRONMENT = {"TWILIO_ENVIRONMENT": "is not ours"}  # an empty one would make the library read the real one


class TwilioRest:
    """Keeps `shared.ports.ProviderApi`.

    Args:
        url: where the API is: `https://api.twilio.com`.
        timeout_seconds: how long to wait for a connection, and then for each bit of an answer.
    """

    name = Twilio.name

    def __init__(self, url: str, *, timeout_seconds: float) -> None:
        self._http = _Http(url, timeout_seconds)

    def send(self, message: OutboundMessage, account: Account, *, status_url: str) -> SentMessage:
        """Creates a Message resource. There is no idempotency key: what is in doubt must be settled with `find`."""

        def create(client: Client) -> SentMessage:
            made = client.messages.create(
                to=message.recipient,
                from_=message.sender,
                body=message.text or values.unset,
                media_url=list(message.media_urls) or values.unset,
                status_callback=status_url,
            )
            return _sent(made)

        try:
            return self._with_each_key(account, create)
        except (TwilioException, ValueError, TypeError, AttributeError, KeyError):  # it said yes, and then nonsense
            sentence = "Twilio took the message, but its answer cannot be read"
            raise InDoubt(sentence) from None

    def find(self, message: OutboundMessage, account: Account, *, since: datetime) -> Sequence[SentMessage]:
        """Looks through the latest messages between the two numbers.

        Not by `DateSent`: a message that is still queued has none.
        """

        def look(client: Client) -> list[SentMessage]:
            listed = client.messages.list(to=message.recipient, from_=message.sender, limit=_LOOK_BACK)
            return [_sent(found) for found in listed if _alike(found, message, since)]

        try:
            return self._with_each_key(account, look)
        except InDoubt as error:
            raise Unavailable(str(error)) from None  # a question leaves nothing in doubt
        except (TwilioException, ValueError, TypeError, AttributeError, KeyError):
            sentence = "Twilio's list of messages cannot be read"
            raise Unavailable(sentence) from None

    def _with_each_key(self, account: Account, action: Callable[[Client], T]) -> T:
        for username, password in _keys(account):
            client = Client(username, password, account.sid, http_client=self._http, environment=_NO_ENVIRONMENT)
            try:
                return action(client)
            except _UnauthorizedError:
                continue
        which = "REST key" if account.rest_key else "auth tokens"
        sentence = f"Twilio does not accept the {which} of account {account.sid}; set them anew: sms twilio set-account"
        reason = "provider_unauthorized"
        raise Refused(reason, sentence, code=UNAUTHORIZED)


def _keys(account: Account) -> Iterator[tuple[str, str]]:
    if account.rest_key:
        yield account.rest_key.sid, account.rest_key.secret
    else:
        yield from ((account.sid, token) for token in account.auth_tokens)


def _sent(resource: Any) -> SentMessage:  # noqa: ANN401 - the library has no types
    if not isinstance(resource.sid, str) or not isinstance(resource.status, str):
        raise TypeError
    return SentMessage(resource.sid, resource.status, STATUS_RANKS.get(resource.status, 0))


def _alike(found: Any, message: OutboundMessage, since: datetime) -> bool:  # noqa: ANN401 - the library has no types
    """Whether a listed message looks just like ours. Twilio's times have no fractions of a second."""
    return (
        str(found.direction).startswith("outbound")
        and (found.from_, found.to) == (message.sender, message.recipient)
        and (found.body or "").removeprefix(_TRIAL).strip() == message.text.strip()
        and int(found.num_media or 0) == len(message.media_urls)
        and (found.date_created is None or found.date_created >= since.replace(microsecond=0))
    )


class _UnauthorizedError(Exception):
    """This key is not accepted; another may be."""


class _Http(TwilioHttpClient):  # type: ignore[misc] # the library has no types
    """Twilio's own HTTP client, with time-outs, without redirects, retries or proxies, and with our errors."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        super().__init__(timeout=timeout_seconds, max_retries=0)
        self.session.trust_env = False  # no proxy, no .netrc
        self._url = url.rstrip("/")

    def request(self, method: str, url: str, *args: object, **options: object) -> Response:
        """Twilio's answer, if it is a yes. Raises what every other one means."""
        there = urlsplit(url)
        query = f"?{there.query}" if there.query else ""
        options["allow_redirects"] = False
        try:
            response = super().request(method, f"{self._url}{there.path}{query}", *args, **options)
        except requests.RequestException as error:
            raise _no_answer(error) from None
        if HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            return response
        raise _refusal(response.status_code, _code(response.text)) from None

    def log_request(self, kwargs: object) -> None:
        """Says nothing: the library would log URLs, which hold phone numbers."""

    def log_response(self, status_code: int, response: object) -> None:
        """The same for headers."""


def _no_answer(error: requests.RequestException) -> SmsReceiverError:
    """Without a connection nothing was asked; after that, who knows."""
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(cause, NewConnectionError | ConnectTimeoutError):
        return Unavailable(f"Twilio cannot be reached: {type(cause).__name__}")
    return InDoubt(f"Twilio was asked, and did not answer: {type(error).__name__}")


def _code(body: str) -> int | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if isinstance(code, int) else None


def _refusal(status: int, code: int | None) -> Exception:
    answered = f"Twilio answered {status}" + (f", error {code}" if code else "")
    if status == HTTPStatus.UNAUTHORIZED or code == UNAUTHORIZED:
        return _UnauthorizedError()
    if code in LATER or status in _NOT_YET:
        return Unavailable(answered)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return InDoubt(answered)
    if code == OPTED_OUT:
        return Refused("opted_out", f"{answered}: the person has opted out", code=code)
    seek = f"; what it means: https://www.twilio.com/docs/api/errors/{code}" if code else ""
    return Refused("provider_refused", answered + seek, code=code)
