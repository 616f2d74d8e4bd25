"""Either end of a text: the channel it is reached through, and what it is there."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

SMS, WHATSAPP, MESSENGER = "sms", "whatsapp", "messenger"
"""Channels with rules of their own. All but SMS stand before the address (Twilio docs, "Channel addresses")."""

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")  # no country has shorter numbers that text
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_IDS = {
    # A country and a full stop, for a person who shows no number (WhatsApp docs, "Business-scoped user IDs")
    WHATSAPP: re.compile(r"[A-Z]{2}\.[0-9A-Za-z]{1,128}"),
    MESSENGER: re.compile(r"[0-9]+"),  # a person's or a page's (Twilio docs, "Facebook Messenger")
}


class Kind(StrEnum):
    """What an address is in its channel."""

    NUMBER = "number"
    SHORT_CODE = "short_code"
    NAME = "name"
    ID = "id"


@dataclass(frozen=True)
class Address:
    """An address, taken apart.

    Attributes:
        channel: in lower case: `sms`, `whatsapp`, `rcs`, `messenger`, or any other word before a colon.
        kind: a phone number in E.164, a short code of SMS, an id that the channel gave a person, or else a name.
        value: what stands after the channel.
    """

    channel: str
    kind: Kind
    value: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Address":
        """The address that is written so, as in `+12025550123` or `whatsapp:+12025550123`. Never raises."""
        before, colon, after = text.partition(":")
        channel, value = (before.lower(), after) if colon else (SMS, text)
        return cls(channel, _kind(channel, value), value)

    @property
    def is_sms_number(self) -> bool:
        """Whether it is a phone number that is texted by SMS or MMS: a long code, a toll-free number, a phone."""
        return self.channel == SMS and self.kind is Kind.NUMBER

    @property
    def may_be_person(self) -> bool:
        """Whether somebody's phone or account may be behind it; never for short codes and names."""
        return self.kind in {Kind.NUMBER, Kind.ID}


def _kind(channel: str, value: str) -> Kind:
    if _E164.fullmatch(value):
        return Kind.NUMBER
    if channel == SMS and _SHORT_CODE.fullmatch(value):
        return Kind.SHORT_CODE
    ids = _IDS.get(channel)
    return Kind.ID if ids and ids.fullmatch(value) else Kind.NAME
