"""Tenants of any size, made up: what the adapters would have stored of them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from operations.tenants.managed_tenant import ManagedTenant
from shared.tenants.account import Account
from shared.tenants.agent import Agent, AgentKind, BackendSettings
from shared.tenants.tenant import Credential, Role

CREATED = "2026-11-23T12:00:00Z"
FIRST_NUMBER = 2_022_000_000
"""With +1 before it; there are eight million numbers of this form."""


@dataclass(frozen=True)
class Estate:
    """A tenant with as many agents, numbers and keys as are wanted.

    Attributes:
        tenant_id: its id.
        place: no other tenant's: it makes the numbers different.
        agents: how many agents it has.
        numbers: how many numbers each agent has.
        keys: how many API keys it has, the last of which is used.
        signed: whether requests to its agents' backends are signed.
    """

    tenant_id: str
    place: int = 0
    agents: int = 1
    numbers: int = 1
    keys: int = 1
    signed: bool = False

    @cached_property
    def managed(self) -> ManagedTenant:
        """The tenant as operators have it."""
        return ManagedTenant(
            id=self.tenant_id,
            salt=hashlib.sha256(self.tenant_id.encode()).hexdigest(),
            credentials=tuple(self._credential(index) for index in range(self.keys)),
            accounts=(Account("AC" + hashlib.md5(self.tenant_id.encode()).hexdigest(), "twilio", ("t0ken" * 6,)),),  # noqa: S324 -- any 32 digits
            agents=tuple(self._agent(index) for index in range(self.agents)),
        )

    def number(self, agent: int, index: int) -> str:
        """One of an agent's numbers: made up, and of a form that operators may type."""
        return f"+1{FIRST_NUMBER + self.place * self.agents * self.numbers + agent * self.numbers + index}"

    def numbers_of(self, agent: int) -> Iterator[str]:
        """All of an agent's numbers, in order."""
        return (self.number(agent, index) for index in range(self.numbers))

    def agent_of(self, number: str) -> str:
        """The id of the agent that has one of the tenant's numbers."""
        index = int(number.removeprefix("+1")) - FIRST_NUMBER - self.place * self.agents * self.numbers
        return self._id("A", index // self.numbers)

    @property
    def used_key(self) -> str:
        """The id of the credential that is used."""
        return self._id("K", self.keys - 1)

    def _credential(self, index: int) -> Credential:
        digest = hashlib.sha256(f"{self.tenant_id} {index}".encode()).hexdigest()
        return Credential(self._id("K", index), f"agent customer desk {index:05}", Role.WRITER, digest, "x9Zq", CREATED)

    def _agent(self, index: int) -> Agent:
        secrets = ("whsec_" + "c2VjcmV0" * 4,) if self.signed else ()
        target = "https://agent.example.com/sms" if self.signed else ""
        backend = BackendSettings("http" if self.signed else "echo", target, signed=self.signed, secrets=secrets)
        return Agent(self._id("A", index), f"customer desk {index:05}", AgentKind.SMS, "east", backend)

    @staticmethod
    def _id(letter: str, index: int) -> str:
        return f"{letter}{index:07}"
