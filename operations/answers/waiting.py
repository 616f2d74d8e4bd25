"""The texts of a tenant whose backend promised an answer that has not come yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from operations.audit.entries import masked
from operations.operator import Operator
from shared.messages.promises import Promise, PromiseState


@dataclass(frozen=True)
class WaitingText:
    """A text that waits for its answer.

    Attributes:
        promise: the promise of the answer.
        received_at: when the text was received; None when that is not known.
        is_overdue: whether the answer has not come in time.
    """

    promise: Promise
    received_at: datetime | None
    is_overdue: bool

    def describe(self, *, full: bool) -> Mapping[str, object]:
        """The text as a record for the operator.

        Args:
            full: whether phone numbers are shown whole.
        """
        envelope = self.promise.envelope
        ours, person = envelope.sender, envelope.recipient
        return {
            "id": self.promise.text_id,
            "state": (PromiseState.OVERDUE if self.is_overdue else PromiseState.WAITING).value,
            "agent": envelope.agent,
            "from": person if full else masked(person),
            "to": ours if full else masked(ours),
            "received_at": self.received_at and self.received_at.isoformat(timespec="seconds"),
            "due_at": self.promise.due_at.isoformat(timespec="seconds"),
        }


def waiting_texts(operator: Operator) -> Sequence[WaitingText]:
    """The texts that wait on the operator's stage, the oldest first. Raises CommandDeclined, Unavailable."""
    now = operator.world.now()
    texts = [
        WaitingText(promise, promise.received_at, promise.due_at <= now)
        for promise in operator.target.promises.waiting(operator.tenant_id)
    ]
    return sorted(texts, key=lambda text: text.received_at or text.promise.due_at)
