"""Hands one message to the provider, and settles whether an earlier try got through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from shared.errors import Configuration, InDoubt, Unavailable, UpstreamRefused
from shared.messages.outbound import OutboundMessage, Reply, SentMessage, StoredMessage
from shared.opt_out import has_stopped, not_sent
from shared.provider_rules import RulesByProvider
from shared.reasons import Reason
from shared.tenants.account import Account, ProviderSecrets

if TYPE_CHECKING:
    from shared.ports import Json, OptOuts, ProviderApi, Replies
    from shared.tenants.lookup import AccountLookup

T = TypeVar("T")

_CLOCK_DIFFERENCE = timedelta(seconds=5)  # how far the provider's clock may be behind ours


@dataclass(frozen=True)
class ProviderSender:
    """Sends one message through its provider, under the claim to send it.

    Args:
        apis: the providers' APIs, by the provider's name.
        rules: what each provider takes and does by itself.
        now: gives the time, with its zone.
    """

    accounts: AccountLookup
    apis: Mapping[str, ProviderApi]
    rules: RulesByProvider
    replies: Replies
    opt_outs: OptOuts
    now: Callable[[], datetime]

    def send(
        self, message: OutboundMessage, reply: Reply, account: Account, *, conversation: str, status_url: str
    ) -> Json:
        """The message's id at the provider, and how many segments it takes.

        A record without an attempt means that the provider certainly has nothing. With an attempt and without an id the
        send is in doubt: the message is looked for before it is sent, and stays in doubt until that search succeeds.

        Args:
            message: what to send.
            reply: its record.
            account: where to send it from.
            conversation: `<tenant>.<conversation id>`, computed from the message's addresses.
            status_url: where the provider reports what became of it.

        Raises Unavailable, InDoubt, Configuration, UpstreamRefused; UpstreamRefused as `perhaps_sent` when nobody can
        tell, and as `opted_out` when the person said STOP meanwhile.
        """
        record = self.replies.find(reply.tenant, reply.reply_id)
        if record and record.message_id:  # a status webhook proved it, or it is a crash's second try
            return {"message_id": record.message_id, "segments": record.segments}
        attempted_at = record.attempted_at if record else None
        sent = self._find_earlier(message, record, account, attempted_at) if record and attempted_at else None
        rules = self.rules.of(account.provider)
        reply = replace(reply, segments=rules.expected_segments(message))
        if sent is None:
            if has_stopped(self.opt_outs, rules, conversation, ours=message.sender):
                raise not_sent(rules)
            sent = self._send_now(message, reply, account, status_url, in_doubt=attempted_at is not None)
        segments = sent.segments or reply.segments
        self.replies.advance(
            reply.tenant,
            reply.reply_id,
            sent.status,
            message_id=sent.message_id,
            error_code=None,
            segments=segments,
        )
        return {"message_id": sent.message_id, "segments": segments}

    def read(self, message_id: str, reply: Reply, account: Account) -> StoredMessage:
        """The message with this id of the provider's. Raises Unavailable, Configuration, UpstreamRefused."""
        return self._retry_with_new_keys(
            reply, account, lambda account: self.apis[account.provider].read(message_id, account)
        )

    def _find_earlier(
        self, message: OutboundMessage, reply: Reply, account: Account, attempted_at: datetime
    ) -> SentMessage | None:
        """What the provider made of an earlier try; None when it has nothing of it."""
        since = attempted_at - _CLOCK_DIFFERENCE
        try:
            alike = self._retry_with_new_keys(
                reply, account, lambda account: self.apis[account.provider].find(message, account, since=since)
            )
        except UpstreamRefused as error:
            sentence = f"one cannot see whether it was sent: {error}"
            raise UpstreamRefused(Reason.PERHAPS_SENT, sentence, code=error.code) from error
        owners = {None, reply.reply_id}
        candidates = [
            sent
            for sent in alike
            if sent.message_id not in reply.superseded and self.replies.owner(reply.tenant, sent.message_id) in owners
        ]
        if len(candidates) > 1:
            sentence = (
                f"the provider has {len(candidates)} messages that look just like it; see whether one of them is it"
            )
            raise UpstreamRefused(Reason.PERHAPS_SENT, sentence)
        return candidates[0] if candidates else None

    def _send_now(
        self, message: OutboundMessage, reply: Reply, account: Account, status_url: str, *, in_doubt: bool
    ) -> SentMessage:
        self.replies.attempt(reply, at=self.now())
        try:
            return self._retry_with_new_keys(
                reply,
                account,
                lambda account: self.apis[account.provider].send(message, account, status_url=status_url),
            )
        except InDoubt:
            raise
        except (Unavailable, UpstreamRefused, Configuration):
            if not in_doubt:  # of the earlier try we know no more than before
                self.replies.withdraw(reply.tenant, reply.reply_id)
            raise

    def _retry_with_new_keys(self, reply: Reply, account: Account, call: Callable[[Account], T]) -> T:
        """What the call returns. When the provider rejects the keys, looks for newer ones and calls once more."""
        try:
            return call(account)
        except UpstreamRefused as error:
            if error.reason != Reason.PROVIDER_UNAUTHORIZED:
                raise
            renewed = self._find_renewed_account(reply.tenant, account)
            if renewed is None:
                raise
            return call(renewed)

    def _find_renewed_account(self, tenant_id: str, account: Account) -> Account | None:
        """The same account with other keys than these; None when it has no others."""

        def renewed_in(secrets: ProviderSecrets) -> Account | None:
            latest = secrets.account(account.sid)
            return latest if latest != account else None

        return self.accounts.find(tenant_id, renewed_in)
