"""An agent: the backends that answer for it, and its settings. Which numbers it has is stored with the numbers."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from shared.tenants.validation import is_name, require

STAGES = ("east", "south")
AGENT_NAME_MAX = 64
TIMEOUT_SECONDS_MAX = 60
SESSION_SECONDS_MAX = 7 * 24 * 3600
ANSWER_WITHIN_SECONDS = 300
ANSWER_WITHIN_SECONDS_MAX = 12 * 3600
SENTENCE_MAX = 1024
"""The most characters of a sentence that an agent says by itself: the failure reply, and the notice of a time-out."""
FAILURE_REPLY = "We're sorry, but we can't respond to your message."

_AGENT_ID = re.compile(r"[0-9A-Za-z]{8}")
_KIND = re.compile(r"[a-z][a-z0-9]{0,31}")
_TARGET_MAX = 2048
# Names: letters, digits, - and _, and the .fifo of FIFO ones (SQS API, CreateQueue; SNS API, CreateTopic).
_JOURNAL_TARGET = re.compile(r"arn:aws[a-z-]*:(sqs|sns):[a-z0-9-]{1,32}:[0-9]{12}:[0-9A-Za-z_-]{1,256}(\.fifo)?")


def is_journal_target(text: str) -> bool:
    """Whether it is the ARN of an SQS queue or an SNS topic."""
    return _JOURNAL_TARGET.fullmatch(text) is not None


def is_agent_id(text: str) -> bool:
    """Whether an agent may have this id."""
    return bool(_AGENT_ID.fullmatch(text))


class AgentKind(StrEnum):
    """The ways to reach an agent."""

    SMS = "sms"
    VOICE = "voice"
    VOICE_AND_SMS = "voice+sms"

    @property
    def takes_texts(self) -> bool:
        """Whether people can text this agent: true for `sms` and `voice+sms`."""
        return self is not AgentKind.VOICE


@dataclass(frozen=True)
class BackendSettings:
    """The settings of one of an agent's backends.

    Attributes:
        kind: its name in the registry, `shared/backends/__init__.py`.
        target: a URL, the ARN of a queue or the ARN of a bot alias; empty for a kind that needs none.
        signed: whether its requests carry proof of who sends them: a signature, or a password.
        secrets: the Standard Webhooks secrets to sign with, newest first; several during a rotation. With a user the
            password alone. Only the forwarder and operators may read them; for others there are none, also where
            `signed` is true.
        timeout_seconds: the limit for answering one text, including all network time.
        statuses: whether the backend gets the delivery statuses of its replies.
        locale: the locale of a Lex bot, such as `en_US`; empty for other kinds.
        user: whose password it is; empty for a kind that signs its requests, or proves nothing.
    """

    kind: str
    target: str = field(default="", repr=False)
    signed: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)
    timeout_seconds: float = 30
    statuses: bool = False
    locale: str = ""
    user: str = ""

    def __post_init__(self) -> None:
        """Raises InvalidValue. The registry of backends checks the rules of each kind when a backend is set."""
        require(_KIND.fullmatch(self.kind), "backend: its kind must be a word of lower-case letters and digits")
        require(self.signed or not self.secrets, "backend: its requests are not signed, but it has signing secrets")
        require(self.signed or not self.user, "backend: a user needs a password")
        require(len(self.target) <= _TARGET_MAX, f"backend: use no more than {_TARGET_MAX} characters for its target")
        require(
            0 < self.timeout_seconds <= TIMEOUT_SECONDS_MAX,
            f"backend: its time-out must be more than 0 and no more than {TIMEOUT_SECONDS_MAX} seconds",
        )


@dataclass(frozen=True)
class JournalSettings:
    """Where an agent's journal goes.

    Attributes:
        target: the ARN of an SQS queue or an SNS topic.
        with_text: whether texts, links and whole addresses go there, too.
    """

    target: str
    with_text: bool = False

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require(
            is_journal_target(self.target),
            "journal: its target is the ARN of an SQS queue or an SNS topic, such as "
            "arn:aws:sqs:us-east-1:123456789012:sms-journal",
        )


@dataclass(frozen=True)
class Agent:
    """An agent of a tenant.

    Attributes:
        id: eight letters and digits, which stay when the name changes.
        stage: the agent's stage, whose URL its numbers use and whose table keeps its claims; `region` in the document.
        backend: the backend that answers; None when none is set.
        second_backend: the backend to use when the first is unavailable.
        session_seconds: the longest pause between two texts of one session.
        failure_reply: the reply to a person when no backend could answer; None to send nothing.
        answer_within_seconds: how long a backend may take that said that it will answer later; then the person gets the
            failure reply. 0 for as long as it likes.
        initiates_from_inbound: whether a text begins a session when none is open. Otherwise only programs do, and a
            text outside a session is not answered.
        timeout_notice: the message to a person whose session timed out; None to send nothing.
        journal: where it is told what happens; None for nowhere.
    """

    id: str
    name: str
    kind: AgentKind
    stage: str
    backend: BackendSettings | None = None
    second_backend: BackendSettings | None = None
    session_seconds: float = 3600
    failure_reply: str | None = field(default=FAILURE_REPLY, repr=False)
    answer_within_seconds: float = ANSWER_WITHIN_SECONDS
    initiates_from_inbound: bool = True
    timeout_notice: str | None = field(default=None, repr=False)
    journal: JournalSettings | None = None

    @property
    def watches_sessions(self) -> bool:
        """Whether something is to be done when a session times out."""
        return self.timeout_notice is not None or self.journal is not None

    @property
    def hears_statuses(self) -> bool:
        """Whether delivery statuses are wanted: by a backend, or for the journal."""
        return self.wants_statuses or self.journal is not None

    @property
    def wants_statuses(self) -> bool:
        """Whether one of its backends gets delivery statuses."""
        return any(backend.statuses for backend in (self.backend, self.second_backend) if backend)

    def __post_init__(self) -> None:
        """Raises InvalidValue."""
        require(is_agent_id(self.id), "agent id: it must be eight letters and digits")
        require(
            is_name(self.name, AGENT_NAME_MAX),
            f"agent name: use 1 to {AGENT_NAME_MAX} printable characters, no spaces around them",
        )
        require(self.stage in STAGES, f"agent region: choose one of {', '.join(STAGES)}")
        require(self.backend or not self.second_backend, f"agent {self.name!r}: a second backend needs a first one")
        require(
            0 < self.session_seconds <= SESSION_SECONDS_MAX,
            f"agent {self.name!r}: a session must last more than 0 and no more than {SESSION_SECONDS_MAX} seconds",
        )
        require(
            self.failure_reply is None or 0 < len(self.failure_reply) <= SENTENCE_MAX,
            f"agent {self.name!r}: use 1 to {SENTENCE_MAX} characters for the failure reply, or none at all",
        )
        notice = self.timeout_notice
        require(
            notice is None or (notice.strip() and len(notice) <= SENTENCE_MAX),
            f"agent {self.name!r}: use 1 to {SENTENCE_MAX} characters, not only blanks, for the notice of a time-out, "
            "or none at all",
        )
        require(
            0 <= self.answer_within_seconds <= ANSWER_WITHIN_SECONDS_MAX,
            f"agent {self.name!r}: a late answer may take no more than {ANSWER_WITHIN_SECONDS_MAX} seconds, or 0 for "
            "any time",
        )
