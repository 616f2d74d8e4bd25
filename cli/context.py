"""One run of the command: its options, what it works on, and how it talks with the operator."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol, TypeVar

from cli import tenant_choice, terminal
from cli.output import Output
from cli.rig import open_local_phones, open_local_target
from cli.secret_lines import SecretLine, piped, prompted
from cli.web import Answer, Web
from operations.audit import entries
from operations.audit.entries import Change
from operations.numbers.registry import provider_numbers
from operations.ports import ProviderNumbers
from operations.stage.target import Stage, Target, open_target
from operations.tenants.editor import Administration
from operations.tenants.edits import Edit
from operations.twilio.accounts import AccountState, TwilioAccounts
from operations.twilio.auth_tokens import TwilioTokens
from shared.errors import Declined, Unavailable
from shared.tenants.tenant import RestKey, Tenant, check_tenant_id

T = TypeVar("T")

FOUND_WRONG = 3
"""The exit code of a check that was done and found something wrong."""

_PROVIDER_SECONDS = 60.0  # for all that one question takes: an account may have many services to ask


class Twin(Protocol):
    """The numbers and phones of the local stack."""

    def set_account(self, sid: str, *, auth_token: str) -> None:
        """Makes an account whose token signs."""

    def set_number(self, number: str, *, account: str, webhook: str, fallback: str | None = None) -> None:
        """Makes a number, or changes where its texts go."""

    def text(self, *, sender: str, to: str, body: str) -> dict[str, Any]:
        """Texts a number; gives what Twilio did."""

    def screen(self, number: str) -> list[dict[str, Any]]:
        """What a person's phone shows, in the order of arrival."""


class Outside(Protocol):
    """The web as `sms doctor` looks at it; `cli.web.Web` is the real one."""

    def post(self, url: str, *, headers: Mapping[str, str], form: str) -> Answer:
        """Posts a form. Raises Unavailable."""

    def certificate_ends(self, host: str) -> datetime:
        """When the certificate of a host ends. Raises Unavailable when it cannot be trusted now."""

    def names(self, host: str) -> set[str]:
        """The name and all that it leads to. Raises Unavailable when it does not exist."""


class Accounts(Protocol):
    """What Twilio says of accounts; `operations.twilio.accounts.TwilioAccounts` asks the real one."""

    def state(self, sid: str, auth_token: str) -> AccountState | None:
        """The account's state; None when this is none of its auth tokens. Raises Unavailable, Refused."""

    def opens(self, sid: str, key: RestKey) -> bool:
        """Whether this API key opens the account. Raises Unavailable, Refused."""


class OpenTarget(Protocol):
    """Finds what a stage's commands work on."""

    def __call__(self, stage: Stage, *, local: bool) -> Target:
        """Raises Declined, Unavailable."""


def _open_target(stage: Stage, *, local: bool) -> Target:
    return open_local_target(stage) if local else open_target(stage)


def _interactive() -> bool:
    return sys.stdin.isatty()


def _now() -> datetime:
    return datetime.now(UTC)


def _open_numbers(twilio_url: str | None) -> Mapping[str, ProviderNumbers]:
    return provider_numbers(twilio_url=twilio_url, timeout_seconds=_PROVIDER_SECONDS)


def _accounts(twilio_url: str | None) -> TwilioAccounts:
    return TwilioAccounts(twilio_url, timeout_seconds=_PROVIDER_SECONDS)


def _tokens(twilio_url: str | None) -> TwilioTokens:
    return TwilioTokens(twilio_url, timeout_seconds=_PROVIDER_SECONDS)


@dataclass(frozen=True)
class World:
    """What a run needs of the world; tests give their own."""

    open_target: OpenTarget = _open_target
    interactive: Callable[[], bool] = _interactive
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    phones: Callable[[], Twin] = open_local_phones
    numbers: Callable[[str | None], Mapping[str, ProviderNumbers]] = _open_numbers
    outside: Outside = field(default_factory=Web)
    accounts: Callable[[str | None], Accounts] = _accounts
    tokens: Callable[[str | None], TwilioTokens] = _tokens


@dataclass(frozen=True)
class Invocation:
    """A run of the command. Nothing asks AWS before a command needs it."""

    world: World
    stage: Stage
    local: bool
    tenant: str | None
    yes: bool
    output: Output

    @cached_property
    def target(self) -> Target:
        """What this run works on. Raises Declined, Unavailable."""
        return self.world.open_target(self.stage, local=self.local)

    def on(self, stage: Stage) -> Target:
        """The same of a stage that need not be this run's. Raises Declined, Unavailable."""
        return self.target if stage == self.stage else self.world.open_target(stage, local=self.local)

    @cached_property
    def tenant_id(self) -> str:
        """The tenant that was named, or the only one that is listed. Raises Declined, Unavailable."""
        if self.tenant is not None:
            return check_tenant_id(self.tenant)
        self.output.hints.tenant = tenant_choice.to_read(list(self.target.store.ids()), local=self.local)
        return self.output.hints.tenant

    def changing(self) -> "Invocation":
        """The same for a command that changes a tenant, which is certain then. Raises Declined, Unavailable."""
        if self.tenant is not None:
            return self
        self.output.hints.tenant = tenant_choice.to_change(list(self.target.store.ids()), local=self.local)
        return replace(self, tenant=self.output.hints.tenant)

    def read(self) -> Tenant:
        """The tenant as it is stored. Raises Declined, Unavailable, Configuration."""
        return self.target.store.read(self.tenant_id)[0]

    def writing(self) -> Administration:
        """What changes the tenant, once the operator was told which and where. Raises Declined, Unavailable."""
        self.note_changes()
        return self._administration()

    def creating(self, tenant_id: str) -> Administration:
        """What makes a tenant, once the operator was told which and where. Raises Unavailable."""
        self.output.note(f"This makes tenant {tenant_id!r} in {self.target.whereabouts()}.")
        return self._administration()

    def note_changes(self) -> None:
        """Tells the operator which tenant the command changes, and where. Raises Declined, Unavailable."""
        self.output.note(f"This changes tenant {self.changing().tenant_id!r} in {self.target.whereabouts()}.")

    def _administration(self) -> Administration:
        return Administration(
            self.target.store,
            sleep=self.world.sleep,
            changed=lambda before, after: self.made(*entries.between(before, after)),
        )

    def made(self, *made: Change) -> None:
        """Puts what was changed into the audit log. What is done is done: when that fails, it only warns."""
        if not made:
            return
        records = [
            {
                "time": self.world.now().isoformat(timespec="milliseconds"),
                "who": self.target.caller(),
                "stage": self.stage,
                "region": self.target.region,
                **asdict(change),
            }
            for change in made
        ]
        try:
            self.target.audit.write(records)
        except (Declined, Unavailable) as error:
            self.output.warning(f"It is done, but the audit log does not tell it: {error}. Keep this yourself:")
            for record in records:
                self.output.warning(json.dumps(record))

    def change(self, edit: Edit) -> Tenant:
        """Changes the tenant, which must be certain, and gives it back. Raises Declined, Unavailable, Configuration."""
        return self.writing().change(self.tenant_id, edit)

    def confirm(self, question: str) -> None:
        """Returns when the operator agrees. Raises Declined."""
        if self.yes:
            return
        if not self.world.interactive():
            message = "without a terminal to ask on, this needs --yes"
            raise Declined(message)
        of = f"Tenant {self.tenant}: " if self.tenant else ""
        if not terminal.confirmed(f"{of}{question}"):
            message = "nothing was changed"
            raise Declined(message)

    def ask(
        self, question: str, option: str, given: str | None, accept: Callable[[str], T], default: str | None = None
    ) -> T:
        """An answer, from the option that gave it or from the operator, who is asked again until it is acceptable.

        Raises what `accept` raises, and Declined when there is neither an answer nor a default nor a terminal.
        """
        if given is not None:
            return accept(given)
        while self.world.interactive():
            try:
                return accept(terminal.prompted(question, default=default))
            except Declined as error:
                self.output.note(str(error))
        if default is None:
            message = f"without a terminal to ask on, {option} must be given"
            raise Declined(message)
        return accept(default)

    def secrets(self, *wanted: SecretLine) -> list[str]:
        """Secrets, from hidden prompts, or the lines of a standard input that is no terminal. Raises Declined."""
        return prompted(wanted, self.output.note) if self.world.interactive() else piped(wanted)
