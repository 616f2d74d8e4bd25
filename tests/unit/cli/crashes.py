"""An operator's computer that goes out after so many writes, wherever they go."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from operations.numbers.provider_number import ProviderNumber
from operations.ports import Assigned
from operations.tenants.managed_tenant import ManagedTenant
from shared.tenants.account import Account
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.record import HeldNumber
from tests.fakes import Crash
from tests.numbers_fakes import FakeNumbers
from tests.unit.cli.command import Command
from tests.unit.cli.doctor_fakes import FakeTokens
from tests.unit.operations.tenants.fakes import FakeNumberDirectory, FakeTenantStore


@dataclass
class Fuse:
    """Counts writes, looks after each whether all is well, and blows after so many; None is never."""

    look: Callable[[], None] = lambda: None
    after: int | None = None
    written: int = 0

    def wrote(self) -> None:
        self.written += 1
        self.look()
        if self.written == self.after:
            raise Crash


class FusedStore(FakeTenantStore):
    """A store that tells the fuse of each write."""

    fuse: Fuse

    def replace(self, before: ManagedTenant, after: ManagedTenant, version: Mapping[str, str]) -> Sequence[str]:
        warnings = super().replace(before, after, version)
        self.fuse.wrote()
        return warnings


class FusedDirectory(FakeNumberDirectory):
    """Who has which number, and the connections: it tells the fuse of each write."""

    fuse: Fuse

    def assign_all(self, tenant_id: str, agent_id: str, descriptions: Mapping[str, str]) -> Assigned:
        assigned = super().assign_all(tenant_id, agent_id, descriptions)
        self.fuse.wrote()
        return assigned

    def describe_all(self, tenant_id: str, agent_id: str, descriptions: Mapping[str, str]) -> Sequence[str]:
        missing = super().describe_all(tenant_id, agent_id, descriptions)
        self.fuse.wrote()
        return missing

    def release_all(self, held_numbers: Sequence[HeldNumber]) -> Sequence[HeldNumber]:
        missing = super().release_all(held_numbers)
        self.fuse.wrote()
        return missing

    def put_connection(self, tenant_id: str, connection: Connection, *, instead_of: Connection | None) -> None:
        super().put_connection(tenant_id, connection, instead_of=instead_of)
        self.fuse.wrote()

    def delete_connection(self, tenant_id: str, connection: Connection) -> None:
        super().delete_connection(tenant_id, connection)
        self.fuse.wrote()


class FusedNumbers(FakeNumbers):
    """Numbers that tell the fuse of each change."""

    fuse: Fuse

    def set_webhooks(self, account: Account, number: ProviderNumber, wanted: Webhooks) -> None:
        super().set_webhooks(account, number, wanted)
        self.fuse.wrote()


class FusedTokens(FakeTokens):
    """Auth tokens that tell the fuse of each change."""

    fuse: Fuse

    def create(self, sid: str, auth_token: str, *, region: str = "") -> str:
        made = super().create(sid, auth_token, region=region)
        self.fuse.wrote()
        return made

    def delete(self, sid: str, auth_token: str, *, region: str = "") -> None:
        super().delete(sid, auth_token, region=region)
        self.fuse.wrote()

    def promote(self, sid: str, auth_token: str, *, region: str = "") -> str:
        promoted = super().promote(sid, auth_token, region=region)
        self.fuse.wrote()
        return promoted


def fused(command: Command) -> Fuse:
    """Puts a fuse between a command and all that it writes to."""
    fuse = Fuse()
    store = FusedStore(command.store.tenants, command.store.numbers, command.store.descriptions)
    directory = FusedDirectory(store, command.directory.kept)
    numbers = FusedNumbers(command.numbers.numbers)
    tokens = FusedTokens(command.accounts)
    store.fuse = directory.fuse = numbers.fuse = tokens.fuse = fuse
    command.store, command.directory, command.numbers, command.tokens = store, directory, numbers, tokens
    return fuse
