"""What a stage has stored of a text, as a value: the claim to ask the backend, the replies, and what is parked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.messages.outbound import Parked, Reply


@dataclass(frozen=True)
class TextRecord:
    """What one stage has stored of a text, or of a message that answers no text.

    Attributes:
        messages: how many messages the backend's answer has; None while there is no answer.
        is_asking: whether an invocation has begun to ask the backend and not finished.
        replies: the records of its messages by their names, such as `1`, `2` or `f-1`, in order.
        parked: what is parked now: the text itself, its messages, and statuses of these.
    """

    messages: int | None = None
    is_asking: bool = False
    replies: Mapping[str, Reply] = field(default_factory=dict)
    parked: Sequence[Parked] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the stage has stored nothing of it."""
        return self.messages is None and not (self.is_asking or self.replies or self.parked)


class TextRecords(Protocol):
    """What a stage has stored of texts. Both methods read by key, and raise Unavailable."""

    def find(self, tenant_id: str, text_id: str) -> TextRecord:
        """What is stored of a text; an empty record when nothing is."""

    def owner(self, tenant_id: str, message_id: str) -> Reply | None:
        """The record of the reply that has this id at the provider; None when none has."""
