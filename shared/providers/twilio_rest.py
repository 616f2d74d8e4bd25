"""Twilio's REST API: to send a message, and to find out whether one was sent.

Source: Twilio docs, "Messages resource".
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from twilio.base import values
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from shared.errors import InDoubt, Refused, Unavailable
from shared.exchange import STEPS, Line, OutOfTime, in_time
from shared.model import OutboundMessage, SentMessage
from shared.providers.twilio import STATUS_RANKS, Twilio
from shared.providers.twilio_http import UNAUTHORIZED, TwilioHttp, Unauthorized
from shared.tenant import Account

T = TypeVar("T")

_LOOK_BACK = 100  # messages between the two numbers; Twilio lists the latest first
_TRIAL = "Sent from your Twilio trial account - "  # what a trial account puts before every text
_NO_ENVIRONMENT = {"TWILIO_ENVIRONMENT": "is not ours"}  # an empty one would make the library read the real one
_NONSENSE = (TwilioException, ValueError, TypeError, AttributeError, KeyError, RecursionError)
"""What the library raises at a yes that it cannot read."""


class TwilioRest:
    """Keeps `shared.ports.ProviderApi`.

    Args:
        url: where the API is: `https://api.twilio.com`.
        timeout_seconds: how long a question may take, from connecting to the end of the answer, with all its keys.
    """

    name = Twilio.name

    def __init__(self, url: str, *, timeout_seconds: float) -> None:
        self._url = url
        self._timeout_seconds = timeout_seconds

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
            return self._in_time(account, create)
        except _NONSENSE:
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
            return self._in_time(account, look)
        except InDoubt as error:
            raise Unavailable(str(error)) from None  # a question leaves nothing in doubt
        except _NONSENSE:
            sentence = "Twilio's list of messages cannot be read"
            raise Unavailable(sentence) from None

    def _in_time(self, account: Account, action: Callable[[Client], T]) -> T:
        try:
            return in_time(self._timeout_seconds, lambda line: self._with_each_key(account, action, line))
        except OutOfTime as error:
            sentence = f"Twilio took longer than {self._timeout_seconds:g} seconds"
            raise (InDoubt(sentence) if error.connected else Unavailable(sentence)) from None

    def _with_each_key(self, account: Account, action: Callable[[Client], T], line: Line) -> T:
        http = TwilioHttp(self._url, line, STEPS * self._timeout_seconds)
        for username, password in _keys(account):
            client = Client(username, password, account.sid, http_client=http, environment=_NO_ENVIRONMENT)
            try:
                return action(client)
            except Unauthorized:
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
