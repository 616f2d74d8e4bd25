"""Sending a message as a program does: through `SmsSend`, with an API key."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from operations.answers.requests import request
from operations.operator import Operator
from shared.public_paths import SEND

_IN_DOUBT = "the message may be queued all the same: look with sms trace before you send it again"


@dataclass(frozen=True)
class MessageToSend:
    """A message to a person.

    Attributes:
        sender: our number.
        recipient: the person's address.
        in_reply_to: the id of the text that it answers; None for none.
        end_session: whether the session of that text ends.
        account: the account that owns our number; None where the tenant has only one.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    text: str = field(repr=False)
    in_reply_to: str | None = None
    end_session: bool = False
    account: str | None = None


def send(operator: Operator, key: str, message: MessageToSend) -> Mapping[str, object]:
    """The ids of the message, once it is durably queued on the operator's stage. Raises as `request` does."""
    fields = {
        "from": message.sender,
        "to": message.recipient,
        "text": message.text,
        "in_reply_to": message.in_reply_to,
        "end_session": message.end_session,
        "account": message.account,
    }
    return request(operator, key, SEND, fields, _IN_DOUBT)
