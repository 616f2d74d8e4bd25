"""How a stage is doing, at a glance."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.health.finding import CheckVerdict
from operations.health.overview import METRICS, PERIODS, overview, steps_of
from operations.stage.inspection import Alarm, Queue
from shared.errors import CommandDeclined, InvalidValue, Unavailable
from tests import fakes
from tests.fakes import NOW
from tests.unit.cli.command import Command
from tests.unit.cli.test_parked import TEXT
from tests.unit.operations.operators import operator

GOOD, WARNING, WRONG = CheckVerdict.GOOD, CheckVerdict.WARNING, CheckVerdict.WRONG


@pytest.fixture
def command() -> Command:
    command = Command.on(fakes.managed_tenant())
    command.stacks["east"] = {"InboundQueueUrl": "in", "OutboundQueueUrl": "out"}
    return command


def findings(command: Command) -> dict[str, tuple[CheckVerdict, str]]:
    seen = overview(operator(command), "hour").findings
    assert all(bool(finding.do) is (finding.verdict is not GOOD) for finding in seen)
    return {finding.check: (finding.verdict, finding.seen) for finding in seen}


def test_a_quiet_stage_is_good(command: Command) -> None:
    assert findings(command) == {
        "texts": (GOOD, "none came in"),
        "answers": (GOOD, "0 answered, 0 deliberately not"),
        "failures": (GOOD, "none"),
        "waiting": (GOOD, "1 in the queues, the oldest for 3 s"),
        "alarms": (GOOD, "2, all quiet"),
        "parked": (GOOD, "nothing"),
        "crashed": (GOOD, "nothing"),
    }


def test_texts_of_which_none_was_answered_are_no_good_sign(command: Command) -> None:
    command.figures.points = {"Accepted": [(NOW, 5.0)]}
    assert findings(command)["answers"] == (WARNING, "none was answered")
    command.figures.points |= {"Unanswered": [(NOW, 1.0)]}
    assert findings(command)["answers"] == (GOOD, "0 answered, 1 deliberately not")


def test_each_trouble_is_a_finding_of_its_own(command: Command) -> None:
    command.figures.points = {name: [(NOW, 3.0), (NOW, 4.0)] for name in METRICS if name != "Accepted"}
    command.inspected.oldest = 180.0
    command.inspected.told = [Alarm("sms-receiver-east-parked", "ALARM"), Alarm("sms-receiver-east-stuck", "OK")]
    command.parking.park(TEXT)
    command.dead["inbound"] = 2
    assert findings(command) == {
        "texts": (WARNING, "0 came in; 7 requests were refused"),
        "answers": (GOOD, "7 answered, 7 deliberately not"),
        "failures": (WARNING, "not delivered: 7; parked: 7"),
        "waiting": (WARNING, "1 in the queues, the oldest for 3 min"),
        "alarms": (WRONG, "sms-receiver-east-parked rings"),
        "parked": (WARNING, f"1 {TEXT.reason}"),
        "crashed": (WRONG, "about 2 of queue inbound"),
    }


def test_an_age_that_cloudwatch_does_not_know_is_left_out(command: Command) -> None:
    command.inspected.oldest = None
    assert findings(command)["waiting"] == (GOOD, "1 in the queues")


def test_empty_queues_are_not_asked_for_an_age(command: Command) -> None:
    command.inspected.queues["in"] = Queue(0, 0, redrives=True)
    assert findings(command)["waiting"] == (GOOD, "nothing waits")


def test_alarms_that_are_missing_are_no_quiet_ones(command: Command) -> None:
    command.inspected.told = []
    assert findings(command)["alarms"] == (WARNING, "there is none")


@pytest.mark.parametrize("broken", ["queues", "told"])
def test_what_cannot_be_read_leaves_the_rest(command: Command, broken: str) -> None:
    command.inspected.failing[broken] = Unavailable("AWS is away")
    seen = findings(command)
    check = {"queues": "waiting", "told": "alarms"}[broken]
    assert seen[check] == (WARNING, "could not be checked, because: AWS is away")
    assert len(seen) == 7


def test_figures_that_cannot_be_read_are_no_zeros(command: Command) -> None:
    command.figures.failing = Unavailable("the stage's metrics could not be read")
    seen = overview(operator(command), "hour")
    assert seen.figures is None
    assert (WARNING, "the stage's metrics could not be read") in [(each.verdict, each.seen) for each in seen.findings]


def test_a_stage_that_is_not_deployed_has_nothing_but_that(command: Command) -> None:
    del command.stacks["east"]
    seen = overview(operator(command), "hour")
    assert (seen.deployed, seen.figures) == (False, None)
    assert [each.do for each in seen.findings] == ["make deploy STAGE=east"]


def test_without_a_tenant_the_parked_texts_are_a_sentence() -> None:
    command = Command.on()
    command.stacks["east"] = {}
    seen = {each.check: each.seen for each in overview(operator(command, tenant=None), "hour").findings}
    assert seen["parked"] == "there is no tenant yet; make one with: ./sms setup"


def test_an_unknown_period_is_declined(command: Command) -> None:
    with pytest.raises(InvalidValue, match="choose one of hour, day, month"):
        overview(operator(command), "decade")
    assert issubclass(InvalidValue, CommandDeclined)


@given(
    st.sampled_from(sorted(PERIODS)), st.integers(0, 500_000_000).map(lambda seconds: NOW + timedelta(seconds=seconds))
)
def test_the_last_step_is_the_one_that_runs(period: str, now: datetime) -> None:
    steps = steps_of(period, now)
    step, count = PERIODS[period]
    assert steps.index(now) == count - 1
    assert steps.begin.timestamp() % step.total_seconds() == 0
    assert steps.index(steps.begin - timedelta(microseconds=1)) is None
    assert steps.index(steps.end) is None


@given(st.lists(st.tuples(st.integers(-100, 1000), st.integers(0, 9))))
def test_sums_lose_nothing_within_the_time(points: list[tuple[int, int]]) -> None:
    steps = steps_of("hour", NOW)
    within = [value for second, value in points if steps.begin <= NOW - timedelta(seconds=second) < steps.end]
    sums = steps.sums([(NOW - timedelta(seconds=second), float(value)) for second, value in points])
    assert sum(sums) == sum(within)
