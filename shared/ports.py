"""What the domain needs of the world, as Protocols; adapters and tests' fakes keep them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from shared.model import Acknowledgement, InboundMessage, WebhookRequest
from shared.tenant import Tenant

T = TypeVar("T")


class Provider(Protocol):
    """An SMS carrier's API. One module each; the registry is `shared/providers/__init__.py`."""

    @property
    def name(self) -> str:
        """The name that operators choose it by."""

    @property
    def signature_header(self) -> str:
        """The header, in lower case, that carries its signature; tells whose webhook a request is."""

    @property
    def acknowledgement(self) -> Acknowledgement:
        """What it wants to hear when a message is safe with us."""

    def account(self, request: WebhookRequest) -> str | None:
        """The account that the request says it comes from, or None; unverified."""

    def verify(self, request: WebhookRequest, secrets: Sequence[str]) -> bool:
        """Whether one of the secrets signed the request. Never raises."""

    def parse(self, request: WebhookRequest) -> InboundMessage:
        """The message. Raises Malformed."""


class TenantLookup(Protocol):
    """The tenants as the webhooks see them: through a cache that looks again before anything is refused."""

    def find(self, tenant_id: str, wanted: Callable[[Tenant], T | None]) -> T | None:
        """What `wanted` finds in the tenant, looking once more in the store when the cached document lacks it.

        None when the tenant does not exist or holds nothing wanted. Raises Unavailable, Configuration.
        """


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


class MessageQueue(Protocol):
    """A durable queue that keeps the order within a group and swallows a repeated deduplication id."""

    def send(self, event: Mapping[str, object], *, group: str, deduplication: str) -> None:
        """Returns when the event is durable. Raises Unavailable, or Malformed when it is too large."""
