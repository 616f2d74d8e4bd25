"""The values for usage figures: what is counted, for whom, and when. Immutable, and without numbers in a repr.

docs/operations.md says what each figure means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from shared.tenants.agent import Agent


class Figure(StrEnum):
    """The name of a figure. Failures have one for each reason: see `failures`."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INBOUND_SEGMENTS = "inbound_segments"
    OUTBOUND_SEGMENTS = "outbound_segments"


NOT_DELIVERED = "not_delivered"
"""Why a message counts as failed that the provider took and did not deliver. Other failures have a `Reason`."""

_FAILED = "failed."


@dataclass(frozen=True)
class Counted:
    """Something that is counted once, however often it is counted.

    Attributes:
        owner: whose usage it is.
        key: tells it from all other things of its tenant.
        day: the day that it belongs to, in UTC.
        figures: how much it adds to each figure.
    """

    owner: UsageOwner
    key: str
    day: date
    figures: Mapping[str, int]


@dataclass(frozen=True)
class UsageOwner:
    """Whose usage something is.

    Attributes:
        tenant: the id of the tenant.
        number: our number; an empty string where an event names none.
        agent_id: the id of the agent that holds the number; an empty string when none does.
        agent: the agent's name at that time.
    """

    tenant: str
    number: str = field(repr=False)
    agent_id: str = ""
    agent: str = ""

    @classmethod
    def of(cls, tenant: str, number: str, agent: Agent | None) -> UsageOwner:
        """The owner of what comes to a number or goes out from it."""
        return cls(tenant, number, agent.id, agent.name) if agent else cls(tenant, number)

    def received(self, text_id: str, segments: int, at: datetime) -> Counted:
        """A person's text of so many segments, received at that time."""
        figures: dict[str, int] = {Figure.INBOUND: 1, Figure.INBOUND_SEGMENTS: segments}
        return Counted(self, f"received#{text_id}", _day(at), figures)

    def sent(self, message_id: str, segments: int, at: datetime) -> Counted:
        """A message of so many segments, which the provider took at that time under this id."""
        figures: dict[str, int] = {Figure.OUTBOUND: 1, Figure.OUTBOUND_SEGMENTS: segments}
        return Counted(self, f"sent#{message_id}", _day(at), figures)

    def failed(self, event_id: str, reason: str, at: datetime) -> Counted:
        """A text or a message that failed at that time. Its first failure counts."""
        return Counted(self, f"failed#{event_id}", _day(at), {failed_figure(reason): 1})


def failed_figure(reason: str) -> str:
    """The figure of the failures with this reason."""
    return _FAILED + reason


def failures(figures: Mapping[str, int]) -> dict[str, int]:
    """How much failed, by reason."""
    return {name.removeprefix(_FAILED): count for name, count in figures.items() if name.startswith(_FAILED)}


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
