"""What operators' functions need of the world, as Protocols; adapters and tests' fakes keep them."""

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
    """The tenants as operators change them: always the stored document, never a cached one."""

    def ids(self) -> Iterable[str]:
        """Every tenant's id. Raises Unavailable."""

    def read(self, tenant_id: str) -> tuple[Tenant, str]:
        """The tenant and the version to give to `replace`. Raises NotFound, Unavailable, Configuration."""

    def create(self, tenant: Tenant) -> None:
        """Stores a new tenant. Raises Conflict when it exists, InvalidValue when too large, Unavailable."""

    def replace(self, tenant: Tenant, version: str) -> None:
        """Stores a changed tenant, if `version` is still current. Raises Conflict, InvalidValue, Unavailable."""

    def delete(self, tenant_id: str) -> None:
        """Removes the tenant. Raises NotFound, Unavailable."""


class ProviderNumbers(Protocol):
    """An SMS carrier's API for numbers: who gets their texts. One account at a time."""

    def find(self, account: Account, numbers: Collection[str]) -> Mapping[str, ProviderNumber]:
        """Those of the numbers that the account owns. Raises Unavailable, Refused, Configuration."""

    def set_webhooks(self, account: Account, number: ProviderNumber, wanted: Webhooks) -> None:
        """Changes the webhooks of a number that was just found; all of it or nothing.

        Raises Unavailable when it certainly was not changed, InDoubt when the answer was lost, Refused, Configuration.
        """

    def set_on_number(self, account: Account, service_sid: str, *, on_number: bool) -> None:
        """Lets a Messaging Service leave texts to its numbers' own webhooks, or not. Raises as `set_webhooks` does."""


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
        """The account's state; None when this is none of its auth tokens. Raises Unavailable, Refused."""

    def opens(self, sid: str, key: RestKey) -> bool:
        """Whether this API key opens the account. Raises Unavailable, Refused."""
