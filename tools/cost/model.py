"""The cost model: what a stage and a way of using it count, and what that costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tools.cost import prices, tenancy
from tools.cost.packaged_stage import PackagedStage
from tools.cost.prices import MILLION, Price
from tools.cost.tenancy import BUSY_SECONDS, Tenancy

GB = 1e9
MONTH_SECONDS = 730 * 3600.0

_EVENT_OVERHEAD = 26  # bytes that CloudWatch Logs adds to each line (Amazon CloudWatch pricing; PutLogEvents)
_PLATFORM_BYTES = 400 + 3 * _EVENT_OVERHEAD  # START, END and REPORT of a run, with the trace's id
_POLLERS, _POLL_SECONDS = 5, 20.0  # for each queue, even an empty one (AWS docs, "Using Lambda with Amazon SQS")
_SAMPLED = 0.05  # of all requests after the first in each second (AWS docs, "Configuring sampling rules")
_PROCESSOR_MB = 1769  # memory that gives a Lambda one whole processor (AWS docs, "Configure Lambda function memory")

# How long each kind of run waits, in milliseconds. Assumption: AWS answers a call in 5 to 10, Twilio in 250.
WAITS = {"text": 10, "status": 10, "forwarder": 50, "sender": 290, "told": 20}
COUNT_WRITES = 4
"""Write units of counting one thing: two items in a transaction (DynamoDB guide, "Read and write operations")."""
START, STARTS = "start", 0.01  # a cold start, whose time is billed too, and the share of runs that have one
Milliseconds = Mapping[str, float]


@dataclass(frozen=True)
class Use:
    """How a stage is used.

    Attributes:
        parts: messages of an answer, as Twilio sends them.
        statuses: that Twilio reports for each of them: sending, sent, delivered.
        reports_statuses: whether the backend gets these statuses.
        thinks_seconds: how long the backend takes to answer.
        challenged: whether AWS bills the gateway's 401 that each text begins with.
        log_bytes: of our own lines, for a text with one message as its answer, without CloudWatch's addition.
        log_lines: the number of these lines.
        metrics: of our own, that such texts are counted in.
        stored_kb: kilobytes that a text adds to both tables.
        sent_kb: kilobytes that a text sends out of AWS: to the backend, to Twilio, and responses.
        tenancy: whose texts they are.
        processor: milliseconds of one whole processor, for each kind of run and for a cold start.
        processor_before: the same, before the Lambdas were made lighter.
    """

    log_bytes: int
    log_lines: int
    metrics: int
    processor: Milliseconds
    processor_before: Milliseconds
    parts: int = 1
    statuses: int = 3
    reports_statuses: bool = False
    thinks_seconds: float = 1.0
    challenged: bool = True
    stored_kb: float = 3.0
    sent_kb: float = 8.0
    tenancy: Tenancy = field(default_factory=Tenancy)


@dataclass(frozen=True)
class Item:
    """One line of a bill.

    Attributes:
        service: the AWS service that bills it.
        what: a description for readers.
        count: units for a text, for a million texts, or for a month.
        price: the price of a unit.
    """

    service: str
    what: str
    count: float
    price: Price

    @property
    def dollars(self) -> float:
        """The cost of the count."""
        return self.price.of(self.count)


def line_bytes(use: Use) -> int:
    """The bytes that the log lines of a text count as."""
    return use.log_bytes + use.log_lines * _EVENT_OVERHEAD


def usual_use(measured: Mapping[str, object]) -> Use:
    """The usual use of a stage, with the measurements in docs/measured.json.

    Raises:
        TypeError: The metrics are not a number, or the times are not those of all kinds of runs.
    """
    numbers = [measured[f"log_{what}_per_answered_text"] for what in ("bytes", "lines")]
    totals = [sum(by_lambda.values()) for by_lambda in numbers if isinstance(by_lambda, dict)]
    metrics = measured["metrics_of_answered_texts"]
    if not isinstance(metrics, int):
        message = "metrics_of_answered_texts: a number is expected"
        raise TypeError(message)
    now, before = (_milliseconds(measured, name) for name in ("processor_ms", "processor_ms_before"))
    return Use(log_bytes=totals[0], log_lines=totals[1], metrics=metrics, processor=now, processor_before=before)


def _milliseconds(measured: Mapping[str, object], name: str) -> Milliseconds:
    times = measured[name]
    if not isinstance(times, dict) or times.keys() != {*WAITS, START}:
        message = f"{name}: {', '.join(WAITS)} and {START} are expected"
        raise TypeError(message)
    return times


def texts(stage: PackagedStage, use: Use) -> list[Item]:
    """The cost of a million answered texts; each item's count is for the million."""
    return [replace(item, count=item.count * MILLION) for item in _text(stage, use)]


def _text(stage: PackagedStage, use: Use) -> Iterator[Item]:
    statuses = use.parts * use.statuses
    reports = statuses if use.reports_statuses else 0
    requests = 2 + statuses  # the challenge is one of them, billed or not
    billed = requests if use.challenged else requests - 1
    challenge = "the challenge, " if use.challenged else ""
    yield Item("API Gateway", f"{challenge}the webhook, {statuses} statuses", billed, prices.REQUESTS)

    runs = {"text": 1, "status": statuses, "forwarder": 1, "sender": use.parts, "told": reports}
    yield Item("Lambda", "receiver, forwarder, sender, statuses: runs", sum(runs.values()), prices.RUNS)
    second = prices.ARM_SECONDS if stage.arm else prices.X86_SECONDS
    ours = _gb_seconds(stage, sum(_ms(stage, use, name, n) for name, n in runs.items()))
    starts = _gb_seconds(stage, sum(runs.values()) * STARTS * use.processor[START])
    yield Item("Lambda", "the same: their own time, and waiting for AWS and Twilio", ours + starts, second)
    yield Item(
        "Lambda",
        f"the forwarder waits for the backend, {use.thinks_seconds:g} s",
        _gb_seconds(stage, 1000 * use.thinks_seconds),
        second,
    )

    events = 1 + use.parts + reports
    yield Item("SQS", f"{events} events: sent, received, deleted", 3 * events, prices.QUEUE_REQUESTS)

    once = 5  # limit 2, claim to ask 2, session 1
    each = 5 + use.statuses  # claim to send 2, the reply's record 2 and its index 1, its statuses
    yield Item(
        "DynamoDB",
        "limit, claims, session, replies, statuses: writes",
        once + each * use.parts + 2 * reports,
        prices.WRITES,
    )
    counted = 1 + use.parts  # the text and each message: a mark and a counter, twice as dear in a transaction
    yield Item("DynamoDB", "usage figures: writes", COUNT_WRITES * counted, prices.WRITES)
    yield Item("DynamoDB", "session, reply: consistent reads", 1 + use.parts, prices.READS)
    stored = use.stored_kb * 1e3 / GB
    yield Item("DynamoDB", f"{use.stored_kb:g} kB for 30 days", stored, prices.STORED)
    if stage.restorable:
        yield Item("DynamoDB", "the same, restorable", stored, prices.RESTORABLE)

    all_runs = sum(runs.values())
    lines = line_bytes(use)
    yield Item("CloudWatch Logs", f"our lines, {use.log_bytes:,} bytes", lines / GB, prices.LOGGED)
    platform = all_runs * _PLATFORM_BYTES if stage.platform_lines else 0
    if platform:
        yield Item("CloudWatch Logs", "Lambda's own lines", platform / GB, prices.LOGGED)
    access = requests * (stage.access_log_bytes + _EVENT_OVERHEAD) if stage.access_log_bytes else 0
    if access:
        yield Item("CloudWatch Logs", f"the access log, {requests} lines", access / GB, prices.LOGGED)
    months = stage.log_days * 24 * 3600 / MONTH_SECONDS
    yield Item(
        "CloudWatch Logs",
        f"all of it, kept for {stage.log_days} days",
        (lines + platform + access) / GB * months,
        prices.KEPT,
    )
    if stage.traced:
        yield Item(
            "X-Ray",
            "traces: the first request of each second, and 5% of the others",
            _traces(requests + 1 + use.parts + reports) / MILLION,
            prices.TRACES,
        )
    read = tenancy.reads(use.tenancy, statuses=statuses, life_seconds=stage.tenant_cache_seconds)
    yield Item("Secrets Manager", "a tenant's secrets, read once an hour", read.secrets / MILLION, prices.READINGS)
    yield Item(
        "DynamoDB",
        f"the directory: tenants, agents and numbers, read every {stage.tenant_cache_seconds:g} s",
        read.items / MILLION,
        prices.ITEM_READS,
    )
    yield Item("Data transfer", f"{use.sent_kb:g} kB out", use.sent_kb * 1e3 / GB, prices.SENT_OUT)


def months(stage: PackagedStage, use: Use) -> list[Item]:
    """The monthly cost of a stage that does not depend on its texts."""
    polls = stage.polled * _POLLERS * MONTH_SECONDS / _POLL_SECONDS
    return [
        Item("CloudWatch", "metrics that texts count, busy all day", use.metrics, prices.METRICS),
        Item(
            "CloudWatch",
            f"the gateway's own, for {stage.measured_methods} methods",
            5 * stage.measured_methods,
            prices.METRICS,
        ),
        Item("CloudWatch", "metrics that alarms watch", stage.alarm_metrics, prices.ALARMS),
        Item("CloudWatch", "the dashboard; three in an account are free", stage.dashboards, prices.DASHBOARDS),
        Item("SQS", "Lambda asks the queues, also when they are empty", polls, prices.QUEUE_REQUESTS),
        *(Item(*entry) for entry in tenancy.monthly(use.tenancy)),
    ]


def total(items: list[Item]) -> float:
    """The sum in dollars."""
    return sum(item.dollars for item in items)


def _ms(stage: PackagedStage, use: Use, name: str, times: float) -> float:
    """The milliseconds of so many runs.

    A Lambda's share of a processor grows with its memory. Our single thread can use one processor at most.
    """
    share = min(1, stage.memory_mb / _PROCESSOR_MB)
    return times * (use.processor[name] / share + WAITS[name])


def _gb_seconds(stage: PackagedStage, milliseconds: float) -> float:
    return stage.memory_mb / 1024 * milliseconds / 1000


def _traces(each: float) -> float:
    """The traces of a million texts that are spread evenly over the busy seconds."""
    requests = each * MILLION
    first = min(requests, BUSY_SECONDS)
    return first + _SAMPLED * (requests - first)
