"""A number as it is stored and as its provider has it: what plans and checks are decided on."""

from dataclasses import dataclass, field

from operations.numbers.provider_number import ProviderNumber
from shared.tenants.connection import Connection
from shared.tenants.record import HeldNumber


@dataclass(frozen=True)
class NumberState:
    """A number as it is stored, and as the provider has it.

    Attributes:
        number: the number in E.164, or another address.
        held: who has it, of whichever tenant; None when nobody has it.
        connection: how the tenant connected it; None when it did not.
        at_provider: the number at its provider; None when no account of the tenant has it.
        service_needed: whether another number was connected with the Messaging Service that this one is in.
    """

    number: str = field(repr=False)
    held: HeldNumber | None = None
    connection: Connection | None = None
    at_provider: ProviderNumber | None = None
    service_needed: bool = False

    def agent_id(self, tenant_id: str) -> str | None:
        """The id of the tenant's agent that has the number; None when none of its agents has it."""
        return self.held.agent_id if self.held and self.held.tenant_id == tenant_id else None
