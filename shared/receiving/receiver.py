"""Receiving a text: checks the API key, the role and the signature of a webhook, and puts its text on the queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import InvalidSignature, Malformed, RequestRefused
from shared.messages import events
from shared.messages.inbound import Acknowledgement, Misdirection, WebhookRequest
from shared.reasons import Reason
from shared.tenants import api_keys
from shared.tenants.tenant import SignatureMode, Tenant

if TYPE_CHECKING:
    from shared.ports import MessageQueue, Provider
    from shared.tenants.account import Account, ProviderSecrets
    from shared.tenants.lookup import AccountLookup, TenantLookup


class Receipt(NamedTuple):
    """A text that is durably queued, or another webhook that is acknowledged and ignored.

    Attributes:
        tenant_id: the tenant of the API key.
        provider: the provider's name in the registry.
        message_id: the provider's id of the message; None when the webhook has none.
        conversation: the conversation's id; None when it is not a text.
        credential_id: the credential of the API key.
        acknowledgement: the response for the provider.
        would_refuse: the reason for which the signature mode `enforce` would refuse it; None when it is genuine.
        misdirection: what it is instead of a text; None for a text, which is queued.
    """

    tenant_id: str
    provider: str
    message_id: str | None
    conversation: str | None
    credential_id: str
    acknowledgement: Acknowledgement
    would_refuse: str | None
    misdirection: Misdirection | None = None


@dataclass(frozen=True)
class Receiver:
    """The receiver of texts.

    Args:
        tenants: the tenants.
        accounts: their accounts.
        providers: the registry, the default first.
        queue: the inbound queue.
        stage: the stage, for the `source` of events.
        now: returns the current time, with a time zone.
    """

    tenants: TenantLookup
    accounts: AccountLookup
    providers: Sequence[Provider]
    queue: MessageQueue
    stage: str
    now: Callable[[], datetime]

    def receive(self, key: str, request: WebhookRequest) -> Receipt:
        """The receipt, as soon as the text is durable or the request turns out not to be a text.

        Raises InvalidKey, ForbiddenRole, InvalidSignature, WrongContentType, TooLarge, Malformed, Unavailable,
        Configuration; then nothing is queued.
        """
        tenant, credential = api_keys.authenticate(self.tenants, key)
        provider = self._provider(request)
        try:
            api_keys.require_texting(credential)
            return self._accept(tenant, credential.id, provider, request)
        except RequestRefused as refusal:
            refusal.tenant_id, refusal.credential_id = tenant.id, credential.id
            refusal.message_id = provider.message_id(request)
            refusal.conversation = _claimed_conversation(tenant, provider, request)
            raise

    def _accept(self, tenant: Tenant, credential_id: str, provider: Provider, request: WebhookRequest) -> Receipt:
        would_refuse = self._verify(tenant, provider, request)
        misdirection = provider.misdirection(request)
        if misdirection:
            message_id, conversation = provider.message_id(request), None
        else:
            message = provider.parse(request)
            event = events.received(tenant, message, stage=self.stage, now=self.now())
            message_id, conversation = message.message_id, str(event["subject"])
            self.queue.send(event, group=events.conversation_group(event), deduplication=message_id)
        return Receipt(
            tenant_id=tenant.id,
            provider=provider.name,
            message_id=message_id,
            conversation=conversation,
            credential_id=credential_id,
            acknowledgement=provider.acknowledgement,
            would_refuse=would_refuse,
            misdirection=misdirection,
        )

    def _provider(self, request: WebhookRequest) -> Provider:
        signed_by = (provider for provider in self.providers if provider.signature_header in request.headers)
        return next(signed_by, self.providers[0])

    def _verify(self, tenant: Tenant, provider: Provider, request: WebhookRequest) -> str | None:
        """The reason for which the mode `enforce` would refuse the request; None when it is genuine.

        Raises InvalidSignature when the tenant's mode refuses it, and WrongContentType, TooLarge or Malformed in both
        modes when nobody can read it.
        """
        sid = provider.account(request)

        def signer(secrets: ProviderSecrets) -> Account | None:
            account = secrets.account(sid) if sid else None
            return account if account and provider.verify(request, account.auth_tokens) else None

        is_signed = self.accounts.find(tenant.id, signer) is not None
        if is_signed and not provider.is_ambiguous(request):
            return None
        refusal = _ambiguous_signature() if is_signed else self._refusal(tenant.id, provider, request, sid)
        if tenant.signature_mode is SignatureMode.OBSERVE:
            return refusal.reason
        raise refusal

    def _refusal(
        self, tenant_id: str, provider: Provider, request: WebhookRequest, sid: str | None
    ) -> InvalidSignature:
        if not request.headers.get(provider.signature_header):
            return InvalidSignature(Reason.MISSING_SIGNATURE, f"the header {provider.signature_header} is missing")
        if not sid:
            provider.require_readable(request)
        secrets = self.accounts.find(tenant_id, lambda secrets: secrets)  # whatever they are: they were just read
        if not sid or secrets is None or secrets.account(sid) is None:
            sentence = f"the request names no account of this tenant; add it with: {provider.account_command}"
            return InvalidSignature(Reason.UNKNOWN_ACCOUNT, sentence)
        return InvalidSignature(
            Reason.INVALID_SIGNATURE, "none of the account's auth tokens signed this request for this URL"
        )


def _claimed_conversation(tenant: Tenant, provider: Provider, request: WebhookRequest) -> str | None:
    """The conversation that a refused request says it belongs to, so that a person's refused texts can be found."""
    try:
        message = provider.parse(request)
    except Malformed:
        return None
    return events.conversation_id(tenant.salt, ours=message.recipient, person=message.sender)


def _ambiguous_signature() -> InvalidSignature:
    sentence = "the signature also fits another message, whose fields begin and end elsewhere"
    return InvalidSignature(Reason.AMBIGUOUS_SIGNATURE, sentence)
