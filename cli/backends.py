"""What an operator says of an agent's backends, and what becomes of it."""

import base64
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import partial
from typing import get_args

from cli.context import Invocation
from cli.output import Record
from operations.stage.target import Stage
from operations.tenants import agent_edits
from operations.tenants.edits import Edit
from shared import backends as registry
from shared.errors import Declined, InvalidValue
from shared.tenants.agent import Agent, BackendSettings

PLACES = {"echo": None, "http": "url", "queue": "queue", "lex": "bot"}
"""Every kind of backend, and the option that says where it is."""

SHOWN_ONCE = "Give the backend its signing secret now: it is not shown again."

_ALLOWED_BY = {
    "queue": ("BackendQueues", "SMS_RECEIVER_BACKEND_QUEUES"),
    "bot": ("BackendBots", "SMS_RECEIVER_BACKEND_BOTS"),
}
"""The stack's output and the deployment's variable that tell what may be used."""


def new_secret() -> str:
    """A secret to sign with: 24 to 64 random bytes in base64 (Standard Webhooks specification, "Signature scheme")."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(36)).decode()  # which needs no = at its end


@dataclass(frozen=True)
class BackendOptions:
    """What was said of one backend of an agent; None for what was not.

    Attributes:
        prefix: what the names of its options begin with: nothing, or `second-`.
        none: whether the agent shall have no such backend.
        secret: signs for an HTTP backend that is new.
    """

    prefix: str
    kind: str | None = None
    url: str | None = None
    queue: str | None = None
    bot: str | None = None
    locale: str | None = None
    timeout: float | None = None
    statuses: bool | None = None
    none: bool = False
    secret: str = field(default_factory=new_secret, repr=False)

    @property
    def given(self) -> bool:
        """Whether anything was said of a backend that there shall be."""
        said = (self.kind, self.url, self.queue, self.bot, self.locale, self.timeout, self.statuses)
        return any(value is not None for value in said)

    @property
    def places(self) -> dict[str, str]:
        """Where it was said to be, by option."""
        said = {"url": self.url, "queue": self.queue, "bot": self.bot}
        return {option: place for option, place in said.items() if place is not None}

    def applied(self, present: BackendSettings | None, *, local: bool) -> BackendSettings:
        """The backend that this makes of the present one, which keeps what is not named. Raises InvalidValue.

        On the local stack it may be on this computer.
        """
        kind = self.kind or (present.kind if present else "")
        if kind not in PLACES:
            message = f"--{self.prefix}backend: choose one of {', '.join(PLACES)}"
            raise InvalidValue(message)
        for option in self.places.keys() - {PLACES[kind]}:
            message = f"--{self.prefix}backend-{option} says nothing of a backend of kind {kind}"
            raise InvalidValue(message)
        base = present if present and present.kind == kind else BackendSettings(kind)
        made = replace(
            base,
            target=next(iter(self.places.values()), base.target),
            secrets=base.secrets or ((self.secret,) if kind == "http" else ()),
            timeout_seconds=base.timeout_seconds if self.timeout is None else self.timeout,
            statuses=base.statuses if self.statuses is None else self.statuses,
            locale=base.locale if self.locale is None else self.locale,
        )
        registry.check(made, local=local)
        return made


@dataclass(frozen=True)
class Backends:
    """What was said of both backends of an agent."""

    first: BackendOptions = field(default_factory=lambda: BackendOptions(""))
    second: BackendOptions = field(default_factory=lambda: BackendOptions("second-"))

    @property
    def given(self) -> bool:
        """Whether anything was said."""
        return any(options.given or options.none for options in (self.first, self.second))

    def edits(self, agent: str, *, local: bool) -> Iterator[Edit]:
        """What changes the agent's backends so, one after the other. An agent without a first one has no second one."""
        if self.first.none or self.second.none:
            yield agent_edits.set_backend(agent, None, second=True)
        if self.first.none:
            yield agent_edits.set_backend(agent, None)
        if self.first.given:
            yield agent_edits.change_backend(agent, partial(self.first.applied, local=local))
        if self.second.given:
            yield agent_edits.change_backend(agent, partial(self.second.applied, local=local), second=True)

    def check_allowed(self, run: Invocation) -> None:
        """Returns when every stage may use what was named; notes how to allow it on one that is not deployed.

        Raises Declined, Unavailable.
        """
        for options in (self.first, self.second):
            for option in options.places.keys() & _ALLOWED_BY.keys():
                _check_allowed(run, option, options.places[option])

    def new_secrets(self, agent: Agent) -> Record:
        """The secrets that were made for the agent's backends, to be shown once."""
        made = {"signing_secret": self.first.secret, "second_signing_secret": self.second.secret}
        signing = [secret for backend in (agent.backend, agent.second_backend) if backend for secret in backend.secrets]
        return {name: secret for name, secret in made.items() if secret in signing}


def _check_allowed(run: Invocation, option: str, arn: str) -> None:
    output, variable = _ALLOWED_BY[option]
    for stage in get_args(Stage):
        outputs = run.target.outputs(stage)
        allowed = [] if outputs is None else [one for one in outputs.get(output, "none").split(",") if one != "none"]
        if any(fnmatchcase(arn, one) for one in allowed):
            continue
        how = f"{variable}={','.join([*allowed, arn])} make deploy STAGE={stage}"
        if outputs is None:
            run.output.note(f"Stage {stage} is not deployed; to let it use this {option}: {how}")
        else:
            message = f"stage {stage} may not use this {option}; allow it first, with: {how}"
            raise Declined(message)
