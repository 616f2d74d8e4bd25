"""What the domain needs of the world, as Protocols; adapters and tests' fakes keep them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from shared.messages.inbound import Acknowledgement, InboundMessage, Misdirection, StatusReport, WebhookRequest
from shared.messages.outbound import Answer, OutboundMessage, Parked, Reply, SentMessage, StatusOrder, Turn
from shared.telemetry import Metric
from shared.tenants.tenant import Account

T = TypeVar("T")
Json = dict[str, Any]


class Provider(Protocol):
    """An SMS carrier's API. One module each; the registry is `shared/providers/__init__.py`."""

    @property
    def name(self) -> str:
        """The name that operators choose it by."""

    @property
    def signature_header(self) -> str:
        """The header, in lower case, that carries its signature; tells whose webhook a request is."""

    @property
    def acknowledgement(self) -> Acknowledgement:
        """What it wants to hear when a message is safe with us."""

    def account(self, request: WebhookRequest) -> str | None:
        """The account that the request says it comes from, or None; unverified."""

    def message_id(self, request: WebhookRequest) -> str | None:
        """The id that the request says its message has, or None; unverified, but shaped like one of the provider's."""

    def verify(self, request: WebhookRequest, secrets: Sequence[str]) -> bool:
        """Whether one of the secrets signed the request. Never raises."""

    def is_ambiguous(self, request: WebhookRequest) -> bool:
        """Whether what is signed may be another message as well, of which this request is made. Never raises.

        Of a request that is signed. False where the provider's signature tells fields apart.
        """

    def misdirection(self, request: WebhookRequest) -> Misdirection | None:
        """What a request is that certainly is no received message; None for what may be one. Never raises."""

    def parse(self, request: WebhookRequest) -> InboundMessage:
        """The message. Raises Malformed."""

    def parse_status(self, request: WebhookRequest) -> StatusReport:
        """What a status webhook says. Raises Malformed."""


class ProviderApi(Protocol):
    """An SMS carrier's API for sending, for one account at a time."""

    def send(self, message: OutboundMessage, account: Account, *, status_url: str) -> SentMessage:
        """Gives the message to the provider, which tells `status_url` what becomes of it.

        Raises Unavailable when it certainly was not taken and may be later, InDoubt when the answer was lost, Refused,
        Configuration.
        """

    def find(self, message: OutboundMessage, account: Account, *, since: datetime) -> Sequence[SentMessage]:
        """The provider's messages that look just like this one, made since then.

        Raises Unavailable, Refused, Configuration.
        """


class Backend(Protocol):
    """What answers a text. One module each; the registry is `shared/backends/__init__.py`."""

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """The answer to an event, a text or a status; the same event may be asked again, with the same `id`.

        Raises Unavailable for later, Refused for never.
        """


class MessageQueue(Protocol):
    """A durable queue that keeps the order within a group and swallows a repeated deduplication id."""

    def send(self, event: Mapping[str, object], *, group: str, deduplication: str) -> None:
        """Returns when the event is durable. Raises Unavailable, or Malformed when it is too large."""


class Claims(Protocol):
    """The durable right to do an effect once."""

    def once(
        self, effect: str, key: str, action: Callable[[], Json], *, stage: str, payload: Json | None = None
    ) -> Json:
        """What `action` gave, now or the first time; while it lives, a claim is never granted twice.

        An action that raises gives the claim back. One that crashed gives it back when its time is over.

        Args:
            effect: what is done, such as `ask` or `send`.
            key: what it is done to.
            action: does it; what it gives is kept for as long as the claim.
            stage: the agent's home stage, where its claims are kept once there is more than one place.
            payload: what must be the same whenever this claim is asked for.

        Raises what `action` raises, InProgress while somebody else is at it, Mismatch, Unavailable.
        """


class Sessions(Protocol):
    """The stretches of conversations. A conversation here is `<tenant>.<conversation id>`."""

    def turn(self, conversation: str, message_id: str, *, at: datetime, life_seconds: float) -> Turn:
        """The text's place in its session; the same for the same text until another one came. Raises Unavailable."""

    def end(self, conversation: str, message_id: str) -> None:
        """Lets the next text begin a new session, unless another text came after this one. Raises Unavailable."""


class Limits(Protocol):
    """What may happen only so often in a conversation; asking twice for the same text counts once."""

    def within(self, name: str, conversation: str, message_id: str, *, most: int, per: timedelta) -> bool:
        """Counts the text, unless there were `most` in this period already: then False. Raises Unavailable."""


class OptOuts(Protocol):
    """Who said STOP where the provider does not keep it. A conversation here is `<tenant>.<conversation id>`."""

    def keep(self, conversation: str, *, stopped: bool, at: datetime) -> None:
        """Keeps that the person said STOP then, or START; for ever, in so far as it may still change what is sent.

        The later of the two holds, whichever is kept first; of the same moment STOP. Raises Unavailable.
        """

    def has_stopped(self, conversation: str) -> bool:
        """Whether the person said STOP, and not START since. Raises Unavailable."""


class Replies(Protocol):
    """The records of outbound messages. Each call is one conditional update."""

    def find(self, tenant_id: str, reply_id: str) -> Reply | None:
        """The record, or None. Raises Unavailable."""

    def attempt(self, reply: Reply, *, at: datetime) -> None:
        """Notes that the message is about to be given to the provider; an earlier attempt's time stays.

        Makes the record when there is none. Raises Unavailable.
        """

    def withdraw(self, tenant_id: str, reply_id: str) -> None:
        """Notes that the provider certainly did not take it: it was never attempted. Raises Unavailable."""

    def park(self, reply: Reply) -> None:
        """Sets the status PARKED, unless the provider has given one; every status of the provider's replaces it.

        Makes the record when there is none. Raises Unavailable.
        """

    def advance(  # noqa: PLR0913 - what a status is
        self,
        tenant_id: str,
        reply_id: str,
        *,
        message_id: str | None,
        status: str,
        rank: int,
        error_code: int | None,
    ) -> tuple[Reply, StatusOrder]:
        """Sets a status if its rank is higher, and the provider's id if it is not set.

        Gives the record as it is then, and whether this status is its status since now, was so before, or came too
        late. Raises NotFound when there is no such reply, Unavailable.
        """

    def owner(self, tenant_id: str, message_id: str) -> str | None:
        """The id of the reply that has this provider's id, or None. Raises Unavailable."""


class Tries(Protocol):
    """How often a message of a queue was tried.

    That is less often than the queue has delivered it: not what an outage of our tables used up, nor what SQS counts
    when no function was free to take it.
    """

    def count(self, queue_message_id: str, receives: int) -> int:
        """Counts this try of a message, received so many times, and gives how many there were. Raises Unavailable.

        The first receive is a try without being counted: mostly there is no other.
        """


class Parking(Protocol):
    """What was set aside, until it is replayed, discarded or too old."""

    def park(self, parked: Parked) -> None:
        """Sets an event aside; parking the same event again replaces it. Raises Unavailable."""

    def parked(self, tenant_id: str) -> Iterable[Parked]:
        """All that is set aside for a tenant, the oldest first. Raises Unavailable."""

    def find(self, tenant_id: str, event_id: str) -> Parked | None:
        """One of them, or None. Raises Unavailable."""

    def remove(self, parked: Parked) -> None:
        """Forgets it, unless it was parked again since; nothing happens when it is gone. Raises Unavailable."""


class Meter(Protocol):
    """Takes what an act measures on its way, for its log line and metrics."""

    def add(self, metric: Metric, value: float = 1) -> None:
        """Counts, or measures; several values of one act add up."""
