"""Twilio's REST API: to send a message, and to find out whether one was sent.

Source: Twilio docs, "Messages resource".
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import twilio.rest.api.v2010.account.message  # noqa: F401 - or it is imported while the first message waits
from twilio.base import values
from twilio.rest import Client

from shared.errors import InDoubt
from shared.messages.outbound import OutboundMessage, SentMessage, StoredMessage
from shared.messages.status import DeliveryOutcome
from shared.providers.twilio import NAME, segments, statuses
from shared.providers.twilio.rest_client import NONSENSE, TwilioClient
from shared.tenants.account import Account

_LOOK_BACK = 100  # messages between the two numbers; Twilio lists the latest first
_TRIAL = "Sent from your Twilio trial account - "  # what a trial account puts before every text


class TwilioRest:
    """Keeps `shared.ports.ProviderApi`.

    Args:
        url: what stands in for Twilio's hosts; None for Twilio's own, of the account's region.
        timeout_seconds: how long a question may take, from connecting to the end of the answer, with all its keys.
    """

    name = NAME

    def __init__(self, url: str | None, *, timeout_seconds: float) -> None:
        self._ask = TwilioClient(url, timeout_seconds=timeout_seconds)

    def send(self, message: OutboundMessage, account: Account, *, status_url: str) -> SentMessage:
        """Creates a Message resource. There is no idempotency key: what is in doubt must be settled with `find`."""

        def create(client: Client) -> SentMessage:
            resource = client.messages.create(
                to=message.recipient,
                from_=message.sender,
                body=message.text or values.unset,
                media_url=list(message.media_urls) or values.unset,
                status_callback=status_url,
            )
            return _sent(resource)

        try:
            return self._ask(account, create)
        except NONSENSE:
            sentence = "Twilio took the message, but its answer cannot be read"
            raise InDoubt(sentence) from None

    def find(self, message: OutboundMessage, account: Account, *, since: datetime) -> Sequence[SentMessage]:
        """Looks through the latest messages between the two numbers.

        Not by `DateSent`: a message that is still queued has none.
        """

        def look(client: Client) -> list[SentMessage]:
            listed = client.messages.list(to=message.recipient, from_=message.sender, limit=_LOOK_BACK)
            return [_sent(resource) for resource in listed if _is_alike(resource, message, since)]

        return self._ask.look(account, look, "list of messages")

    def read(self, message_id: str, account: Account) -> StoredMessage:
        """Fetches the Message resource.

        A message with media, or whose text Twilio was told to redact, is not all there: it has failed for good.
        """

        def fetch(client: Client) -> StoredMessage:
            return _stored(client.messages(message_id).fetch())

        return self._ask.look(account, fetch, "message")


def _sent(resource: Any) -> SentMessage:  # noqa: ANN401 - the library has no types
    if not isinstance(resource.sid, str) or not isinstance(resource.status, str):
        raise TypeError
    status = statuses.status(resource.status, resource.error_code, resource.sid)
    return SentMessage(resource.sid, status, segments.reported(resource.num_segments))


def _stored(resource: Any) -> StoredMessage:  # noqa: ANN401 - the library has no types
    sender, recipient, text = resource.from_, resource.to, resource.body or ""
    if not all(isinstance(value, str) for value in (sender, recipient, text, resource.sid, resource.status)):
        raise TypeError
    outcome = statuses.outcome(resource.status, resource.error_code, resource.sid)
    is_whole = bool(text) and int(resource.num_media or 0) == 0
    if outcome is DeliveryOutcome.RETRYABLE and not is_whole:
        outcome = DeliveryOutcome.FAILED
    return StoredMessage(sender, recipient, text.removeprefix(_TRIAL), outcome, resource.error_code)


def _is_alike(resource: Any, message: OutboundMessage, since: datetime) -> bool:  # noqa: ANN401 - the library has no types
    """Whether a listed message looks just like ours. Twilio's times have no fractions of a second."""
    return (
        str(resource.direction).startswith("outbound")
        and (resource.from_, resource.to) == (message.sender, message.recipient)
        and (resource.body or "").removeprefix(_TRIAL).strip() == message.text.strip()
        and int(resource.num_media or 0) == len(message.media_urls)
        and (resource.date_created is None or resource.date_created >= since.replace(microsecond=0))
    )
