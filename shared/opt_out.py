"""Who must not be texted: people who said STOP, and machines.

Twilio does what STOP, START and HELP ask for on long codes and toll-free numbers (Twilio help 223181748, "Twilio
support for opt-out keywords"). On short codes and other channels it does so only with Advanced Opt-Out of a Messaging
Service, and then says so in the field OptOutType (Twilio help 360034798533, "Getting Started with Advanced Opt-Out for
Messaging Services"). Elsewhere STOP and START are obeyed by us: decision 0028.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.errors import OptedOut, UpstreamRefused
from shared.messages import events
from shared.messages.address import Address
from shared.messages.outbound import OptOut
from shared.tenants.tenant import Tenant

if TYPE_CHECKING:
    from shared.messages.events import Event
    from shared.ports import Claims, Json, OptOuts

# YES, which lifts a block at Twilio too, is left out: it is what people answer to questions.
_WORDS = {
    **dict.fromkeys(
        ("STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"),
        OptOut.STOP,
    ),
    **dict.fromkeys(("START", "UNSTOP"), OptOut.START),
    **dict.fromkeys(("HELP", "INFO"), OptOut.HELP),
}
_EFFECT = "opt_out"
_CODE = 21610
"""Twilio's own number for it (Twilio docs, error 21610), so that backends are told the same on every channel."""


def opt_out(data: Mapping[str, Any]) -> OptOut | None:
    """What the person asked for with this text, the `data` of an event, so that no answer goes out; else None.

    Where the provider answers: STOP, START or HELP, by its own word for it or else by the whole text. Elsewhere STOP.
    """
    by_provider = _providers_word(data)
    if by_provider:
        return by_provider
    word = _word(data)
    return word if word is OptOut.STOP or _provider_answers(data["to"]) else None


def obey(event: Event, opt_outs: OptOuts, claims: Claims, *, stage: str) -> None:
    """Keeps a person's STOP or START where the provider does not; does nothing for any other text.

    To be called before anything else is done with a text: a person is obeyed also when there is no backend. The same
    text is obeyed once, however often it comes, and an older one changes nothing.

    Args:
        event: a text that was received.
        opt_outs: where the wish is kept.
        claims: what lets each text be obeyed once.
        stage: this deployment, whose claims and opt-outs these are.

    Raises Unavailable: then the text must come again.
    """
    data = event["data"]
    if _provider_answers(data["to"]):
        return
    by_provider = _providers_word(data)
    word = by_provider or _word(data)
    if word is OptOut.START or (word is OptOut.STOP and not by_provider):

        def keep() -> Json:
            at = datetime.fromisoformat(event["time"])
            opt_outs.keep(events.conversation_group(event), stopped=word is OptOut.STOP, at=at)
            return {}

        claims.once(_EFFECT, f"{event['tenant']}.{event['id']}", keep, stage=stage)


def has_stopped(opt_outs: OptOuts, tenant: Tenant, *, ours: str, person: str) -> bool:
    """Whether the person said STOP to this address of ours, where the provider does not see to it.

    Nothing is looked up where it does. Raises Unavailable: then it is not known, and nothing may be sent.
    """
    if _provider_answers(ours):
        return False
    return opt_outs.has_stopped(f"{tenant.id}.{events.conversation_id(tenant, ours=ours, person=person)}")


def not_sent() -> UpstreamRefused:
    """Why a message to a person who said STOP is not sent: the same as if the provider had refused it."""
    return UpstreamRefused(OptedOut.reason, "the person has opted out", code=_CODE)


def is_person(tenant: Tenant, address: str) -> bool:
    """Whether an address looks like a person's: not a short code or a name, and none of our own numbers."""
    return Address.parse(address).may_be_person and tenant.agent_at(address) is None


def _provider_answers(ours: str) -> bool:
    """Whether the provider does by itself what the words ask for, at this address of ours."""
    return Address.parse(ours).is_sms_number


def _providers_word(data: Mapping[str, Any]) -> OptOut | None:
    value = next(iter(data["fields"].get("OptOutType", [])), "")
    return OptOut(value) if value in OptOut.__members__ else None


def _word(data: Mapping[str, Any]) -> OptOut | None:
    return _WORDS.get(data["text"].strip().upper())
