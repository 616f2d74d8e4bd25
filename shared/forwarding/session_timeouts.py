"""Sessions that time out: the person hears of it, if the agent has a sentence for that, and the agent's journal.

A session has one reminder on its way, which is queued when the session begins: by the forwarder for a session that a
text begins, by the API for one that a program creates. When it comes too early, because texts came since, it is put
off. A session is ended in the table before the notice is queued, so that a text finds it either open or ended.
Decision 0049 has the order of all steps, and why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.errors import Malformed, OptedOut
from shared.forwarding.text_journal import TextJournal
from shared.journal import journaling_agent, told
from shared.messages import events, sessions
from shared.messages.events import CONVERSATION_ID, AnswerEnvelope, Event
from shared.messages.outbound import AnswerMessage
from shared.messages.sessions import EndedBy, Parties, Session, Turn
from shared.opt_out import has_stopped, is_person
from shared.outbound_queue import Outbound
from shared.provider_rules import RulesByProvider
from shared.reasons import Reason
from shared.retry import Again, Done, crash_defect
from shared.telemetry import CONVERSATION_DIGITS, LogEvent
from shared.tenants.agent import Agent
from shared.tenants.tenant import is_tenant_id

if TYPE_CHECKING:
    from shared.ports import DelayedQueue, Meter, OptOuts, Sessions
    from shared.tenants.lookup import AgentLookup

WAITS_MAX = 3
"""How often one reminder is put off; then another one takes its place. A queue counts how often it delivers a message,
and keeps none for ever: three waits of twelve hours at most are less than the two days of the queue of reminders."""
_CHANGED_SECONDS = 1.0
"""How soon to look again at a session that was changed while it was looked at."""


@dataclass(frozen=True)
class SessionTimeouts:
    """Tells people that their session timed out.

    Args:
        reminders: the queue of reminders.
        agents: the agents by their numbers.
        rules: what each provider does about opt-outs by itself.
        meter: gets the agent that a notice is of.
        stage: names this deployment.
        now: gives the time, with its zone.
    """

    sessions: Sessions
    reminders: DelayedQueue
    agents: AgentLookup
    opt_outs: OptOuts
    rules: RulesByProvider
    outbound: Outbound
    text_journal: TextJournal
    meter: Meter
    stage: str
    now: Callable[[], datetime]

    def expect(self, agent: Agent, conversation: str, turn: Turn) -> None:
        """Queues the reminder of a session that a text has just begun. It may be repeated. Raises Unavailable."""
        if agent.watches_sessions and turn.number == 1 and not turn.by_program:
            reminder = sessions.reminder(turn.session_id, conversation)
            self.reminders.send(reminder, after_seconds=agent.session_seconds)

    def remind(self, reminder: Event, tries: int) -> Done | Again:
        """What became of the session that a reminder belongs to.

        Raises Unavailable and Configuration: then the reminder must come again. Raises Malformed when it names no
        tenant, no session or no conversation.
        """
        session = self._find(reminder)
        agent = self._watching_agent(session) if session else None
        if session is None or agent is None:
            return Done(None)
        if session.ended_by is None:
            seconds = (session.times_out_at(agent) - self.now()).total_seconds()
            if seconds >= 0:
                return self._wait(reminder, seconds, tries)
            if not self.sessions.end_at(session, EndedBy.TIMEOUT):
                return self._wait(reminder, _CHANGED_SECONDS, tries)
        self.meter.names_agent(agent.id)
        return told(self._notify(session, agent), lambda: self.text_journal.session_timed_out(agent, session))

    def crashed(self, reminder: Event) -> Done:
        """Gives up the notice, which could not be sent in all tries. The session has timed out all the same.

        Raises Unavailable and Malformed as `remind` does.
        """
        session, result = self._find(reminder), Done(None, defect=crash_defect())
        if session is None or session.parties is None or session.ended_by is None:
            return result
        agent = journaling_agent(self.agents, session.tenant, session.parties.sender)
        return told(result, lambda: self.text_journal.session_timed_out(agent, session)) if agent else result

    def _find(self, reminder: Event) -> Session | None:
        """The session that a reminder belongs to; None when another one followed, or somebody ended it."""
        _check(reminder)
        session = self.sessions.find(f"{reminder['tenant']}.{reminder['conversation']}")
        is_current = session and session.id == reminder["id"] and session.ended_by in {None, EndedBy.TIMEOUT}
        return session if is_current else None

    def _watching_agent(self, session: Session) -> Agent | None:
        """The agent that has the number now, if something is to be done about a time-out."""
        agent = self.agents.agent_at(session.tenant, session.parties.sender) if session.parties else None
        return agent if agent and agent.watches_sessions else None

    def _wait(self, reminder: Event, seconds: float, tries: int) -> Done | Again:
        if tries < WAITS_MAX:
            return Again(seconds, reason="")
        self.reminders.send(reminder, after_seconds=seconds)
        return Done(None)

    def _notify(self, session: Session, agent: Agent) -> Done:
        """Queues the notice, if the agent has one, but not to who said STOP or is a machine.

        It may be repeated: the person gets it once.
        """
        parties, conversation = session.parties, f"{session.tenant}.{session.conversation}"
        if parties is None or agent.timeout_notice is None:
            return Done(None)
        ids = {"conversation": session.conversation[:CONVERSATION_DIGITS]}
        rules = self.rules.of(parties.provider)
        if has_stopped(self.opt_outs, rules, conversation, ours=parties.sender):
            return Done(LogEvent.TIMED_OUT, OptedOut.reason, ids)
        if not is_person(self.agents, session.tenant, parties.recipient):
            return Done(LogEvent.TIMED_OUT, Reason.UNREACHABLE, ids)
        envelope = self._envelope(session, parties, agent)
        self.outbound.send(envelope, (AnswerMessage(agent.timeout_notice),), now=self.now())
        return Done(LogEvent.TIMED_OUT, ids=ids)

    def _envelope(self, session: Session, parties: Parties, agent: Agent) -> AnswerEnvelope:
        return AnswerEnvelope(
            source=events.source_of(self.stage, parties.provider),
            tenant=session.tenant,
            agent=agent.name,
            provider=parties.provider,
            account=parties.account,
            conversation=session.conversation,
            sender=parties.sender,
            recipient=parties.recipient,
            answer_id=session.id,
            in_reply_to=None,
        )


def is_of_session(reminder: Event) -> bool:
    """Whether a reminder belongs to a session; it belongs to a promised answer otherwise."""
    return "conversation" in reminder


def _check(reminder: Event) -> None:
    """Raises Malformed unless the reminder names a tenant, a conversation and a session."""
    tenant_id, conversation, identifier = (reminder.get(name) for name in ("tenant", "conversation", "id"))
    is_complete = (
        isinstance(tenant_id, str)
        and is_tenant_id(tenant_id)
        and isinstance(conversation, str)
        and CONVERSATION_ID.fullmatch(conversation)
        and isinstance(identifier, str)
    )
    if not is_complete:
        message = "a reminder names no tenant, no conversation or no session"
        raise Malformed(message)
