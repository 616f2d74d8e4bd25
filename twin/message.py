"""An inbound message as Twilio words it: the form that a webhook gets.

Names and meanings are from Twilio's page "Twilio's request to your incoming message Webhook URL". Fields that Twilio
looked up in vain are sent blank, not left out. Places are made up: a place for +1, blank for everyone else.
"""

import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from twin.segments import count_segments
from twin.signing import Fields

API_VERSION = "2010-04-01"
MOST_CHARACTERS = 1600
"""The longest body (Twilio docs: "Messages resource"). Whether a character that takes two UTF-16 code units counts once
or twice is not documented: here once."""

_COUNTRIES = {"+1": "US", "+33": "FR", "+34": "ES", "+39": "IT", "+44": "GB", "+49": "DE", "+61": "AU"}


@dataclass(frozen=True)
class Media:
    """A picture or another file that comes with a message.

    Attributes:
        url: Where it lies: what a webhook or a phone is told.
        content_type: Its MIME type.
        sid: `ME…`.
        key: What its address on the twin's own content network ends in.
        content: Its bytes; None when the twin has never seen them.
    """

    url: str
    content_type: str
    sid: str = field(default_factory=lambda: f"ME{secrets.token_hex(16)}")
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Signing:
    """How a text is signed when it is not signed rightly.

    Attributes:
        signature: What to send in the place of the signature; None for the right one.
        sign_with: A token to sign with in the place of the account's; None for the account's.
    """

    signature: str | None = field(default=None, repr=False)
    sign_with: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Text:
    """One inbound message.

    Attributes:
        message_sid: `SM` or, with media, `MM`, and 32 hexadecimal digits.
        number: The number of ours that it was sent to, as the twin knows it.
        fields: The form.
        idempotency_token: The `I-Twilio-Idempotency-Token` header, the same on every try.
        signing: How it is signed.
        sender: Who wrote it.
        receiver: Whom they wrote to: the number, with a channel perhaps.
        body: What they wrote, whatever the form says.
        media: What came with it.
    """

    message_sid: str
    number: str
    fields: Fields
    idempotency_token: str = field(default_factory=lambda: str(uuid.uuid4()))
    signing: Signing = field(default_factory=Signing)
    sender: str = ""
    receiver: str = ""
    body: str = ""
    media: tuple[Media, ...] = ()


def new_message_sid(media: Sequence[Media]) -> str:
    """A new message SID, `MM…` when there is media, `SM…` otherwise."""
    return f"{'MM' if media else 'SM'}{secrets.token_hex(16)}"


def inbound_fields(  # noqa: PLR0913 -- one parameter for each thing that a message has
    *, message_sid: str, account_sid: str, sender: str, receiver: str, body: str, media: Sequence[Media]
) -> dict[str, str]:
    """The form of an inbound message, in an order like Twilio's.

    Args:
        message_sid: The message's SID.
        account_sid: The account that owns the number.
        sender: Who wrote: a number, a short code, a name, or an address with a channel, as in `whatsapp:+15550001111`.
        receiver: The number written to, with the sender's channel.
        body: The text, which may be empty.
        media: What came with it.
    """
    channel, _, address = sender.rpartition(":")
    fields = {} if channel else {**_place("To", receiver), **_place("From", sender)}
    fields |= {
        "SmsMessageSid": message_sid,
        "NumMedia": str(len(media)),
        "SmsSid": message_sid,
        "SmsStatus": "received",
        "Body": body,
        "To": receiver,
        "NumSegments": "1" if channel else str(count_segments(body)),
        "MessageSid": message_sid,
        "AccountSid": account_sid,
        "From": sender,
        "ApiVersion": API_VERSION,
    }
    if channel == "whatsapp":
        fields |= {"ProfileName": "Ada", "WaId": address.removeprefix("+"), "MessageType": "text"}
    for index, item in enumerate(media):
        fields |= {f"MediaUrl{index}": item.url, f"MediaContentType{index}": item.content_type}
    return fields


def override(fields: Mapping[str, str], changes: Mapping[str, str | Sequence[str] | None]) -> Fields:
    """The form with the caller's changes.

    Args:
        fields: The form.
        changes: A new or other value, several values for a repeated name, or None to leave a field out.
    """
    merged: dict[str, str | Sequence[str] | None] = {**fields, **changes}
    return tuple((name, value) for name, values in merged.items() for value in _values(values))


def _values(values: str | Sequence[str] | None) -> Iterable[str]:
    if values is None:
        return ()
    return (values,) if isinstance(values, str) else values


def _place(side: str, number: str) -> dict[str, str]:
    country = next((country for prefix, country in _COUNTRIES.items() if number.startswith(prefix)), "")
    state, postcode = ("CA", "94105") if country == "US" else ("", "")
    return {f"{side}Country": country, f"{side}State": state, f"{side}City": "", f"{side}Zip": postcode}
