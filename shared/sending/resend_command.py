"""A resend event of the outbound queue as checked values. Customers' backends may put events there: all is checked."""

from dataclasses import dataclass, field

from shared.messages import events
from shared.messages.event_fields import EventFields
from shared.messages.events import MESSAGE_ID, Event
from shared.messages.outbound import OutboundMessage, Reply, StoredMessage
from shared.sending.send_command import SendCommand, is_replayed, read_data

_FIELDS = EventFields("outbound")
_get, _require = _FIELDS.get, _FIELDS.require


@dataclass(frozen=True)
class ResendCommand:
    """A message to send again: the provider took it, and it failed for now.

    Attributes:
        reply: its record, as far as the event tells: without an agent.
        message_id: the provider's id of the message that failed.
        account: the provider's account that it was sent from.
        replayed: whether it was parked, and an operator replayed it.
    """

    reply: Reply
    message_id: str
    account: str
    replayed: bool
    event: Event = field(repr=False)

    def with_message(self, stored: StoredMessage, *, resends: int) -> SendCommand:
        """The message to send.

        Args:
            stored: the message that failed, as the provider keeps it.
            resends: how often it failed so far, this time included.
        """
        message = OutboundMessage(
            reply_id=self.reply.reply_id,
            account=self.account,
            sender=stored.sender,
            recipient=stored.recipient,
            text=stored.text,
        )
        return SendCommand(message, self.reply, None, None, self.replayed, self.event, resends)


def read(event: Event) -> ResendCommand:
    """The whole event. Raises Malformed, which names the field, when something is missing or wrong."""
    _require(event.get("type") == events.RESEND, "type")
    reply, data = read_data(event)
    return ResendCommand(
        reply=reply,
        message_id=_get(data, "message_id", str, "data.", MESSAGE_ID.fullmatch),
        account=_get(data, "account", str, "data."),
        replayed=is_replayed(event),
        event=event,
    )
