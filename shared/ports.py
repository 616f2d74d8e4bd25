"""The interfaces that the domain needs, as Protocols. The adapters and the fakes in tests implement them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from shared.messages.inbound import Acknowledgement, InboundMessage, Misdirection, WebhookRequest
from shared.messages.outbound import (
    Answer,
    OutboundMessage,
    Parked,
    Reply,
    SentMessage,
    StoppedConversation,
    StoredMessage,
)
from shared.messages.promises import Promise
from shared.messages.sessions import EndedBy, ReceivedText, Session, SessionText, Turn
from shared.messages.status import ProviderStatus, StatusOrder, StatusReport
from shared.messages.usage import Counted
from shared.telemetry import Metric
from shared.tenants.account import Account
from shared.tenants.agent import Agent

T = TypeVar("T")
Json = dict[str, Any]


class Provider(Protocol):
    """An SMS provider's webhooks. The list is `shared/providers/webhooks.py`."""

    @property
    def name(self) -> str:
        """The same as in its rules."""

    @property
    def account_command(self) -> str:
        """The same as in its rules."""

    @property
    def signature_header(self) -> str:
        """The header of its signature, in lower case. A request with this header is a webhook of this provider."""

    @property
    def acknowledgement(self) -> Acknowledgement:
        """The response that tells it that we have its message."""

    def account(self, request: WebhookRequest) -> str | None:
        """The account in the request, or None; unverified."""

    def require_readable(self, request: WebhookRequest) -> None:
        """Raises WrongContentType, TooLarge or Malformed when the request is not in the provider's format at all."""

    def message_id(self, request: WebhookRequest) -> str | None:
        """The message's id in the request, or None; unverified, but in the provider's format."""

    def verify(self, request: WebhookRequest, secrets: Sequence[str]) -> bool:
        """Whether one of the secrets signed the request. Never raises."""

    def is_ambiguous(self, request: WebhookRequest) -> bool:
        """Whether the signature of a signed request also fits a request with other fields. Never raises.

        False when the provider's signature covers the borders between fields.
        """

    def misdirection(self, request: WebhookRequest) -> Misdirection | None:
        """What the request is, if it is certainly not a received message; else None. Never raises."""

    def parse(self, request: WebhookRequest) -> InboundMessage:
        """The message. Raises Malformed, and as `require_readable` does."""

    def parse_status(self, request: WebhookRequest) -> StatusReport:
        """The contents of a status webhook. Raises Malformed, and as `require_readable` does."""


class ProviderApi(Protocol):
    """An SMS provider's API for sending, for one account at a time. The list is `shared/providers/apis.py`."""

    def send(self, message: OutboundMessage, account: Account, *, status_url: str) -> SentMessage:
        """Sends the message to the provider, which will post its statuses to `status_url`.

        Raises Unavailable when the provider certainly did not accept it but may later, InDoubt when the response was
        lost, UpstreamRefused, Configuration.
        """

    def find(self, message: OutboundMessage, account: Account, *, since: datetime) -> Sequence[SentMessage]:
        """The provider's messages since then that have the same contents as this one.

        Raises Unavailable, UpstreamRefused, Configuration.
        """

    def read(self, message_id: str, account: Account) -> StoredMessage:
        """The message with this id of the provider's. Raises Unavailable, UpstreamRefused, Configuration."""


class Backend(Protocol):
    """A backend, which answers texts. One module each; the registry is `shared/backends/__init__.py`."""

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """The answer to an event, which is a text or a status. It may be called again with the same event.

        Raises Unavailable when it may succeed later, UpstreamRefused when it will not.
        """


class MessageQueue(Protocol):
    """A durable queue that keeps the order within a group.

    For five minutes it drops what repeats a deduplication id of the same group.
    """

    def send(self, event: Mapping[str, object], *, group: str, deduplication: str) -> None:
        """Returns when the event is durable. Raises Unavailable, or Malformed when it is too large."""


class DelayedQueue(Protocol):
    """A durable queue without an order, whose events come after a delay, at least once."""

    def send(self, event: Mapping[str, object], *, after_seconds: float) -> None:
        """Returns when the event is durable. It may come earlier than asked. Raises Unavailable."""


class Claims(Protocol):
    """Durable claims: the right to do something once."""

    def once(
        self, effect: str, key: str, action: Callable[[], Json], *, stage: str, payload: Json | None = None
    ) -> Json:
        """The result of `action`, from now or from the first time. A claim is never granted twice while it lives.

        When the action raises, the claim is released. When it crashes, the claim is released after its time limit.

        Args:
            effect: the kind of action, such as `ask` or `send`.
            key: the id of its object.
            action: the action; its result is kept as long as the claim.
            stage: the agent's home stage, for when claims are kept in more than one place.
            payload: values that must be the same in every call for this claim.

        Raises what `action` raises, InProgress while another invocation does it, Mismatch for another payload,
        Unavailable.
        """


class Sessions(Protocol):
    """The latest session of each conversation. A conversation here is `<tenant>.<conversation id>`."""

    def turn(self, conversation: str, text: ReceivedText, agent: Agent) -> Turn | None:
        """The text's place in the session that is open, or that it begins.

        A repeated call for the latest text returns the same, also when a program has created another session since.
        None when no session is open and the agent begins none for a text. Raises Unavailable.
        """

    def begin(self, session: Session, agent: Agent) -> Session:
        """Stores a session that a program created, in the place of any other, which has ended then.

        A session that is stored already stays as it is. Returns it as it is stored. Raises Unavailable.
        """

    def end(self, conversation: str, message_id: str) -> None:
        """Ends the session of which this text is the latest, so that the next text begins a new one.

        Nothing changes when a later text came, or the session has ended. What backends kept in it is dropped, as by
        `end_at`. Raises Unavailable.
        """

    def end_at(self, session: Session, ended_by: EndedBy) -> bool:
        """Ends a session as it was read; False when it was changed or ended since. Raises Unavailable."""

    def find(self, conversation: str) -> Session | None:
        """The latest session, which may have ended; None when there is none. Raises Unavailable."""

    def latest(self, tenant_id: str) -> Iterator[Sequence[Session]]:
        """The latest session of each of a tenant's conversations, in pages, in any order. Raises Unavailable."""


class BackendStates(Protocol):
    """What backends keep from one text of a session to the next, where the service behind them does not keep it."""

    def before(self, text: SessionText) -> Json | None:
        """The state in which the backend gets the text: the same however often; None for the first of a session.

        It is what the backend kept after the text before. A text that was never answered changes nothing.
        Raises Unavailable.
        """

    def keep(self, text: SessionText, state: Json) -> None:
        """Stores the backend's state after it answered the text. It is dropped with the session. Raises Unavailable."""


class Limits(Protocol):
    """Rate limits per conversation. The same text counts once."""

    def within(self, name: str, conversation: str, message_id: str, *, most: int, per: timedelta) -> bool:
        """Counts the text; False when `most` texts were counted in this period before. Raises Unavailable."""


class SendLimits(Protocol):
    """Rate limits on what programs send: per API key, and per tenant."""

    def admit(  # noqa: PLR0913 - two limits, and what they count
        self,
        tenant_id: str,
        credential_id: str,
        messages: int,
        *,
        most_of_key: int,
        most_of_tenant: int,
        begin: datetime,
        per: timedelta,
    ) -> bool:
        """Counts messages in the period that began then; False, and counts none, when they are too many.

        They are too many when the credential would exceed `most_of_key`, or all of the tenant `most_of_tenant`.
        Raises Unavailable.
        """


class OptOuts(Protocol):
    """The opt-outs that the provider does not keep. A conversation here is `<tenant>.<conversation id>`."""

    def stop(self, stopped: StoppedConversation) -> None:
        """Stores a STOP with its time.

        The later of STOP and START counts, in whichever order they are stored; STOP counts when both have the same
        time. Raises Unavailable.
        """

    def start(self, conversation: str, *, at: datetime) -> None:
        """Stores a START and its time, for as long as an older STOP may arrive. Raises Unavailable."""

    def has_stopped(self, conversation: str) -> bool:
        """Whether the latest word is STOP. Raises Unavailable."""

    def stopped(self, tenant_id: str) -> Iterator[Sequence[StoppedConversation]]:
        """The tenant's conversations of which the latest word is STOP, in pages, in any order. Raises Unavailable."""


class Promises(Protocol):
    """The records of texts that are answered later. Each call is one conditional change, and may be repeated."""

    def make(self, promise: Promise) -> Promise:
        """The promise, stored; or the one that its text has already, such as of an answer that came earlier.

        A record of another conversation counts for nothing, and is replaced. Raises Unavailable.
        """

    def find(self, tenant_id: str, text_id: str) -> Promise | None:
        """The record of a text, or None. Raises Unavailable."""

    def fulfil(self, promise: Promise) -> None:
        """Notes that the text was answered, and with which answer; also when nobody promised it, or the time was over.

        A record of another conversation stays as it is. Raises Unavailable.
        """

    def miss(self, promise: Promise) -> bool:
        """Notes that no answer came in time; False when one came, and then nothing is noted. Raises Unavailable."""

    def waiting(self, tenant_id: str) -> Iterable[Promise]:
        """The texts of a tenant that wait for an answer, also those that are overdue, in the order of `due_at`.

        What was changed a moment ago may be missing. Raises Unavailable.
        """


class Replies(Protocol):
    """The records of outbound messages. Each call is one conditional update."""

    def find(self, tenant_id: str, reply_id: str) -> Reply | None:
        """The record, or None. Raises Unavailable."""

    def attempt(self, reply: Reply, *, at: datetime) -> None:
        """Notes that the message is about to be sent to the provider. The time of an earlier attempt stays.

        Creates the record when there is none. Raises Unavailable.
        """

    def withdraw(self, tenant_id: str, reply_id: str) -> None:
        """Notes that the provider certainly did not accept the message: it was never attempted. Raises Unavailable."""

    def park(self, reply: Reply) -> None:
        """Sets the status PARKED, unless there is a status from the provider. Any of those replaces it.

        Creates the record when there is none. Raises Unavailable.
        """

    def refuse(self, reply: Reply, status: ProviderStatus) -> None:
        """Sets the final status of a message that will never be sent, unless the stored rank is as high.

        Creates the record when there is none. Raises Unavailable.
        """

    def advance(  # noqa: PLR0913 - a status and what comes with it
        self,
        tenant_id: str,
        reply_id: str,
        status: ProviderStatus,
        *,
        message_id: str,
        error_code: int | None,
        segments: int | None = None,
    ) -> tuple[Reply, StatusOrder]:
        """Sets a status as far as its rank allows it, and the provider's id if it is not set.

        A status of another message than the reply's changes nothing. Returns the record after that, and how the status
        relates to it. `segments` is how many it takes, where the provider has told. Raises NotFound when there is no
        such reply, Unavailable.
        """

    def supersede(self, tenant_id: str, reply_id: str, message_id: str) -> Reply:
        """Notes that this message of the provider's failed for now, and that the reply will be sent once more.

        The record has neither an attempt nor a status then. It stays as it is when this message is not the reply's, or
        was superseded before. Returns the record. Raises NotFound when there is no such reply, Unavailable.
        """

    def owner(self, tenant_id: str, message_id: str) -> str | None:
        """The id of the reply that has this provider's id, or None. Raises Unavailable."""


class Tries(Protocol):
    """The number of tries of a queued message.

    It can be lower than the queue's own count, which includes deliveries during an outage of our tables, and those that
    no free Lambda function could take.
    """

    def count(self, queue_message_id: str, receives: int) -> int:
        """The number of tries of a message, including this one. Raises Unavailable.

        The first receive is not stored, because most messages have no other.

        Args:
            queue_message_id: the queue's id of the message.
            receives: how many times the queue has delivered it.
        """


class Parking(Protocol):
    """The parked events, until they are replayed, discarded or expired."""

    def park(self, parked: Parked, failure: Counted | None = None) -> None:
        """Parks an event, and replaces an earlier copy of it. Raises Unavailable.

        Args:
            parked: the event.
            failure: is counted together with it: both happen, or none. None where nothing is counted.
        """

    def parked(self, tenant_id: str) -> Iterable[Parked]:
        """All parked events of a tenant, the oldest first. Raises Unavailable."""

    def find(self, tenant_id: str, event_id: str) -> Parked | None:
        """The parked event with this id, or None. Raises Unavailable."""

    def remove(self, parked: Parked) -> None:
        """Removes a parked event, if it is still there and was not parked again since. Raises Unavailable."""


class Meter(Protocol):
    """A collector of what a log line and its metrics say besides what happened."""

    def add(self, metric: Metric, value: float = 1) -> None:
        """Adds a count or a measurement. Values of the same metric add up."""

    def names_agent(self, agent_id: str) -> None:
        """Says which agent the line is about."""
