"""From a provider's status webhook to the reply's record, and to the backend: what became of a message."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared import events
from shared.errors import InvalidSignature, NotFound
from shared.model import WebhookRequest
from shared.ordered import REPLY_ID
from shared.ports import MessageQueue, Provider, Replies, TenantLookup
from shared.tenant import Account, Tenant, is_tenant_id

PATH = "/sms.receiver/SmsStatus"
BODY_BYTES_MAX = 64 * 1024
"""Statuses are small, and no API key is asked for: taking megabytes apart must not keep texts waiting."""


def status_path(tenant_id: str, reply_id: str) -> str:
    """Where a provider tells what becomes of a reply, below the public base URL."""
    return f"{PATH}/{tenant_id}/{reply_id}"


@dataclass(frozen=True)
class StatusReceipt:
    """A status that was taken.

    Attributes:
        outcome: `queued` for the backend, `outrun` by a later status that came first, or `unknown`: no such reply.
    """

    tenant_id: str
    reply_id: str
    message_id: str
    status: str
    outcome: str


@dataclass(frozen=True)
class Statuses:
    """Checks a status webhook, keeps the status and queues it for the backend.

    Whoever does not sign gets one and the same answer, whether the tenant exists or not.

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
        """Returns when the status is kept, and queued unless a later one came first.

        Raises InvalidSignature, Malformed, Unavailable, Configuration.
        """
        provider = self._genuine(tenant_id, reply_id, request)
        report = provider.parse_status(request)
        try:
            reply, is_now = self.replies.advance(
                tenant_id,
                reply_id,
                message_id=report.message_id,
                status=report.status,
                rank=report.rank,
                error_code=report.error_code,
            )
        except NotFound:
            return StatusReceipt(tenant_id, reply_id, report.message_id, report.status, "unknown")
        if is_now:
            source = f"/sms-receiver/{self.stage}/{provider.name}"
            event = events.status(reply, report, source=source, provider=provider.name, now=self.now())
            self.queue.send(event, group=events.status_group(event), deduplication=str(event["id"]))
        outcome = "queued" if is_now else "outrun"
        return StatusReceipt(tenant_id, reply_id, report.message_id, report.status, outcome)

    def _genuine(self, tenant_id: str, reply_id: str, request: WebhookRequest) -> Provider:
        """The provider whose signature holds. What cannot hold is refused before anything is asked of AWS."""
        shaped = is_tenant_id(tenant_id) and REPLY_ID.fullmatch(reply_id) and len(request.body) <= BODY_BYTES_MAX
        provider = next((one for one in self.providers if request.headers.get(one.signature_header)), None)
        sid = provider.account(request) if provider and shaped else None
        if provider is None or not sid:
            raise _refusal()
        genuine = provider.verify

        def signing(tenant: Tenant) -> Account | None:
            account = tenant.account(sid)
            return account if account and genuine(request, account.auth_tokens) else None

        if self.tenants.find(tenant_id, signing) is None:
            raise _refusal()
        return provider


def _refusal() -> InvalidSignature:
    return InvalidSignature("invalid_signature", "this status is not signed by an account of this tenant")
