"""What a stage has stored of a text, as a value: what its backend said, the replies, and what is parked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.messages.outbound import Parked, Reply, StoppedConversation
from shared.messages.promises import Promise


@dataclass(frozen=True)
class TextRecord:
    """What one stage has stored of a text, or of a message that answers no text.

    Attributes:
        messages: how many messages the backend's answer has; None while there is no answer.
        is_asking: whether an invocation has begun to ask the backend and not finished.
        is_later: whether the backend said that it will answer later. Then it has no messages here.
        is_outside_session: whether the backend was not asked, because no session was open. Then there are no messages.
        promise: what became of that; None when the agent may take any time, and no answer has come.
        replies: the records of its messages by their names, such as `1`, `2` or `f-1`, in order. Those of the latest
            late answer have their whole ids, such as `AP…-1`.
        parked: what is parked now: the text itself, its messages, and statuses of these.
    """

    messages: int | None = None
    is_asking: bool = False
    is_later: bool = False
    is_outside_session: bool = False
    promise: Promise | None = None
    replies: Mapping[str, Reply] = field(default_factory=dict)
    parked: Sequence[Parked] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the stage has stored nothing of it."""
        return self == TextRecord()


class TextRecords(Protocol):
    """What a stage has stored of texts. All methods read by key, and raise Unavailable."""

    def find(self, tenant_id: str, text_id: str) -> TextRecord:
        """What is stored of a text; an empty record when nothing is."""

    def owner(self, tenant_id: str, message_id: str) -> Reply | None:
        """The record of the reply that has this id at the provider; None when none has."""

    def stopped(self, tenant_id: str, conversations: Collection[str]) -> Sequence[StoppedConversation]:
        """Those of the conversations in which nothing is sent, by the stage's own list. They are named by whole ids."""
