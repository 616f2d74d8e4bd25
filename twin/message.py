"""An inbound message, and the form that a webhook gets for it.

Names and meanings are from Twilio's page "Twilio's request to your incoming message Webhook URL". Fields that Twilio
cannot look up are sent blank, not left out. Places are made up: a country for some prefixes, a state and a postcode for
+1, and otherwise blank.
"""

import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from twin.segments import count_segments
from twin.signing import Fields

API_VERSION = "2010-04-01"
MAX_CHARACTERS = 1600
"""The longest body (Twilio docs: "Messages resource"). Whether a character that takes two UTF-16 code units counts once
or twice is not documented: here once."""

_COUNTRIES = {"+1": "US", "+33": "FR", "+34": "ES", "+39": "IT", "+44": "GB", "+49": "DE", "+61": "AU"}


@dataclass(frozen=True)
class MediaFile:
    """A picture or another file that comes with a message.

    Attributes:
        url: Its address, as a webhook or a phone gets it.
        content_type: Its MIME type.
        sid: `ME…`.
        key: The end of its address on the twin's own content network.
        content: Its bytes; None when the twin has only the URL.
    """

    url: str
    content_type: str
    sid: str = field(default_factory=lambda: f"ME{secrets.token_hex(16)}")
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Signing:
    """How a text's signature differs from the right one.

    Attributes:
        signature: What to send instead of the right signature; None for the right one.
        sign_with: A token to sign with instead of the account's; None for the account's.
    """

    signature: str | None = field(default=None, repr=False)
    sign_with: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Text:
    """One inbound message.

    Attributes:
        message_sid: `SM` or, with media, `MM`, and 32 hexadecimal digits.
        number: The number that it was sent to, as the directory has it.
        fields: The form.
        idempotency_token: The `I-Twilio-Idempotency-Token` header, the same on every try.
        signing: How it is signed.
        sender: Who wrote it.
        receiver: The address they wrote to: the number, possibly with a channel.
        body: What they wrote, whatever the form says.
        media: The files that came with it.
    """

    message_sid: str
    number: str
    fields: Fields
    idempotency_token: str = field(default_factory=lambda: str(uuid.uuid4()))
    signing: Signing = field(default_factory=Signing)
    sender: str = ""
    receiver: str = ""
    body: str = ""
    media: tuple[MediaFile, ...] = ()


def new_message_sid(media: Sequence[MediaFile]) -> str:
    """A new message SID, `MM…` when there is media, `SM…` otherwise."""
    return f"{'MM' if media else 'SM'}{secrets.token_hex(16)}"


def inbound_fields(  # noqa: PLR0913 -- one parameter for each thing that a message has
    *, message_sid: str, account_sid: str, sender: str, receiver: str, body: str, media: Sequence[MediaFile]
) -> dict[str, str]:
    """The form of an inbound message, in an order like Twilio's.

    Args:
        message_sid: The message's SID.
        account_sid: The account that owns the number.
        sender: Who wrote: a number, a short code, a name, or an address with a channel, as in `whatsapp:+15550001111`.
        receiver: The number written to, with the sender's channel.
        body: The text, which may be empty.
        media: The files that came with it.
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
        changes: A new value, several values for a repeated name, or None to leave a field out.
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
