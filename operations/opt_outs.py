"""Who has opted out where the provider does not keep it: looking, and changing it by hand.

A person opts out of one address of ours. Where the provider keeps it, as at phone numbers by SMS, nothing of ours is
asked before a message is sent, so an opt-out that is added here would change nothing: it is declined.
"""

from collections.abc import Iterator, Sequence

from operations.audit import entries
from operations.operator import Operator
from shared.address import Address
from shared.errors import CommandDeclined, NotFound
from shared.messages import events
from shared.messages.outbound import StoppedConversation
from shared.providers.rules import RULES


def listed(operator: Operator) -> Iterator[Sequence[StoppedConversation]]:
    """The tenant's conversations in which nothing is sent, at the operator's stage, in pages.

    Raises CommandDeclined, Unavailable.
    """
    return operator.target.opt_outs.stopped(operator.tenant_id)


def add(operator: Operator, ours: str, person: str) -> bool:
    """Stops what is sent to a person from one address, until they write START; False when it was stopped already.

    Args:
        operator: who asks; the tenant must be certain.
        ours: the address of one of the tenant's agents.
        person: the person's address, on the same channel; ours may leave the channel out if it is a number.

    Raises NotFound when no agent of the tenant has the address; CommandDeclined when the channels differ, or the
    provider keeps the opt-outs of this address; Unavailable, Configuration.
    """
    stopped = _conversation(operator, ours, person)
    _require_held(operator, stopped.ours)
    _require_kept_here(stopped.ours)
    if _has_stopped(operator, stopped):
        return False
    operator.target.opt_outs.stop(stopped)
    operator.record(entries.opted_out(stopped))
    return True


def remove(operator: Operator, ours: str, person: str) -> None:
    """Lets messages go to a person again, whoever stopped them.

    Raises NotFound when nothing is stopped; CommandDeclined, Unavailable, Configuration.
    """
    stopped = _conversation(operator, ours, person)
    _require_kept_here(stopped.ours)
    if not _has_stopped(operator, stopped):
        message = "this person has not opted out of this address, on this stage; see: sms optout list"
        raise NotFound(message)
    operator.target.opt_outs.start(f"{stopped.tenant}.{stopped.conversation}", at=stopped.at)
    operator.record(entries.opted_in(stopped))


def _conversation(operator: Operator, ours: str, person: str) -> StoppedConversation:
    """The conversation of the two, as the operator would stop it now."""
    tenant = operator.read()
    recipient = Address.parse(person)
    sender = Address.parse(ours).towards(recipient)
    if sender.channel != recipient.channel:
        message = f"the two addresses are on different channels, {sender.channel} and {recipient.channel}"
        raise CommandDeclined(message)
    return StoppedConversation(
        tenant=tenant.id,
        conversation=events.conversation_id(tenant.salt, ours=sender.text, person=recipient.text),
        ours=sender.text,
        person=recipient.text,
        at=operator.world.now(),
        by_operator=True,
    )


def _has_stopped(operator: Operator, stopped: StoppedConversation) -> bool:
    return operator.target.opt_outs.has_stopped(f"{stopped.tenant}.{stopped.conversation}")


def _require_held(operator: Operator, ours: str) -> None:
    directory = operator.target.numbers_directory
    holders = (directory.find(address) for address in Address.parse(ours).held_as)
    if not any(held and held.tenant_id == operator.tenant_id for held in holders):
        message = f"no agent of tenant {operator.tenant_id!r} has this address; see: sms number list"
        raise NotFound(message)


def _require_kept_here(ours: str) -> None:
    if any(RULES.of(provider).answers_opt_outs(ours) for provider in RULES.names):
        message = (
            "the provider keeps who opted out of this address, and nothing is looked up here before it sends a text; "
            "docs/twilio.md#opt-outs says how to stop a person there"
        )
        raise CommandDeclined(message)
