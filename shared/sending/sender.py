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

from shared.defects import catching_defects
from shared.errors import Configuration, Defect, Malformed, Unavailable, UpstreamRefused
from shared.journal import told
from shared.messages import events
from shared.messages.event_fields import shown_address
from shared.messages.events import AnswerEnvelope, Event
from shared.messages.outbound import PARKED, Parked, Reply
from shared.messages.promises import Promise
from shared.messages.status import DeliveryOutcome, StatusReport
from shared.messages.usage import UsageOwner
from shared.public_paths import status_path
from shared.reasons import Reason
from shared.retry import Again, Done, crash_defect, retry_defects, retry_later
from shared.sending import resend_command, send_command
from shared.sending.provider_send import ProviderSender
from shared.sending.reply_journal import ReplyJournal
from shared.sending.resend_command import ResendCommand
from shared.sending.send_command import SendCommand, check_size
from shared.telemetry import LogEvent, Metric
from shared.tenants.account import Account, ProviderSecrets
from shared.tenants.agent import Agent
from shared.usage import Usage, counted, park_and_count

if TYPE_CHECKING:
    from shared.ports import Claims, MessageQueue, Meter, Parking, Promises, Replies
    from shared.provider_rules import ProviderRules
    from shared.tenants.lookup import AccountLookup, AgentLookup

_END_TO_END_MAX = timedelta(days=30)  # on a queue and parked; a longer time was made up
_NOT_MENDABLE = {Reason.OPTED_OUT, Reason.UNREACHABLE}
"""The reasons that lie with the person or their number: there is nothing to mend."""


@dataclass(frozen=True)
class Sender:
    """Sends what is on the outbound queue.

    Args:
        usage: counts the messages.
        inbound: the queue for statuses, which tell backends what became of their replies.
        public_base_url: where the provider finds this stage.
        retry_delays: how many seconds after each try the next one is.
        resend_delays: how many seconds to wait before a message that failed for now is sent once more, and after that
            once more; so often it is sent again.
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
    promises: Promises
    parking: Parking
    usage: Usage
    inbound: MessageQueue
    reply_journal: ReplyJournal
    public_base_url: str
    retry_delays: Sequence[float]
    resend_delays: Sequence[float]
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
        result = retry_defects(act, tries, self.retry_delays, park=partial(self._park_unread, event, reply))
        result = counted(result, self.usage)
        return told(result, lambda: self.reply_journal.sent(event, reply, result))

    def _read_and_send(self, event: Event, reply: Reply, tries: int) -> Done | Again:
        try:
            command = _read(event, now=self.now())
        except Malformed as error:
            return self._park(event, reply, error.reason, str(error))
        act = partial(self._try_to_send, command, tries)
        return retry_defects(act, tries, self.retry_delays, park=partial(self._give_up, command))

    def _try_to_send(self, command: SendCommand | ResendCommand, tries: int) -> Done | Again:
        try:
            return self._send(command) if isinstance(command, SendCommand) else self._send_again(command, tries)
        except (Unavailable, Configuration) as error:
            again = retry_later(error, tries, self.retry_delays)
            if again:
                return replace(again, after_seconds=again.after_seconds * self.jitter())
            return self._give_up(command, error)
        except UpstreamRefused as error:  # it does not show what became of the failed message
            return self._park(command.event, replace(command.reply, error_code=error.code), error.reason, str(error))

    def _send_again(self, command: ResendCommand, tries: int) -> Done | Again:
        """Sends a message again that failed for now, with what the provider has of it, if the provider confirms that.

        It waits on the queue, so that what is behind it in its conversation waits, too.
        """
        event, reply = command.event, command.reply
        record = self.replies.find(reply.tenant, reply.reply_id)
        if record is None or (record.message_id is None and command.message_id not in record.superseded):
            return self._park(event, reply, Reason.MALFORMED, "nothing is known of a message with this reply id")
        if record.message_id not in {None, command.message_id}:
            return self._sent(event, record, str(record.message_id), record.segments)  # it was sent again before
        earlier = len(record.superseded - {command.message_id})
        if tries == 1 and not command.replayed and earlier < len(self.resend_delays):
            return Again(self.resend_delays[earlier], Reason.PROVIDER_UNAVAILABLE)
        account = self._find_account(reply.tenant, command.account)
        if account is None:
            return self._park_without_account(event, reply)
        stored = self.provider.read(command.message_id, reply, account)
        if stored.outcome in {None, DeliveryOutcome.ARRIVED}:
            return self._sent(event, record, command.message_id, record.segments)
        refusal = None
        if stored.outcome is not DeliveryOutcome.RETRYABLE:
            sentence = f"message {command.message_id} failed, and the provider has not kept all that it consists of"
            refusal = UpstreamRefused(Reason.PROVIDER_REFUSED, sentence, code=stored.error_code)
        elif earlier >= len(self.resend_delays) and not command.replayed:
            sentence = f"the provider could not send it, {earlier + 1} times; its last id there is {command.message_id}"
            refusal = UpstreamRefused(Reason.PROVIDER_UNAVAILABLE, sentence, code=stored.error_code)
        resends = len(self.replies.supersede(reply.tenant, reply.reply_id, command.message_id).superseded)
        return self._send(command.with_message(stored, resends=resends), refusal)

    def _send(self, command: SendCommand, refusal: UpstreamRefused | None = None) -> Done:
        """Sends a message, unless there is a refusal already."""
        event, reply, message = command.event, command.reply, command.message
        salt = self._find_salt(reply.tenant)
        if salt is None:
            return self._park(event, reply, Reason.UNKNOWN_TENANT, "there is no such tenant")
        agent = self.agents.agent_at(reply.tenant, message.sender)
        if agent is None:
            sentence = "no agent of the tenant holds the number that it is to be sent from; see: sms number assign"
            return self._park(event, reply, Reason.NOT_OUR_NUMBER, sentence)
        self.meter.names_agent(agent.id)
        reply = replace(reply, agent=agent.name, agent_id=agent.id)
        account = self._find_account(reply.tenant, message.account)
        if account is None:
            return self._park_without_account(event, reply)
        earlier = self._find_earlier_part(command)
        refusal = refusal or _refusal_beforehand(command, earlier, self.provider.rules.of(account.provider))
        if refusal:
            return self._end_refused(command, reply, agent, account, refusal)
        if earlier and self._is_parked(earlier, command):
            sentence = "the part before it was parked; replay that one first, or discard it"
            return self._park(event, reply, Reason.EARLIER_PART_PARKED, sentence)
        # Computed again, because a customer's program may name another conversation: it must not text who said STOP.
        conversation = events.conversation_id(salt, ours=message.sender, person=message.recipient)
        self._note_late_answer(command, agent, account, conversation)
        return self._send_once(command, reply, agent, account, f"{reply.tenant}.{conversation}")

    def _note_late_answer(self, command: SendCommand, agent: Agent, account: Account, conversation: str) -> None:
        """Notes that a text is answered whose backend promised it for later, before anything can go wrong with it.

        The forwarder's own replies begin with their text's id; all others to a text come from a backend, through
        `SmsSend`, which notes it too, or straight from the outbound queue. Their first part counts.
        """
        text_id = command.reply.in_reply_to
        if text_id is None or command.earlier_part or command.reply.reply_id.startswith(f"{text_id}-"):
            return
        envelope = AnswerEnvelope(
            source=events.source_of(self.stage, account.provider),
            tenant=command.reply.tenant,
            agent=agent.name,
            provider=account.provider,
            account=account.sid,
            conversation=conversation,
            sender=command.message.sender,
            recipient=command.message.recipient,
            answer_id="",
            in_reply_to=text_id,
        )
        answer_id = events.answer_id(command.reply.reply_id)
        self.promises.fulfil(Promise(text_id, envelope, due_at=self.now(), answer_id=answer_id))

    def _send_once(self, command: SendCommand, reply: Reply, agent: Agent, account: Account, conversation: str) -> Done:
        send = partial(
            self.provider.send,
            command.message,
            reply,
            account,
            conversation=conversation,
            status_url=self.public_base_url + status_path(reply.tenant, reply.reply_id),
        )
        key = f"{reply.tenant}.{reply.reply_id}" + (f".{command.resends}" if command.resends else "")
        try:
            check_size(command.message, self.provider.rules.of(account.provider))
            sent = self.claims.once("send", key, send, stage=agent.stage)
        except Malformed as error:
            return self._park(command.event, reply, error.reason, str(error))
        except UpstreamRefused as error:
            return self._end_refused(command, reply, agent, account, error)
        self._measure_end_to_end(command)
        return self._sent(command.event, reply, sent["message_id"], sent.get("segments", 1))  # old claims have none

    def _find_salt(self, tenant_id: str) -> str | None:
        """The tenant's salt; None when there is no such tenant. Each has it, also while it has no accounts."""
        return self.accounts.find(tenant_id, lambda secrets: secrets.salt)

    def _find_account(self, tenant_id: str, sid: str) -> Account | None:
        """The account, if we can send through its provider."""

        def account_in(secrets: ProviderSecrets) -> Account | None:
            account = secrets.account(sid)
            return account if account and account.provider in self.provider.apis else None

        return self.accounts.find(tenant_id, account_in)

    def _find_earlier_part(self, command: SendCommand) -> Reply | None:
        """The record of the part before it, if there is one."""
        return self.replies.find(command.reply.tenant, command.earlier_part) if command.earlier_part else None

    def _is_parked(self, earlier: Reply, command: SendCommand) -> bool:
        """Whether the earlier part is parked, by its record; a replayed part does not wait for a discarded one."""
        if earlier.status != PARKED:
            return False
        return not command.replayed or self.parking.find(earlier.tenant, earlier.reply_id) is not None

    def _measure_end_to_end(self, command: SendCommand) -> None:
        """Of an answer's first part: how long it took since its text came."""
        if command.received_at and command.earlier_part is None:
            took = self.now() - command.received_at
            if timedelta(0) <= took <= _END_TO_END_MAX:
                self.meter.add(Metric.END_TO_END_MS, 1000 * took.total_seconds())

    def _end_refused(
        self, command: SendCommand, reply: Reply, agent: Agent, account: Account, error: UpstreamRefused
    ) -> Done:
        """The backend learns of the failure first; then the message is parked, or left unsent if nobody can mend it."""
        if error.reason == Reason.PERHAPS_SENT:
            return self._park(command.event, reply, error.reason, str(error))
        if agent.wants_statuses:
            self._report_failure(command, reply, account, error)
        reply = replace(reply, error_code=error.code)
        if error.reason not in _NOT_MENDABLE:
            self.meter.add(Metric.REPLY_FAILED)
            return self._park(command.event, reply, error.reason, str(error))
        self.meter.add(Metric.REPLY_UNREACHABLE)
        self.replies.refuse(reply, self.provider.rules.of(account.provider).failed_status)
        failure = self._owner(command.event, reply).failed(reply.reply_id, error.reason, self.now())
        return Done(LogEvent.NOT_SENT, error.reason, _code(error.code), counted=failure)

    def _report_failure(self, command: SendCommand, reply: Reply, account: Account, error: UpstreamRefused) -> None:
        """Queues a status for the backend; a repeated failure is reported once, for its event has the same id."""
        failed = self.provider.rules.of(account.provider).failed_status
        report = StatusReport(
            message_id="",
            account=account.sid,
            sender=command.message.sender,
            recipient=command.message.recipient,
            status=failed,
            is_known=True,
            outcome=DeliveryOutcome.FAILED,
            error_code=error.code,
        )
        source = events.source_of(self.stage, account.provider)
        event = events.status(reply, report, source=source, provider=account.provider, now=self.now())
        self.inbound.send(event, group=events.status_group(event), deduplication=str(event["id"]))

    def crashed(self, event: Event) -> Done:
        """Parks an event of which each try ended the function. Raises as `send` does."""
        reply = send_command.read_reply(event)
        error = crash_defect()
        try:
            result = self._give_up(_read(event, now=self.now()), error)
        except Malformed:
            return replace(counted(self._park_unread(event, reply, error), self.usage), defect=error)
        result = replace(counted(result, self.usage), defect=error)
        return told(result, lambda: self.reply_journal.sent(event, reply, result))

    def _give_up(self, command: SendCommand | ResendCommand, error: Unavailable | Configuration | Defect) -> Done:
        """Parks the message, unless its record proves that it was sent."""
        event, reply = command.event, command.reply
        failed = command.message_id if isinstance(command, ResendCommand) else None
        record = self.replies.find(reply.tenant, reply.reply_id)
        if record and record.message_id not in {None, failed}:
            return self._sent(event, record, str(record.message_id), record.segments)
        if record and record.message_id:  # it failed, and nobody has tried to send it again
            record = None
        if record and record.attempted_at:
            return self._park(event, reply, Reason.PERHAPS_SENT, f"{error}; a replay looks for it before it sends it")
        reason = error.reason if isinstance(error, Configuration | Defect) else Reason.PROVIDER_UNAVAILABLE
        return self._park(event, reply, reason, str(error))

    def _park_without_account(self, event: Event, reply: Reply) -> Done:
        sentence = f"the tenant has no such account at a provider; add it with: {self.provider.rules.account_commands}"
        return self._park(event, reply, Reason.UNKNOWN_ACCOUNT, sentence)

    def _park_unread(self, event: Event, reply: Reply, error: Defect) -> Done:
        return self._park(event, reply, error.reason, str(error))

    def _park(self, event: Event, reply: Reply, reason: Reason, detail: str) -> Done:
        """Sets the event aside before the queue forgets it; the record first, for later parts look at it.

        Raises Unavailable.
        """
        self.replies.park(reply)
        group = f"{reply.tenant}.{reply.conversation or reply.reply_id}"[: events.GROUP_MAX]
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
            error_code=reply.error_code,
        )
        failure = self._owner(event, reply).failed(reply.reply_id, reason, self.now())
        defect = park_and_count(self.parking, parked, failure)
        return Done(LogEvent.PARKED, reason, _code(reply.error_code), defect)

    def _sent(self, event: Event, reply: Reply, message_id: str, segments: int) -> Done:
        """The provider has the message, which counts now."""
        sent = self._owner(event, reply).sent(message_id, segments, self.now())
        return Done(LogEvent.SENT, ids={"message_id": message_id}, counted=sent)

    def _owner(self, event: Event, reply: Reply) -> UsageOwner:
        """Whose usage the message is. What goes wrong in looking for the agent changes nothing else."""
        number = shown_address(event, "from")
        if reply.agent_id:
            return UsageOwner(reply.tenant, number, reply.agent_id, reply.agent)
        agent = None
        with suppress(Unavailable, Configuration, Defect), catching_defects(Unavailable, Configuration):
            agent = self.agents.agent_at(reply.tenant, number)
        return UsageOwner.of(reply.tenant, number, agent)


def _read(event: Event, *, now: datetime) -> SendCommand | ResendCommand:
    return resend_command.read(event) if event.get("type") == events.RESEND else send_command.read(event, now=now)


def _refusal_beforehand(command: SendCommand, earlier: Reply | None, rules: ProviderRules) -> UpstreamRefused | None:
    """Why the provider need not be asked: because of the address, or of what it said of the part before."""
    code = rules.unreachable_code(command.message.recipient)
    if code is not None:
        return UpstreamRefused(Reason.UNREACHABLE, "no message can be sent to such an address", code=code)
    if earlier and earlier.message_id is None and earlier.status == rules.failed_status.word:
        reason = Reason.OPTED_OUT if earlier.error_code == rules.opted_out_code else Reason.UNREACHABLE
        return UpstreamRefused(reason, "the part before it cannot be sent to this person", code=earlier.error_code)
    return None


def _code(error_code: int | None) -> dict[str, str]:
    return {} if error_code is None else {"error_code": str(error_code)}
