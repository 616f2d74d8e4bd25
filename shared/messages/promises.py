"""Promises: texts whose backend said that it will answer later. Immutable values, without personal data in a repr."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.messages.events import AnswerEnvelope


class PromiseState(StrEnum):
    """What became of a promise."""

    WAITING = "waiting"
    ANSWERED = "answered"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Promise:
    """The record of a text that is answered later.

    Attributes:
        text_id: the id of the text.
        envelope: what an answer to the text is addressed with.
        due_at: until when an answer is awaited. An answer after that is welcome, too.
        state: whether an answer came.
    """

    text_id: str
    envelope: AnswerEnvelope
    due_at: datetime
    state: PromiseState = PromiseState.WAITING

    @property
    def tenant(self) -> str:
        """The id of the tenant."""
        return self.envelope.tenant

    @property
    def conversation(self) -> str:
        """The id of the conversation."""
        return self.envelope.conversation
