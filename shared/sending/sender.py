"""From the outbound queue to the provider: each message once, later or never, and nothing lost on the way.

Read from top to bottom: what happens to an event stands in the order in which it happens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from shared.errors import Configuration, Defect, Malformed, NotFound, OptedOut, Unavailable, UpstreamRefused
from shared.messages import events
from shared.messages.event_fields import shown_address
from shared.messages.events import Event
from shared.messages.inbound import DeliveryOutcome, StatusReport
from shared.messages.outbound import PARKED, Parked, Reply
from shared.public_paths import status_path
from shared.reasons import Reason
from shared.retry import Again, Done, crash_defect, retry_defects, retry_later
from shared.sending import send_command
from shared.sending.provider_send import ProviderSender
from shared.sending.send_command import SendCommand, check_size
from shared.telemetry import LogEvent, Metric
from shared.tenants.account import Account, ProviderSecrets
from shared.tenants.agent import Agent

if TYPE_CHECKING:
    from shared.ports import Claims, Json, MessageQueue, Meter, Parking, Replies
    from shared.tenants.lookup import AccountLookup, AgentLookup

_LONGEST = timedelta(days=30)  # on a queue and parked; a longer time was made up


@dataclass(frozen=True)
class Sender:
    """Sends what is on the outbound queue.

    Args:
        inbound: the queue for statuses, which tell backends what became of their replies.
        public_base_url: where the provider finds this stage.
        retry_delays: how many seconds after each try the next one is.
        jitter: gives a factor around 1, another one each time.
        stage: names this deployment in the events it makes.
        meter: gets the agent, how long an answer took since its text came, and the replies that the provider refused.
        now: gives the time, with its zone.
    """

    accounts: AccountLookup
    agents: AgentLookup
    provider: ProviderSender
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
        """What became of an event of the outbound queue that was tried so many times, this time included.

        Raises Unavailable when not even parking is possible, Malformed when nobody knows whose the event is.
        """
        reply = send_command.read_reply(event)
        act = partial(self._read_and_send, event, reply, tries)
        return retry_defects(act, tries, self.retry_delays, park=partial(self._park_unread, event, reply))

    def _read_and_send(self, event: Event, reply: Reply, tries: int) -> Done | Again:
        try:
            command = send_command.read(event)
        except Malformed as error:
            return self._park(event, reply, error.reason, str(error))
        act = partial(self._try_to_send, command, tries)
        return retry_defects(act, tries, self.retry_delays, park=partial(self._give_up, command))

    def _try_to_send(self, command: SendCommand, tries: int) -> Done | Again:
        try:
            return self._send(command)
        except (Unavailable, Configuration) as error:
            again = retry_later(error, tries, self.retry_delays)
            if again:
                return replace(again, after_seconds=again.after_seconds * self.jitter())
            return self._give_up(command, error)

    def _send(self, command: SendCommand) -> Done:
        event, reply, message = command.event, command.reply, command.message
        salt = self._find_salt(reply.tenant)
        if salt is None:
            return self._park(event, reply, Reason.UNKNOWN_TENANT, "there is no such tenant")
        agent = self.agents.agent_at(reply.tenant, message.sender)
        if agent is None:
            sentence = "no agent of the tenant holds the number that it is to be sent from; see: sms number assign"
            return self._park(event, reply, Reason.NOT_OUR_NUMBER, sentence)
        self.meter.names_agent(agent.id)
        reply = replace(reply, agent=agent.name)
        account = self._find_account(reply.tenant, message.account)
        if account is None:
            commands = self.provider.rules.account_commands
            sentence = f"the tenant has no such account at a provider; add it with: {commands}"
            return self._park(event, reply, Reason.UNKNOWN_ACCOUNT, sentence)
        try:
            check_size(message, self.provider.rules.of(account.provider))
        except Malformed as error:
            return self._park(event, reply, error.reason, str(error))
        if self._is_earlier_part_parked(command):
            sentence = "the part before it was parked; replay that one first, or discard it"
            return self._park(event, reply, Reason.EARLIER_PART_PARKED, sentence)
        status_url = self.public_base_url + status_path(reply.tenant, reply.reply_id)
        # Computed anew: a program of the customer's, which may name another conversation, must not text who said STOP.
        conversation = f"{reply.tenant}.{events.conversation_id(salt, ours=message.sender, person=message.recipient)}"
        send = partial(self.provider.send, message, reply, account, conversation=conversation, status_url=status_url)
        return self._send_once(command, reply, agent, account, send)

    def _send_once(
        self, command: SendCommand, reply: Reply, agent: Agent, account: Account, send: Callable[[], Json]
    ) -> Done:
        try:
            sent = self.claims.once("send", f"{reply.tenant}.{reply.reply_id}", send, stage=agent.stage)
        except UpstreamRefused as error:
            return self._end_refused(command, reply, agent, account, error)
        self._measure_end_to_end(command)
        return Done(LogEvent.SENT, ids={"message_id": sent["message_id"]})

    def _find_salt(self, tenant_id: str) -> str | None:
        """The tenant's salt; None when there is no such tenant. Each has it, also while it has no accounts."""
        return self.accounts.find(tenant_id, lambda secrets: secrets.salt)

    def _find_account(self, tenant_id: str, sid: str) -> Account | None:
        """The account, if we can send through its provider."""

        def account_in(secrets: ProviderSecrets) -> Account | None:
            account = secrets.account(sid)
            return account if account and account.provider in self.provider.apis else None

        return self.accounts.find(tenant_id, account_in)

    def _is_earlier_part_parked(self, command: SendCommand) -> bool:
        """By its record; but a replayed part does not wait for one that was discarded."""
        if command.earlier_part is None:
            return False
        earlier = self.replies.find(command.reply.tenant, command.earlier_part)
        if earlier is None or earlier.status != PARKED:
            return False
        return not command.replayed or self.parking.find(command.reply.tenant, command.earlier_part) is not None

    def _measure_end_to_end(self, command: SendCommand) -> None:
        """Of an answer's first part: how long it took since its text came."""
        if command.received_at and command.earlier_part is None:
            took = self.now() - command.received_at
            if timedelta(0) <= took <= _LONGEST:
                self.meter.add(Metric.END_TO_END_MS, 1000 * took.total_seconds())

    def _end_refused(
        self, command: SendCommand, reply: Reply, agent: Agent, account: Account, error: UpstreamRefused
    ) -> Done:
        """The backend learns of the failure first; then the message is parked, or left unsent if the person said so."""
        if error.reason == Reason.PERHAPS_SENT:
            return self._park(command.event, reply, error.reason, str(error))
        if agent.wants_statuses:
            self._report_failure(command, reply, account, error)
        self.meter.add(Metric.REPLY_FAILED)
        if error.reason != OptedOut.reason:
            return self._park(command.event, replace(reply, error_code=error.code), error.reason, str(error))
        failed = self.provider.rules.of(account.provider).failed_status
        with suppress(NotFound):
            self.replies.advance(
                reply.tenant,
                reply.reply_id,
                message_id=None,
                status=failed.word,
                rank=failed.rank,
                error_code=error.code,
            )
        return Done(LogEvent.NOT_SENT, error.reason, _code(error.code))

    def _report_failure(self, command: SendCommand, reply: Reply, account: Account, error: UpstreamRefused) -> None:
        """Queues a status for the backend; a repeated failure is reported once, for its event has the same id."""
        failed = self.provider.rules.of(account.provider).failed_status
        report = StatusReport(
            message_id="",
            account=account.sid,
            sender=command.message.sender,
            recipient=command.message.recipient,
            status=failed.word,
            rank=failed.rank,
            outcome=DeliveryOutcome.FAILED,
            error_code=error.code,
        )
        source = f"/sms-receiver/{self.stage}/{account.provider}"
        event = events.status(reply, report, source=source, provider=account.provider, now=self.now())
        self.inbound.send(event, group=events.status_group(event), deduplication=str(event["id"]))

    def crashed(self, event: Event) -> Done:
        """Parks an event of which each try ended the function. Raises as `send` does."""
        reply = send_command.read_reply(event)
        error = crash_defect()
        try:
            command = send_command.read(event)
        except Malformed:
            return replace(self._park_unread(event, reply, error), defect=error)
        return replace(self._give_up(command, error), defect=error)

    def _give_up(self, command: SendCommand, error: Unavailable | Configuration | Defect) -> Done:
        """Parks the message, unless its record proves that it was sent."""
        event, reply = command.event, command.reply
        record = self.replies.find(reply.tenant, reply.reply_id)
        if record and record.message_id:
            return Done(LogEvent.SENT, ids={"message_id": record.message_id})
        if record and record.attempted_at:
            return self._park(event, reply, Reason.PERHAPS_SENT, f"{error}; a replay looks for it before it sends it")
        reason = error.reason if isinstance(error, Configuration | Defect) else Reason.PROVIDER_UNAVAILABLE
        return self._park(event, reply, reason, str(error))

    def _park_unread(self, event: Event, reply: Reply, error: Defect) -> Done:
        return self._park(event, reply, error.reason, str(error))

    def _park(self, event: Event, reply: Reply, reason: Reason, detail: str) -> Done:
        """Sets the event aside before the queue forgets it; the record first, for later parts look at it.

        Raises Unavailable.
        """
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
