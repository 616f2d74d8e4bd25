"""Whose request it is, and which agent, account and conversation it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.errors import Configuration, Malformed, NotOurs, SmsReceiverError
from shared.messages import events
from shared.messages.events import AnswerEnvelope
from shared.messages.sessions import Parties
from shared.provider_rules import RulesByProvider
from shared.reasons import Reason
from shared.tenants.account import AccountName
from shared.tenants.agent import Agent
from shared.tenants.tenant import Tenant

if TYPE_CHECKING:
    from shared.tenants.lookup import AgentLookup, RecordLookup
    from shared.tenants.record import TenantRecord


@dataclass(frozen=True)
class Talk:
    """Who asks for something in which conversation.

    Attributes:
        tenant: whose key the request has.
        credential_id: of that key.
        agent: the agent that holds our address.
        conversation: the conversation's id.
        sender: our address.
        recipient: the person's address.
    """

    tenant: Tenant
    credential_id: str
    agent: Agent
    conversation: str
    sender: str = field(repr=False)
    recipient: str = field(repr=False)

    @property
    def group(self) -> str:
        """The conversation as the queues name it: `<tenant>.<conversation id>`."""
        return f"{self.tenant.id}.{self.conversation}"


@dataclass(frozen=True)
class Origin(Talk):
    """The same, with the account at a provider from which the person is texted."""

    account: AccountName

    @property
    def parties(self) -> Parties:
        """The two addresses, and the account that owns ours."""
        return Parties(self.sender, self.recipient, self.account.provider, self.account.sid)

    def envelope(self, stage: str, *, answer_id: str, in_reply_to: str | None = None) -> AnswerEnvelope:
        """What a message to the person is addressed with."""
        return AnswerEnvelope(
            source=events.source_of(stage, self.account.provider),
            tenant=self.tenant.id,
            agent=self.agent.name,
            provider=self.account.provider,
            account=self.account.sid,
            conversation=self.conversation,
            sender=self.sender,
            recipient=self.recipient,
            answer_id=answer_id,
            in_reply_to=in_reply_to,
        )


@dataclass(frozen=True)
class Origins:
    """Finds out what a request is about.

    Args:
        records: the tenants in the directory, with the names of their accounts.
        agents: the agents by their numbers.
        rules: knows the commands that add accounts.
    """

    records: RecordLookup
    agents: AgentLookup
    rules: RulesByProvider

    def talk(self, tenant: Tenant, credential_id: str, *, sender: str, recipient: str) -> Talk:
        """The conversation between two addresses. Raises NotOurs, Configuration, Unavailable."""
        agent = self.agents.agent_at(tenant.id, sender)
        if agent is None:
            sentence = "from: no agent of this tenant has this address; assign it with: sms number assign"
            raise NotOurs(Reason.NOT_OUR_NUMBER, sentence, field="from")
        conversation = events.conversation_id(tenant.salt, ours=sender, person=recipient)
        return Talk(tenant, credential_id, agent, conversation, sender, recipient)

    def find(self, tenant: Tenant, credential_id: str, *, sender: str, recipient: str, account: str | None) -> Origin:
        """The same, with the account that the request names, or the only one that there is.

        Raises NotOurs, Malformed, Configuration, Unavailable.
        """
        talk = self.talk(tenant, credential_id, sender=sender, recipient=recipient)
        owner = self.records.find(tenant.id, lambda record: _matching_account(record, account))
        if owner is None:
            accounts = self.records.find(tenant.id, lambda record: record.accounts) or ()
            raise _account_refusal(tenant.id, accounts, account, self.rules)
        return Origin(**vars(talk), account=owner)


def _matching_account(record: TenantRecord, sid: str | None) -> AccountName | None:
    """The account that the request names, or the only one that there is."""
    if sid is not None:
        return next((account for account in record.accounts if account.sid == sid), None)
    return record.accounts[0] if len(record.accounts) == 1 else None


def _account_refusal(
    tenant_id: str, accounts: Sequence[AccountName], sid: str | None, rules: RulesByProvider
) -> SmsReceiverError:
    if sid is not None:
        sentence = f"account: this tenant has no such account; add it with: {rules.account_commands}"
        return NotOurs(Reason.NOT_OUR_ACCOUNT, sentence, field="account")
    if not accounts:
        sentence = f"tenant {tenant_id} has no account at a provider; add one with: {rules.account_commands}"
        return Configuration(sentence)
    sentence = "account: it is required, as this tenant has several; name the one that owns the number"
    return Malformed(sentence, field="account")
