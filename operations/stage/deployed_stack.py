"""A stage's stack, for an operator: its outputs, queues, parked messages and logs.

Commands use it through `operations.stage.target.Target`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from botocore import exceptions

from operations.audit.log import CloudWatchAudit
from operations.stage import log_search, names
from operations.stage.clients import StageClients
from operations.stage.log_search import LogQuery, Row
from operations.stage.text_records import DynamoTextRecords
from operations.stage.usage_figures import DynamoUsageFigures
from operations.tracing.text_record import TextRecords
from operations.usage.figures import UsageFigures
from shared.aws.botocore_errors import code, unavailable
from shared.aws.delayed_queue import StandardQueue
from shared.aws.fifo_queue import FifoQueue
from shared.aws.opt_outs import DynamoOptOuts
from shared.aws.parking import DynamoParking
from shared.aws.promises import DynamoPromises
from shared.aws.sessions import DynamoSessions
from shared.errors import CommandDeclined
from shared.ports import DelayedQueue, MessageQueue, OptOuts, Parking, Promises, Sessions

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_sqs import SQSClient

START_LIFE_SECONDS = 30 * 24 * 3600.0
"""How long it is kept that an operator lifted an opt-out: as long as claims, so longer than an older STOP is parked."""

_NEVER_KEEPS = 0.0  # operators park and promise nothing, so the life of what is kept does not matter


@dataclass(frozen=True)
class LogLine:
    """One line of a function's log. Its `id` is different from those of other lines with the same text."""

    id: str
    function: str
    time: datetime
    text: str


class FoundLines(NamedTuple):
    """The lines that a search found, in no order, and whether these are all."""

    lines: Sequence[LogLine]
    complete: bool


class LineSearch(Protocol):
    """A search for lines that was begun; several can run at the same time."""

    def lines(self) -> FoundLines:
        """The lines, when the search is finished or has taken long enough. Raises Unavailable."""


@dataclass(frozen=True)
class InsightsSearch:
    """Implements LineSearch with Logs Insights."""

    query: LogQuery

    def lines(self) -> FoundLines:
        """The lines that were found. Raises Unavailable."""
        rows, complete = self.query.rows()
        return FoundLines([_line(row) for row in rows], complete)


class DeployedStack:
    """A stage's stack.

    Args:
        clients: makes the clients, and knows the stage.
    """

    def __init__(self, clients: StageClients) -> None:
        self.region = clients.region
        self._stage = clients.stage
        self._clients = clients
        self._outputs: dict[str, Mapping[str, str] | None] = {}

    def outputs(self, stage: str) -> Mapping[str, str] | None:
        """The outputs of a stage's stack, read once; None when it is not deployed. Raises Unavailable."""
        if stage not in self._outputs:
            with unavailable(f"the stack of stage {stage} could not be read"):
                self._outputs[stage] = self._read_outputs(stage)
        return self._outputs[stage]

    @cached_property
    def parking(self) -> Parking:
        """The parked messages of this stage. Raises CommandDeclined when it is not deployed, Unavailable."""
        return DynamoParking(self._dynamodb, self._output("StateTableName"), life_seconds=_NEVER_KEEPS)

    @cached_property
    def promises(self) -> Promises:
        """The stage's texts that are answered later. Raises CommandDeclined when it is not deployed, Unavailable."""
        return DynamoPromises(self._dynamodb, self._output("StateTableName"), life_seconds=_NEVER_KEEPS)

    @cached_property
    def opt_outs(self) -> OptOuts:
        """Who has opted out at this stage. Raises CommandDeclined when it is not deployed, Unavailable."""
        return DynamoOptOuts(self._dynamodb, self._output("StateTableName"), life_seconds=START_LIFE_SECONDS)

    @cached_property
    def sessions(self) -> Sessions:
        """The sessions of this stage. Raises CommandDeclined when it is not deployed, Unavailable."""
        return DynamoSessions(self._dynamodb, self._output("StateTableName"))

    @cached_property
    def journal(self) -> DelayedQueue:
        """The queue of journals. Raises CommandDeclined when the stage is not deployed, Unavailable."""
        return StandardQueue(self._sqs, self._output("JournalQueueUrl"))

    @cached_property
    def text_records(self) -> TextRecords:
        """What this stage has stored of texts. Raises CommandDeclined when it is not deployed, Unavailable."""
        return DynamoTextRecords(
            self._dynamodb, claims=self._output("ClaimsTableName"), state=self._output("StateTableName")
        )

    @cached_property
    def usage(self) -> UsageFigures:
        """The usage figures of this stage. Raises CommandDeclined when it is not deployed, Unavailable."""
        return DynamoUsageFigures(self._dynamodb, self._output("StateTableName"))

    def queue(self, name: str) -> MessageQueue:
        """This stage's queue `inbound` or `outbound`. Raises CommandDeclined when it is not deployed, Unavailable."""
        return FifoQueue(self._sqs, self._output(names.queue_output(name)))

    def crashed(self, name: str) -> int:
        """How many messages of a queue crashed before they could be parked, roughly.

        Raises CommandDeclined, Unavailable.
        """
        with unavailable(f"the messages that crashed, {name}, could not be counted"):
            answer = self._sqs.get_queue_attributes(
                QueueUrl=self._crashed_url(name), AttributeNames=["ApproximateNumberOfMessages"]
            )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def redrive(self, name: str) -> None:
        """Starts to move crashed messages back to their queue (SQS API, StartMessageMoveTask).

        Raises CommandDeclined, Unavailable.
        """
        with unavailable(f"the messages that crashed, {name}, could not be moved"):
            answer = self._sqs.get_queue_attributes(QueueUrl=self._crashed_url(name), AttributeNames=["QueueArn"])
            self._sqs.start_message_move_task(SourceArn=answer["Attributes"]["QueueArn"])

    def search_log(
        self,
        words: Sequence[str],
        since: datetime,
        until: datetime,
        functions: Sequence[str] = names.FUNCTIONS,
    ) -> LineSearch:
        """Begins to search the functions' logs for lines with one of the words. Raises Unavailable."""
        return InsightsSearch(log_search.begin(self._logs, self._stage, words, since, until, functions))

    def log(self, function: str, since: datetime, containing: str | None = None) -> Iterator[LogLine]:
        """A function's log lines until now; none when it never ran. On a busy stage, `since` must be near.

        Args:
            function: one of `names.FUNCTIONS`.
            since: the time of the first line.
            containing: only lines with this word, which must be delimited in the line, as by quotation marks
                (CloudWatch Logs, "Filter pattern syntax").

        Raises Unavailable.
        """
        request: dict[str, Any] = {"startTime": _milliseconds(since)}
        if containing:
            request["filterPattern"] = f'"{containing}"'
        group = names.log_group(self._stage, function)
        pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=group, **request)
        with unavailable(f"the log of the {function} could not be read"):
            try:
                for event in (event for page in pages for event in page["events"]):
                    time = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                    # ministack gives no eventId
                    substitute = f"{event.get('logStreamName')} {event['timestamp']} {event['message']}"
                    yield LogLine(event.get("eventId") or substitute, function, time, event["message"])
            except exceptions.ClientError as error:
                if code(error) != "ResourceNotFoundException":  # the function has not run, so it has no log
                    raise

    @cached_property
    def audit(self) -> CloudWatchAudit:
        """The log of who changed what on this stage."""
        return CloudWatchAudit(self._logs, self._stage)

    def _output(self, name: str) -> str:
        value = (self.outputs(self._stage) or {}).get(name)
        if value is None:
            message = (
                f"stage {self._stage} is not deployed as this command needs it; run: make deploy STAGE={self._stage}"
            )
            raise CommandDeclined(message)
        return value

    def _crashed_url(self, name: str) -> str:
        return self._output(names.crashed_queue_output(name))

    def _read_outputs(self, stage: str) -> Mapping[str, str] | None:
        stacks: CloudFormationClient = self._clients.client("cloudformation", self._clients.regions[stage])
        try:
            stack = stacks.describe_stacks(StackName=names.stack_name(stage))["Stacks"][0]
        except exceptions.ClientError as error:
            if code(error) == "ValidationError":  # no such stack (CloudFormation API, DescribeStacks)
                return None
            raise
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    @cached_property
    def _dynamodb(self) -> "DynamoDBClient":
        client: DynamoDBClient = self._clients.client("dynamodb")
        return client

    @cached_property
    def _sqs(self) -> "SQSClient":
        client: SQSClient = self._clients.client("sqs")
        return client

    @cached_property
    def _logs(self) -> "CloudWatchLogsClient":
        client: CloudWatchLogsClient = self._clients.client("logs")
        return client


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _line(row: Row) -> LogLine:
    """A line that Logs Insights found. Its times are UTC, and `@log` is `<account>:<log group>`."""
    time = datetime.strptime(row["@timestamp"], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    return LogLine(row["@ptr"], names.function_of(row["@log"]), time, row["@message"])
