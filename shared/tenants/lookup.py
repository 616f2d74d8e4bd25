"""The interfaces for looking something up while a request is served.

What is found may be some seconds old. What is not found was looked for once more, in the store itself and in the home
region, at most every few seconds: so what was just added works at once. All methods raise Unavailable, Configuration.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from shared.tenants.account import ProviderSecrets
from shared.tenants.agent import Agent
from shared.tenants.record import TenantRecord
from shared.tenants.tenant import Tenant

T = TypeVar("T")


class TenantLookup(Protocol):
    """The tenants with their credentials."""

    def find(self, tenant_id: str, select: Callable[[Tenant], T | None]) -> T | None:
        """The result of `select` for the tenant; None when it does not exist, or `select` returns None."""


class AccountLookup(Protocol):
    """The tenants' accounts at providers, with their secrets."""

    def find(self, tenant_id: str, select: Callable[[ProviderSecrets], T | None]) -> T | None:
        """The result of `select` for what the tenant has; None when it does not exist, or `select` returns None."""


class RecordLookup(Protocol):
    """The tenants in the directory."""

    def find(self, tenant_id: str, select: Callable[[TenantRecord], T | None]) -> T | None:
        """The result of `select` for the tenant; None when it does not exist, or `select` returns None."""


class AgentLookup(Protocol):
    """The agents by their addresses."""

    def agent_at(self, tenant_id: str, address: str) -> Agent | None:
        """The tenant's agent that gets the texts to this address; None when it has none.

        That is the agent that has the address or, for a number on another channel, else the one that has the number.
        """
