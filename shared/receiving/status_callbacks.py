"""Receiving a delivery status: checks a status webhook, updates the reply's record and informs the backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.defects import catching_defects
from shared.errors import BrokenDocument, Defect, InvalidSignature, NotFound, RequestRefused, Unavailable
from shared.messages import events
from shared.messages.inbound import WebhookRequest
from shared.messages.status import DeliveryOutcome, StatusOrder, StatusReport
from shared.messages.usage import NOT_DELIVERED, UsageOwner
from shared.reasons import Reason
from shared.telemetry import LogEvent
from shared.tenants.tenant import is_tenant_id

if TYPE_CHECKING:
    from shared.messages.outbound import Reply
    from shared.ports import MessageQueue, Provider, Replies
    from shared.tenants.account import Account, ProviderSecrets
    from shared.tenants.agent import Agent
    from shared.tenants.lookup import AccountLookup, AgentLookup
    from shared.usage import Usage

BODY_BYTES_MAX = 64 * 1024
"""Statuses are small. As they come without an API key, parsing megabytes of them must not delay texts."""

_EVENTS = {
    DeliveryOutcome.ARRIVED: LogEvent.DELIVERED,
    DeliveryOutcome.FAILED: LogEvent.NOT_DELIVERED,
    DeliveryOutcome.UNREACHABLE: LogEvent.NOT_DELIVERED,
    DeliveryOutcome.RETRYABLE: LogEvent.POSTPONED,
}

_FAILURES: Mapping[DeliveryOutcome | None, str] = {
    DeliveryOutcome.FAILED: NOT_DELIVERED,
    DeliveryOutcome.UNREACHABLE: Reason.UNREACHABLE,
}


@dataclass(frozen=True)
class StatusReceipt:
    """An accepted status.

    Attributes:
        correlation_id: the id that all log lines of the reply share.
        report: the status itself.
        event: the log event: the reply was delivered, or failed, or will be sent again, or the status is of an unknown
            message or has an unknown word; None when there is nothing to log.
        reason: why the reply will be sent again; None otherwise.
        agent_id: the agent that holds the number the reply was sent from; None when it was not looked up, or there is
            none.
        uncounted: why a failed message could not be counted; None when it was, or was not to be.
    """

    tenant_id: str
    reply_id: str
    correlation_id: str
    report: StatusReport
    event: LogEvent | None
    reason: Reason | None = None
    agent_id: str | None = None
    uncounted: Unavailable | Defect | None = None


@dataclass(frozen=True)
class StatusReceiver:
    """The receiver of statuses.

    Every request without a valid signature gets the same answer, whether or not the tenant exists and its document is
    valid.

    Args:
        accounts: the tenants' accounts.
        agents: the agents, without their signing secrets.
        providers: the registry, the default first.
        replies: the records of replies.
        usage: counts the messages that failed.
        queue: the inbound queue, for backends that want to hear of it.
        outbound: the outbound queue, for messages to send again.
        stage: the stage, for the `source` of events.
        now: returns the current time, with a time zone.
    """

    accounts: AccountLookup
    agents: AgentLookup
    providers: Sequence[Provider]
    replies: Replies
    usage: Usage
    queue: MessageQueue
    outbound: MessageQueue
    stage: str
    now: Callable[[], datetime]

    def receive(self, tenant_id: str, reply_id: str, request: WebhookRequest) -> StatusReceipt:
        """The receipt, as soon as the status is stored and, if a backend wants it, queued.

        A status that is older than the stored one, or of another message than the reply's latest, is neither stored nor
        queued. A message that failed for now is queued to be sent again, and no backend hears of that. Raises
        InvalidSignature, Malformed, Unavailable, Configuration.
        """
        provider = self._verify(tenant_id, reply_id, request)
        try:
            report = _parse(provider, request)
        except RequestRefused as refusal:
            refusal.tenant_id, refusal.message_id = tenant_id, events.answer_id(reply_id) or reply_id
            raise
        correlation_id = events.answer_id(reply_id) or reply_id
        uncounted = self._count_failure(tenant_id, reply_id, report)
        try:
            reply, order = self.replies.advance(
                tenant_id, reply_id, report.status, message_id=report.message_id, error_code=report.error_code
            )
        except NotFound:
            order = StatusOrder.OTHER
        if order is StatusOrder.OTHER:
            return StatusReceipt(
                tenant_id, reply_id, correlation_id, report, LogEvent.UNKNOWN_STATUS, uncounted=uncounted
            )
        agent = None if order is StatusOrder.STALE else self._pass_on(provider, reply, report)
        correlation_id = reply.in_reply_to or correlation_id
        event = _log_event(report) if order is StatusOrder.NEW else None
        reason = Reason.PROVIDER_UNAVAILABLE if event is LogEvent.POSTPONED else None
        agent_id = agent.id if agent else None
        return StatusReceipt(tenant_id, reply_id, correlation_id, report, event, reason, agent_id, uncounted)

    def _count_failure(self, tenant_id: str, reply_id: str, report: StatusReport) -> Unavailable | Defect | None:
        """Counts a message as failed of which the status says so, unless it has ended before; why it could not.

        Before the status is stored: the provider tells it once, and what is counted twice counts once. The status
        matters more than the figure, so it is stored all the same when this fails.
        """
        reason = _FAILURES.get(report.outcome)
        if reason is None:
            return None
        try:
            with catching_defects(Unavailable):
                reply = self.replies.find(tenant_id, reply_id)
                if reply and _ends(reply, report):
                    owner = UsageOwner(tenant_id, report.sender, reply.agent_id, reply.agent)
                    self.usage.count(owner.failed(reply_id, reason, self.now()))
        except (Unavailable, Defect) as error:
            return error
        return None

    def _pass_on(self, provider: Provider, reply: Reply, report: StatusReport) -> Agent | None:
        """Queues what follows from the status: a message to send again, or an event for the agent's backend.

        Returns the agent that holds the number. It is looked up when the message to send again is queued: the provider
        tells a status once, so nothing else may fail before that. Most agents want no statuses, for a backend or for
        their journal; then the inbound queue is not needed.
        """
        source = events.source_of(self.stage, provider.name)
        is_sent_again = report.outcome is DeliveryOutcome.RETRYABLE
        if is_sent_again:
            event = events.resend(reply, report, source=source, provider=provider.name, now=self.now())
            group = events.conversation_group(event)
            self.outbound.send(event, group=group, deduplication=events.deduplication(event))
        agent = self.agents.agent_at(reply.tenant, report.sender)
        if agent and agent.hears_statuses and not is_sent_again:
            event = events.status(reply, report, source=source, provider=provider.name, now=self.now())
            self.queue.send(event, group=events.status_group(event), deduplication=str(event["id"]))
        return agent

    def _verify(self, tenant_id: str, reply_id: str, request: WebhookRequest) -> Provider:
        """The provider that signed the request. An impossible request is refused without a call to AWS."""
        provider = next((entry for entry in self.providers if request.headers.get(entry.signature_header)), None)
        sid = provider.account(request) if provider and _is_possible(tenant_id, reply_id, request) else None
        if provider is None or not sid:
            raise _refusal()
        is_signed = provider.verify

        def signer(secrets: ProviderSecrets) -> Account | None:
            account = secrets.account(sid)
            return account if account and is_signed(request, account.auth_tokens) else None

        try:
            account = self.accounts.find(tenant_id, signer)
        except BrokenDocument as broken:
            if is_signed(request, broken.tokens.get(sid, ())):
                raise
            raise _refusal() from None
        if account is None:
            raise _refusal()
        return provider


def _ends(reply: Reply, report: StatusReport) -> bool:
    """Whether the status of a message that has ended is news: of the reply's own message, and above the stored one."""
    is_its_own = reply.message_id in {None, report.message_id} and report.message_id not in reply.superseded
    return is_its_own and (not reply.status or reply.rank < report.status.rank)


def _log_event(report: StatusReport) -> LogEvent | None:
    """What is logged of a new status; None for a usual one that is not the last."""
    if report.outcome:
        return _EVENTS[report.outcome]
    return None if report.is_known else LogEvent.NEW_STATUS


def _is_possible(tenant_id: str, reply_id: str, request: WebhookRequest) -> bool:
    has_valid_path = is_tenant_id(tenant_id) and events.REPLY_ID.fullmatch(reply_id) is not None
    return has_valid_path and len(request.body) <= BODY_BYTES_MAX


def _refusal() -> InvalidSignature:
    return InvalidSignature(Reason.INVALID_SIGNATURE, "this status is not signed by an account of this tenant")


def _parse(provider: Provider, request: WebhookRequest) -> StatusReport:
    if provider.is_ambiguous(request):
        sentence = "the signature also fits another status, whose fields begin and end elsewhere"
        raise InvalidSignature(Reason.AMBIGUOUS_SIGNATURE, sentence)
    return provider.parse_status(request)
