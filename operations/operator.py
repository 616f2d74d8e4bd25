"""Who operates a stage: what every function of operations/ takes. The command is one; a page can be another."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Protocol, Self, TypeVar

from operations.audit import entries
from operations.audit.entries import Change
from operations.health.web import Web
from operations.numbers.registry import provider_messages, provider_numbers
from operations.ports import Outside, ProviderAccounts, ProviderNumbers
from operations.stage.advice import LOCAL_STACK_NOT_UP
from operations.stage.names import Stage
from operations.stage.target import Target, open_target
from operations.tenants import choice
from operations.tenants.editor import Administration
from operations.tenants.edits import Edit
from operations.tenants.managed_tenant import ManagedTenant
from operations.tracing.provider_message import ProviderMessages
from operations.twilio.accounts import TwilioAccounts
from operations.twilio.auth_tokens import TwilioTokens
from shared.backends import BackendDependencies, open_backend
from shared.errors import CommandDeclined, Unavailable
from shared.ports import Backend
from shared.tenants.agent import BackendSettings
from shared.tenants.tenant import check_tenant_id

T = TypeVar("T")

_MESSAGES_SECONDS = 5.0  # for one question: who asks why nobody answered is waiting
_PROVIDER_SECONDS = 60.0  # for one look-up in all: an account may have many Messaging Services


class Progress(Protocol):
    """Receives how far long work is, and what the operator must know besides its result."""

    def note(self, sentence: str) -> None:
        """Receives a sentence worth showing."""

    def warning(self, sentence: str) -> None:
        """Receives a sentence that must not be overlooked although the work succeeds."""

    def watched(self, things: Sequence[T], doing: str) -> Iterable[T]:
        """The things one by one, in order; it may show how many are done.

        Args:
            things: the things.
            doing: what is done with each, such as `Replaying`.
        """

    def works_on(self, tenant_id: str) -> None:
        """Receives the tenant that the work is for, once it is known."""


class OpenTarget(Protocol):
    """Opens a stage."""

    def __call__(self, stage: Stage, *, local: bool) -> Target:
        """The stage in AWS, or on the local stack. Raises CommandDeclined, Unavailable."""


def open_aws_target(stage: Stage, *, local: bool) -> Target:
    """The stage in AWS. Raises CommandDeclined for the local stack, which only a clone can open; Unavailable."""
    if local:
        raise CommandDeclined(LOCAL_STACK_NOT_UP)
    return open_target(stage)


def _now() -> datetime:
    return datetime.now(UTC)


def _open_numbers(twilio_url: str | None) -> Mapping[str, ProviderNumbers]:
    return provider_numbers(twilio_url=twilio_url, timeout_seconds=_PROVIDER_SECONDS)


def _open_accounts(twilio_url: str | None) -> TwilioAccounts:
    return TwilioAccounts(twilio_url, timeout_seconds=_PROVIDER_SECONDS)


def _open_messages(twilio_url: str | None) -> Mapping[str, ProviderMessages]:
    return provider_messages(twilio_url=twilio_url, timeout_seconds=_MESSAGES_SECONDS)


def _open_tokens(twilio_url: str | None) -> TwilioTokens:
    return TwilioTokens(twilio_url, timeout_seconds=_PROVIDER_SECONDS)


@dataclass(frozen=True)
class World:
    """What operators' functions need from outside; tests bring their own.

    Attributes:
        open_target: opens a stage.
        now: the time, with its zone.
        sleep: waits so many seconds.
        numbers: the providers' numbers by the provider's name, for Twilio's URL or None for its own hosts.
        messages: the providers' messages, in the same way.
        outside: the web, as Twilio uses it to reach a stage.
        accounts: what Twilio knows about accounts, for the same URL.
        tokens: Twilio's auth tokens, for the same URL.
        open_backend: opens an agent's backend, to ask it from here.
    """

    open_target: OpenTarget = open_aws_target
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    numbers: Callable[[str | None], Mapping[str, ProviderNumbers]] = _open_numbers
    messages: Callable[[str | None], Mapping[str, ProviderMessages]] = _open_messages
    outside: Outside = field(default_factory=Web)
    accounts: Callable[[str | None], ProviderAccounts] = _open_accounts
    tokens: Callable[[str | None], TwilioTokens] = _open_tokens
    open_backend: Callable[[BackendSettings, BackendDependencies], Backend] = open_backend


@dataclass(frozen=True)
class Operator:
    """Who operates a stage. AWS is not called before something needs it.

    Attributes:
        world: what is outside: AWS, Twilio, the web, the clock.
        stage: the stage to work on.
        local: whether it is on the local stack.
        tenant: the tenant's id as the operator named it; None when none was named.
        progress: receives how far long work is.
    """

    world: World
    stage: Stage
    local: bool
    tenant: str | None
    progress: Progress

    @cached_property
    def target(self) -> Target:
        """The stage. Raises CommandDeclined, Unavailable."""
        return self.world.open_target(self.stage, local=self.local)

    def on(self, stage: Stage) -> Target:
        """Any stage, also another than the operator's. Raises CommandDeclined, Unavailable."""
        return self.target if stage == self.stage else self.world.open_target(stage, local=self.local)

    @cached_property
    def tenant_id(self) -> str:
        """The id of the tenant that was named, or of the only one.

        Raises CommandDeclined, Unavailable.
        """
        if self.tenant is not None:
            return check_tenant_id(self.tenant)
        tenant_id = choice.only_tenant(self.target.store)
        self.progress.works_on(tenant_id)
        return tenant_id

    def changing(self) -> Self:
        """The same operator with the tenant that a change is for: from now on it stays the same, whoever adds others.

        Raises CommandDeclined, Unavailable.
        """
        return self if self.tenant is not None else replace(self, tenant=self.tenant_id)

    def read(self) -> ManagedTenant:
        """The tenant as it is stored. Raises CommandDeclined, Unavailable, Configuration."""
        return self.target.store.read(self.tenant_id)[0]

    def editing(self) -> Administration:
        """What changes the tenant; announces which tenant, and where. Raises CommandDeclined, Unavailable."""
        self.announce_change()
        return self._administration()

    def creating(self, tenant_id: str) -> Administration:
        """What creates a tenant; announces which tenant, and where. Raises Unavailable."""
        self.progress.note(f"This makes tenant {tenant_id!r} in {self.target.whereabouts()}.")
        return self._administration()

    def announce_change(self) -> None:
        """Announces which tenant will be changed, and where. Raises CommandDeclined, Unavailable."""
        self.progress.note(f"This changes tenant {self.changing().tenant_id!r} in {self.target.whereabouts()}.")

    def change(self, edit: Edit) -> ManagedTenant:
        """The tenant, changed; it must be certain. Raises CommandDeclined, Unavailable, Configuration."""
        return self.editing().change(self.tenant_id, edit)

    def record(self, *changes: Change) -> None:
        """Writes changes to the audit log. They are made already, so a failure to write is only a warning."""
        if not changes:
            return
        records = self._records(changes)
        try:
            self.target.audit.write(records)
        except (CommandDeclined, Unavailable) as error:
            self.progress.warning(f"It is done, but it is not in the audit log: {error}. Keep this yourself:")
            for record in records:
                self.progress.warning(json.dumps(record))

    def record_first(self, change: Change) -> None:
        """Writes to the audit log what happens only if that is written. Raises CommandDeclined, Unavailable."""
        self.target.audit.write(self._records([change]))

    def _records(self, changes: Iterable[Change]) -> list[Mapping[str, object]]:
        return [
            {
                "time": self.world.now().isoformat(timespec="milliseconds"),
                "who": self.target.caller(),
                "stage": self.stage,
                "region": self.target.region,
                **asdict(change),
            }
            for change in changes
        ]

    def _administration(self) -> Administration:
        return Administration(
            self.target.store,
            sleep=self.world.sleep,
            changed=lambda before, after: self.record(*entries.between(before, after)),
            warn=self.progress.warning,
        )
