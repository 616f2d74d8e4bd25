"""What operators change about an agent's backends, and whether the deployed stages may use them."""

import base64
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from operations.operator import Operator
from operations.stage.allowed import require_allowed
from operations.tenants import agent_edits
from operations.tenants.edits import Edit
from shared import backends as registry
from shared.backends import password
from shared.errors import CommandDeclined, InvalidValue
from shared.tenants.agent import Agent, BackendSettings

PLACES = {"echo": None, "http": "url", "queue": "queue", "lex": "bot", "soe": "url", "watson": "url"}
"""Every kind of backend, and the option that says where it is."""

WATSON_USER = "apikey"
"""The user whose password is the API key of an assistant."""

_ALLOWED_BY = {
    "queue": ("BackendQueues", "SMS_RECEIVER_BACKEND_QUEUES"),
    "bot": ("BackendBots", "SMS_RECEIVER_BACKEND_BOTS"),
}
"""The stack's output that lists what the stage may use, and the variable that sets it when the stage is deployed."""


def new_secret() -> str:
    """A signing secret: 24 to 64 random bytes in base64 (Standard Webhooks specification, "Signature scheme")."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(36)).decode()  # 36 bytes need no padding


def check_password(text: str) -> str:
    """A password for a backend. Raises CommandDeclined, which does not repeat it."""
    if not password.is_password(text):
        message = f"use 1 to {password.PASSWORD_MAX} printable characters for the password"
        raise CommandDeclined(message)
    return text


def rotate_signing_secret(operator: Operator, agent_name: str, *, second: bool = False) -> tuple[Agent, str]:
    """The agent, stored with one more signing secret for its backend, and that secret. The others sign as well.

    Raises NotFound; CommandDeclined when there is no such backend or nothing signs its requests; Unavailable,
    Configuration.
    """
    secret = new_secret()
    tenant = operator.change(agent_edits.add_signing_secret(agent_name, secret, second=second))
    return agent_edits.agent_named(tenant, agent_name), secret


@dataclass(frozen=True)
class BackendChange:
    """What changes about one backend of an agent; None for what stays as it is.

    Attributes:
        second: whether this is the agent's second backend.
        kind: one of `PLACES`.
        url: where an `http`, a `soe` or a `watson` backend is.
        queue: the ARN of a `queue` backend.
        bot: the ARN of the alias of a `lex` backend.
        locale: the language of a `lex` backend.
        timeout: how many seconds an answer may take.
        statuses: whether the backend hears what became of its messages.
        none: whether the agent will have no such backend.
        user: whose password a `soe` backend asks for; empty for none. A `watson` backend has a user of its own.
        password: that password; only with a user.
        secret: signs the requests to an HTTP backend that is new.
    """

    second: bool = False
    kind: str | None = None
    url: str | None = None
    queue: str | None = None
    bot: str | None = None
    locale: str | None = None
    timeout: float | None = None
    statuses: bool | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    none: bool = False
    secret: str = field(default_factory=new_secret, repr=False)

    @property
    def sets_anything(self) -> bool:
        """Whether it changes or makes a backend, rather than taking it away or leaving it."""
        values = (self.kind, self.url, self.queue, self.bot, self.locale, self.timeout, self.statuses, self.user)
        return any(value is not None for value in values)

    @property
    def password_name(self) -> str | None:
        """What the operator must be asked for, for this change; None for nothing."""
        which = "second " if self.second else ""
        if self.kind == "watson":
            return f"API key of the {which}assistant"
        return f"password of {self.user!r} at the {which}backend" if self.user else None

    @property
    def places(self) -> dict[str, str]:
        """Where the backend is, by option."""
        values = {"url": self.url, "queue": self.queue, "bot": self.bot}
        return {option: place for option, place in values.items() if place is not None}

    def applied(self, current: BackendSettings | None, *, local: bool) -> BackendSettings:
        """The backend after the change. Raises InvalidValue.

        Args:
            current: the backend before it; None when there is none.
            local: whether it is on the local stack, where a backend may be on this computer.
        """
        option_prefix = "--second-backend" if self.second else "--backend"
        kind = self.kind or (current.kind if current else "")
        if kind not in PLACES:
            message = f"{option_prefix}: choose one of {', '.join(PLACES)}"
            raise InvalidValue(message)
        for option in self.places.keys() - {PLACES[kind]}:
            message = f"{option_prefix}-{option} does not apply to a backend of kind {kind}"
            raise InvalidValue(message)
        if self.user is not None and kind != "soe":
            message = f"{option_prefix}-user does not apply to a backend of kind {kind}"
            raise InvalidValue(message)
        base = current if current and current.kind == kind else BackendSettings(kind)
        user = WATSON_USER if kind == "watson" else base.user if self.user is None else self.user
        secrets = base.secrets or ((self.secret,) if kind == "http" else ())
        if self.password or self.user is not None:
            secrets = (self.password,) if self.password else ()
        settings = replace(
            base,
            target=next(iter(self.places.values()), base.target),
            signed=kind == "http" or bool(user),
            secrets=secrets,
            user=user,
            timeout_seconds=base.timeout_seconds if self.timeout is None else self.timeout,
            statuses=base.statuses if self.statuses is None else self.statuses,
            locale=base.locale if self.locale is None else self.locale,
        )
        registry.check(settings, local=local)
        return settings


@dataclass(frozen=True)
class BackendChanges:
    """What changes about both backends of an agent."""

    first: BackendChange = field(default_factory=BackendChange)
    second: BackendChange = field(default_factory=partial(BackendChange, second=True))

    @property
    def change_anything(self) -> bool:
        """Whether any backend is set or taken away."""
        return any(change.sets_anything or change.none for change in (self.first, self.second))

    @property
    def password_names(self) -> list[str]:
        """What the operator must be asked for before the change, in order."""
        return [change.password_name for change in (self.first, self.second) if change.password_name]

    def with_passwords(self, passwords: Iterable[str]) -> "BackendChanges":
        """The changes with the passwords that `password_names` names, in that order."""
        answers = iter(passwords)

        def completed(change: BackendChange) -> BackendChange:
            return replace(change, password=next(answers)) if change.password_name else change

        return BackendChanges(completed(self.first), completed(self.second))

    def edits(self, agent: str, *, local: bool) -> Iterator[Edit]:
        """The edits that change the agent's backends, in order. Without a first backend an agent has no second one."""
        if self.first.none or self.second.none:
            yield agent_edits.set_backend(agent, None, second=True)
        if self.first.none:
            yield agent_edits.set_backend(agent, None)
        if self.first.sets_anything:
            yield agent_edits.change_backend(agent, partial(self.first.applied, local=local))
        if self.second.sets_anything:
            yield agent_edits.change_backend(agent, partial(self.second.applied, local=local), second=True)

    def check_allowed(self, operator: Operator) -> None:
        """Returns when every deployed stage may use the backends. Raises CommandDeclined, Unavailable.

        The operator hears how to allow it on a stage that is not deployed.
        """
        for change in (self.first, self.second):
            for option in change.places.keys() & _ALLOWED_BY.keys():
                output, variable = _ALLOWED_BY[option]
                require_allowed(operator, change.places[option], what=option, output=output, variable=variable)

    def new_secrets(self, agent: Agent) -> Mapping[str, str]:
        """The secrets that the change gave to the agent's backends, by name; they are shown only now."""
        return secrets_among(agent, {"signing_secret": self.first.secret, "second_signing_secret": self.second.secret})


def secrets_among(agent: Agent, candidates: Mapping[str, str]) -> Mapping[str, str]:
    """Those of the secrets that sign requests to the agent's backends, by name."""
    signing = [secret for backend in (agent.backend, agent.second_backend) if backend for secret in backend.secrets]
    return {name: secret for name, secret in candidates.items() if secret in signing}
