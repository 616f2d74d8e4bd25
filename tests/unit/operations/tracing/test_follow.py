"""Following the log: every line once, also a late one, and no other tenant's."""

from datetime import timedelta
from itertools import islice

from operations.stage.deployed_stack import LogLine
from operations.tracing.follow import follow
from operations.tracing.selection import HopFilters
from shared.telemetry import LogEvent
from tests.fakes import NOW
from tests.unit.cli.test_tail import command, line
from tests.unit.operations.operators import FakeProgress, operator

SINCE = NOW - timedelta(minutes=1)


def test_once_gives_what_is_in_the_log_now_in_order_of_time() -> None:
    made = command(line(1, ago=1), line(2, "sender", ago=3), line(3, "receiver", ago=120))
    assert [hop.line_id for hop in follow(operator(made, tenant=None), SINCE, once=True)] == ["id2", "id1"]


def test_gives_only_the_tenant_that_was_named() -> None:
    made = command(line(1, ago=3, tenant="acme"), line(2, ago=2, tenant="other"), line(3, ago=1))
    assert [hop.line_id for hop in follow(operator(made), SINCE, once=True)] == ["id1"]


def test_gives_each_line_once_however_late_it_gets_into_the_log() -> None:
    late: list[LogLine] = [line(2, ago=10), line(3, ago=5)]
    made = command(line(1, ago=1))

    def sleep(seconds: float) -> None:
        assert seconds > 0
        assert late, "a late line was not given"
        made.logs["forwarder"].append(late.pop(0))

    made.sleep = sleep
    hops = follow(operator(made, tenant=None), SINCE)
    assert [hop.line_id for hop in islice(hops, 3)] == ["id1", "id2", "id3"]


def test_reads_only_so_much_again_as_may_come_late() -> None:
    made = command(line(1, ago=1), line(2, ago=40))
    moments = iter(NOW + timedelta(seconds=30 * reading) for reading in range(3))
    made.now = lambda: next(moments)

    def sleep(_: float) -> None:
        made.logs["forwarder"] = [line(3, ago=30), line(4, ago=0)]  # id3 is older than what is read again

    made.sleep = sleep
    hops = follow(operator(made, tenant=None), SINCE)
    assert [hop.line_id for hop in islice(hops, 3)] == ["id2", "id1", "id4"]


def test_a_line_that_does_not_name_the_agent_follows_when_another_line_of_the_text_does() -> None:
    made = command(line(1, "receiver", ago=3, message="Accepted", tenant="acme", correlation_id="SM1"))
    answered = [line(2, ago=1, tenant="acme", correlation_id="SM1", agent="Desk0001")]

    def sleep(_: float) -> None:
        assert answered, "the answered text was not given"
        made.logs["forwarder"].append(answered.pop())

    made.sleep = sleep
    hops = follow(operator(made), SINCE, HopFilters(agents=["desk"]))
    assert [hop.line_id for hop in islice(hops, 2)] == ["id1", "id2"]


def test_the_other_stage_is_read_only_when_it_is_wanted() -> None:
    made = command(line(1, ago=3))
    made.far_logs = {"sender": [line(2, "sender", ago=2)]}
    own = follow(operator(made, tenant=None), SINCE, once=True)
    both = follow(operator(made, tenant=None), SINCE, all_stages=True, once=True)
    assert [hop.stage for hop in own] == ["east"]
    assert [hop.stage for hop in both] == ["east", "south"]


def test_says_once_that_refusals_of_no_tenant_are_left_out() -> None:
    made = command(
        line(1, "receiver", ago=3, message="Refused", reason="invalid_key"),
        line(2, "receiver", ago=2, message="Refused", reason="invalid_key"),
        line(3, ago=1, tenant="acme"),
    )
    rounds: list[float] = []

    def sleep(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 3:
            made.logs["forwarder"].append(line(4, ago=0, tenant="acme"))

    made.sleep = sleep
    watching = operator(made)
    assert [hop.line_id for hop in islice(follow(watching, SINCE), 2)] == ["id3", "id4"]
    assert isinstance(watching.progress, FakeProgress)
    [note] = watching.progress.notes
    assert "belong to no tenant" in note
    filters = HopFilters(outcomes=[LogEvent.ANSWERED])
    quiet = operator(made)
    assert len(list(follow(quiet, SINCE, filters, once=True))) == 2
    assert isinstance(quiet.progress, FakeProgress)
    assert quiet.progress.notes == []
