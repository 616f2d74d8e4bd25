"""What operators' functions need from outside, as Protocols; adapters and the tests' fakes implement them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from operations.numbers.provider_number import ProviderNumber
from shared.tenants.connection import Webhooks
from shared.tenants.tenant import Account, RestKey, Tenant

if TYPE_CHECKING:
    from operations.health.web import WebAnswer
    from operations.twilio.accounts import AccountState


class TenantStore(Protocol):
    """The stored tenants, as operators read and change them: never from a cache."""

    def ids(self) -> Iterable[str]:
        """Every tenant's id. Raises Unavailable."""

    def read(self, tenant_id: str) -> tuple[Tenant, str]:
        """The tenant, and its version to pass to `replace`. Raises NotFound, Unavailable, Configuration."""

    def create(self, tenant: Tenant) -> None:
        """Stores a new tenant. Raises Conflict when it exists, InvalidValue when it is too large, Unavailable."""

    def replace(self, tenant: Tenant, version: str) -> None:
        """Stores a changed tenant, if `version` is still current. Raises Conflict, InvalidValue, Unavailable."""

    def delete(self, tenant_id: str) -> None:
        """Deletes the tenant. Raises NotFound, Unavailable."""


class ProviderNumbers(Protocol):
    """A provider's API for numbers and for where their texts go. Each call concerns one account."""

    def find(self, account: Account, numbers: Collection[str]) -> Mapping[str, ProviderNumber]:
        """Those of the numbers that the account owns, by number. Raises Unavailable, UpstreamRefused, Configuration."""

    def set_webhooks(self, account: Account, number: ProviderNumber, wanted: Webhooks) -> None:
        """Changes the webhooks of a number that `find` just returned, all of them or none.

        Raises Unavailable when they certainly did not change, InDoubt when the answer was lost, UpstreamRefused,
        Configuration.
        """

    def set_on_number(self, account: Account, service_sid: str, *, on_number: bool) -> None:
        """Sets whether a Messaging Service leaves texts to its numbers' own webhooks. Raises as `set_webhooks` does."""


class Outside(Protocol):
    """The web, as Twilio sees a stage; `operations.health.web.Web` is the real one."""

    def post(self, url: str, *, headers: Mapping[str, str], form: str) -> "WebAnswer":
        """Posts a form. Raises Unavailable."""

    def certificate_ends(self, host: str) -> datetime:
        """When the certificate of a host ends. Raises Unavailable when it cannot be trusted now."""

    def names(self, host: str) -> set[str]:
        """The name and all that it leads to. Raises Unavailable when it does not exist."""


class ProviderAccounts(Protocol):
    """What Twilio says of accounts; `operations.twilio.accounts.TwilioAccounts` asks the real one."""

    def state(self, sid: str, auth_token: str) -> "AccountState | None":
        """The account's state; None when this is none of its auth tokens. Raises Unavailable, UpstreamRefused."""

    def opens(self, sid: str, key: RestKey) -> bool:
        """Whether this API key opens the account. Raises Unavailable, UpstreamRefused."""
