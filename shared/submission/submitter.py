"""Sending through the API: for backends that answer later, and for messages that answer no text."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.errors import (
    Configuration,
    Malformed,
    NotOurs,
    OptedOut,
    OtherConversation,
    RateLimited,
    RequestRefused,
    SmsReceiverError,
    TooManyMessages,
    Unavailable,
)
from shared.messages import events
from shared.messages.events import AnswerEnvelope
from shared.messages.outbound import AnswerMessage
from shared.messages.promises import Promise, PromiseState
from shared.opt_out import has_stopped
from shared.outbound_queue import Outbound
from shared.provider_rules import RulesByProvider
from shared.reasons import Reason
from shared.submission.request import RawRequest, SendRequest, read
from shared.tenants import api_keys
from shared.tenants.account import AccountName
from shared.tenants.agent import Agent
from shared.tenants.tenant import Tenant

if TYPE_CHECKING:
    from shared.ports import Claims, Json, OptOuts, Promises, SendLimits, Sessions
    from shared.tenants.lookup import AgentLookup, RecordLookup, TenantLookup
    from shared.tenants.record import TenantRecord

EFFECT = "submit"
_DIGITS = 32


@dataclass(frozen=True)
class Submission:
    """A message that is durably queued.

    Attributes:
        agent_id: the agent that holds the number it is sent from.
        answer_id: the beginning of its reply ids.
        reply_ids: the ids of its parts, in order.
        in_reply_to: the id of the text that it answers; None when it answers none.
    """

    tenant_id: str
    conversation: str
    credential_id: str
    agent_id: str
    answer_id: str
    reply_ids: tuple[str, ...]
    in_reply_to: str | None


@dataclass(frozen=True)
class SendRate:
    """How many messages programs may send in a period.

    Attributes:
        most_of_key: with one API key.
        most_of_tenant: with all API keys of a tenant.
        per: the period.
    """

    most_of_key: int
    most_of_tenant: int
    per: timedelta

    @property
    def most_at_once(self) -> int:
        """How many messages one request may be."""
        return min(self.most_of_key, self.most_of_tenant)


@dataclass(frozen=True)
class _Sender:
    """A tenant and a credential, with the agent and the account that the message is sent from."""

    tenant: Tenant
    credential_id: str
    agent: Agent
    account: AccountName


@dataclass(frozen=True)
class Submitter:
    """The API for sending.

    Args:
        tenants: the tenants, with their keys and salts.
        records: the tenants in the directory, with the names of their accounts.
        agents: the agents by their numbers.
        outbound: the outbound queue.
        claims: the claims that idempotency keys make.
        limits: counts the messages of each key and tenant.
        rate: how many there may be.
        opt_outs: the people who have opted out.
        rules: what each provider does about opt-outs by itself.
        promises: the texts that are answered later.
        sessions: the sessions of conversations.
        stage: the stage, for the `source` of events.
        now: returns the current time, with a time zone.
    """

    tenants: TenantLookup
    records: RecordLookup
    agents: AgentLookup
    outbound: Outbound
    claims: Claims
    limits: SendLimits
    rate: SendRate
    opt_outs: OptOuts
    rules: RulesByProvider
    promises: Promises
    sessions: Sessions
    stage: str
    now: Callable[[], datetime]

    def submit(self, key: str, raw: RawRequest) -> Submission:
        """The queued message, as soon as every part is durable.

        With an idempotency key, a repeated request returns the same ids, and no part is sent twice.

        Raises InvalidKey, ForbiddenRole, WrongContentType, TooLarge, Malformed, NotOurs, OptedOut, OtherConversation,
        TooManyMessages, RateLimited, Mismatch; then nothing is queued. Raises Unavailable, InProgress, Configuration;
        then some parts may be queued, and a repeated request with the same idempotency key queues the others.
        """
        tenant, credential = api_keys.authenticate(self.tenants, key)
        try:
            api_keys.require_texting(credential)
            request = read(raw)
            return self._accept(self._sender(tenant, credential.id, request), request)
        except RequestRefused as refusal:
            refusal.tenant_id, refusal.credential_id = tenant.id, credential.id
            raise

    def _accept(self, sender: _Sender, request: SendRequest) -> Submission:
        envelope = self._envelope(sender, request)
        try:
            envelope = self._in_reply(envelope, request)
            if request.idempotency_key is None:
                answer_id = "AP" + secrets.token_hex(_DIGITS // 2)
                reply_ids = self._queue(sender, request, replace(envelope, answer_id=answer_id))
            else:
                answer_id, reply_ids = self._queue_once(sender, request, envelope, request.idempotency_key)
        except RequestRefused as refusal:
            refusal.conversation, refusal.agent_id = envelope.conversation, sender.agent.id
            refusal.message_id = request.in_reply_to
            if isinstance(refusal, OptedOut):  # the backend has answered; that nobody may hear it is not its fault
                self._note_answer(envelope, request)
            raise
        self._note_answer(envelope, request, answer_id)
        return Submission(
            tenant_id=sender.tenant.id,
            conversation=envelope.conversation,
            credential_id=sender.credential_id,
            agent_id=sender.agent.id,
            answer_id=answer_id,
            reply_ids=reply_ids,
            in_reply_to=request.in_reply_to,
        )

    def _note_answer(self, envelope: AnswerEnvelope, request: SendRequest, answer_id: str | None = None) -> None:
        """Notes that the text was answered, if it is an answer: nobody waits for one any more.

        Args:
            envelope: what the answer is addressed with.
            request: the answer.
            answer_id: the id that its messages begin with; None when none of them is sent.
        """
        if request.in_reply_to:
            with suppress(Unavailable):  # if the message is queued, the sender notes it as well
                self.promises.fulfil(Promise(request.in_reply_to, envelope, due_at=self.now(), answer_id=answer_id))

    def _in_reply(self, envelope: AnswerEnvelope, request: SendRequest) -> AnswerEnvelope:
        """The envelope of an answer to a text; any other is unchanged. Ends the text's session, if that is asked for.

        The session first: that may be repeated, and nothing else may fail once the message is queued. A text that
        nobody promised an answer to is not looked for: it may have been answered at once, and be answered again.
        """
        if request.in_reply_to is None:
            return envelope
        promise = self.promises.find(envelope.tenant, request.in_reply_to)
        if promise and promise.conversation != envelope.conversation:
            raise OtherConversation
        if request.end_session:
            self.sessions.end(f"{envelope.tenant}.{envelope.conversation}", request.in_reply_to)
        is_first = promise and promise.state is not PromiseState.ANSWERED
        return replace(envelope, received_at=promise.envelope.received_at) if promise and is_first else envelope

    def _queue_once(
        self, sender: _Sender, request: SendRequest, envelope: AnswerEnvelope, key: str
    ) -> tuple[str, tuple[str, ...]]:
        content = _content(request)
        prefixed_key = f"{len(key)}\n{key}"  # with its length, so that key and content cannot be split differently
        # With the content in the id, another request with the same key cannot continue one that was queued in part.
        answer_id = "AP" + _digest(sender.tenant, f"{prefixed_key}\n{content}")[:_DIGITS]

        def queue() -> Json:
            return {"reply_ids": list(self._queue(sender, request, replace(envelope, answer_id=answer_id)))}

        result = self.claims.once(
            EFFECT,
            f"{sender.tenant.id}.{_digest(sender.tenant, prefixed_key)}",
            queue,
            stage=sender.agent.stage,
            payload={"content": _digest(sender.tenant, content)},
        )
        return answer_id, tuple(result["reply_ids"])

    def _queue(self, sender: _Sender, request: SendRequest, envelope: AnswerEnvelope) -> tuple[str, ...]:
        rules, conversation = self.rules.of(envelope.provider), f"{envelope.tenant}.{envelope.conversation}"
        if has_stopped(self.opt_outs, rules, conversation, ours=request.sender):
            raise OptedOut
        message = AnswerMessage(request.text, request.media_urls)
        self._admit(sender, self.outbound.count(envelope.provider, (message,)))
        return self.outbound.send(envelope, (message,), now=self.now())

    def _envelope(self, sender: _Sender, request: SendRequest) -> AnswerEnvelope:
        """What the message is addressed with; its answer id follows."""
        return AnswerEnvelope(
            source=events.source_of(self.stage, sender.account.provider),
            tenant=sender.tenant.id,
            agent=sender.agent.name,
            provider=sender.account.provider,
            account=sender.account.sid,
            conversation=events.conversation_id(sender.tenant.salt, ours=request.sender, person=request.recipient),
            sender=request.sender,
            recipient=request.recipient,
            answer_id="",
            in_reply_to=request.in_reply_to,
        )

    def _admit(self, sender: _Sender, messages: int) -> None:
        """Counts the messages of a request, which a repetition of it does not do again.

        Raises RateLimited, or TooManyMessages when they are more than a whole period has room for.
        """
        now, per = self.now(), self.rate.per
        if messages > self.rate.most_at_once:
            raise TooManyMessages(messages, self.rate.most_at_once)
        begin = now - timedelta(seconds=now.timestamp() % per.total_seconds())
        is_admitted = self.limits.admit(
            sender.tenant.id,
            sender.credential_id,
            messages,
            most_of_key=self.rate.most_of_key,
            most_of_tenant=self.rate.most_of_tenant,
            begin=begin,
            per=per,
        )
        if not is_admitted:
            raise RateLimited(math.ceil((begin + per - now).total_seconds()))

    def _sender(self, tenant: Tenant, credential_id: str, request: SendRequest) -> _Sender:
        agent = self.agents.agent_at(tenant.id, request.sender)
        if agent is None:
            sentence = "from: no agent of this tenant has this address; assign it with: sms number assign"
            raise NotOurs(Reason.NOT_OUR_NUMBER, sentence, field="from")
        account = self.records.find(tenant.id, lambda record: _matching_account(record, request))
        if account is None:
            accounts = self.records.find(tenant.id, lambda record: record.accounts) or ()
            raise _account_refusal(tenant.id, accounts, request, self.rules)
        return _Sender(tenant, credential_id, agent, account)


def _matching_account(record: TenantRecord, request: SendRequest) -> AccountName | None:
    """The account that the request names, or the only one that there is."""
    if request.account is not None:
        return next((account for account in record.accounts if account.sid == request.account), None)
    return record.accounts[0] if len(record.accounts) == 1 else None


def _account_refusal(
    tenant_id: str, accounts: Sequence[AccountName], request: SendRequest, rules: RulesByProvider
) -> SmsReceiverError:
    if request.account is not None:
        sentence = f"account: this tenant has no such account; add it with: {rules.account_commands}"
        return NotOurs(Reason.NOT_OUR_ACCOUNT, sentence, field="account")
    if not accounts:
        sentence = f"tenant {tenant_id} has no account at a provider; add one with: {rules.account_commands}"
        return Configuration(sentence)
    sentence = "account: it is required, as this tenant has several; name the one that owns the number"
    return Malformed(sentence, field="account")


def _content(request: SendRequest) -> str:
    """The contents of the request, in a canonical form."""
    values = [
        request.sender,
        request.recipient,
        request.text,
        list(request.media_urls),
        request.account,
        request.in_reply_to,
        request.end_session,
    ]
    return json.dumps(values, separators=(",", ":"))


def _digest(tenant: Tenant, text: str) -> str:
    """The digest of a text, which nobody can compute without the tenant's salt."""
    return hmac.new(bytes.fromhex(tenant.salt), f"submit\n{tenant.id}\n{text}".encode(), hashlib.sha256).hexdigest()
