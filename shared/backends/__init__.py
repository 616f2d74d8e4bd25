"""The registry of backends: the list that operators choose from.

A new kind is one module that implements `shared.ports.Backend`, one entry here, and a rig in tests/contract;
CONTRIBUTING.md has the steps. The HTTP client is imported when the first backend with a URL is opened, and a rare kind
when the first of its kind is, because they would slow down every cold start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from shared.backends import echo, http, lex, sqs
from shared.backends.lex import Bot
from shared.errors import Configuration, InvalidValue
from shared.tenants.agent import BackendSettings
from shared.tenants.validation import require

if TYPE_CHECKING:
    from shared.backends.post import Post
    from shared.ports import Backend, BackendStates, MessageQueue


@dataclass(frozen=True)
class BackendDependencies:
    """What backends are built with.

    Attributes:
        local: whether HTTP backends may use loopback addresses and plain HTTP. For development only.
        queue: returns the queue with an ARN.
        bot: returns the bot of the settings.
        states: keeps what a backend needs of a session.
        now: returns the current time, in UTC.
    """

    local: bool
    queue: Callable[[str], MessageQueue]
    bot: Callable[[BackendSettings], Bot]
    states: BackendStates
    now: Callable[[], datetime]


@dataclass(frozen=True)
class _Kind:
    description: str
    check: Callable[[BackendSettings, bool], None]
    build: Callable[[BackendSettings, BackendDependencies], Backend]


def _post(dependencies: BackendDependencies) -> Post:
    from shared.backends.transport import Poster  # noqa: PLC0415 - requests takes 20 to 100 ms to import

    return Poster(local=dependencies.local)


def _check_soe(settings: BackendSettings, local: bool) -> None:  # noqa: FBT001 - as `_Kind.check` is called
    from shared.backends import soe  # noqa: PLC0415

    soe.check(settings, local=local)


def _soe(settings: BackendSettings, dependencies: BackendDependencies) -> Backend:
    from shared.backends.soe import SoeBackend  # noqa: PLC0415

    return SoeBackend(settings, _post(dependencies), dependencies.states, dependencies.now)


def _check_watson(settings: BackendSettings, local: bool) -> None:  # noqa: FBT001 - as `_Kind.check` is called
    from shared.backends import watson  # noqa: PLC0415

    watson.check(settings, local=local)


def _watson(settings: BackendSettings, dependencies: BackendDependencies) -> Backend:
    from shared.backends.watson import WatsonBackend  # noqa: PLC0415

    return WatsonBackend(settings, _post(dependencies), dependencies.states, dependencies.now)


_KINDS: dict[str, _Kind] = {
    "echo": _Kind(
        "sends each text back; for trying things out",
        lambda settings, _local: echo.check(settings),
        lambda _settings, _dependencies: echo.EchoBackend(),
    ),
    "http": _Kind(
        "an HTTPS service of yours that gets each text as a signed request",
        lambda settings, local: http.check(settings, local=local),
        lambda settings, dependencies: http.HttpBackend(settings, _post(dependencies), dependencies.now),
    ),
    "queue": _Kind(
        "an SQS queue of yours; what reads it answers later, through the API",
        lambda settings, _local: sqs.check(settings),
        lambda settings, dependencies: sqs.QueueBackend(dependencies.queue(settings.target)),
    ),
    "lex": _Kind(
        "a bot of Amazon Lex V2",
        lambda settings, _local: lex.check(settings),
        lambda settings, dependencies: lex.LexBackend(dependencies.bot(settings)),
    ),
    "soe": _Kind(
        "a Service Orchestration Engine of yours that was written for IBM's Voice Agent",
        _check_soe,
        _soe,
    ),
    "watson": _Kind(
        "an assistant of IBM's Watson Assistant",
        _check_watson,
        _watson,
    ),
}

BACKENDS: Mapping[str, str] = {kind: entry.description for kind, entry in _KINDS.items()}
"""The kinds that an operator can choose from, each with a description of one line."""


def check(settings: BackendSettings, *, local: bool = False) -> None:
    """Raises InvalidValue, with a sentence that says what to do, unless the settings describe a usable backend.

    It does not check whether the deployment has the permission to use a queue or a bot.

    Args:
        settings: the settings that an operator chose.
        local: whether HTTP backends may use loopback addresses (the setting `BACKEND_ADDRESSES`).
    """
    entry = _KINDS.get(settings.kind)
    require(entry, f"backend: there is no kind {settings.kind!r}; choose one of {', '.join(BACKENDS)}")
    assert entry  # noqa: S101 - for the type checker; the line before has raised
    entry.check(settings, local)


def open_backend(settings: BackendSettings, dependencies: BackendDependencies) -> Backend:
    """The backend for the settings. Raises Configuration when the settings are invalid."""
    try:
        check(settings, local=dependencies.local)
    except InvalidValue as error:
        raise Configuration(str(error)) from error
    return _KINDS[settings.kind].build(settings, dependencies)
