"""How much each agent or number received, sent and failed at, in a period; of all stages together."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from operations.operator import Operator
from operations.stage.names import STAGES, Stage
from operations.tracing.agent_names import agent_names
from operations.usage.figures import DayFigures
from operations.usage.period import Period
from shared.errors import NotFound, Unavailable
from shared.messages.usage import Figure, failures


class Grouping(StrEnum):
    """What each line of a report is of."""

    AGENT = "agent"
    NUMBER = "number"
    DAY = "day"


@dataclass(frozen=True)
class Usage:
    """What was counted. docs/operations.md says what each figure means.

    Attributes:
        figures: by their names (`shared/messages/usage.py`).
    """

    figures: Mapping[str, int]

    @property
    def inbound(self) -> int:
        """Texts."""
        return self.figures.get(Figure.INBOUND, 0)

    @property
    def outbound(self) -> int:
        """Messages that the provider took."""
        return self.figures.get(Figure.OUTBOUND, 0)

    @property
    def billable(self) -> int:
        """Segments of both."""
        return self.figures.get(Figure.INBOUND_SEGMENTS, 0) + self.figures.get(Figure.OUTBOUND_SEGMENTS, 0)

    @property
    def failed(self) -> int:
        """Texts and messages that failed."""
        return sum(self.failures.values())

    @property
    def failures(self) -> Mapping[str, int]:
        """Those by reason, the most frequent first."""
        by_reason = failures(self.figures)
        return dict(sorted(by_reason.items(), key=lambda reason: (-reason[1], reason[0])))

    def describe(self) -> dict[str, int]:
        """The figures as a record for the operator."""
        return {
            "inbound": self.inbound,
            "outbound": self.outbound,
            "billable": self.billable,
            "failed": self.failed,
        }


@dataclass(frozen=True)
class UsageLine:
    """A line of a report. What it is not grouped by is None.

    Attributes:
        agent: the agent's name; an empty string for a number that had none.
        number: our number.
        day: in UTC.
    """

    usage: Usage
    agent: str | None = None
    number: str | None = field(default=None, repr=False)
    day: date | None = None


@dataclass(frozen=True)
class UsageReport:
    """The answer to an operator's question.

    Attributes:
        by_stage: what each stage counted.
        total: of all stages.
        missing: the stages that did not answer. Their figures are not in it.
    """

    by_stage: Mapping[Stage, Usage]
    total: Usage
    missing: Sequence[Stage]
    _days: Sequence[DayFigures] = field(repr=False)
    _names: Mapping[str, str] = field(repr=False)

    def lines(self, by: Grouping) -> Sequence[UsageLine]:
        """The figures by day, in their order; or by agent or number, the busiest first."""
        return _lines(self._days, by, self._names)


@dataclass(frozen=True)
class UsageFilters:
    """Which figures are wanted; None for any.

    Attributes:
        agent: the name of an agent, also of one that was deleted.
        number: our number, in the form in which it is stored.
    """

    agent: str | None = None
    number: str | None = field(default=None, repr=False)


_ANY = UsageFilters()


def usage(operator: Operator, period: Period, filters: UsageFilters = _ANY) -> UsageReport:
    """The usage of the operator's tenant.

    A stage that does not answer is left out, and the operator hears of it; the operator's own stage must answer. Raises
    CommandDeclined, also when there is no such agent; Unavailable.
    """
    names = agent_names(operator)
    by_stage, missing = _read(operator, period)
    is_wanted = _filter(filters, names, [day for days in by_stage.values() for day in days])
    wanted = {stage: [day for day in days if is_wanted(day)] for stage, days in by_stage.items()}
    days = [day for days_of_stage in wanted.values() for day in days_of_stage]
    return UsageReport(
        by_stage={stage: _sum(days_of_stage) for stage, days_of_stage in wanted.items()},
        total=_sum(days),
        missing=missing,
        _days=days,
        _names=names,
    )


def _read(operator: Operator, period: Period) -> tuple[dict[Stage, list[DayFigures]], list[Stage]]:
    """The figures of each deployed stage, and the stages that do not tell."""
    by_stage: dict[Stage, list[DayFigures]] = {}
    missing = []
    for stage in STAGES:
        target = operator.on(stage)
        try:
            if stage == operator.stage or target.outputs(stage) is not None:
                by_stage[stage] = list(target.usage.read(operator.tenant_id, period.first, period.last))
        except Unavailable as error:
            if stage == operator.stage:
                raise
            operator.progress.warning(f"Without the figures of stage {stage}: {error}")
            missing.append(stage)
    return by_stage, missing


def _filter(
    filters: UsageFilters, names: Mapping[str, str], days: Iterable[DayFigures]
) -> Callable[[DayFigures], bool]:
    """Whether figures are wanted. Raises NotFound when no agent has, or had, this name."""
    agent_ids = None
    if filters.agent is not None:
        agent_ids = {agent_id for agent_id, name in names.items() if name == filters.agent}
        agent_ids = agent_ids or {day.owner.agent_id for day in days if day.owner.agent == filters.agent}
        if not agent_ids:
            message = f"there is no agent {filters.agent!r}, and no usage of one in this time; see: sms agent list"
            raise NotFound(message)
    return lambda day: (
        (agent_ids is None or day.owner.agent_id in agent_ids)
        and filters.number
        in {
            None,
            day.owner.number,
        }
    )


def _lines(days: Iterable[DayFigures], by: Grouping, names: Mapping[str, str]) -> list[UsageLine]:
    groups: dict[tuple[str, str] | date, list[DayFigures]] = {}
    latest_names: dict[str, str] = {}
    for day in sorted(days, key=lambda day: day.day):
        latest_names[day.owner.agent_id] = day.owner.agent
        key: tuple[str, str] | date = day.day
        if by is not Grouping.DAY:
            key = (day.owner.agent_id, day.owner.number if by is Grouping.NUMBER else "")
        groups.setdefault(key, []).append(day)
    lines = []
    for key, group in groups.items():
        if isinstance(key, date):
            lines.append(UsageLine(_sum(group), day=key))
            continue
        agent_id, number = key
        agent = names.get(agent_id, latest_names[agent_id])
        lines.append(UsageLine(_sum(group), agent, number if by is Grouping.NUMBER else None))
    return lines if by is Grouping.DAY else sorted(lines, key=_busiest_first)


def _busiest_first(line: UsageLine) -> tuple[int, str, str]:
    return -(line.usage.inbound + line.usage.outbound + line.usage.failed), line.agent or "", line.number or ""


def _sum(days: Iterable[DayFigures]) -> Usage:
    total: Counter[str] = Counter()
    for day in days:
        total.update(day.figures)
    return Usage(dict(total))
