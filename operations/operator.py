"""An operator at work: on a stage, for a tenant. The command and a page both stand on it."""

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
from operations.numbers.registry import provider_numbers
from operations.ports import Outside, ProviderAccounts, ProviderNumbers
from operations.stage.target import LOCAL_STACK_NOT_UP, Stage, Target, open_target
from operations.tenants import choice
from operations.tenants.editor import Administration
from operations.tenants.edits import Edit
from operations.twilio.accounts import TwilioAccounts
from operations.twilio.auth_tokens import TwilioTokens
from shared.errors import Declined, Unavailable
from shared.tenants.tenant import Tenant, check_tenant_id

T = TypeVar("T")

_PROVIDER_SECONDS = 60.0  # for all that one question takes: an account may have many services to ask


class Progress(Protocol):
    """Hears what long work is at, and what the operator must know besides its result."""

    def note(self, sentence: str) -> None:
        """Takes something worth saying."""

    def warning(self, sentence: str) -> None:
        """Takes what must not be overlooked although the work succeeds."""

    def watched(self, things: Sequence[T], doing: str) -> Iterable[T]:
        """Gives the things one by one, and may show how far it is."""

    def works_on(self, tenant_id: str) -> None:
        """Learns which tenant the work is for, once that is known."""


class OpenTarget(Protocol):
    """Finds a stage."""

    def __call__(self, stage: Stage, *, local: bool) -> Target:
        """The stage in AWS, or on the local stack. Raises Declined, Unavailable."""


def open_aws_target(stage: Stage, *, local: bool) -> Target:
    """The stage in AWS. Raises Declined for the local stack, which only a clone can open; Unavailable."""
    if local:
        raise Declined(LOCAL_STACK_NOT_UP)
    return open_target(stage)


def _now() -> datetime:
    return datetime.now(UTC)


def _open_numbers(twilio_url: str | None) -> Mapping[str, ProviderNumbers]:
    return provider_numbers(twilio_url=twilio_url, timeout_seconds=_PROVIDER_SECONDS)


def _open_accounts(twilio_url: str | None) -> TwilioAccounts:
    return TwilioAccounts(twilio_url, timeout_seconds=_PROVIDER_SECONDS)


def _open_tokens(twilio_url: str | None) -> TwilioTokens:
    return TwilioTokens(twilio_url, timeout_seconds=_PROVIDER_SECONDS)


@dataclass(frozen=True)
class World:
    """What operators' functions need of the world; tests bring their own.

    Attributes:
        open_target: finds a stage.
        now: the time, with its zone.
        sleep: waits so many seconds.
        numbers: the providers' numbers by the provider's name, for Twilio's URL or None for its own hosts.
        outside: the web, as Twilio sees a stage.
        accounts: what Twilio says about accounts, for the same URL.
        tokens: Twilio's auth tokens, for the same URL.
    """

    open_target: OpenTarget = open_aws_target
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    numbers: Callable[[str | None], Mapping[str, ProviderNumbers]] = _open_numbers
    outside: Outside = field(default_factory=Web)
    accounts: Callable[[str | None], ProviderAccounts] = _open_accounts
    tokens: Callable[[str | None], TwilioTokens] = _open_tokens


@dataclass(frozen=True)
class Operator:
    """Who operates a stage. Nothing asks AWS before it is needed.

    Attributes:
        stage: the stage to work on.
        local: whether it is on the local stack, whose list of tenants never lags.
        tenant: the tenant's id as the operator named it; None when nobody named one.
        progress: hears of long work.
    """

    world: World
    stage: Stage
    local: bool
    tenant: str | None
    progress: Progress

    @cached_property
    def target(self) -> Target:
        """The stage. Raises Declined, Unavailable."""
        return self.world.open_target(self.stage, local=self.local)

    def on(self, stage: Stage) -> Target:
        """A stage that need not be the operator's own. Raises Declined, Unavailable."""
        return self.target if stage == self.stage else self.world.open_target(stage, local=self.local)

    @cached_property
    def tenant_id(self) -> str:
        """The tenant that was named, or the only one that is listed. Raises Declined, Unavailable."""
        if self.tenant is not None:
            return check_tenant_id(self.tenant)
        tenant_id = choice.to_read(list(self.target.store.ids()), local=self.local)
        self.progress.works_on(tenant_id)
        return tenant_id

    def changing(self) -> Self:
        """The same operator, for a change: then the tenant is certain. Raises Declined, Unavailable."""
        if self.tenant is not None:
            return self
        tenant_id = choice.to_change(list(self.target.store.ids()), local=self.local)
        self.progress.works_on(tenant_id)
        return replace(self, tenant=tenant_id)

    def read(self) -> Tenant:
        """The tenant as it is stored. Raises Declined, Unavailable, Configuration."""
        return self.target.store.read(self.tenant_id)[0]

    def editing(self) -> Administration:
        """What changes the tenant; it is announced which one, and where. Raises Declined, Unavailable."""
        self.announce_change()
        return self._administration()

    def creating(self, tenant_id: str) -> Administration:
        """What makes a tenant; it is announced which one, and where. Raises Unavailable."""
        self.progress.note(f"This makes tenant {tenant_id!r} in {self.target.whereabouts()}.")
        return self._administration()

    def announce_change(self) -> None:
        """Says which tenant is going to be changed, and where. Raises Declined, Unavailable."""
        self.progress.note(f"This changes tenant {self.changing().tenant_id!r} in {self.target.whereabouts()}.")

    def change(self, edit: Edit) -> Tenant:
        """The tenant, changed; it must be certain. Raises Declined, Unavailable, Configuration."""
        return self.editing().change(self.tenant_id, edit)

    def record(self, *changes: Change) -> None:
        """Writes changes into the audit log. They are done already: when that fails, it only warns."""
        if not changes:
            return
        records = [
            {
                "time": self.world.now().isoformat(timespec="milliseconds"),
                "who": self.target.caller(),
                "stage": self.stage,
                "region": self.target.region,
                **asdict(change),
            }
            for change in changes
        ]
        try:
            self.target.audit.write(records)
        except (Declined, Unavailable) as error:
            self.progress.warning(f"It is done, but the audit log does not tell it: {error}. Keep this yourself:")
            for record in records:
                self.progress.warning(json.dumps(record))

    def _administration(self) -> Administration:
        return Administration(
            self.target.store,
            sleep=self.world.sleep,
            changed=lambda before, after: self.record(*entries.between(before, after)),
        )
