"""`python -m cli.picture FILE`: plays some minutes of a stage's life, and writes what its dashboard would show."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.demo.line import open_line
from cli.demo.play import STAGE, Play
from cli.deployed import FUNCTIONS
from cli.local import logs, metrics, stack, state
from cli.local.alarms import Alarms, NotMeasuredError
from cli.local.aws import LocalAws
from cli.local.backend import running
from cli.local.phones import Phones
from cli.local.state import REGIONS, ROOT
from cli.picture import ages
from cli.picture.traffic import play_all
from cli.picture.widgets import measured

TEMPLATE = ROOT / "build" / STAGE / "cloudformation-template-update-stack.json"
BUCKET_SECONDS = 3
_QUEUES = ("${InboundQueue.QueueName}", "${OutboundQueue.QueueName}")


def main(into: Path) -> None:
    """Stops what it started; a stack that was up before stays up."""
    before = state.load()
    present = stack.up(_say)
    try:
        aws, phones = LocalAws(present.aws_endpoint), Phones(present.twin_url)
        with running() as backend:
            play = Play(open_line(present, phones, backend), present, phones, backend, aws)
            begin = datetime.now(UTC)
            play_all(play, _say)
            into.write_text(json.dumps(_seen(aws, begin)))
    finally:
        if before is None or not before.alive:
            stack.down(_say)


def _seen(aws: LocalAws, begin: datetime) -> dict[str, Any]:
    end = datetime.now(UTC)
    resources = json.loads(TEMPLATE.read_text())["Resources"]
    alarms = Alarms(STAGE, aws, begin)

    def alarm(resource: str) -> tuple[str, bool | None]:
        name = resources[resource]["Properties"]["AlarmName"].removeprefix(f"sms-receiver-{STAGE}-")
        try:
            return name, alarms.rings(name)
        except (NotMeasuredError, LookupError):  # the local stack has no alarms on sums
            return name, None

    stays = ages.stays(line for function in FUNCTIONS for line in _lines(aws, function, begin))
    waited = [
        point
        for queue, of_queue in zip(_QUEUES, stays, strict=True)
        for point in ages.of_oldest(queue, of_queue, begin=begin, end=end)
    ]
    points = [*metrics.of_stage(aws, STAGE, since=begin), *waited]
    body = json.loads(resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    widgets = measured(body["widgets"], points, alarm, begin=begin, bucket=BUCKET_SECONDS)
    seconds = (end - begin).total_seconds()
    return {"name": f"sms-receiver-{STAGE}", "seconds": seconds, "bucket": BUCKET_SECONDS, "widgets": widgets}


def _lines(aws: LocalAws, function: str, begin: datetime) -> list[str]:
    group = f"/aws/lambda/sms-receiver-{STAGE}-{function}"
    return list(logs.messages(aws.logs(REGIONS[STAGE]), group, since=int(begin.timestamp() * 1000)))


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
