"""Messaging Services: numbers that are treated alike, and whose texts may go to one webhook.

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
        uses_numbers_webhooks: Its `UseInboundWebhookOnNumber`: whether each number's own webhooks are called instead.
        created: When.
    """

    sid: str
    account_sid: str
    name: str
    primary: Hook | None
    fallback: Hook | None
    uses_numbers_webhooks: bool = False
    created: datetime = field(default_factory=now)


def routed(number: Number, service: Service | None) -> Number | None:
    """The number with the webhooks that take its texts.

    Its service's take them, unless that leaves them to its numbers. Then its application does, which the twin cannot
    call; only after that it is the number's own.

    Returns:
        The number; None when its service takes no texts, so that they are "not logged and received".
    """
    if service is not None and not service.uses_numbers_webhooks:
        own = replace(number, primary=service.primary, fallback=service.fallback)
        return None if service.primary is None else own
    if number.application_sid:
        return replace(number, primary=None, fallback=None)
    return number
