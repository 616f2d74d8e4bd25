"""docs/cost.md is what the model makes of the packaged stage, and the model counts what one text really asks of AWS."""

import json
import re
from collections import Counter
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from shared.aws.claims import DynamoClaims
from shared.aws.rate_limits import DynamoLimits
from shared.aws.reply_records import DynamoReplies
from shared.aws.sessions import DynamoSessions
from shared.aws.usage import DynamoUsage
from shared.messages.status import ProviderStatus
from shared.telemetry import BY_AGENT, LogEvent
from shared.tenants import cache
from shared.tenants.record import SecretPart
from tests import forwarding_fakes
from tests.fakes import NOW
from tests.integration.packages import Package
from tests.integration.tables import Tables
from tests.unit.sending import fakes
from tools.cost import __main__ as cost
from tools.cost import model, packaged_stage, prices, tenancy
from tools.cost.model import Item
from tools.cost.tenancy import Tenancy

MEASURED: dict[str, Any] = json.loads(cost.MEASURED.read_text(encoding="utf-8"))
PAGE = cost.PAGE.read_text(encoding="utf-8")
README = Path(cost.ROOT / "README.md").read_text(encoding="utf-8")
LIFE = 3600.0
USE = model.usual_use(MEASURED)
INDEX_WRITES = 1  # the reply's id at Twilio, in the index of its record: DynamoDB writes it by itself


class ClaimContext:
    """Of Lambda's context what a claim needs."""

    aws_request_id = "1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture(scope="session")
def east(packages: dict[str, Package]) -> packaged_stage.PackagedStage:
    return packaged_stage.read(packages["east"].folder)


def counted(items: list[Item], price: prices.Price) -> float:
    """How often a text needs what has this price."""
    return sum(item.count for item in items if item.price is price) / prices.MILLION


def test_the_page_shows_what_the_model_makes(east: packaged_stage.PackagedStage) -> None:
    assert cost.page(PAGE, cost.tables(east, MEASURED)) == PAGE, (
        "docs/cost.md is old; after `make package`: .venv/bin/python -m tools.cost --write"
    )
    assert set(re.findall(r"<!-- table: (\w+) -->", PAGE)) == set(cost.tables(east, MEASURED))
    assert f"written down on {prices.WRITTEN_DOWN}" in PAGE


def test_the_readme_tells_the_sum_of_it(east: packaged_stage.PackagedStage) -> None:
    texts, months = model.total(model.texts(east, USE)), model.total(model.months(east, USE))
    thinking = model.total(model.texts(east, replace(USE, thinks_seconds=2))) - texts
    words = " ".join(README.split())
    assert f"about ${texts:.0f} for a million answered texts whose backend thinks for a second" in words
    assert f"${thinking:.0f} more for each further second" in words
    assert f"about ${months:.0f} a month for a stage" in words


def test_both_stages_cost_the_same(east: packaged_stage.PackagedStage, packages: dict[str, Package]) -> None:
    assert packaged_stage.read(packages["south"].folder) == east


def test_reads_what_is_deployed(east: packaged_stage.PackagedStage, packages: dict[str, Package]) -> None:
    package = packages["east"]
    functions = package.resources("Lambda::Function").values()
    assert {function["Properties"]["MemorySize"] for function in functions} == {east.memory_mb}
    assert (east.arm, east.traced, east.restorable, east.platform_lines) == (True, True, True, False)
    assert (east.polled, east.dashboards, east.log_days, east.tenant_cache_seconds) == (3, 1, 30, 60)
    assert east.alarm_metrics >= len(package.resources("CloudWatch::Alarm"))
    assert 250 < east.access_log_bytes < 500


def test_one_text_asks_as_much_of_dynamodb_and_sqs_as_the_model_counts(
    east: packaged_stage.PackagedStage, tables: Tables
) -> None:
    asked: Counter[str] = Counter()
    dynamodb = tables.another()
    dynamodb.meta.events.register("before-call.dynamodb", lambda model, **_: asked.update([model.name]))
    claims = DynamoClaims(dynamodb, tables.claims, life_seconds=LIFE)
    claims.begin(ClaimContext())  # type: ignore[arg-type] # what a claim needs of it
    replies = DynamoReplies(dynamodb, tables.state, life_seconds=LIFE)
    usage = DynamoUsage(dynamodb, tables.state, life_days=400, mark_life_seconds=LIFE)

    forwarding = forwarding_fakes.World()
    forwarder = replace(
        forwarding.forwarder,
        backends=replace(forwarding.forwarder.backends, claims=claims),
        sessions=DynamoSessions(dynamodb, tables.state),
        limits=DynamoLimits(dynamodb, tables.state, clock=NOW.timestamp),
        usage=usage,
    )
    answered = forwarder.forward(forwarding_fakes.text(), 1)
    [queued] = forwarding.queue.sent
    sending = fakes.World(claims=claims, replies=replies, usage=usage)  # type: ignore[arg-type] # the real ones
    sent = sending.deliver(dict(queued.event))
    reply_id = queued.event["data"]["reply_id"]
    for rank, word in enumerate(("sending", "sent", "delivered"), start=3):
        status = ProviderStatus(word, rank, is_final=word == "delivered")
        replies.advance("acme", reply_id, status, message_id="SM1", error_code=None)

    assert (getattr(answered, "outcome", None), getattr(sent, "outcome", None)) == (LogEvent.ANSWERED, LogEvent.SENT)
    items = model.texts(east, USE)
    writes, reads = asked["PutItem"] + asked["UpdateItem"] + asked["DeleteItem"], asked["GetItem"] + asked["Query"]
    writes += model.COUNT_WRITES * asked["TransactWriteItems"]
    assert writes + INDEX_WRITES == counted(items, prices.WRITES), asked
    assert reads == counted(items, prices.READS), asked
    events = 1 + len(forwarding.queue.sent) + len(sending.inbound.sent)
    assert 3 * events == counted(items, prices.QUEUE_REQUESTS)


def test_each_choice_costs_what_one_would_expect(east: packaged_stage.PackagedStage) -> None:
    usual = model.total(model.texts(east, USE))
    dearer = [
        (east, replace(USE, thinks_seconds=2)),
        (east, replace(USE, reports_statuses=True)),
        (east, replace(USE, parts=2)),
        (east, replace(USE, log_bytes=USE.log_bytes + 1000)),
        (replace(east, memory_mb=1024), USE),
        (replace(east, arm=False), USE),
        (replace(east, platform_lines=True), USE),
    ]
    cheaper = [
        (east, replace(USE, challenged=False)),
        (replace(east, traced=False), USE),
        (replace(east, access_log_bytes=0), USE),
        (replace(east, restorable=False), USE),
        (replace(east, log_days=7), USE),
    ]
    assert all(model.total(model.texts(*choice)) > usual for choice in dearer)
    assert all(model.total(model.texts(*choice)) < usual for choice in cheaper)
    assert usual - model.total(model.texts(*cheaper[0])) == pytest.approx(prices.REQUESTS.dollars)
    assert model.total(model.texts(*dearer[3])) - usual == pytest.approx(0.5 + 0.03 * 30 * 24 / 730)


def test_an_unknown_kind_of_run_is_refused() -> None:
    with pytest.raises(TypeError, match=r"processor_ms: text, status, .* and start are expected"):
        model.usual_use(MEASURED | {"processor_ms": {"receiver": 1}})


def test_what_takes_less_time_costs_less_of_lambda_and_of_nothing_else(east: packaged_stage.PackagedStage) -> None:
    before = {item.what: item.dollars for item in model.texts(east, replace(USE, processor=USE.processor_before))}
    now = {item.what: item.dollars for item in model.texts(east, USE)}
    (cheaper,) = (what for what, dollars in before.items() if dollars != now[what])
    assert "their own time" in cheaper
    assert now[cheaper] < before[cheaper]


def test_a_flood_costs_no_more_than_the_security_page_says(
    east: packaged_stage.PackagedStage, packages: dict[str, Package]
) -> None:
    """All that the throttles let pass in a day, each with a key that looks like one and names another tenant.

    Its secret is looked for in the stage's region, and if that is not the home region, there too.
    """
    every, statuses = (float(each["rateLimit"]) for each in packages["east"].service["custom"]["throttles"].values())
    requests = (2 * every + statuses) * 24 * 3600  # each method has its own: texts, messages to send, statuses
    run = east.memory_mb / 1024 * 0.03
    gigabytes = (east.access_log_bytes + 26 + 400) / model.GB

    def dollars(readings: int) -> float:
        counts = (
            (prices.REQUESTS, 1),
            (prices.RUNS, 1),
            (prices.ARM_SECONDS, run),
            (prices.LOGGED, gigabytes),
            (prices.READINGS, readings),
            (prices.TRACES, 0.05),
        )
        return sum(price.of(count * requests) for price, count in counts)

    pages = PAGE + (cost.ROOT / "docs" / "security.md").read_text()
    documented_dollars = sorted({int(amount) for amount in re.findall(r"\$(\d+) a day", pages)})
    assert documented_dollars == pytest.approx([dollars(readings=1), dollars(readings=2)], rel=0.2)


def test_the_model_knows_how_long_and_how_much_a_lambda_caches() -> None:
    assert tenancy.KEPT_SECONDS == cache._KEPT_SECONDS  # noqa: SLF001 - a setting that only the cache needs
    assert signature(cache.Cache).parameters["entries_max"].default == tenancy.CACHED
    assert len(SecretPart) == tenancy.SECRETS


def test_more_tenants_numbers_or_environments_cost_more_and_a_stored_number_next_to_nothing(
    east: packaged_stage.PackagedStage,
) -> None:
    def cost_of(**changes: int) -> tuple[float, float]:
        use = replace(USE, tenancy=Tenancy(**changes))
        return model.total(model.texts(east, use)), model.total(model.months(east, use))

    texts, month = cost_of()
    assert cost_of(tenants=10)[0] > texts
    assert cost_of(numbers=100)[0] > texts
    assert cost_of(environments=4)[0] > texts
    assert cost_of(tenants=2)[1] - month == pytest.approx(3 * 0.40, abs=0.0001)
    assert 0 < cost_of(numbers=10_000)[1] - month < 0.02


def test_a_secret_is_read_at_most_once_for_each_text_and_function_however_many_tenants_there_are() -> None:
    crowded = tenancy.reads(Tenancy(tenants=1_000_000, numbers=1_000_000), statuses=3, life_seconds=60)
    assert crowded.secrets == 6 * prices.MILLION
    assert tenancy.reads(Tenancy(tenants=257), statuses=3, life_seconds=60).secrets > crowded.secrets / 100


def test_the_pages_say_what_the_metrics_of_an_agent_cost() -> None:
    dollars = len(BY_AGENT) * prices.METRICS.dollars
    configuration = (cost.ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    operations = (cost.ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for page in (PAGE, configuration, operations):
        assert f"up to ${dollars:.2f} a month" in page
    assert f"the 50 that may be named cost up to ${50 * dollars:.0f}" in PAGE


def test_the_table_of_tenants_says_what_both_regions_cost(east: packaged_stage.PackagedStage) -> None:
    rows = cost.tables(east, MEASURED)["tenants"].splitlines()
    assert rows[2].startswith("| 1 | 1 | 0.80 | 2.40 |")
    assert "$2.40 a month" in PAGE
