"""What operators' functions need from outside, as Protocols; adapters and the tests' fakes implement them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from operations.numbers.described_number import DescribedNumber
from operations.numbers.provider_number import ProviderNumber
from operations.tenants.managed_tenant import ManagedTenant
from shared.errors import Conflict
from shared.tenants.account import Account, RestKey
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.record import HeldNumber, TenantRecord

if TYPE_CHECKING:
    from operations.health.web import WebAnswer
    from operations.twilio.accounts import AccountState

T = TypeVar("T")
Version = Mapping[str, str]
"""The versions of a tenant's stored parts, by what they are of; only for a store to read."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items of a long list, in order; `next` is what to pass as `after` for those behind; None at the end."""

    items: Sequence[T]
    next: str | None = None


CHANGED_AT_ONCE = 49
"""The most numbers in one change. Assigning one writes two items, and their agent's once; a transaction has 100."""


@dataclass(frozen=True)
class Assigned:
    """What became of numbers that were to be given to an agent.

    Attributes:
        new: those that it has now and did not have before.
        refused: those that somebody else has, each with the reason.
    """

    new: tuple[str, ...]
    refused: Mapping[str, Conflict]


class TenantStore(Protocol):
    """The stored tenants, as operators read and change them: in the home region, and never from a cache or an old copy.

    All methods raise Unavailable.
    """

    def page(self, *, after: str | None = None, limit: int = 100) -> Page[TenantRecord]:
        """Tenants in the order of their ids, those that were deleted and can be restored included."""

    def record(self, tenant_id: str) -> TenantRecord | None:
        """The tenant as `page` has it, also when it was deleted; None when there is none. Raises Configuration."""

    def read(self, tenant_id: str) -> tuple[ManagedTenant, Version]:
        """The tenant, and its version to pass to `replace`.

        Raises NotFound, also when it was deleted, and Configuration.
        """

    def create(self, tenant: ManagedTenant) -> None:
        """Stores a new tenant. Raises Conflict when it exists, InvalidValue when it is too large.

        Finishes one that was interrupted while it was being created.
        """

    def replace(self, before: ManagedTenant, after: ManagedTenant, version: Version) -> Sequence[str]:
        """Stores what differs between two states of a tenant, if `version` is still current. No number may be lost.

        Where nothing differs, it settles what an interrupted change left, which costs Lambdas additional reads.

        Returns sentences that must not be overlooked: about secrets that were changed almost too often in a day.
        Raises Conflict when somebody else changed the same thing meanwhile, and CommandDeclined for an agent that is
        removed while it has numbers; InvalidValue when it is too large.
        """

    def delete(self, tenant_id: str) -> None:
        """Deletes the tenant, in a way that can be undone for seven days; finishes it when it was interrupted.

        Raises NotFound.
        """

    def restore(self, tenant_id: str) -> None:
        """Undoes a deletion. Raises NotFound, and CommandDeclined when it is too late, or the tenant is not deleted."""

    def purge(self, tenant_id: str) -> None:
        """Erases what is left of a deleted tenant, with its numbers; finishes it when it was interrupted.

        Raises NotFound, and CommandDeclined when the tenant is not deleted.
        """


class NumberDirectory(Protocol):
    """The numbers of all tenants, and what was done to connect them. Strictly consistent; all raise Unavailable."""

    def find(self, number: str) -> HeldNumber | None:
        """Who has the number, of whichever tenant; None when nobody has it. One read."""

    def find_all(self, numbers: Collection[str]) -> Mapping[str, HeldNumber]:
        """Who has each of the numbers, of whichever tenant; without those that nobody has. A hundred a request."""

    def page(
        self, tenant_id: str, agent_id: str | None = None, *, after: str | None = None, limit: int = 100
    ) -> Page[DescribedNumber]:
        """The tenant's numbers, or those of one agent, in the order of agents' ids and numbers.

        `after` is `<agent id>#<number>`.
        """

    def description(self, held: HeldNumber) -> str:
        """What the operators noted down about a number; empty for nothing, also when the agent does not have it."""

    def assign(self, tenant_id: str, agent_id: str, number: str) -> bool:
        """Gives the number to an agent; False when the agent has it already.

        Raises Conflict when another agent or tenant has it, and NotFound when there is no such agent, also when
        somebody deletes it at the same moment.
        """

    def assign_all(self, tenant_id: str, agent_id: str, descriptions: Mapping[str, str]) -> Assigned:
        """Gives numbers to an agent, in one transaction.

        Args:
            tenant_id: the agent's tenant.
            agent_id: the agent.
            descriptions: up to `CHANGED_AT_ONCE` numbers, each with its description, which may be empty. A number that
                the agent has already stays as it is, with its description.

        Raises NotFound as `assign` does.
        """

    def describe_all(self, tenant_id: str, agent_id: str, descriptions: Mapping[str, str]) -> Sequence[str]:
        """Describes up to `CHANGED_AT_ONCE` numbers of an agent, in one transaction; an empty description is none.

        Returns the numbers that the agent does not have any more; the others are described all the same.
        """

    def release(self, held: HeldNumber) -> None:
        """Takes the number from its agent. Raises Conflict when it does not have it any more."""

    def release_all(self, held_numbers: Sequence[HeldNumber]) -> Sequence[HeldNumber]:
        """Takes up to `CHANGED_AT_ONCE` numbers from their agents, in one transaction.

        Returns those that their agents did not have any more; the others are released all the same.
        """

    def connection(self, tenant_id: str, number: str) -> Connection | None:
        """How the number was connected; None when it was not."""

    def connections_with(self, tenant_id: str, numbers: Collection[str]) -> Mapping[str, Connection]:
        """How each of the numbers was connected; without those that were not. A hundred a request."""

    def connections(
        self, tenant_id: str, *, credential_id: str | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Connection]:
        """The tenant's connections, or those with one credential's key, in the order of their numbers."""

    def connected_by(self, tenant_id: str, service: str) -> Sequence[str]:
        """Two of the numbers that were connected with this Messaging Service, or all when they are fewer."""

    def put_connection(self, tenant_id: str, connection: Connection, *, instead_of: Connection | None) -> None:
        """Stores a connection. Raises Conflict when the stored one is not `instead_of`; None stands for none."""

    def delete_connection(self, tenant_id: str, connection: Connection) -> None:
        """Forgets a connection. Raises Conflict when the stored one is not this one."""


class ProviderNumbers(Protocol):
    """A provider's API for numbers and for where their texts go. Each call concerns one account."""

    def find(self, account: Account, numbers: Collection[str]) -> Mapping[str, ProviderNumber]:
        """Those of the numbers that the account owns, by number. Raises Unavailable, UpstreamRefused, Configuration."""

    def webhooks(self, account: Account, number_sid: str) -> Webhooks | None:
        """The webhooks of the number with this SID; None when the account does not have it. Raises as `find` does."""

    def set_webhooks(self, account: Account, number: ProviderNumber, wanted: Webhooks) -> None:
        """Changes the webhooks of a number that `find` just returned, all of them or none.

        Raises Unavailable when they certainly did not change, InDoubt when the answer was lost, UpstreamRefused,
        Configuration.
        """

    def set_on_number(self, account: Account, service_sid: str, *, on_number: bool) -> None:
        """Sets whether a Messaging Service leaves texts to its numbers' own webhooks. Raises as `set_webhooks` does."""


class Outside(Protocol):
    """The web, as Twilio sees a stage; `operations.health.web.Web` is the real one."""

    def post(self, url: str, *, headers: Mapping[str, str], body: str) -> "WebAnswer":
        """Posts a form, or what the header `Content-Type` says. Raises Unavailable."""

    def certificate_ends(self, host: str) -> datetime:
        """When the certificate of a host ends. Raises Unavailable when it cannot be trusted now."""

    def names(self, host: str) -> set[str]:
        """The name and all that it leads to. Raises Unavailable when it does not exist."""


class ProviderAccounts(Protocol):
    """What Twilio says of accounts; `operations.twilio.accounts.TwilioAccounts` asks the real one."""

    def state(self, sid: str, auth_token: str, *, region: str = "") -> "AccountState | None":
        """The account's state; None when this is none of its auth tokens in the region.

        An empty region is the provider's usual one. Raises Unavailable, UpstreamRefused.
        """

    def opens(self, sid: str, key: RestKey, *, region: str = "") -> bool:
        """Whether this API key opens the account in the region. Raises Unavailable, UpstreamRefused."""
