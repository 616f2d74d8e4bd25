"""What a stage's stack is made of, for an operator.

With operations/stage/target.py and operations/audit/log.py this is the only place in the package that knows boto3. What
of it a command needs, `operations.stage.target.Target` promises.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore import exceptions
from botocore.config import Config

from operations.audit.log import CloudWatchAudit
from shared.aws.errors import code, unavailable
from shared.aws.fifo_queue import FifoQueue
from shared.aws.parking import DynamoParking
from shared.errors import Declined
from shared.ports import MessageQueue, Parking

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sqs import SQSClient

CONFIG = Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 3})
FUNCTIONS = ("authorizer", "receiver", "forwarder", "sender", "api")
QUEUES = ("inbound", "outbound")

_NEVER_PARKS = 0.0  # this command sets nothing aside, so no life is needed


@dataclass(frozen=True)
class LogLine:
    """One line of a function's log. `id` tells it from others with the same words."""

    id: str
    function: str
    time: datetime
    text: str


class Deployed:
    """A stage's stack.

    Args:
        stage: the stage.
        regions: the AWS region of every stage.
        session: makes the clients.
        endpoint: takes the place of AWS's own.
    """

    def __init__(
        self, stage: str, regions: Mapping[str, str], session: boto3.Session, endpoint: str | None = None
    ) -> None:
        self.region = regions[stage]
        self._stage = stage
        self._regions = regions
        self._session = session
        self._endpoint = endpoint
        self._outputs: dict[str, Mapping[str, str] | None] = {}

    def outputs(self, stage: str) -> Mapping[str, str] | None:
        """What a stage's stack tells of itself, asked once; None when it is not deployed. Raises Unavailable."""
        if stage not in self._outputs:
            with unavailable(f"the stack of stage {stage} could not be read"):
                self._outputs[stage] = self._read_outputs(stage)
        return self._outputs[stage]

    @cached_property
    def parking(self) -> Parking:
        """What was set aside on this stage. Raises Declined when it is not deployed, Unavailable."""
        dynamodb = self._session.client("dynamodb", region_name=self.region, endpoint_url=self._endpoint, config=CONFIG)
        return DynamoParking(dynamodb, self._output("StateTableName"), life_seconds=_NEVER_PARKS)

    def queue(self, name: str) -> MessageQueue:
        """This stage's queue `inbound` or `outbound`. Raises Declined when it is not deployed, Unavailable."""
        return FifoQueue(self._sqs, self._output(f"{name.capitalize()}QueueUrl"))

    def crashed(self, name: str) -> int:
        """About how many messages of a queue crashed before they could be parked. Raises Declined, Unavailable."""
        with unavailable(f"the messages that crashed, {name}, could not be counted"):
            asked = self._sqs.get_queue_attributes(
                QueueUrl=self._crashed_url(name), AttributeNames=["ApproximateNumberOfMessages"]
            )
        return int(asked["Attributes"]["ApproximateNumberOfMessages"])

    def redrive(self, name: str) -> None:
        """Lets SQS move what crashed back to its queue (SQS API, StartMessageMoveTask).

        Raises Declined, Unavailable.
        """
        with unavailable(f"the messages that crashed, {name}, could not be moved"):
            asked = self._sqs.get_queue_attributes(QueueUrl=self._crashed_url(name), AttributeNames=["QueueArn"])
            self._sqs.start_message_move_task(SourceArn=asked["Attributes"]["QueueArn"])

    def log(
        self, function: str, since: datetime, until: datetime | None = None, containing: str | None = None
    ) -> Iterator[LogLine]:
        """A function's log since then, of it only the lines with a certain word; nothing when it never ran.

        The word must stand between quotation marks or the like (CloudWatch Logs, "Filter pattern syntax").

        Raises Unavailable.
        """
        asked: dict[str, Any] = {"startTime": _milliseconds(since)}
        if until:
            asked["endTime"] = _milliseconds(until)
        if containing:
            asked["filterPattern"] = f'"{containing}"'
        group = f"/aws/lambda/sms-receiver-{self._stage}-{function}"
        pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=group, **asked)
        with unavailable(f"the log of the {function} could not be read"):
            try:
                for event in (event for page in pages for event in page["events"]):
                    time = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                    named = f"{event.get('logStreamName')} {event['timestamp']} {event['message']}"  # by ministack
                    yield LogLine(event.get("eventId") or named, function, time, event["message"])
            except exceptions.ClientError as error:
                if code(error) != "ResourceNotFoundException":  # there is no such log yet
                    raise

    @cached_property
    def audit(self) -> CloudWatchAudit:
        """Who changed what on this stage."""
        return CloudWatchAudit(self._logs, self._stage)

    def _output(self, name: str) -> str:
        found = (self.outputs(self._stage) or {}).get(name)
        if found is None:
            message = (
                f"stage {self._stage} is not deployed as this command needs it; run: make deploy STAGE={self._stage}"
            )
            raise Declined(message)
        return found

    def _crashed_url(self, name: str) -> str:
        return self._output(f"{name.capitalize()}CrashedQueueUrl")

    def _read_outputs(self, stage: str) -> Mapping[str, str] | None:
        stacks: CloudFormationClient = self._session.client(
            "cloudformation", region_name=self._regions[stage], endpoint_url=self._endpoint, config=CONFIG
        )
        try:
            found = stacks.describe_stacks(StackName=f"sms-receiver-{stage}")["Stacks"]
        except exceptions.ClientError as error:
            if code(error) == "ValidationError":  # there is no such stack (CloudFormation API, DescribeStacks)
                return None
            raise
        return {output["OutputKey"]: output["OutputValue"] for output in found[0].get("Outputs", [])}

    @cached_property
    def _sqs(self) -> "SQSClient":
        return self._session.client("sqs", region_name=self.region, endpoint_url=self._endpoint, config=CONFIG)

    @cached_property
    def _logs(self) -> "CloudWatchLogsClient":
        return self._session.client("logs", region_name=self.region, endpoint_url=self._endpoint, config=CONFIG)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
