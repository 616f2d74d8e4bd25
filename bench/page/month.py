"""A month of texts on the local stack: one real text, and copies of everything that it left, spread over the month."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from devstack.aws import LocalAws
from devstack.demo.demo_tenant import DemoTenant
from devstack.demo.play import STAGE, Play
from devstack.state import DeployedStage
from operations.stage.names import FUNCTIONS, log_group
from shared.aws.usage import DynamoUsage
from shared.messages.usage import Counted, Figure, UsageOwner

DAYS = 30
TEXTS = 10_000
_PERSONS = 500
_ITEMS = 25
"""Items in a request (DynamoDB API, BatchWriteItem)."""
_LINES = 1000
Item = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A log line of the text, and how many milliseconds after its first one it was written."""

    group: str
    after_ms: int
    message: str


@dataclass(frozen=True)
class Remains:
    """What a text left: items by table, log lines, and the digits of its conversation."""

    text_id: str
    begun: datetime
    conversation: str
    items: dict[str, list[Item]]
    lines: list[Line]


def fill(play: Play, aws: LocalAws) -> str:
    """Plays a text and copies it until the month has TEXTS. Returns the id of the real one."""
    stage = play.stack.stages[STAGE]
    text = _played(play, aws, stage)
    now = datetime.now(UTC)
    moments = [now - timedelta(days=DAYS) * place / TEXTS for place in range(1, TEXTS)]
    copies = [(f"SM{sha256(str(place).encode()).hexdigest()[:32]}", moment) for place, moment in enumerate(moments)]
    _store(text, aws, stage, [text_id for text_id, _ in copies])
    _log(text, aws, stage, copies)
    _count(play.tenant, aws, stage, now)
    return text.text_id


def _played(play: Play, aws: LocalAws, stage: DeployedStage) -> Remains:
    person, begun = play.person(), datetime.now(UTC)
    text_id = person.text("Are you open today?")
    person.sees(1)
    play.queues.settle()
    dynamodb, logs = aws.dynamodb(stage.region), aws.logs(stage.region)
    items = {
        table: [item for item in dynamodb.scan(TableName=table)["Items"] if text_id in _key(item)]
        for table in stage.tables.values()
    }
    start = int(begun.timestamp() * 1000)
    lines = [
        Line(group, event["timestamp"] - start, event["message"])
        for group in (log_group(STAGE, function) for function in FUNCTIONS)
        for event in logs.filter_log_events(logGroupName=group, startTime=start)["events"]
        if text_id in event["message"]
    ]
    [accepted] = [json.loads(line.message) for line in lines if '"Accepted"' in line.message]
    return Remains(text_id, begun, accepted["conversation"], items, lines)


def _store(text: Remains, aws: LocalAws, stage: DeployedStage, ids: list[str]) -> None:
    dynamodb = aws.dynamodb(stage.region)
    for table, items in text.items.items():
        written = json.dumps(items)
        requests = [
            {"PutRequest": {"Item": item}} for copy in ids for item in json.loads(written.replace(text.text_id, copy))
        ]
        for batch in _batches(requests, _ITEMS):
            dynamodb.batch_write_item(RequestItems={table: batch})


def _log(text: Remains, aws: LocalAws, stage: DeployedStage, copies: list[tuple[str, datetime]]) -> None:
    logs = aws.logs(stage.region)
    for group in {line.group for line in text.lines}:
        logs.create_log_stream(logGroupName=group, logStreamName="month")
        lines = [line for line in text.lines if line.group == group]
        events = sorted(_copied(text, lines, copies), key=lambda event: event["timestamp"])
        for batch in _batches(events, _LINES):
            logs.put_log_events(logGroupName=group, logStreamName="month", logEvents=batch)


def _key(item: Item) -> str:
    return json.dumps([item[name] for name in ("id", "pk", "sk") if name in item])


def _batches(things: Sequence[Any], most: int) -> Iterator[list[Any]]:
    return (list(things[start : start + most]) for start in range(0, len(things), most))


def _copied(text: Remains, lines: list[Line], copies: list[tuple[str, datetime]]) -> Iterator[Item]:
    for place, (text_id, moment) in enumerate(copies):
        conversation = sha256(str(place % _PERSONS).encode()).hexdigest()[: len(text.conversation)]
        for line in lines:
            at = moment + timedelta(milliseconds=line.after_ms)
            message = line.message.replace(text.text_id, text_id).replace(text.conversation, conversation)
            entry = json.loads(message) | {"timestamp": at.isoformat()}
            if "_aws" in entry:
                entry["_aws"]["Timestamp"] = int(at.timestamp() * 1000)
            yield {"timestamp": int(at.timestamp() * 1000), "message": json.dumps(entry)}


def _count(tenant: DemoTenant, aws: LocalAws, stage: DeployedStage, now: datetime) -> None:
    usage = DynamoUsage(aws.dynamodb(stage.region), stage.tables["state"], life_days=400, mark_life_seconds=3600)
    owner = UsageOwner(tenant.id, "+12025550111", tenant.agents[STAGE], f"agent {STAGE}")
    figures = dict.fromkeys(map(str, Figure), TEXTS // DAYS)
    for age in range(DAYS):
        usage.count(Counted(owner, f"day#{age}", (now - timedelta(days=age)).date(), figures))
