"""Which parked events are meant, as an operator says it: by filters, by ids, or both."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from operations import durations
from operations.numbers import typed_address
from operations.operator import Operator
from operations.parked.replay import Choice
from operations.stage.names import QUEUES
from shared.errors import CommandDeclined, InvalidValue, NotFound
from shared.messages.outbound import Parked
from shared.reasons import Reason

_NEVER_PARKED = {
    Reason.INVALID_KEY,
    Reason.FORBIDDEN_ROLE,
    Reason.MISSING_SIGNATURE,
    Reason.INVALID_SIGNATURE,
    Reason.AMBIGUOUS_SIGNATURE,
    Reason.WRONG_CONTENT_TYPE,
    Reason.TOO_LARGE,
    Reason.NOT_OUR_ACCOUNT,
    Reason.IDEMPOTENCY_MISMATCH,
    Reason.RATE_LIMITED,
    Reason.OTHER_CONVERSATION,
    Reason.OPTED_OUT,
    Reason.UNREACHABLE,
    Reason.IN_PROGRESS,
    Reason.IN_DOUBT,
    Reason.NO_MESSAGE,
    Reason.LATER,
    Reason.OPT_OUT,
    Reason.PROBE,
    Reason.DECLINED,
    Reason.NO_SESSION,
    Reason.JOURNAL_UNAVAILABLE,
}
REASONS = tuple(reason.value for reason in Reason if reason not in _NEVER_PARKED)
"""What an event can be parked for; docs/parking.md explains each."""


@dataclass(frozen=True)
class Filters:
    """Filters as people type them; None for one that was not set. An event must match all of them.

    Attributes:
        reason: what it was parked for, such as `no_agent`.
        number: our address, as people type it.
        older_than: it was parked longer ago than this, such as `2h`.
        newer_than: it was parked within this time.
        queue: the queue it was on, `inbound` or `outbound`.
    """

    reason: str | None = None
    number: str | None = field(default=None, repr=False)
    older_than: str | None = None
    newer_than: str | None = None
    queue: str | None = None

    @property
    def any_set(self) -> bool:
        """Whether at least one filter was set."""
        return any(getattr(self, item.name) is not None for item in fields(self))

    def choice(self, now: datetime, ids: Sequence[str] = ()) -> Choice:
        """The events that are meant at this moment; only of these ids, if there are any. Raises InvalidValue."""
        if self.queue not in (None, *QUEUES):
            message = f"there is no such queue; choose one of {', '.join(QUEUES)}"
            raise InvalidValue(message)
        if self.reason not in (None, *REASONS):
            message = f"nothing is ever parked for {self.reason!r}; choose one of {', '.join(REASONS)}"
            raise InvalidValue(message)
        return Choice(
            ids=frozenset(ids),
            queue=self.queue,
            reason=self.reason,
            number=None if self.number is None else typed_address.read(self.number),
            before=None if self.older_than is None else now - durations.read(self.older_than),
            since=None if self.newer_than is None else now - durations.read(self.newer_than),
        )


def matching(operator: Operator, filters: Filters, ids: Sequence[str] = ()) -> list[Parked]:
    """The tenant's parked events that match, the oldest first.

    Args:
        operator: the stage and the tenant.
        filters: what each event must match.
        ids: only these events; none for all.

    Raises CommandDeclined when an event of `ids` is not parked or does not match, InvalidValue, Unavailable.
    """
    events = filters.choice(operator.world.now(), ids).among(operator.target.parking.parked(operator.tenant_id))
    if missing := set(ids) - {event.id for event in events}:
        raise CommandDeclined(_not_parked(sorted(missing)))
    return events


def event_with_id(operator: Operator, event_id: str) -> Parked:
    """The tenant's parked event of this id. Raises NotFound, CommandDeclined, Unavailable."""
    event = operator.target.parking.find(operator.tenant_id, event_id)
    if event is None:
        raise NotFound(_not_parked([event_id]))
    return event


def _not_parked(ids: Sequence[str]) -> str:
    return f"not parked, or not like this: {', '.join(ids)}; see: sms parked list"
