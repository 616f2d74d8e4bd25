"""From the outbound queue to the provider: each message once, later or never, and nothing lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from shared.errors import Configuration, Defect, Malformed, NotFound, OptedOut, Refused, Unavailable
from shared.messages import events
from shared.messages.event_fields import shown_address
from shared.messages.events import Event
from shared.messages.inbound import Fate, StatusReport
from shared.messages.outbound import PARKED, Parked, Reply
from shared.public_paths import status_path
from shared.retry import Again, Done, ended_each_time, guarded, later
from shared.sending.provider_send import PERHAPS_SENT, Giving
from shared.sending.send_command import Order, address, order
from shared.telemetry import LogEvent, Metric
from shared.tenants.agent import Agent
from shared.tenants.tenant import Account, Tenant

if TYPE_CHECKING:
    from shared.ports import Claims, MessageQueue, Meter, Parking, Replies
    from shared.tenants.lookup import TenantLookup

_FAILED, _FAILED_RANK = "failed", 5  # as final as the providers' own word
_LONGEST = timedelta(days=30)  # on a queue and parked; what claims to have taken longer was made up


@dataclass(frozen=True)
class Sender:
    """Sends what is on the outbound queue.

    Args:
        inbound: the queue on which backends are told what became of their replies.
        public_base_url: where the provider finds this stage.
        retry_delays: how many seconds after each try the next one is.
        jitter: a factor around 1, another one each time.
        stage: names this deployment in the events it makes.
        meter: hears how long an answer took since its text came, and of replies that the provider refused.
        now: tells the time, with its zone.
    """

    tenants: TenantLookup
    giving: Giving
    claims: Claims
    replies: Replies
    parking: Parking
    inbound: MessageQueue
    public_base_url: str
    retry_delays: Sequence[float]
    jitter: Callable[[], float]
    stage: str
    meter: Meter
    now: Callable[[], datetime]

    def send(self, event: Event, tries: int) -> Done | Again:
        """Does what is to be done with an event of the outbound queue, tried so many times.

        Raises Unavailable when not even parking is possible, Malformed when nobody knows whose the event is.
        """
        tenant, reply_id = address(event)
        reply = Reply(tenant, reply_id, agent="", conversation="", in_reply_to=None)
        act = partial(self._act, event, reply, tries)
        park = partial(self._park_defect, event, reply)
        return guarded(act, tries, self.retry_delays, park=park)

    def crashed(self, event: Event) -> Done:
        """Parks an event of which each try ended the function. Raises as `send` does."""
        tenant, reply_id = address(event)
        reply = Reply(tenant, reply_id, agent="", conversation="", in_reply_to=None)
        error = ended_each_time()
        try:
            ordered = order(event)
        except Malformed:
            return replace(self._park_defect(event, reply, error), defect=error)
        reply = replace(reply, conversation=ordered.conversation, in_reply_to=ordered.in_reply_to)
        return replace(self._give_up(ordered, reply, error), defect=error)

    def _act(self, event: Event, reply: Reply, tries: int) -> Done | Again:
        try:
            ordered = order(event)
        except Malformed as error:
            return self._park(event, reply, error.reason, str(error))
        reply = replace(reply, conversation=ordered.conversation, in_reply_to=ordered.in_reply_to)
        act = partial(self._try, ordered, reply, tries)
        return guarded(act, tries, self.retry_delays, park=partial(self._give_up, ordered, reply))

    def _try(self, ordered: Order, reply: Reply, tries: int) -> Done | Again:
        try:
            return self._send(ordered, reply)
        except (Unavailable, Configuration) as error:
            again = later(error, tries, self.retry_delays)
            if again:
                return replace(again, after_seconds=again.after_seconds * self.jitter())
            return self._give_up(ordered, reply, error)

    def _send(self, ordered: Order, reply: Reply) -> Done:
        tenant = self.tenants.find(ordered.tenant, lambda tenant: tenant)
        if tenant is None:
            return self._park(ordered.event, reply, "unknown_tenant", "there is no such tenant")
        agent = self.tenants.find(ordered.tenant, lambda tenant: tenant.agent_at(ordered.message.sender))
        if agent is None:
            sentence = "no agent of the tenant holds the number that it is to be sent from; see: sms number assign"
            return self._park(ordered.event, reply, "not_our_number", sentence)
        reply = replace(reply, agent=agent.name)
        account = self.tenants.find(ordered.tenant, lambda tenant: self._account(tenant, ordered.message.account))
        if account is None:
            sentence = "the tenant has no such account at a provider; add it with: sms twilio set-account"
            return self._park(ordered.event, reply, "unknown_account", sentence)
        if self._earlier_is_parked(ordered):
            sentence = "the part before it was parked; replay that one first, or discard it"
            return self._park(ordered.event, reply, "earlier_part_parked", sentence)
        return self._once(ordered, reply, tenant, agent, account)

    def _account(self, tenant: Tenant, sid: str) -> Account | None:
        account = tenant.account(sid)
        return account if account and account.provider in self.giving.apis else None

    def _earlier_is_parked(self, ordered: Order) -> bool:
        """By its record; but a replayed part does not wait for one that was discarded."""
        if ordered.earlier_part is None:
            return False
        earlier = self.replies.find(ordered.tenant, ordered.earlier_part)
        if earlier is None or earlier.status != PARKED:
            return False
        return not ordered.replayed or self.parking.find(ordered.tenant, ordered.earlier_part) is not None

    def _once(self, ordered: Order, reply: Reply, tenant: Tenant, agent: Agent, account: Account) -> Done:
        status_url = self.public_base_url + status_path(reply.tenant, reply.reply_id)
        give = partial(self.giving.give, ordered.message, reply, tenant, account, status_url=status_url)
        try:
            sent = self.claims.once("send", f"{reply.tenant}.{reply.reply_id}", give, stage=agent.stage)
        except Refused as error:
            return self._refused(ordered, reply, agent, account, error)
        if ordered.received_at and ordered.earlier_part is None:
            took = self.now() - ordered.received_at
            if timedelta(0) <= took <= _LONGEST:
                self.meter.add(Metric.END_TO_END_MS, 1000 * took.total_seconds())
        return Done(LogEvent.SENT, ids={"message_id": sent["message_id"]})

    def _refused(self, ordered: Order, reply: Reply, agent: Agent, account: Account, error: Refused) -> Done:
        if error.reason == PERHAPS_SENT:
            return self._park(ordered.event, reply, error.reason, str(error))
        if agent.wants_statuses:
            self._tell(ordered, reply, account, error)
        self.meter.add(Metric.REPLY_FAILED)
        if error.reason == OptedOut.reason:
            with suppress(NotFound):
                self.replies.advance(
                    reply.tenant,
                    reply.reply_id,
                    message_id=None,
                    status=_FAILED,
                    rank=_FAILED_RANK,
                    error_code=error.code,
                )
            return Done(LogEvent.NOT_SENT, error.reason, _code(error.code))
        return self._park(ordered.event, replace(reply, error_code=error.code), error.reason, str(error))

    def _tell(self, ordered: Order, reply: Reply, account: Account, error: Refused) -> None:
        """Lets the backend know; the same failure is told once, for its event's id is the same."""
        message = ordered.message
        report = StatusReport(
            message_id="",
            account=account.sid,
            sender=message.sender,
            recipient=message.recipient,
            status=_FAILED,
            rank=_FAILED_RANK,
            fate=Fate.FAILED,
            error_code=error.code,
        )
        source = f"/sms-receiver/{self.stage}/{account.provider}"
        event = events.status(reply, report, source=source, provider=account.provider, now=self.now())
        self.inbound.send(event, group=events.status_group(event), deduplication=str(event["id"]))

    def _park_defect(self, event: Event, reply: Reply, error: Defect) -> Done:
        return self._park(event, reply, error.reason, str(error))

    def _give_up(self, ordered: Order, reply: Reply, error: Unavailable | Configuration | Defect) -> Done:
        record = self.replies.find(reply.tenant, reply.reply_id)
        if record and record.message_id:
            return Done(LogEvent.SENT, ids={"message_id": record.message_id})
        if record and record.attempted_at:
            return self._park(ordered.event, reply, PERHAPS_SENT, f"{error}; a replay looks for it before it sends it")
        reason = error.reason if isinstance(error, Configuration | Defect) else "provider_unavailable"
        return self._park(ordered.event, reply, reason, str(error))

    def _park(self, event: Event, reply: Reply, reason: str, detail: str) -> Done:
        """Before the queue forgets the event. The record first: it is what later parts look at. Raises Unavailable."""
        self.replies.park(reply)
        group = f"{reply.tenant}.{reply.conversation or reply.reply_id}"
        parked = Parked(
            tenant=reply.tenant,
            id=reply.reply_id,
            queue="outbound",
            group=group,
            reason=reason,
            detail=detail,
            number=shown_address(event, "from"),
            parked_at=self.now(),
            event=event,
        )
        self.parking.park(parked)
        return Done(LogEvent.PARKED, reason, _code(reply.error_code))


def _code(error_code: int | None) -> dict[str, str]:
    return {} if error_code is None else {"error_code": str(error_code)}
