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
        answer_id: the id of the answer that came last, with which the ids of its messages begin; None before one came.
    """

    text_id: str
    envelope: AnswerEnvelope
    due_at: datetime
    state: PromiseState = PromiseState.WAITING
    answer_id: str | None = None

    @property
    def tenant(self) -> str:
        """The id of the tenant."""
        return self.envelope.tenant

    @property
    def received_at(self) -> datetime | None:
        """When the text was received; None when that is not known."""
        moment = self.envelope.received_at
        return None if moment is None else datetime.fromisoformat(moment)

    @property
    def conversation(self) -> str:
        """The id of the conversation."""
        return self.envelope.conversation
