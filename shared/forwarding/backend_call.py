"""Asking an agent's backend, once: its answer is kept, and a second location stands in for the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.errors import BackendUnavailable, Unavailable
from shared.messages import events
from shared.messages.events import Event
from shared.messages.outbound import Answer, AnswerMessage
from shared.telemetry import Metric
from shared.tenants.agent import Agent, BackendSettings

if TYPE_CHECKING:
    from shared.ports import Backend, Claims, Json, Meter


@dataclass(frozen=True)
class Asking:
    """Asks the backends of agents.

    Args:
        open_backend: makes the backend that an agent names. Raises Configuration.
        meter: hears how long the backends took, whether one failed, and of texts that were answered before.
        clock: tells seconds, from whenever.
    """

    claims: Claims
    open_backend: Callable[[BackendSettings], Backend]
    meter: Meter
    clock: Callable[[], float]

    def ask(self, agent: Agent, event: Event, prepared: Callable[[], Event] | None = None) -> Answer:
        """The answer to an event; the same one however often the event comes.

        `prepared` makes what the backend gets, where that is not the event itself. It is called only when the backend
        is about to be asked: a repetition of what was answered long ago prepares nothing.

        Raises BackendUnavailable, InProgress and other Unavailable for later, Refused for never, Configuration.
        """
        is_new = False

        def ask() -> Json:
            nonlocal is_new
            is_new = True
            return _document(self._asked(agent, prepared() if prepared else event))

        answer = self.claims.once("ask", f"{event['tenant']}.{event['id']}", ask, stage=agent.stage)
        if not is_new:
            self.meter.add(Metric.DUPLICATE)
        return _answer(answer)

    def _asked(self, agent: Agent, event: Event) -> Answer:
        """Of the agent's backends, the first that is available; none gets a status unless it wants those."""
        failure = "the agent has no backend"
        for place in (agent.backend, agent.second_backend):
            if place is None or (event["type"] == events.STATUS and not place.statuses):
                continue
            try:
                return self._measured(place, event)
            except Unavailable as error:
                failure = str(error)
        raise BackendUnavailable(failure)

    def _measured(self, place: BackendSettings, event: Event) -> Answer:
        """How long it took, and whether it failed: the average of that is the rate, so no alarm needs arithmetic."""
        begun, failed = self.clock(), 1
        try:
            answer = self.open_backend(place).answer(event)
            failed = 0
        finally:
            self.meter.add(Metric.BACKEND_MS, 1000 * (self.clock() - begun))
            self.meter.add(Metric.BACKEND_FAILED, failed)
        return answer


def _document(answer: Answer) -> Json:
    messages = [{"text": message.text, "media_urls": list(message.media_urls)} for message in answer.messages]
    return {"messages": messages, "end_session": answer.end_session}


def _answer(document: Json) -> Answer:
    messages = [AnswerMessage(message["text"], tuple(message["media_urls"])) for message in document["messages"]]
    return Answer(tuple(messages), document["end_session"])
