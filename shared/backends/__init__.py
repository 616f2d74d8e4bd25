"""The registry of backends: the list that operators choose from.

A new kind is one module that keeps `shared.ports.Backend`, one entry here, and a rig in tests/contract; CONTRIBUTING.md
has the steps. What only an HTTP backend needs is imported when the first one is opened: it costs every cold start else.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.agent import BackendSettings
from shared.backends import echo, http, lex, queue
from shared.backends.lex import Bot
from shared.errors import Configuration, InvalidValue
from shared.ports import Backend, MessageQueue
from shared.rules import require


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
    check: Callable[..., None]
    build: Callable[[BackendSettings, Surroundings], Backend]


def _http(settings: BackendSettings, surroundings: Surroundings) -> Backend:
    from shared.backends.posting import Poster  # noqa: PLC0415 - requests takes 20 to 100 ms to import

    return http.HttpBackend(settings, Poster(local=surroundings.local), surroundings.now)


_KINDS: dict[str, _Kind] = {
    "echo": _Kind(
        "says back what was written; for trying things out",
        echo.check,
        lambda _settings, _surroundings: echo.EchoBackend(),
    ),
    "http": _Kind("an HTTPS service of yours that gets each text as a signed request", http.check, _http),
    "queue": _Kind(
        "an SQS queue of yours; what reads it answers later, through the API",
        queue.check,
        lambda settings, surroundings: queue.QueueBackend(surroundings.queue(settings.target)),
    ),
    "lex": _Kind(
        "a bot of Amazon Lex V2",
        lex.check,
        lambda settings, surroundings: lex.LexBackend(surroundings.bot(settings)),
    ),
}

BACKENDS: Mapping[str, str] = {kind: entry.description for kind, entry in _KINDS.items()}
"""What an operator can choose from: each kind, and what it is in one line."""


def check(settings: BackendSettings, *, local: bool = False, allowed: Collection[str] | None = None) -> None:
    """Raises InvalidValue, with a sentence that says what to do, unless a backend can be made of the settings.

    Args:
        settings: what an operator wants.
        local: whether the deployment allows HTTP backends on its own computer (the setting `BACKEND_ADDRESSES`).
        allowed: the ARNs of the queues and bots that the deployment may use; None when they are not known.
    """
    entry = _KINDS.get(settings.kind)
    require(entry, f"backend: there is no kind {settings.kind!r}; choose one of {', '.join(BACKENDS)}")
    assert entry  # noqa: S101 - for the type checker; the line before has raised
    entry.check(settings, local=local, allowed=allowed)


def open_backend(settings: BackendSettings, surroundings: Surroundings) -> Backend:
    """The backend. Raises Configuration when none can be made of the settings."""
    try:
        check(settings, local=surroundings.local)
    except InvalidValue as error:
        raise Configuration(str(error)) from error
    return _KINDS[settings.kind].build(settings, surroundings)
