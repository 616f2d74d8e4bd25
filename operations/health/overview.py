"""How a stage is doing, at a glance: are texts flowing, are they answered, what is failing, and what waits."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from operations.failure import explained
from operations.health.finding import CheckedStage, Finding, good, run_check, warning, wrong
from operations.operator import Operator
from operations.parked.crashed import count_crashed
from operations.stage.figures import Steps
from operations.stage.names import QUEUES, Stage, queue_output
from shared.errors import CommandDeclined, InvalidValue, Unavailable
from shared.telemetry import LogEvent, Metric

PERIODS: Mapping[str, tuple[timedelta, int]] = {
    "hour": (timedelta(minutes=5), 12),
    "day": (timedelta(hours=1), 24),
    "month": (timedelta(days=1), 30),
}
"""The times to look back over, each in steps of a length, and how many."""

METRICS = (
    LogEvent.ACCEPTED,
    LogEvent.REFUSED,
    LogEvent.ANSWERED,
    LogEvent.UNANSWERED,
    LogEvent.SENT,
    LogEvent.DELIVERED,
    Metric.REPLY_FAILED,
    LogEvent.PARKED,
)
_LONG_SECONDS = 120
"""An oldest message of this age is worth a look: a text is answered in seconds."""


@dataclass(frozen=True)
class Overview:
    """How a stage is doing.

    Attributes:
        stage: the stage.
        deployed: whether it is deployed; of one that is not, or that did not answer, nothing else is known.
        steps: the time that the figures are of.
        figures: the sum of each of METRICS in each step; None when they could not be read.
        findings: one for each question, as the doctor has them.
    """

    stage: Stage
    deployed: bool
    steps: Steps
    figures: Mapping[str, Sequence[float]] | None
    findings: Sequence[Finding]

    def total(self, metric: str) -> int:
        """How many in the whole time."""
        return int(sum(self.figures[metric])) if self.figures else 0


def steps_of(period: str, now: datetime) -> Steps:
    """The steps of a period until now; the last one has only begun. Raises InvalidValue for an unknown period."""
    if period not in PERIODS:
        message = f"there is no period {period[:20]!r}; choose one of {', '.join(PERIODS)}"
        raise InvalidValue(message)
    step, count = PERIODS[period]
    seconds = step.total_seconds()
    current = datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
    return Steps(current - (count - 1) * step, step, count)


def overview(operator: Operator, period: str) -> Overview:
    """How the operator's stage is doing. What cannot be read is a finding of its own.

    Args:
        operator: the stage; the tenant whose parked texts are counted, or none.
        period: one of PERIODS.

    Raises InvalidValue.
    """
    steps = steps_of(period, operator.world.now())
    try:
        outputs = operator.target.outputs(operator.stage)
    except (CommandDeclined, Unavailable) as error:  # the other stage is shown all the same
        finding = warning("stage", f"it could not be asked: {explained(operator, error)}", "")
        return Overview(operator.stage, deployed=False, steps=steps, figures=None, findings=[finding])
    if outputs is None:
        finding = warning("stage", "it is not deployed", f"make deploy STAGE={operator.stage}")
        return Overview(operator.stage, deployed=False, steps=steps, figures=None, findings=[finding])
    findings: list[Finding] = []
    figures = None
    try:
        figures = operator.target.figures.sums(METRICS, steps)
    except Unavailable as error:
        findings.append(warning("texts", str(error), _RIGHTS))
    else:
        findings += _of_figures({metric: int(sum(values)) for metric, values in figures.items()})
    checked = CheckedStage(operator, outputs, None, look_only=True)
    for name, check in _NOW.items():
        findings += run_check(name, check, checked)
    return Overview(operator.stage, deployed=True, steps=steps, figures=figures, findings=findings)


_RIGHTS = "docs/look-policy.json has the rights that this needs"


def _of_figures(totals: Mapping[str, int]) -> Iterator[Finding]:
    accepted, refused = totals[LogEvent.ACCEPTED], totals[LogEvent.REFUSED]
    if refused > accepted:
        yield warning("texts", f"{accepted} came in; {refused} requests were refused", "./sms doctor")
    else:
        yield good("texts", f"{accepted} came in" if accepted else "none came in")
    answered, unanswered = totals[LogEvent.ANSWERED], totals[LogEvent.UNANSWERED]
    if accepted and not answered + unanswered:
        yield warning("answers", "none was answered", "./sms parked list, or ./sms why with a person's number")
    else:
        yield good("answers", f"{answered} answered, {unanswered} deliberately not")
    failed, parked = totals[Metric.REPLY_FAILED], totals[LogEvent.PARKED]
    if failed or parked:
        yield warning("failures", f"not delivered: {failed}; parked: {parked}", "./sms why")
    else:
        yield good("failures", "none")


def _waiting(checked: CheckedStage) -> Iterator[Finding]:
    """How many messages wait, and how long the oldest has."""
    inspected, now = checked.operator.target.inspected, checked.operator.world.now()
    count, ages = 0, []
    for url in filter(None, (checked.outputs.get(queue_output(name)) for name in QUEUES)):
        queue = inspected.queue(url)
        count += queue.waiting + queue.in_flight
        if queue.waiting or queue.in_flight:
            ages.append(inspected.oldest_seconds(url, now))
    known = [age for age in ages if age is not None]
    if not count:
        yield good("waiting", "nothing waits")
    elif not known:
        yield good("waiting", f"{count} in the queues")
    elif max(known) >= _LONG_SECONDS:
        yield warning("waiting", f"{count} in the queues, the oldest for {_age(max(known))}", "./sms doctor")
    else:
        yield good("waiting", f"{count} in the queues, the oldest for {_age(max(known))}")


def _age(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < _LONG_SECONDS else f"{seconds / 60:.0f} min"


def _alarms(checked: CheckedStage) -> Iterator[Finding]:
    """Which alarms ring."""
    alarms = checked.operator.target.inspected.alarms()
    ringing = [alarm.name for alarm in alarms if alarm.state == "ALARM"]
    if ringing:
        yield wrong("alarms", f"{', '.join(ringing)} rings", "docs/operations.md says what it means and what to do")
    elif alarms:
        yield good("alarms", f"{len(alarms)}, all quiet")
    else:
        yield warning("alarms", "there is none", f"deploy again: make deploy STAGE={checked.operator.stage}")


def _parked(checked: CheckedStage) -> Iterator[Finding]:
    """How many of the tenant's messages are parked now, and why."""
    operator = checked.operator
    try:
        tenant_id = operator.tenant_id
    except CommandDeclined as error:
        yield good("parked", str(error))
        return
    reasons = Counter(parked.reason for parked in operator.target.parking.parked(tenant_id))
    if reasons:
        summary = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        yield warning("parked", summary, "./sms parked list")
    else:
        yield good("parked", "nothing")


def _crashed(checked: CheckedStage) -> Iterator[Finding]:
    """How many messages crashed before they could be parked."""
    counts = {name: count for name, count in count_crashed(checked.operator).items() if count}
    if counts:
        summary = ", ".join(f"about {count} of queue {name}" for name, count in counts.items())
        yield wrong(
            "crashed", summary, "find out why in the function's log, deploy the fix, then: ./sms parked redrive"
        )
    else:
        yield good("crashed", "nothing")


_NOW: Mapping[str, Callable[[CheckedStage], Iterator[Finding]]] = {
    "waiting": _waiting,
    "alarms": _alarms,
    "parked": _parked,
    "crashed": _crashed,
}
