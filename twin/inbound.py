"""The text that Twilio delivers, made from what a person sends."""

from collections.abc import Mapping, Sequence

from twin.accounts import Number
from twin.message import MediaFile, Signing, Text, inbound_fields, new_message_sid, override
from twin.opt_out import opt_out_type

Changes = Mapping[str, str | Sequence[str] | None]
"""Form fields to add, to change or, with None, to leave out."""


def new_text(  # noqa: PLR0913 -- one parameter for each thing that a text has
    number: Number,
    *,
    sender: str,
    receiver: str,
    body: str,
    media: Sequence[MediaFile] = (),
    message_sid: str | None = None,
    changes: Changes | None = None,
    signing: Signing | None = None,
) -> Text:
    """A text to one of our numbers.

    Args:
        number: The number.
        sender: Who writes.
        receiver: The address they write to: the number, possibly with a channel.
        body: What they write.
        media: What comes with it.
        message_sid: A SID; None for a new one.
        changes: Form fields to add, to change or to leave out.
        signing: How it is signed; None for the right signature.
    """
    sid = message_sid or new_message_sid(media)
    fields = inbound_fields(
        message_sid=sid, account_sid=number.account_sid, sender=sender, receiver=receiver, body=body, media=media
    )
    if number.service_sid:
        fields["MessagingServiceSid"] = number.service_sid
    kind = opt_out_type(number, receiver, body)
    if number.advanced_opt_out and kind is not None:
        fields["OptOutType"] = kind
    return Text(
        sid,
        number.number,
        override(fields, changes or {}),
        signing=signing or Signing(),
        sender=sender,
        receiver=receiver,
        body=body,
        media=tuple(media),
    )
