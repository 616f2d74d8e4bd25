"""An agent: what texts are for, who answers them, and with what manners."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from shared.tenants.validation import is_name, require

STAGES = ("east", "south")
AGENT_NAME_MAX = 64
TIMEOUT_SECONDS_MAX = 60
SESSION_SECONDS_MAX = 7 * 24 * 3600
FAILURE_REPLY_MAX = 1024
FAILURE_REPLY = "We're sorry, but we can't respond to your message."

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_KIND = re.compile(r"[a-z][a-z0-9]{0,31}")
_TARGET_MAX = 2048


class AgentKind(StrEnum):
    """How people reach an agent."""

    SMS = "sms"
    VOICE = "voice"
    VOICE_AND_SMS = "voice+sms"

    @property
    def takes_texts(self) -> bool:
        """Whether texts may be sent to this agent: `sms` and `voice+sms`."""
        return self is not AgentKind.VOICE


@dataclass(frozen=True)
class BackendSettings:
    """One backend of an agent, as the tenant's document names it.

    Attributes:
        kind: its name in the registry, `shared/backends/__init__.py`.
        target: where it is: a URL, a queue's ARN or a bot alias's ARN; empty where none is needed.
        secrets: the Standard Webhooks secrets that sign, the newest first; several while one is rotated.
        timeout_seconds: how long it may take to answer one text, everything included.
        statuses: whether it wants to hear what became of its replies.
        locale: the language of a Lex bot, such as `en_US`.
    """

    kind: str
    target: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    timeout_seconds: float = 30
    statuses: bool = False
    locale: str = ""

    def __post_init__(self) -> None:
        """Raises InvalidValue. What only one kind needs is checked by the registry when a backend is chosen."""
        require(_KIND.fullmatch(self.kind), "backend: its kind is a word of lower-case letters and digits")
        require(len(self.target) <= _TARGET_MAX, f"backend: use no more than {_TARGET_MAX} characters for its target")
        require(
            0 < self.timeout_seconds <= TIMEOUT_SECONDS_MAX,
            f"backend: its time-out must be more than 0 and no more than {TIMEOUT_SECONDS_MAX} seconds",
        )


@dataclass(frozen=True)
class Agent:
    """What texts are for.

    Attributes:
        region: the stage whose URL its numbers use, and where its claims are at home.
        numbers: E.164.
        backend: who answers; None as long as nobody does.
        second_backend: who is asked when the first is unavailable.
        session_seconds: how long after a text the next one still belongs to the same session.
        failure_reply: what a person hears when the backend failed for good; None for nothing.
    """

    name: str
    kind: AgentKind
    region: str
    numbers: tuple[str, ...] = field(default=(), repr=False)
    backend: BackendSettings | None = None
    second_backend: BackendSettings | None = None
    session_seconds: float = 3600
    failure_reply: str | None = field(default=FAILURE_REPLY, repr=False)

    @property
    def wants_statuses(self) -> bool:
        """Whether one of its backends wants to hear what became of its replies."""
        return any(place.statuses for place in (self.backend, self.second_backend) if place)

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require(
            is_name(self.name, AGENT_NAME_MAX),
            f"agent name: use 1 to {AGENT_NAME_MAX} printable characters, no spaces around them",
        )
        require(self.region in STAGES, f"agent region: choose one of {', '.join(STAGES)}")
        require(
            all(_E164.fullmatch(number) for number in self.numbers),
            f"agent {self.name!r}: every number must be in E.164 form, such as +12025550123",
        )
        require(
            self.kind.takes_texts or not self.numbers,
            f"agent {self.name!r} is of kind {self.kind.value} and takes no texts; only sms and voice+sms hold numbers",
        )
        require(self.backend or not self.second_backend, f"agent {self.name!r}: a second backend needs a first one")
        require(
            0 < self.session_seconds <= SESSION_SECONDS_MAX,
            f"agent {self.name!r}: a session lasts more than 0 and no more than {SESSION_SECONDS_MAX} seconds",
        )
        require(
            self.failure_reply is None or 0 < len(self.failure_reply) <= FAILURE_REPLY_MAX,
            f"agent {self.name!r}: use 1 to {FAILURE_REPLY_MAX} characters for the failure reply, or none at all",
        )
