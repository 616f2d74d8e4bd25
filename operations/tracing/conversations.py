"""The conversations of a person, whose ids the logs hold in the place of addresses."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from operations.numbers.pages import numbers_of
from operations.operator import Operator
from shared.address import RCS, SMS, WHATSAPP, Address, AddressKind
from shared.messages import events
from shared.telemetry import CONVERSATION_DIGITS

_NUMBER_CHANNELS = (SMS, WHATSAPP, RCS)
"""The channels on which a person may have written whose number was typed without a channel."""


def conversations_of(operator: Operator, person: str) -> set[str]:
    """The ids of a person's conversations with the operator's tenant, as far as log lines show them.

    Args:
        operator: whose tenant it is.
        person: the person's address; a number without a channel stands for that number on several channels.

    Raises CommandDeclined, Unavailable, Configuration.
    """
    tenant = operator.read()
    held_addresses = (held.address for held in numbers_of(operator.target.numbers_directory, tenant.id))
    return conversations(tenant.salt, held_addresses, person)


def conversations(salt: str, held_addresses: Iterable[str], person: str) -> set[str]:
    """The ids of a person's conversations, as far as log lines show them; see `conversation_ids`."""
    return {each[:CONVERSATION_DIGITS] for each in conversation_ids(salt, held_addresses, person)}


def conversation_ids(salt: str, held_addresses: Iterable[str], person: str) -> set[str]:
    """The whole ids of a person's conversations.

    Args:
        salt: the tenant's.
        held_addresses: the addresses of the tenant's agents.
        person: the person's address; a number without a channel stands for that number on several channels.
    """
    people = list(_on_channels(Address.parse(person)))
    return {
        events.conversation_id(salt, ours=ours.text, person=each.text)
        for held in map(Address.parse, held_addresses)
        for each in people
        for ours in [held.towards(each)]
        if ours.channel == each.channel
    }


def addresses_of(person: str) -> list[str]:
    """The addresses that a person may have: a number without a channel stands for that number on several channels."""
    return [address.text for address in _on_channels(Address.parse(person))]


def _on_channels(person: Address) -> Iterator[Address]:
    if person.channel == SMS and person.kind is AddressKind.NUMBER:
        for channel in _NUMBER_CHANNELS:
            yield replace(person, channel=channel)
    else:
        yield person
