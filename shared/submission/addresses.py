"""The two ends of a message that a program wants to send: one of our addresses, and a person's."""

import re

from shared.address import MESSENGER, RCS, SMS, WHATSAPP, Address, AddressKind
from shared.errors import Malformed
from shared.messages.event_fields import ADDRESS_MAX
from shared.messages.identity import identity

_CHANNEL_ADDRESS = re.compile(r"[a-z][a-z0-9_-]{0,31}:[!-~]+")
_KNOWN_CHANNELS = {SMS, WHATSAPP, RCS, MESSENGER}


def read(ours: str, person: str) -> tuple[str, str]:
    """The address to send from and the one to send to.

    Both are on the same channel, which ours may leave out if it is a number.

    Args:
        ours: an address that an agent can have.
        person: an address that can be sent to: nothing is delivered to short codes and names (Twilio docs, error
            21211).

    Raises Malformed, which names the field `from` or `to`.
    """
    recipient, sender = Address.parse(person), Address.parse(ours)
    _require(
        _is_address(person, recipient),
        "to",
        "must be a number in E.164 form, or an address such as whatsapp:+12125550142; nothing can be sent to a name",
    )
    _require(
        recipient.may_be_person or recipient.channel not in _KNOWN_CHANNELS,
        "to",
        f"is a {recipient.kind.replace('_', ' ')}, and nothing can be sent to one",
    )
    _require(
        _is_address(ours, sender), "from", "must be an address of an agent, such as +12125550142 or rcs:acme_agent"
    )
    sender = sender.towards(recipient)
    _require(
        sender.channel == recipient.channel, "from", "must name the same channel as `to`, or none if it is a number"
    )
    _require(identity(sender) != identity(recipient), "to", "must not be the same address as `from`")
    return sender.text, recipient.text


def _is_address(text: str, address: Address) -> bool:
    """Whether it is written as one. By SMS that is a number or a short code."""
    if len(text) > ADDRESS_MAX:
        return False
    if address.channel == SMS:
        return address.kind is not AddressKind.NAME
    return _CHANNEL_ADDRESS.fullmatch(text) is not None


def _require(holds: bool, field: str, rule: str) -> None:  # noqa: FBT001 -- the condition comes first, as in an assertion
    if not holds:
        message = f"{field}: it {rule}"
        raise Malformed(message, field=field)
