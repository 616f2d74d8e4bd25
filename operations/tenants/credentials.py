"""Making credentials, and what would be refused without one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from operations.numbers.pages import connections_of
from operations.operator import Operator
from operations.rotation.waiting import last_use
from operations.tenants.edits import add_credential, existing
from operations.tenants.managed_tenant import ManagedTenant
from operations.tracing.hop import Hop
from shared.errors import CommandDeclined, Unavailable
from shared.tenants import api_keys
from shared.tenants.tenant import Credential, Role

_RECENTLY = timedelta(days=1)


@dataclass(frozen=True)
class CredentialUse:
    """Who would be refused without a credential's key, as far as that is known.

    Attributes:
        numbers: how many numbers were connected with the key.
        last: the last text or message that was accepted with the key in the last day; None for none.
        unknown: why the logs could not be read; None when they were.
    """

    numbers: int
    last: Hop | None
    unknown: str | None

    def sentences(self) -> Iterator[str]:
        """What is known, in words; nothing when nobody uses the key."""
        if self.numbers:
            numbers, their = ("1 number is", "its") if self.numbers == 1 else (f"{self.numbers} numbers are", "their")
            yield f"{numbers} connected with its key, and {their} texts will be refused."
        if self.last:
            yield f"Its key was last used at {self.last.time:%Y-%m-%d %H:%M:%S} UTC on stage {self.last.stage}."
        if self.unknown:
            yield f"It cannot be told whether its key is in use: {self.unknown}."


def create_credential(operator: Operator, name: str, role: Role) -> tuple[Credential, str]:
    """A new credential of the tenant, which must be certain, and its API key, which is stored nowhere.

    Raises CommandDeclined when the name is taken or the role is not active; Unavailable, Configuration.
    """
    credential, key = api_keys.issue(operator.tenant_id, name, role, operator.world.now())
    operator.change(add_credential(credential))
    return credential, key


def named_by_id(tenant: ManagedTenant, credential_id: str) -> Credential:
    """The tenant's credential with this id. Raises NotFound."""
    credential = next((each for each in tenant.credentials if each.id == credential_id), None)
    return existing(credential, f"tenant {tenant.id!r} has no such credential; see: sms credential list")


def count_numbers(operator: Operator, credential: Credential) -> int:
    """How many numbers were connected with the credential's key, which would get no texts without it.

    Raises Unavailable, Configuration.
    """
    connections = connections_of(operator.target.numbers_directory, operator.tenant_id, credential_id=credential.id)
    return sum(1 for _ in connections)


def use_of(operator: Operator, credential: Credential) -> CredentialUse:
    """Who uses the credential's key. Logs that cannot be read do not stop it: a key may have to go at once.

    Raises Unavailable, Configuration.
    """
    numbers, last, unknown = count_numbers(operator, credential), None, None
    try:
        last = last_use(operator, credential.id, operator.world.now() - _RECENTLY)
    except (CommandDeclined, Unavailable) as error:
        unknown = str(error)
    return CredentialUse(numbers, last, unknown)
