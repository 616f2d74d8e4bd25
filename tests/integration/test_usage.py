"""Usage figures on a DynamoDB, and the fake of the unit tests: each thing counts once, whoever counts it how often."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations.stage.usage_figures import DynamoUsageFigures
from operations.usage.figures import UsageFigures
from shared.aws.parking import DynamoParking
from shared.aws.usage import DynamoUsage
from shared.errors import Unavailable
from shared.messages.outbound import Parked
from shared.messages.usage import Counted, Figure, UsageOwner, failed_figure, failures
from tests.fakes import OUR_NUMBER, FakeClock, FakeParking
from tests.integration.tables import Tables, client
from tests.usage_fake import FakeUsage, FakeUsageFigures

DESK = UsageOwner("acme", OUR_NUMBER, "Desk0001", "desk")
SHOP = UsageOwner("acme", "whatsapp:+12025550177", "Shop0001", "shop")
NOBODY = UsageOwner("acme", OUR_NUMBER)
NEIGHBOUR = replace(DESK, tenant="acm")
NOW = datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC)
TODAY = NOW.date()
LIFE_DAYS, MARK_SECONDS = 400, 3600.0
PARKED = Parked("acme", "SM1", "inbound", "acme.c0ffee", "no_agent", "no agent", OUR_NUMBER, NOW, {"id": "SM1"})
Kept = dict[tuple[UsageOwner, date, str], int]


class Book(Protocol):
    """Figures that can be counted and read."""

    def count(self, counted: Counted) -> bool: ...

    def kept(self) -> Kept: ...

    def park(self, parked: Parked, failure: Counted | None) -> None: ...


class FakeBook:
    """The fakes."""

    def __init__(self, clock: FakeClock) -> None:
        self._usage = FakeUsage(life_seconds=MARK_SECONDS, clock=clock)
        self._parking = FakeParking(usage=self._usage)
        self.count, self.park = self._usage.count, self._parking.park

    def kept(self) -> Kept:
        return read(FakeUsageFigures(self._usage))


class TableBook:
    """The adapters, which write and read the local DynamoDB."""

    def __init__(self, tables: Tables, clock: FakeClock) -> None:
        self.tables, self.clock = tables, clock
        usage = counting(tables, clock)
        self._parking = DynamoParking(tables.dynamodb, tables.state, life_seconds=3600, usage=usage)
        self.count, self.park = usage.count, self._parking.park

    def kept(self) -> Kept:
        return read(DynamoUsageFigures(self.tables.dynamodb, self.tables.state, clock=self.clock))


def read(figures: UsageFigures) -> Kept:
    """All figures of both tenants."""
    kept: Counter[tuple[UsageOwner, date, str]] = Counter()
    for tenant in ("acme", "acm"):
        for day in figures.read(tenant, TODAY - timedelta(days=99), TODAY + timedelta(days=9)):
            for figure, count in day.figures.items():
                kept[day.owner, day.day, figure] += count
    return dict(kept)


def counting(tables: Tables, clock: Callable[[], float], **options: Any) -> DynamoUsage:  # noqa: ANN401 - of the adapter
    return DynamoUsage(
        tables.another(),
        tables.state,
        life_days=LIFE_DAYS,
        mark_life_seconds=MARK_SECONDS,
        clock=clock,
        **options,
    )


@pytest.fixture
def clock() -> FakeClock:
    made = FakeClock()
    made.now = NOW.timestamp()
    return made


@pytest.fixture(params=["the adapter", "the fake"])
def book(request: pytest.FixtureRequest, clock: FakeClock) -> Book:
    return FakeBook(clock) if request.param == "the fake" else TableBook(request.getfixturevalue("tables"), clock)


def test_nothing_is_counted_to_begin_with(book: Book) -> None:
    assert book.kept() == {}


def test_a_text_a_message_and_a_failure_count_for_their_agent_number_and_day(book: Book) -> None:
    for counted in (
        DESK.received("SM1", 2, NOW),
        DESK.received("SM2", 1, NOW - timedelta(days=1)),
        DESK.sent("SM9", 3, NOW),
        SHOP.sent("SM8", 1, NOW + timedelta(seconds=1)),
        NOBODY.failed("SM3", "no_agent", NOW),
    ):
        assert book.count(counted) is True
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    assert book.kept() == {
        (DESK, TODAY, "inbound"): 1,
        (DESK, TODAY, "inbound_segments"): 2,
        (DESK, yesterday, "inbound"): 1,
        (DESK, yesterday, "inbound_segments"): 1,
        (DESK, TODAY, "outbound"): 1,
        (DESK, TODAY, "outbound_segments"): 3,
        (SHOP, tomorrow, "outbound"): 1,
        (SHOP, tomorrow, "outbound_segments"): 1,
        (NOBODY, TODAY, "failed.no_agent"): 1,
    }


def test_what_comes_again_counts_once_also_with_other_values(book: Book) -> None:
    assert book.count(DESK.received("SM1", 1, NOW))
    for again in (DESK.received("SM1", 1, NOW), SHOP.received("SM1", 7, NOW + timedelta(days=3))):
        assert book.count(again) is False
    assert book.kept() == {(DESK, TODAY, "inbound"): 1, (DESK, TODAY, "inbound_segments"): 1}


def test_the_first_failure_of_a_text_counts_and_no_other(book: Book) -> None:
    assert book.count(DESK.failed("SM1", "backend_refused", NOW))
    assert not book.count(DESK.failed("SM1", "too_many_texts", NOW))
    assert book.count(DESK.failed("SM1-1", "unreachable", NOW))
    assert book.kept() == {(DESK, TODAY, "failed.backend_refused"): 1, (DESK, TODAY, "failed.unreachable"): 1}


def test_the_same_id_is_another_thing_as_a_text_as_a_message_and_as_a_failure(book: Book) -> None:
    assert all(book.count(counted) for counted in (DESK.received("1", 1, NOW), DESK.sent("1", 1, NOW)))
    assert book.count(DESK.failed("1", "defect", NOW))


def test_tenants_do_not_count_for_each_other(book: Book) -> None:
    assert book.count(DESK.received("SM1", 1, NOW))
    assert book.count(NEIGHBOUR.received("SM1", 1, NOW))
    assert book.kept()[NEIGHBOUR, TODAY, "inbound"] == book.kept()[DESK, TODAY, "inbound"] == 1


def test_it_is_remembered_as_long_as_claims_that_something_was_counted(book: Book, clock: FakeClock) -> None:
    book.count(DESK.received("SM1", 1, NOW))
    clock.now += MARK_SECONDS - 1
    assert not book.count(DESK.received("SM1", 1, NOW))
    clock.now += 1
    assert book.count(DESK.received("SM1", 1, NOW)), "a replay after that is a new text for everybody"


def test_what_fails_is_parked_and_counted_together_and_parked_again_without(book: Book) -> None:
    for _ in range(2):
        book.park(PARKED, DESK.failed("SM1", "no_agent", NOW))
    book.park(replace(PARKED, id="SM1.status"), None)
    assert book.kept() == {(DESK, TODAY, "failed.no_agent"): 1}


def test_a_replayed_text_that_is_parked_again_is_parked_with_its_new_reason(tables: Tables, clock: FakeClock) -> None:
    book = TableBook(tables, clock)
    book.park(PARKED, DESK.failed("SM1", "no_agent", NOW))
    book.park(replace(PARKED, reason="no_backend"), DESK.failed("SM1", "no_backend", NOW))
    parked = DynamoParking(tables.dynamodb, tables.state, life_seconds=1).find("acme", "SM1")
    assert parked
    assert parked.reason == "no_backend"
    assert book.kept() == {(DESK, TODAY, "failed.no_agent"): 1}


def test_a_crash_before_the_transaction_leaves_neither_the_parked_text_nor_the_count(
    tables: Tables, clock: FakeClock
) -> None:
    dynamodb = tables.another()

    def crash(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ServiceUnavailable"}}, "TransactWriteItems")

    dynamodb.meta.events.register("before-call.dynamodb.TransactWriteItems", crash)
    usage = DynamoUsage(dynamodb, tables.state, life_days=1, mark_life_seconds=60, clock=clock)
    parking = DynamoParking(dynamodb, tables.state, life_seconds=60, usage=usage)
    with pytest.raises(Unavailable, match=r"^the usage could not be counted: AWS answered ServiceUnavailable$"):
        parking.park(PARKED, DESK.failed("SM1", "no_agent", NOW))
    assert tables.items(tables.state) == []


def test_figures_are_kept_for_so_many_days_after_theirs(tables: Tables, clock: FakeClock) -> None:
    book = TableBook(tables, clock)
    book.count(DESK.received("SM1", 1, NOW - timedelta(days=40)))
    [item] = [item for item in tables.items(tables.state) if item["pk"]["S"].startswith("usage#")]
    assert datetime.fromtimestamp(int(item["ttl"]["N"]), UTC).date() == TODAY + timedelta(days=LIFE_DAYS - 40 + 1)
    clock.now = float(item["ttl"]["N"]) - 1
    assert book.kept()
    clock.now += 1
    assert book.kept() == {}


def test_an_agent_has_the_name_that_it_had_last(tables: Tables, clock: FakeClock) -> None:
    book = TableBook(tables, clock)
    book.count(DESK.received("SM1", 1, NOW))
    book.count(replace(DESK, agent="front desk").received("SM2", 1, NOW))
    assert book.kept() == {
        (replace(DESK, agent="front desk"), TODAY, "inbound"): 2,
        (replace(DESK, agent="front desk"), TODAY, "inbound_segments"): 2,
    }


def test_who_meets_another_one_takes_a_spare_counter_and_readers_add_them_up(tables: Tables, clock: FakeClock) -> None:
    book = TableBook(tables, clock)
    book.count(DESK.received("SM1", 1, NOW))
    dynamodb = tables.another()
    conflict = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
    }
    conflicts = [ClientError(conflict, "TransactWriteItems") for _ in range(3)]  # type: ignore[arg-type] # as AWS has it

    def meet(**_: object) -> None:
        if conflicts:
            raise conflicts.pop()

    dynamodb.meta.events.register("before-call.dynamodb.TransactWriteItems", meet)
    pauses: list[float] = []
    usage = DynamoUsage(dynamodb, tables.state, life_days=1, mark_life_seconds=60, clock=clock, sleep=pauses.append)
    assert usage.count(DESK.received("SM2", 1, NOW))
    assert len(pauses) == 3
    counters = [item["sk"]["S"] for item in tables.items(tables.state) if item["pk"]["S"].startswith("usage#")]
    assert len(counters) == 2
    assert sum(sk.endswith("#0") for sk in counters) == 1
    assert book.kept()[DESK, TODAY, "inbound"] == 2


def test_many_who_count_the_same_and_different_things_at_once_count_each_once(tables: Tables, clock: FakeClock) -> None:
    things = [DESK.received(f"SM{number % 10}", 1, NOW) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda counted: counting(tables, clock).count(counted), things))
    assert sum(results) == 10
    assert TableBook(tables, clock).kept()[DESK, TODAY, "inbound"] == 10


THINGS = st.one_of(
    st.builds(
        lambda owner, number, days: owner.received(f"SM{number}", 1 + number % 3, NOW - timedelta(days=days)),
        st.sampled_from([DESK, SHOP]),
        st.integers(0, 3),
        st.integers(0, 70),
    ),
    st.builds(
        lambda owner, number, days: owner.sent(f"SM{number}", 1 + number % 3, NOW - timedelta(days=days)),
        st.sampled_from([DESK, SHOP]),
        st.integers(0, 3),
        st.integers(0, 70),
    ),
    st.builds(
        lambda number, reason: NOBODY.failed(f"SM{number}", reason, NOW),
        st.integers(0, 3),
        st.sampled_from(["no_agent", "defect"]),
    ),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counted=st.lists(THINGS, max_size=12), answers_lost=st.sets(st.integers(0, 11)))
def test_the_adapter_and_the_fake_count_the_same_also_when_answers_are_lost(
    tables: Tables, clock: FakeClock, counted: list[Counted], answers_lost: set[int]
) -> None:
    """A lost answer is a crash after the transaction: whoever counts does so again."""
    for item in tables.items(tables.state):
        tables.dynamodb.delete_item(TableName=tables.state, Key={"pk": item["pk"], "sk": item["sk"]})
    fake, table = FakeBook(clock), TableBook(tables, clock)
    for number, thing in enumerate(counted):
        assert fake.count(thing) == table.count(thing)
        if number in answers_lost:
            assert fake.count(thing) is table.count(thing) is False
    assert fake.kept() == table.kept()


def test_a_month_of_a_thousand_numbers_is_read_in_few_requests(tables: Tables, clock: FakeClock) -> None:
    """A fifth of it: every number has a counter on each of six days, in two months."""
    days = [date(2026, 10, 29) + timedelta(days=number) for number in range(6)]
    TableBook(tables, clock).count(DESK.received("SM1", 1, NOW))
    [sample] = [item for item in tables.items(tables.state) if item["pk"]["S"].startswith("usage#")]
    counters = [_counter(sample, day, number) for day in days for number in range(1000)]
    for first in range(0, len(counters), 25):
        puts: Any = [{"PutRequest": {"Item": counter}} for counter in counters[first : first + 25]]
        tables.dynamodb.batch_write_item(RequestItems={tables.state: puts})
    requests: list[str] = []
    dynamodb = tables.another()
    dynamodb.meta.events.register("before-call.dynamodb", lambda model, **_: requests.append(model.name))
    read = list(DynamoUsageFigures(dynamodb, tables.state, clock=clock).read("acme", days[0], days[-1]))
    assert len(read) == 6_000
    assert set(requests) == {"Query"}
    assert len(requests) <= 3


def _counter(sample: dict[str, Any], day: date, number: int) -> dict[str, Any]:
    address = f"+1202556{number:04}"
    key = {"pk": {"S": f"usage#acme#{day:%Y-%m}"}, "sk": {"S": f"{day:%d}#Desk0001#{address}#0"}}
    return {**sample, **key, "number": {"S": address}, "day": {"S": day.isoformat()}}


def test_only_the_days_that_were_asked_for_are_read(tables: Tables, clock: FakeClock) -> None:
    book = TableBook(tables, clock)
    for back in range(70):
        book.count(DESK.received(f"SM{back}", 1, NOW - timedelta(days=back)))
    reader = DynamoUsageFigures(tables.dynamodb, tables.state, clock=clock)
    for first, last in ((0, 0), (29, 0), (69, 3), (30, 28), (40, 40), (69, 69)):
        begin, end = TODAY - timedelta(days=first), TODAY - timedelta(days=last)
        days = [day.day for day in reader.read("acme", begin, end)]
        assert days == [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
    assert list(reader.read("acme", TODAY, TODAY - timedelta(days=1))) == []


def test_a_dynamodb_that_does_not_answer_is_unavailable() -> None:
    nowhere = client("http://127.0.0.1:9")
    with pytest.raises(Unavailable, match=r"^the usage could not be counted: "):
        DynamoUsage(nowhere, "state", life_days=1, mark_life_seconds=1).count(DESK.sent("SM1", 1, NOW))
    with pytest.raises(Unavailable, match=r"^the usage of tenant 'acme' could not be read: "):
        list(DynamoUsageFigures(nowhere, "state").read("acme", TODAY, TODAY))


def test_no_number_is_in_a_repr() -> None:
    for counted in (DESK.received("SM1", 1, NOW), SHOP.failed("SM1", "defect", NOW)):
        assert "+1202" not in repr(counted)


def test_failures_are_told_from_other_figures() -> None:
    assert failures({failed_figure("defect"): 2, Figure.INBOUND: 1}) == {"defect": 2}
