"""An operator's computer that goes out after so many writes, wherever they go."""

from collections.abc import Callable
from dataclasses import dataclass

from operations.numbers.provider_number import ProviderNumber
from shared.tenants.connection import Webhooks
from shared.tenants.tenant import Account, Tenant
from tests.fakes import Crash
from tests.numbers_fakes import FakeNumbers
from tests.unit.cli.command import Command
from tests.unit.cli.doctor_fakes import FakeTokens
from tests.unit.operations.tenants.fakes import FakeTenantStore


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

    def replace(self, tenant: Tenant, version: str) -> None:
        super().replace(tenant, version)
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

    def create(self, sid: str, auth_token: str) -> str:
        made = super().create(sid, auth_token)
        self.fuse.wrote()
        return made

    def delete(self, sid: str, auth_token: str) -> None:
        super().delete(sid, auth_token)
        self.fuse.wrote()

    def promote(self, sid: str, auth_token: str) -> str:
        promoted = super().promote(sid, auth_token)
        self.fuse.wrote()
        return promoted


def fused(command: Command) -> Fuse:
    """Puts a fuse between a command and all that it writes to."""
    fuse = Fuse()
    store = FusedStore(command.store.documents)
    numbers = FusedNumbers(command.numbers.numbers)
    tokens = FusedTokens(command.accounts)
    store.fuse = numbers.fuse = tokens.fuse = fuse
    command.store, command.numbers, command.tokens = store, numbers, tokens
    return fuse
