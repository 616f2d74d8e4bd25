"""Calls an agent's backend once: its answer is kept, and the second backend stands in for the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.errors import BackendUnavailable, Unavailable
from shared.messages.events import Event
from shared.messages.outbound import Answer, AnswerMessage
from shared.telemetry import Metric
from shared.tenants.agent import Agent, BackendSettings

if TYPE_CHECKING:
    from shared.forwarding.inbound_event import Envelope
    from shared.ports import Backend, Claims, Json, Meter


@dataclass(frozen=True)
class BackendCaller:
    """Calls the backends of agents.

    Args:
        open_backend: makes the backend that an agent names. Raises Configuration.
        meter: gets how long the backends took, whether a call failed, and the events that were answered before.
        clock: gives seconds, from any start.
    """

    claims: Claims
    open_backend: Callable[[BackendSettings], Backend]
    meter: Meter
    clock: Callable[[], float]

    def call(
        self,
        agent: Agent,
        envelope: Envelope,
        make_event: Callable[[], Event | None] | None = None,
        check: Callable[[Answer], object] | None = None,
    ) -> Answer:
        """The answer to an event; the same answer however often the event comes.

        Args:
            agent: whose backends are called.
            envelope: names the event, and holds it.
            make_event: makes the event that the backend gets, where that is not the one in the envelope. It is used
                only when the backend is about to be called: a repeated event that has its answer prepares nothing.
                When it makes none, because the text belongs to no session, nobody is called, and that is kept too.
            check: raises an error for an answer that cannot be used. It is not kept: the backend is called again when
                the event comes again.

        Raises BackendUnavailable, InProgress and other Unavailable for later, UpstreamRefused for never, Configuration,
        and what `check` raises.
        """
        is_new = False

        def call_and_keep() -> Json:
            nonlocal is_new
            is_new = True
            event = make_event() if make_event else envelope.event
            if event is None:
                return _document(Answer(no_session=True))
            answer = self._first_available(agent, event, is_status=envelope.is_status)
            if check:
                check(answer)
            return _document(answer)

        document = self.claims.once("ask", f"{envelope.tenant}.{envelope.id}", call_and_keep, stage=agent.stage)
        if not is_new:
            self.meter.add(Metric.DUPLICATE)
        return _answer(document)

    def _first_available(self, agent: Agent, event: Event, *, is_status: bool) -> Answer:
        """The answer of the first backend that is available; a backend gets a status only if it wants to."""
        failure = "the agent has no backend"
        for settings in (agent.backend, agent.second_backend):
            if settings is None or (is_status and not settings.statuses):
                continue
            try:
                return self._measured(settings, event)
            except Unavailable as error:
                failure = str(error)
        raise BackendUnavailable(failure)

    def _measured(self, settings: BackendSettings, event: Event) -> Answer:
        """The answer. Measures each call as failed or not: the average is the rate, so alarms need no arithmetic."""
        start, failed = self.clock(), 1
        try:
            answer = self.open_backend(settings).answer(event)
            failed = 0
        finally:
            self.meter.add(Metric.BACKEND_MS, 1000 * (self.clock() - start))
            self.meter.add(Metric.BACKEND_FAILED, failed)
        return answer


def _document(answer: Answer) -> Json:
    messages = [{"text": message.text, "media_urls": list(message.media_urls)} for message in answer.messages]
    return {
        "messages": messages,
        "end_session": answer.end_session,
        "later": answer.later,
        "no_session": answer.no_session,
    }


def _answer(document: Json) -> Answer:
    messages = [AnswerMessage(message["text"], tuple(message["media_urls"])) for message in document["messages"]]
    is_unasked = document.get("no_session", False)  # kept by an earlier version, it lacks this
    return Answer(tuple(messages), document["end_session"], document["later"], is_unasked)
