"""From the inbound queue to the backend, and its answer to the outbound queue.

Read from top to bottom: what happens to an event stands in the order in which it happens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from shared.defects import catching_defects
from shared.errors import (
    BackendUnavailable,
    Configuration,
    Defect,
    Malformed,
    OptedOut,
    TooManyMessages,
    Unavailable,
    UpstreamRefused,
)
from shared.forwarding import inbound_event
from shared.forwarding.backend_call import BackendCaller
from shared.forwarding.failure_reply import FailureReplies
from shared.forwarding.inbound_event import Envelope, InboundText, StatusUpdate
from shared.forwarding.late_answers import LateAnswers
from shared.forwarding.session_timeouts import SessionTimeouts
from shared.forwarding.text_journal import TextJournal
from shared.journal import told
from shared.messages import events
from shared.messages.events import AnswerEnvelope, Event
from shared.messages.outbound import Answer, OptOut, Parked
from shared.messages.sessions import Parties, ReceivedText
from shared.messages.usage import Counted, UsageOwner
from shared.opt_out import has_stopped, obey, opt_out
from shared.outbound_queue import Outbound
from shared.provider_rules import RulesByProvider
from shared.reasons import Reason
from shared.retry import Again, Done, crash_defect, retry_defects, retry_later
from shared.telemetry import LogEvent
from shared.tenants.agent import Agent
from shared.usage import Usage, counted, park_and_count

if TYPE_CHECKING:
    from shared.ports import Limits, Meter, OptOuts, Parking, Sessions
    from shared.provider_rules import ProviderRules
    from shared.tenants.lookup import AgentLookup

Failure = Unavailable | Configuration | UpstreamRefused | Malformed | TooManyMessages | Defect
_FAILURES = (Unavailable, Configuration, UpstreamRefused, Malformed, TooManyMessages, Defect)

_LIMIT = "texts"


class Obstacle(NamedTuple):
    """Why a text is parked without a failure: a stable word, and a sentence that a person can act on."""

    reason: Reason
    detail: str


@dataclass(frozen=True)
class ForwarderPolicy:
    """How often and how much the forwarder does.

    Attributes:
        retry_delays: how many seconds after each try of a text the next one is.
        status_retry_delays: the same for a status.
        limit_texts: how many texts of a conversation are answered in `limit_per`.
    """

    retry_delays: Sequence[float]
    status_retry_delays: Sequence[float]
    limit_texts: int
    limit_per: timedelta


@dataclass(frozen=True)
class Forwarder:
    """Brings texts and statuses to backends.

    Args:
        agents: the agents, with the secrets that sign requests to their backends.
        rules: what each provider does about opt-outs by itself, and how it counts segments.
        usage: counts the texts.
        meter: gets the agent that an event is for.
        stage: names this deployment.
        now: gives the time, with its zone.
    """

    agents: AgentLookup
    backends: BackendCaller
    sessions: Sessions
    limits: Limits
    opt_outs: OptOuts
    rules: RulesByProvider
    parking: Parking
    usage: Usage
    outbound: Outbound
    failure_replies: FailureReplies
    late_answers: LateAnswers
    session_timeouts: SessionTimeouts
    text_journal: TextJournal
    policy: ForwarderPolicy
    meter: Meter
    stage: str
    now: Callable[[], datetime]

    def forward(self, event: Event, tries: int) -> Done | Again:
        """What became of an event of the inbound queue that was tried so many times, this time included.

        Raises Unavailable when not even parking is possible: then the event must come again. Raises Malformed when it
        names no tenant, so that it cannot be parked either.
        """
        envelope = inbound_event.read_envelope(event)
        delays = self.policy.status_retry_delays if envelope.is_status else self.policy.retry_delays
        act = partial(self._read_and_forward, envelope, tries)
        result = counted(retry_defects(act, tries, delays, park=partial(self._park_defect, envelope)), self.usage)
        return told(result, lambda: self.text_journal.forwarded(envelope, result, tries))

    def _read_and_forward(self, envelope: Envelope, tries: int) -> Done | Again:
        try:
            content = inbound_event.read(envelope, now=self.now())
        except Malformed as error:
            return self._park(envelope, None, error.reason, str(error))
        if isinstance(content, StatusUpdate):
            return self._forward_status(content, tries)
        return self._forward_text(content, tries)

    def _forward_text(self, text: InboundText, tries: int) -> Done | Again:
        """STOP and START are obeyed first: also when no agent holds the number."""
        agent = None
        try:
            with catching_defects(*_FAILURES):
                rules = self.rules.of(text.provider)
                obey(text.event, rules, self.opt_outs, self.backends.claims, stage=self.stage)
                agent = self._find_agent(text.tenant, text.recipient)
                result = self._answer_text(text, agent, rules)
        except _FAILURES as error:
            return self._retry_or_give_up(text, agent, error, tries)
        if isinstance(result, Obstacle):
            return self._park(text, agent, result.reason, result.detail)
        return replace(result, counted=self._received(text, agent))

    def _answer_text(self, text: InboundText, agent: Agent | None, rules: ProviderRules) -> Done | Obstacle:
        if text.is_probe:
            return Done(LogEvent.UNANSWERED, Reason.PROBE)
        if agent is None:
            return Obstacle(Reason.NO_AGENT, "no agent holds the number; give it to one with: sms number assign")
        if agent.backend is None:
            return Obstacle(Reason.NO_BACKEND, f"agent {agent.name!r} has no backend; see: sms agent update")
        if not self._is_within_limit(text):
            return Obstacle(Reason.TOO_MANY_TEXTS, "so many texts look like a machine's; replay those of a person")
        wish = opt_out(text.data, rules)
        answer = self.backends.call(
            agent,
            text,
            partial(self._make_turn, text, agent, wish),
            check=lambda answer: self.outbound.count(text.provider, answer.messages),
        )
        if answer.end_session:
            self.sessions.end(text.group, text.id)
        silence = self._reason_for_silence(text, rules, wish, answer)
        if silence is Reason.LATER:
            self.late_answers.expect(agent, text.id, _failure_envelope(text, agent))
        if silence:
            return Done(LogEvent.UNANSWERED, silence)
        self.outbound.send(_answer_envelope(text, agent, answer_id=text.id), answer.messages, now=self.now())
        return Done(LogEvent.ANSWERED)

    def _find_agent(self, tenant_id: str, number: str) -> Agent | None:
        """The agent that holds the number, which the log line names; None when no agent holds it."""
        agent = self.agents.agent_at(tenant_id, number)
        if agent:
            self.meter.names_agent(agent.id)
        return agent

    def _is_within_limit(self, text: InboundText) -> bool:
        most, per = self.policy.limit_texts, self.policy.limit_per
        return self.limits.within(_LIMIT, text.group, text.id, most=most, per=per)

    def _make_turn(self, text: InboundText, agent: Agent, wish: OptOut | None) -> Event | None:
        """The text as its backend gets it, with its place in its session; None when it belongs to none."""
        parties = Parties(text.recipient, text.sender, text.provider, text.account)
        turn = self.sessions.turn(text.group, ReceivedText(text.id, text.received_at, parties), agent)
        if turn is None:
            return None
        self.session_timeouts.expect(agent, text.group, turn)
        return events.for_backend(text.event, agent=agent.name, turn=turn, opt_out=wish)

    def _reason_for_silence(
        self, text: InboundText, rules: ProviderRules, wish: OptOut | None, answer: Answer
    ) -> Reason | None:
        """Why nothing of the answer is sent; None when it is. The person may have said STOP while it was made."""
        if wish:
            return Reason.OPT_OUT
        if answer.no_session:
            return Reason.NO_SESSION
        if answer.later:
            return Reason.LATER
        if not answer.messages:
            return Reason.NO_MESSAGE
        if has_stopped(self.opt_outs, rules, text.group, ours=text.recipient):
            return OptedOut.reason
        return None

    def _retry_or_give_up(self, text: InboundText, agent: Agent | None, error: Failure, tries: int) -> Done | Again:
        """Tries again later, or sends the failure reply and then parks the text.

        In this order, because a parked text must not come again by itself when the failure reply fails. Where one of
        our own services or an operator's settings failed, the person hears nothing.
        """
        again = None
        if isinstance(error, Unavailable | Configuration | Defect):
            again = retry_later(error, tries, self.policy.retry_delays)
        concerns_person = isinstance(error, BackendUnavailable | UpstreamRefused | Malformed | TooManyMessages | Defect)
        if again is None and agent and concerns_person:
            # Such as that of a broken agent that has the sender's number, or a failure reply in more parts than allowed
            with suppress(Configuration, TooManyMessages):
                self._send_failure_reply(text, agent)
        if isinstance(error, Defect):
            raise error  # `retry_defects` has the same delays, and parks
        return again or self._park(text, agent, error.reason, str(error))

    def _forward_status(self, status: StatusUpdate, tries: int) -> Done | Again:
        """Fewer tries than a text has, and no person hears of a failure."""
        try:
            agent = self._find_agent(status.tenant, status.sender)
            if agent is None or not agent.wants_statuses:
                is_for_journal = agent is not None and agent.journal is not None
                return Done(None) if is_for_journal else Done(LogEvent.UNANSWERED, Reason.DECLINED)
            self.backends.call(agent, status)
        except (Unavailable, Configuration) as error:
            again = retry_later(error, tries, self.policy.status_retry_delays)
            return again or self._park(status, None, error.reason, str(error))
        except UpstreamRefused as error:
            return self._park(status, None, error.reason, str(error))
        return Done(LogEvent.TOLD)

    def crashed(self, event: Event) -> Done:
        """Parks an event of which each try ended the function; the person hears of it, if it is a text.

        Raises as `forward` does.
        """
        envelope = inbound_event.read_envelope(event)
        error = crash_defect()
        with suppress(Malformed, Configuration, TooManyMessages):
            content = inbound_event.read(envelope, now=self.now())
            if isinstance(content, InboundText):
                agent = self._find_agent(content.tenant, content.recipient)
                if agent:
                    self._send_failure_reply(content, agent)
        result = replace(counted(self._park_defect(envelope, error), self.usage), defect=error)
        return told(result, lambda: self.text_journal.forwarded(envelope, result))

    def _send_failure_reply(self, text: InboundText, agent: Agent) -> None:
        """Says to the person that the backend failed, unless the text is a STOP or its like."""
        if not opt_out(text.data, self.rules.of(text.provider)):
            self.failure_replies.send(agent, text.id, _failure_envelope(text, agent))

    def _park_defect(self, envelope: Envelope, error: Defect) -> Done:
        """Parks an event with which something unforeseen happened, as the agent's if that can be found out."""
        agent = None
        with (
            suppress(Malformed, Configuration, Unavailable, Defect),
            catching_defects(Malformed, Configuration, Unavailable),
        ):
            content = inbound_event.read(envelope, now=self.now())
            envelope = content
            if isinstance(content, InboundText):
                agent = self._find_agent(content.tenant, content.recipient)
        return self._park(envelope, agent, error.reason, str(error))

    def _received(self, text: InboundText, agent: Agent | None) -> Counted | None:
        """A text as it counts; None for a probe, and for one whose agent or provider is not known yet."""
        if agent is None or text.is_probe:
            return None
        with suppress(Configuration):
            segments = self.rules.of(text.provider).received_segments(text.data["fields"])
            owner = UsageOwner.of(text.tenant, text.recipient, agent)
            return owner.received(text.id, segments, text.received_at)
        return None

    def _park(self, envelope: Envelope, agent: Agent | None, reason: Reason, detail: str) -> Done:
        """Sets the event aside before the queue forgets it; a text counts as failed then. Raises Unavailable."""
        text = envelope if isinstance(envelope, InboundText) else None
        is_counted = not envelope.is_status and not (text and text.is_probe)
        owner = UsageOwner.of(envelope.tenant, envelope.number, agent)
        parked = Parked(
            tenant=envelope.tenant,
            id=envelope.id,
            queue="inbound",
            group=envelope.group,
            reason=reason,
            detail=detail,
            number=envelope.number,
            parked_at=self.now(),
            event=envelope.event,
        )
        failure = owner.failed(envelope.id, reason, self.now()) if is_counted else None
        defect = park_and_count(self.parking, parked, failure)
        ids = {"event_id": envelope.id} if envelope.is_status else {}
        return Done(LogEvent.PARKED, reason, ids, defect, self._received(text, agent) if text else None)


def _failure_envelope(text: InboundText, agent: Agent) -> AnswerEnvelope:
    return _answer_envelope(text, agent, answer_id=f"{text.id}-f")


def _answer_envelope(text: InboundText, agent: Agent, *, answer_id: str) -> AnswerEnvelope:
    return AnswerEnvelope(
        source=text.source,
        tenant=text.tenant,
        agent=agent.name,
        provider=text.provider,
        account=text.account,
        conversation=text.conversation,
        sender=text.recipient,
        recipient=text.sender,
        answer_id=answer_id,
        in_reply_to=text.id,
        received_at=text.time,
    )
