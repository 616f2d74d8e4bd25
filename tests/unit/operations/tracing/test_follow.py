"""Following the log: every line once, also a late one, and no other tenant's."""

from datetime import timedelta
from itertools import islice

from operations.stage.deployed_stack import LogLine
from operations.tracing.follow import follow
from tests.fakes import NOW
from tests.unit.cli.test_tail import command, line
from tests.unit.operations.operators import operator

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
