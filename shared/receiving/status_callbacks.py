"""From a provider's status webhook to the reply's record, and to the backend: what became of a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.errors import BrokenDocument, InvalidSignature, NotFound, Rejected
from shared.messages import events
from shared.messages.inbound import Fate, StatusReport, WebhookRequest
from shared.messages.outbound import Standing
from shared.reasons import Reason
from shared.telemetry import LogEvent
from shared.tenants.tenant import Account, Tenant, is_tenant_id

if TYPE_CHECKING:
    from shared.ports import MessageQueue, Provider, Replies
    from shared.tenants.lookup import TenantLookup

BODY_BYTES_MAX = 64 * 1024
"""Statuses are small, and no API key is asked for: taking megabytes apart must not keep texts waiting."""

_ENDS = {Fate.ARRIVED: LogEvent.DELIVERED, Fate.FAILED: LogEvent.NOT_DELIVERED}


@dataclass(frozen=True)
class StatusReceipt:
    """A status that was taken.

    Attributes:
        correlation_id: what the log lines of the reply have in common.
        event: what is new with it and worth a line: it arrived, or failed, or there is no such reply; else None.
    """

    tenant_id: str
    reply_id: str
    correlation_id: str
    report: StatusReport
    event: LogEvent | None


@dataclass(frozen=True)
class Statuses:
    """Checks a status webhook, keeps the status and queues it for the backend.

    Whoever does not sign gets one and the same answer, whether the tenant exists or not, or its document is broken.

    Args:
        providers: the registry, the default first.
        queue: the inbound queue.
        stage: names this deployment in the events it makes.
        now: tells the time, with its zone.
    """

    tenants: TenantLookup
    providers: Sequence[Provider]
    replies: Replies
    queue: MessageQueue
    stage: str
    now: Callable[[], datetime]

    def receive(self, tenant_id: str, reply_id: str, request: WebhookRequest) -> StatusReceipt:
        """Returns when the status is kept, and queued if a backend wants it, unless a later one came first.

        Raises InvalidSignature, Malformed, Unavailable, Configuration.
        """
        provider = self._genuine(tenant_id, reply_id, request)
        try:
            report = _read(provider, request)
        except Rejected as refusal:
            refusal.tenant_id, refusal.message_id = tenant_id, events.answer_id(reply_id) or reply_id
            raise
        try:
            reply, standing = self.replies.advance(
                tenant_id,
                reply_id,
                message_id=report.message_id,
                status=report.status,
                rank=report.rank,
                error_code=report.error_code,
            )
        except NotFound:
            unknown = events.answer_id(reply_id) or reply_id
            return StatusReceipt(tenant_id, reply_id, unknown, report, LogEvent.UNKNOWN_STATUS)
        if standing is not Standing.OUTRUN and self._is_wanted(tenant_id, report):
            source = f"/sms-receiver/{self.stage}/{provider.name}"
            queued = events.status(reply, report, source=source, provider=provider.name, now=self.now())
            self.queue.send(queued, group=events.status_group(queued), deduplication=str(queued["id"]))
        correlation_id = reply.in_reply_to or events.answer_id(reply_id) or reply_id
        event = _ENDS[report.fate] if report.fate and standing is Standing.NEW else None
        return StatusReceipt(tenant_id, reply_id, correlation_id, report, event)

    def _is_wanted(self, tenant_id: str, report: StatusReport) -> bool:
        """Whether the agent's backend hears of statuses; most do not, and then nothing needs to be forwarded."""
        agent = self.tenants.find(tenant_id, lambda tenant: tenant.agent_at(report.sender))
        return agent is not None and agent.wants_statuses

    def _genuine(self, tenant_id: str, reply_id: str, request: WebhookRequest) -> Provider:
        """The provider whose signature holds. What cannot hold is refused before anything is asked of AWS."""
        shaped = is_tenant_id(tenant_id) and events.REPLY_ID.fullmatch(reply_id) and len(request.body) <= BODY_BYTES_MAX
        provider = next((one for one in self.providers if request.headers.get(one.signature_header)), None)
        sid = provider.account(request) if provider and shaped else None
        if provider is None or not sid:
            raise _refusal()
        genuine = provider.verify

        def signing(tenant: Tenant) -> Account | None:
            account = tenant.account(sid)
            return account if account and genuine(request, account.auth_tokens) else None

        try:
            account = self.tenants.find(tenant_id, signing)
        except BrokenDocument as broken:
            if genuine(request, broken.tokens.get(sid, ())):
                raise
            raise _refusal() from None
        if account is None:
            raise _refusal()
        return provider


def _refusal() -> InvalidSignature:
    return InvalidSignature(Reason.INVALID_SIGNATURE, "this status is not signed by an account of this tenant")


def _read(provider: Provider, request: WebhookRequest) -> StatusReport:
    if provider.is_ambiguous(request):
        sentence = "what is signed may be another status, cut at other places"
        raise InvalidSignature(Reason.AMBIGUOUS_SIGNATURE, sentence)
    return provider.parse_status(request)
