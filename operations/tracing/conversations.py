"""A person's conversations with a tenant, as log lines name them: the lines hold no phone numbers."""

from operations.numbers.pages import numbers_of
from operations.operator import Operator
from shared.messages import events
from shared.telemetry import CONVERSATION_DIGITS

_CHANNELS = ("", "whatsapp:", "rcs:")


def conversations_of(operator: Operator, person: str) -> frozenset[str]:
    """The shortened ids of a person's conversations with all numbers of the tenant, by every channel.

    Args:
        operator: whose tenant it is.
        person: the person's phone number, in E.164 form.

    Raises CommandDeclined, Unavailable, Configuration.
    """
    tenant = operator.read()
    return frozenset(
        events.conversation_id(tenant.salt, ours=channel + held.address, person=channel + person)[:CONVERSATION_DIGITS]
        for held in numbers_of(operator.target.numbers_directory, tenant.id)
        for channel in _CHANNELS
    )
