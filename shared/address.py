"""The address of a sender or recipient: its channel, its kind and its value."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum

SMS, WHATSAPP, RCS, MESSENGER = "sms", "whatsapp", "rcs", "messenger"
"""Channels with their own rules. All but SMS are written before the address (Twilio docs, "Channel addresses")."""

NAME_MAX = 11
"""The most characters of a sender's name by SMS (Twilio docs, "Alphanumeric Sender ID")."""

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")  # no country has shorter numbers that can text
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_IDS = {
    # A country code and a full stop, for a person who hides their number; with ENT, the same for all businesses of one
    # owner (WhatsApp docs, "Business-scoped user IDs", "Parent business-scoped user IDs")
    WHATSAPP: re.compile(r"[A-Z]{2}\.(?:ENT\.)?[0-9A-Za-z]{1,128}"),
    MESSENGER: re.compile(r"[0-9]+"),  # the id of a person or a page (Twilio docs, "Facebook Messenger")
}


class AddressKind(StrEnum):
    """The kind of an address in its channel."""

    NUMBER = "number"
    SHORT_CODE = "short_code"
    NAME = "name"
    ID = "id"


@dataclass(frozen=True)
class Address:
    """A parsed address.

    Attributes:
        channel: in lower case: `sms`, `whatsapp`, `rcs`, `messenger`, or any other word before a colon.
        kind: a phone number in E.164, an SMS short code, an id that the channel assigned, or else a name.
        value: the address without its channel.
    """

    channel: str
    kind: AddressKind
    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Address":
        """The address in a text such as `+12025550123` or `whatsapp:+12025550123`. Never raises."""
        before, colon, after = text.partition(":")
        channel, value = (before.lower(), after) if colon else (SMS, text)
        return cls(channel, _kind(channel, value), value)

    @property
    def text(self) -> str:
        """The address as it is stored and sent to: `+12025550123` by SMS, `whatsapp:+12025550123` elsewhere."""
        return self.value if self.channel == SMS else f"{self.channel}:{self.value}"

    @property
    def is_sms_number(self) -> bool:
        """Whether it is a phone number for SMS or MMS: a long code, a toll-free number or a mobile number."""
        return self.channel == SMS and self.kind is AddressKind.NUMBER

    @property
    def may_be_person(self) -> bool:
        """Whether it can belong to a person: true for numbers and ids, false for short codes and names."""
        return self.kind in {AddressKind.NUMBER, AddressKind.ID}

    @property
    def held_as(self) -> tuple[str, ...]:
        """The addresses of which an agent must have one to get the texts to this one, the first that counts first.

        An agent that has a number also gets what people write to it on other channels, unless an agent has that
        channel's address itself.
        """
        if self.kind is AddressKind.NUMBER and self.channel != SMS:
            return self.text, self.value
        return (self.text,)

    def towards(self, person: "Address") -> "Address":
        """This address of ours on the person's channel, if it is a number that names no channel; else itself.

        Both ends of a message have the same channel (Twilio docs, "Channel addresses"). On Messenger there are no
        numbers.
        """
        return replace(self, channel=person.channel) if self.is_sms_number and person.channel != MESSENGER else self


def _kind(channel: str, value: str) -> AddressKind:
    if _E164.fullmatch(value):
        return AddressKind.NUMBER
    if channel == SMS and _SHORT_CODE.fullmatch(value):
        return AddressKind.SHORT_CODE
    ids = _IDS.get(channel)
    return AddressKind.ID if ids and ids.fullmatch(value) else AddressKind.NAME
