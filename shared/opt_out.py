"""Who must not be texted: people who said STOP, and machines.

At some addresses the provider answers STOP, START and HELP and keeps to them; its rules say at which. At all others
STOP and START are obeyed by us: decision 0028.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.address import Address
from shared.errors import OptedOut, UpstreamRefused
from shared.messages import events
from shared.messages.outbound import OptOut, StoppedConversation

if TYPE_CHECKING:
    from shared.messages.events import Event
    from shared.ports import Claims, Json, OptOuts
    from shared.provider_rules import ProviderRules
    from shared.tenants.lookup import AgentLookup

_EFFECT = "opt_out"


def opt_out(data: Mapping[str, Any], rules: ProviderRules) -> OptOut | None:
    """What a person asked for with a text that gets no answer; None for a text that may be answered.

    Where the provider answers: STOP, START or HELP, as the provider reports it or else by the whole text. Elsewhere
    STOP alone.

    Args:
        data: the `data` of a received text's event.
        rules: of the provider that it came from.
    """
    reported = rules.reported_opt_out(data["fields"])
    if reported:
        return reported
    word = rules.opt_out_word(data["text"])
    return word if word is OptOut.STOP or rules.answers_opt_outs(data["to"]) else None


def obey(event: Event, rules: ProviderRules, opt_outs: OptOuts, claims: Claims, *, stage: str) -> None:
    """Keep a person's STOP or START where the provider does not; any other text changes nothing.

    To be called before anything else is done with a text: a person is obeyed also when there is no backend. The same
    text is obeyed once, however often it comes, and an older one changes nothing.

    Args:
        event: a text that was received.
        rules: of the provider that it came from.
        opt_outs: where the STOP or START is kept.
        claims: what lets each text be obeyed once.
        stage: this deployment, whose claims and opt-outs these are.

    Raises Unavailable: then the text must come again.
    """
    data = event["data"]
    if rules.answers_opt_outs(data["to"]):
        return
    reported = rules.reported_opt_out(data["fields"])
    word = reported or rules.opt_out_word(data["text"])
    if word is OptOut.START or (word is OptOut.STOP and not reported):

        def keep() -> Json:
            at = datetime.fromisoformat(event["time"])
            if word is OptOut.STOP:
                opt_outs.stop(StoppedConversation(event["tenant"], event["subject"], data["to"], data["from"], at))
            else:
                opt_outs.start(events.conversation_group(event), at=at)
            return {}

        claims.once(_EFFECT, f"{event['tenant']}.{event['id']}", keep, stage=stage)


def has_stopped(opt_outs: OptOuts, rules: ProviderRules, conversation: str, *, ours: str) -> bool:
    """Whether the person said STOP to this address of ours; False where the provider sees to it, without a look-up.

    Args:
        opt_outs: where each STOP or START is kept.
        rules: of the provider that owns our address.
        conversation: `<tenant>.<conversation id>`.
        ours: our address.

    Raises Unavailable: then it is not known, and nothing may be sent.
    """
    return not rules.answers_opt_outs(ours) and opt_outs.has_stopped(conversation)


def not_sent(rules: ProviderRules) -> UpstreamRefused:
    """Why a message to a person who said STOP is not sent: the same as if the provider had refused it."""
    return UpstreamRefused(OptedOut.reason, "the person has opted out", code=rules.opted_out_code)


def is_person(agents: AgentLookup, tenant_id: str, address: str) -> bool:
    """Whether an address looks like a person's: not a short code or a name, and none of the tenant's own numbers.

    Raises Unavailable, Configuration.
    """
    return Address.parse(address).may_be_person and agents.agent_at(tenant_id, address) is None
