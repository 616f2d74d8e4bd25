"""Answers that come later: each promise of one is stored, and a reminder checks whether the answer came in time.

A promise is stored first, and then its reminder is queued, which comes when the answer is due. A text that comes again,
such as after a crash between the two, finds its promise and queues another reminder. That is harmless: a reminder
changes nothing about a text that was answered. Decision 0037 has the order of all steps, and why.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.errors import Configuration, Malformed, TooManyMessages
from shared.forwarding.failure_reply import FailureReplies
from shared.forwarding.text_journal import TextJournal
from shared.journal import told
from shared.messages.event_fields import parking_id
from shared.messages.events import AnswerEnvelope, Event
from shared.messages.promises import Promise, PromiseState
from shared.retry import Again, Done, crash_defect
from shared.telemetry import LogEvent
from shared.tenants.agent import Agent
from shared.tenants.tenant import is_tenant_id

if TYPE_CHECKING:
    from shared.ports import DelayedQueue, Promises
    from shared.tenants.lookup import AgentLookup


@dataclass(frozen=True)
class LateAnswers:
    """Waits for the answers that backends promised.

    Args:
        reminders: the queue of reminders.
        now: gives the time, with its zone.
    """

    promises: Promises
    reminders: DelayedQueue
    agents: AgentLookup
    failure_replies: FailureReplies
    text_journal: TextJournal
    now: Callable[[], datetime]

    def expect(self, agent: Agent, text_id: str, envelope: AnswerEnvelope) -> None:
        """Stores the promise of an answer, and queues its reminder; does nothing when the agent may take any time.

        It may be repeated. Nothing is queued when the answer came before its promise.

        Args:
            agent: whose backend promised it.
            text_id: the id of the text.
            envelope: what a failure reply to the text is addressed with.

        Raises Unavailable.
        """
        if not agent.answer_within_seconds:
            return
        due_at = self.now() + timedelta(seconds=agent.answer_within_seconds)
        promise = self.promises.make(Promise(text_id, envelope, due_at))
        if promise.state is PromiseState.WAITING:
            reminder = {"tenant": envelope.tenant, "id": text_id}
            self.reminders.send(reminder, after_seconds=self._seconds_until(promise.due_at))

    def remind(self, reminder: Event, _tries: int = 1) -> Done | Again:
        """What became of the promise that a reminder belongs to.

        Raises Unavailable: then the reminder must come again. Raises Malformed when it names no tenant or no text.
        """
        promise = self._find(reminder)
        if promise is None:
            return Done(None)
        seconds = self._seconds_until(promise.due_at)
        if seconds > 0:
            return Again(seconds, reason="")
        if not self.promises.miss(promise):
            return Done(None)
        self._send_failure_reply(promise)
        return told(Done(LogEvent.OVERDUE), lambda: self.text_journal.overdue(promise))

    def crashed(self, reminder: Event) -> Done:
        """Gives up the failure reply, which could not be sent in all tries. The text is overdue all the same.

        Raises as `remind` does.
        """
        promise = self._find(reminder)
        is_due = promise is not None and self._seconds_until(promise.due_at) <= 0
        if promise is None or not is_due or not self.promises.miss(promise):
            return Done(None, defect=crash_defect())
        return told(Done(LogEvent.OVERDUE, defect=crash_defect()), lambda: self.text_journal.overdue(promise))

    def _find(self, reminder: Event) -> Promise | None:
        """The promise that a reminder belongs to; None when there is none, or it was kept."""
        tenant_id = reminder.get("tenant")
        if not isinstance(tenant_id, str) or not is_tenant_id(tenant_id) or parking_id(reminder) != reminder.get("id"):
            message = "a reminder names no tenant or no text"
            raise Malformed(message)
        promise = self.promises.find(tenant_id, parking_id(reminder))
        return promise if promise and promise.state is not PromiseState.ANSWERED else None

    def _send_failure_reply(self, promise: Promise) -> None:
        """The failure reply of the agent that has the number now, if any. A broken one has none, nor has a long one."""
        envelope = promise.envelope
        with suppress(Configuration, Malformed, TooManyMessages):
            agent = self.agents.agent_at(envelope.tenant, envelope.sender)
            if agent:
                self.failure_replies.send(agent, promise.text_id, envelope)

    def _seconds_until(self, moment: datetime) -> float:
        return (moment - self.now()).total_seconds()
