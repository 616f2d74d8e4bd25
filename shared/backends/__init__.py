"""The registry of backends: the list that operators choose from.

A new kind is one module that keeps `shared.ports.Backend`, one entry here, and a rig in tests/contract; CONTRIBUTING.md
has the steps. What only an HTTP backend needs is imported when the first one is opened: it costs every cold start else.
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
    from shared.ports import Backend, MessageQueue


@dataclass(frozen=True)
class Surroundings:
    """What backends are built with.

    Attributes:
        local: whether HTTP backends may be on this computer, and without TLS: for development, never for production.
        queue: gives the queue that an ARN names.
        bot: gives the bot that the settings name.
        now: the time, in UTC.
    """

    local: bool
    queue: Callable[[str], MessageQueue]
    bot: Callable[[BackendSettings], Bot]
    now: Callable[[], datetime]


@dataclass(frozen=True)
class _Kind:
    description: str
    check: Callable[[BackendSettings, bool], None]
    build: Callable[[BackendSettings, Surroundings], Backend]


def _http(settings: BackendSettings, surroundings: Surroundings) -> Backend:
    from shared.backends.transport import Poster  # noqa: PLC0415 - requests takes 20 to 100 ms to import

    return http.HttpBackend(settings, Poster(local=surroundings.local), surroundings.now)


_KINDS: dict[str, _Kind] = {
    "echo": _Kind(
        "says back what was written; for trying things out",
        lambda settings, _local: echo.check(settings),
        lambda _settings, _surroundings: echo.EchoBackend(),
    ),
    "http": _Kind(
        "an HTTPS service of yours that gets each text as a signed request",
        lambda settings, local: http.check(settings, local=local),
        _http,
    ),
    "queue": _Kind(
        "an SQS queue of yours; what reads it answers later, through the API",
        lambda settings, _local: sqs.check(settings),
        lambda settings, surroundings: sqs.QueueBackend(surroundings.queue(settings.target)),
    ),
    "lex": _Kind(
        "a bot of Amazon Lex V2",
        lambda settings, _local: lex.check(settings),
        lambda settings, surroundings: lex.LexBackend(surroundings.bot(settings)),
    ),
}

BACKENDS: Mapping[str, str] = {kind: entry.description for kind, entry in _KINDS.items()}
"""What an operator can choose from: each kind, and what it is in one line."""


def check(settings: BackendSettings, *, local: bool = False) -> None:
    """Raises InvalidValue, with a sentence that says what to do, unless a backend can be made of the settings.

    Args:
        settings: what an operator wants.
        local: whether the deployment allows HTTP backends on its own computer (the setting `BACKEND_ADDRESSES`).

    Whether the deployment may use a queue or a bot is AWS's to say.
    """
    entry = _KINDS.get(settings.kind)
    require(entry, f"backend: there is no kind {settings.kind!r}; choose one of {', '.join(BACKENDS)}")
    assert entry  # noqa: S101 - for the type checker; the line before has raised
    entry.check(settings, local)


def open_backend(settings: BackendSettings, surroundings: Surroundings) -> Backend:
    """The backend. Raises Configuration when none can be made of the settings."""
    try:
        check(settings, local=surroundings.local)
    except InvalidValue as error:
        raise Configuration(str(error)) from error
    return _KINDS[settings.kind].build(settings, surroundings)
