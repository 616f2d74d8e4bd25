"""A tenant as operators read and change it: with its accounts and agents. Its numbers are read by key or in pages."""

from dataclasses import dataclass

from shared.tenants.account import Account, Accounts, account_with
from shared.tenants.agent import Agent
from shared.tenants.tenant import Tenant
from shared.tenants.validation import require_unique


@dataclass(frozen=True)
class ManagedTenant(Tenant):
    """A tenant with its accounts and its agents, which are in the order of their names."""

    accounts: Accounts = ()
    agents: tuple[Agent, ...] = ()

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        super().__post_init__()
        require_unique((account.sid for account in self.accounts), "account {name} exists already; change it instead")
        require_unique((agent.name for agent in self.agents), "agent {name!r} exists already; choose another name")
        require_unique((agent.id for agent in self.agents), "agent id {name} exists twice")
        object.__setattr__(self, "agents", tuple(sorted(self.agents, key=lambda agent: agent.name)))

    def account(self, sid: str) -> Account | None:
        """The provider account with this SID, or None."""
        return account_with(sid, self.accounts)

    def agent(self, agent_id: str) -> Agent | None:
        """The agent with this id, or None."""
        return next((agent for agent in self.agents if agent.id == agent_id), None)
