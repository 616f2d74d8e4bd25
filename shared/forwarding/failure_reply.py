"""The failure reply: what a person hears when no backend answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.messages.events import AnswerEnvelope
from shared.messages.outbound import AnswerMessage
from shared.opt_out import has_stopped, is_person
from shared.outbound_queue import Outbound
from shared.provider_rules import RulesByProvider
from shared.tenants.agent import Agent

if TYPE_CHECKING:
    from shared.ports import Limits, OptOuts
    from shared.tenants.lookup import AgentLookup

_LIMIT = "failure_reply"


@dataclass(frozen=True)
class FailureReplies:
    """Says to a person that nobody answered: not too often, and to nobody who said STOP or is a machine.

    Args:
        agents: the agents by their numbers.
        rules: what each provider does about opt-outs by itself.
        every: the shortest time between two of these replies in a conversation.
        now: gives the time, with its zone.
    """

    agents: AgentLookup
    limits: Limits
    opt_outs: OptOuts
    rules: RulesByProvider
    outbound: Outbound
    every: timedelta
    now: Callable[[], datetime]

    def send(self, agent: Agent, text_id: str, envelope: AnswerEnvelope) -> None:
        """Queues the agent's reply to a text, if it has one. It may be repeated: the person gets it once.

        Args:
            agent: whose backends did not answer.
            text_id: the id of the text.
            envelope: what the reply is addressed with.

        Raises Unavailable, Configuration, Malformed.
        """
        if not agent.failure_reply or not is_person(self.agents, envelope.tenant, envelope.recipient):
            return
        group = f"{envelope.tenant}.{envelope.conversation}"
        if has_stopped(self.opt_outs, self.rules.of(envelope.provider), group, ours=envelope.sender):
            return
        if self.limits.within(_LIMIT, group, text_id, most=1, per=self.every):
            self.outbound.send(envelope, (AnswerMessage(agent.failure_reply),), now=self.now())
