"""Giving one message to the provider, and settling whether an earlier try got through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from shared.errors import Configuration, InDoubt, Refused, Unavailable
from shared.messages.outbound import OutboundMessage, Reply, SentMessage
from shared.opt_out import has_stopped, not_sent
from shared.tenants.tenant import Account, Tenant

if TYPE_CHECKING:
    from shared.ports import Json, OptOuts, ProviderApi, Replies
    from shared.tenants.lookup import TenantLookup

T = TypeVar("T")

PERHAPS_SENT = "perhaps_sent"
_CLOCKS = timedelta(seconds=5)  # how far the provider's clock may be behind ours
_UNAUTHORIZED = "provider_unauthorized"


@dataclass(frozen=True)
class Giving:
    """What is done under the claim to send.

    Args:
        apis: the providers' APIs, by the provider's name.
        now: tells the time, with its zone.
    """

    tenants: TenantLookup
    apis: Mapping[str, ProviderApi]
    replies: Replies
    opt_outs: OptOuts
    now: Callable[[], datetime]

    def give(
        self, message: OutboundMessage, reply: Reply, tenant: Tenant, account: Account, *, status_url: str
    ) -> Json:
        """The message's id at the provider, its status and that status's rank.

        A record without an attempt says that the provider certainly has nothing. With one, and without an id, the send
        is in doubt: it is looked for before it is done, and stays in doubt until it is found.

        Raises Unavailable, InDoubt, Configuration, Refused; Refused as `perhaps_sent` when one cannot tell, and as
        `opted_out` when the person said STOP meanwhile.
        """
        record = self.replies.find(reply.tenant, reply.reply_id)
        if record and record.message_id:  # a status webhook proved it, or it is a crash's second try
            return _json(SentMessage(record.message_id, record.status, record.rank))
        since = record.attempted_at if record else None
        sent = self._find(message, reply, account, since) if since else None
        if sent is None:
            if has_stopped(self.opt_outs, tenant, ours=message.sender, person=message.recipient):
                raise not_sent()
            sent = self._send(message, reply, account, status_url, in_doubt=since is not None)
        self.replies.advance(reply.tenant, reply.reply_id, **_json(sent), error_code=None)
        return _json(sent)

    def _send(
        self, message: OutboundMessage, reply: Reply, account: Account, status_url: str, *, in_doubt: bool
    ) -> SentMessage:
        self.replies.attempt(reply, at=self.now())
        try:
            return self._with_fresh_keys(
                reply, account, lambda account: self._api(account).send(message, account, status_url=status_url)
            )
        except InDoubt:
            raise
        except (Unavailable, Refused, Configuration):
            if not in_doubt:  # of the earlier try we know no more than before
                self.replies.withdraw(reply.tenant, reply.reply_id)
            raise

    def _find(self, message: OutboundMessage, reply: Reply, account: Account, since: datetime) -> SentMessage | None:
        try:
            found = self._with_fresh_keys(
                reply, account, lambda account: self._api(account).find(message, account, since=since - _CLOCKS)
            )
        except Refused as error:
            raise Refused(PERHAPS_SENT, f"one cannot see whether it was sent: {error}", code=error.code) from error
        ours = [one for one in found if self.replies.owner(reply.tenant, one.message_id) in {None, reply.reply_id}]
        if len(ours) > 1:
            sentence = f"the provider has {len(ours)} messages that look just like it; see whether one of them is it"
            raise Refused(PERHAPS_SENT, sentence)
        return ours[0] if ours else None

    def _with_fresh_keys(self, reply: Reply, account: Account, ask: Callable[[Account], T]) -> T:
        """Looks once more for the account's keys before the provider's no to those we have is believed."""
        try:
            return ask(account)
        except Refused as error:
            if error.reason != _UNAUTHORIZED:
                raise

            def changed(tenant: Tenant) -> Account | None:
                known = tenant.account(account.sid)
                return known if known != account else None

            fresh = self.tenants.find(reply.tenant, changed)
            if fresh is None:
                raise
            return ask(fresh)

    def _api(self, account: Account) -> ProviderApi:
        return self.apis[account.provider]


def _json(sent: SentMessage) -> Json:
    return {"message_id": sent.message_id, "status": sent.status, "rank": sent.rank}
