"""Messaging Services: groups of numbers whose texts may go to the same webhook.

(Twilio docs: "Messaging Service resource", "Messaging Service PhoneNumber resource".)
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from twin.accounts import Hook, Number
from twin.record import now


@dataclass(frozen=True)
class Service:
    """A Messaging Service.

    Attributes:
        sid: `MG…`.
        account_sid: The account that owns it.
        name: Its `FriendlyName`.
        primary: What Twilio calls when one of its numbers gets a text; None: "receiving inbound messages is disabled".
        fallback: What Twilio calls when the primary fails; None for nothing.
        uses_numbers_webhooks: Its `UseInboundWebhookOnNumber`: whether each number's webhooks are called instead.
        created: When it was created.
    """

    sid: str
    account_sid: str
    name: str
    primary: Hook | None
    fallback: Hook | None
    uses_numbers_webhooks: bool = False
    created: datetime = field(default_factory=now)


def routed(number: Number, service: Service | None) -> Number | None:
    """The number with the webhooks that get its texts.

    These are its service's, unless the service leaves them to its numbers. Otherwise they are its application's, which
    the twin does not call, so it gets none. Only then are they the number's.

    Returns:
        The number; None when its service has no webhook, so that its texts are dropped: "not logged and received".
    """
    if service is not None and not service.uses_numbers_webhooks:
        served_number = replace(number, primary=service.primary, fallback=service.fallback)
        return None if service.primary is None else served_number
    if number.application_sid:
        return replace(number, primary=None, fallback=None)
    return number
