"""From the inbound queue to the backend, and its answer to the outbound queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from shared.defects import catching_defects
from shared.errors import BackendUnavailable, Configuration, Defect, Malformed, OptedOut, Refused, Unavailable
from shared.forwarding import inbound_event
from shared.forwarding.backend_call import Asking
from shared.messages import events
from shared.messages.event_fields import shown_address
from shared.messages.events import Event, Outgoing
from shared.messages.outbound import AnswerMessage, Parked
from shared.opt_out import has_stopped, is_person, obey, opt_out
from shared.outbound_queue import Outbound
from shared.retry import Again, Done, ended_each_time, guarded, later
from shared.telemetry import LogEvent
from shared.tenants.agent import Agent
from shared.tenants.tenant import Tenant

if TYPE_CHECKING:
    from shared.ports import Limits, OptOuts, Parking, Sessions
    from shared.tenants.lookup import TenantLookup

Failure = Unavailable | Configuration | Refused | Malformed

_LIMIT, _FAILURE_REPLY = "texts", "failure_reply"


@dataclass(frozen=True)
class Manners:
    """How the forwarder behaves.

    Attributes:
        retry_delays: how many seconds after each try of a text the next one is.
        status_retry_delays: the same for a status.
        failure_reply_every: how often at most a person hears in a conversation that the backend failed.
        limit_texts: how many texts of a conversation are answered in `limit_per`.
    """

    retry_delays: Sequence[float]
    status_retry_delays: Sequence[float]
    failure_reply_every: timedelta
    limit_texts: int
    limit_per: timedelta


@dataclass(frozen=True)
class Forwarder:
    """Brings texts and statuses to backends.

    Args:
        stage: names this deployment.
        now: tells the time, with its zone.
    """

    tenants: TenantLookup
    asking: Asking
    sessions: Sessions
    limits: Limits
    opt_outs: OptOuts
    parking: Parking
    outbound: Outbound
    manners: Manners
    stage: str
    now: Callable[[], datetime]

    def forward(self, event: Event, tries: int) -> Done | Again:
        """Does what is to be done with an event of the inbound queue, tried so many times.

        Raises Unavailable when not even parking is possible: then the event must come again. Raises Malformed when it
        names no tenant or has no id, so that it cannot be parked either.
        """
        inbound_event.check_address(event)
        is_status = event.get("type") == events.STATUS
        delays = self.manners.status_retry_delays if is_status else self.manners.retry_delays
        act = partial(self._act, event, tries)
        return guarded(act, tries, delays, park=lambda error: self._park(event, error.reason, str(error)))

    def crashed(self, event: Event) -> Done:
        """Parks an event of which each try ended the function; the person hears of it, if it is a text.

        Raises as `forward` does.
        """
        inbound_event.check_address(event)
        error = ended_each_time()
        with suppress(Malformed):
            inbound_event.check(event)
            found = self._tenant(event, event["data"]["to"]) if event["type"] == events.RECEIVED else None
            if found:
                self._apologise(event, *found)
        return replace(self._park(event, error.reason, str(error)), defect=error)

    def _act(self, event: Event, tries: int) -> Done | Again:
        try:
            inbound_event.check(event)
        except Malformed as error:
            return self._park(event, error.reason, str(error))
        return self._status(event, tries) if event["type"] == events.STATUS else self._text(event, tries)

    def _text(self, event: Event, tries: int) -> Done | Again:
        try:
            obey(event, self.opt_outs, self.asking.claims, stage=self.stage)
            found = self._tenant(event, event["data"]["to"])
        except (Unavailable, Configuration) as error:
            again = later(error, tries, self.manners.retry_delays)
            return again or self._park(event, error.reason, str(error))
        if events.is_probe(event):
            return Done(LogEvent.UNANSWERED, "probe")
        if found is None:
            return self._park(event, "no_agent", "no agent holds the number; give it to one with: sms number assign")
        tenant, agent = found
        if agent.backend is None:
            return self._park(event, "no_backend", f"agent {agent.name!r} has no backend; see: sms agent update")
        return self._turn(event, tenant, agent, tries)

    def _turn(self, event: Event, tenant: Tenant, agent: Agent, tries: int) -> Done | Again:
        try:
            with catching_defects():
                if self._counted(event):
                    return self._answer(event, tenant, agent)
        except Defect as error:
            if later(error, tries, self.manners.retry_delays) is None:
                self._apologise(event, tenant, agent)
            raise
        except (Unavailable, Configuration) as error:
            again = later(error, tries, self.manners.retry_delays)
            return again or self._give_up(event, tenant, agent, error)
        except (Refused, Malformed) as error:
            return self._give_up(event, tenant, agent, error)
        return self._park(event, "too_many_texts", "so many texts look like a machine's; replay those of a person")

    def _answer(self, event: Event, tenant: Tenant, agent: Agent) -> Done:
        data, group = event["data"], events.conversation_group(event)
        wish = opt_out(data)

        def with_its_turn() -> Event:
            received = datetime.fromisoformat(event["time"])
            turn = self.sessions.turn(group, event["id"], at=received, life_seconds=agent.session_seconds)
            return events.for_backend(event, agent=agent.name, turn=turn, opt_out=wish)

        answer = self.asking.ask(agent, event, with_its_turn)
        if answer.end_session:
            self.sessions.end(group, event["id"])
        if wish:
            return Done(LogEvent.UNANSWERED, "opt_out")
        if not answer.messages:
            return Done(LogEvent.UNANSWERED, "no_message")
        if has_stopped(self.opt_outs, tenant, ours=data["to"], person=data["from"]):
            return Done(LogEvent.UNANSWERED, OptedOut.reason)
        self.outbound.send(_outgoing(event, agent, answer_id=event["id"]), answer.messages, now=self.now())
        return Done(LogEvent.ANSWERED)

    def _status(self, event: Event, tries: int) -> Done | Again:
        """Fewer tries than a text, and nobody hears of a failure."""
        try:
            found = self._tenant(event, event["data"]["from"])
            if found is None or not found[1].wants_statuses:
                return Done(LogEvent.UNANSWERED, "declined")
            self.asking.ask(found[1], event)
        except (Unavailable, Configuration) as error:
            again = later(error, tries, self.manners.status_retry_delays)
            return again or self._park(event, error.reason, str(error))
        except Refused as error:
            return self._park(event, error.reason, str(error))
        return Done(LogEvent.TOLD)

    def _tenant(self, event: Event, ours: str) -> tuple[Tenant, Agent] | None:
        def holding(tenant: Tenant) -> tuple[Tenant, Agent] | None:
            agent = tenant.agent_at(ours)
            return (tenant, agent) if agent else None

        return self.tenants.find(event["tenant"], holding)

    def _counted(self, event: Event) -> bool:
        group, manners = events.conversation_group(event), self.manners
        return self.limits.within(_LIMIT, group, event["id"], most=manners.limit_texts, per=manners.limit_per)

    def _give_up(self, event: Event, tenant: Tenant, agent: Agent, error: Failure) -> Done:
        """Tells the person first: what is parked must not come again by itself because the telling failed."""
        if isinstance(error, BackendUnavailable | Refused | Malformed):
            self._apologise(event, tenant, agent)
        return self._park(event, error.reason, str(error))

    def _apologise(self, event: Event, tenant: Tenant, agent: Agent) -> None:
        data = event["data"]
        if not agent.failure_reply or opt_out(data) or not is_person(tenant, data["from"]):
            return
        if has_stopped(self.opt_outs, tenant, ours=data["to"], person=data["from"]):
            return
        group, every = events.conversation_group(event), self.manners.failure_reply_every
        if self.limits.within(_FAILURE_REPLY, group, event["id"], most=1, per=every):
            outgoing = _outgoing(event, agent, answer_id=f"{event['id']}-f")
            self.outbound.send(outgoing, (AnswerMessage(agent.failure_reply),), now=self.now())

    def _park(self, event: Event, reason: str, detail: str) -> Done:
        """Before the queue forgets the event. Raises Unavailable."""
        parked = Parked(
            tenant=event["tenant"],
            id=event["id"],
            queue="inbound",
            group=inbound_event.group(event),
            reason=reason,
            detail=detail,
            number=shown_address(event, "to" if event.get("type") == events.RECEIVED else "from"),
            parked_at=self.now(),
            event=event,
        )
        self.parking.park(parked)
        return Done(LogEvent.PARKED, reason)


def _outgoing(event: Event, agent: Agent, *, answer_id: str) -> Outgoing:
    data = event["data"]
    return Outgoing(
        source=event["source"],
        tenant=event["tenant"],
        agent=agent.name,
        provider=data["provider"],
        account=data["account"],
        conversation=data["conversation"],
        sender=data["to"],
        recipient=data["from"],
        answer_id=answer_id,
        in_reply_to=event["id"],
        received_at=event["time"],
    )
