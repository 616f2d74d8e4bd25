"""The audit log of a stage: who changed what, one JSON line a change, in its own log group (infra/audit.yml)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from operations.stage.names import audit_log_group
from shared.aws.botocore_errors import code, unavailable
from shared.errors import CommandDeclined, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_logs.type_defs import InputLogEventTypeDef

_LINES_MAX = 1000
"""Lines in a request. A line has less than 1,000 bytes; the limits are 10,000 lines and 1 MiB (CloudWatch Logs API,
PutLogEvents)."""


class CloudWatchAudit:
    """Keeps `operations.stage.target.Audit`.

    Args:
        logs: boto3's client, for the stage's region.
        stage: the stage's name.
    """

    def __init__(self, logs: "CloudWatchLogsClient", stage: str) -> None:
        self._logs = logs
        self._stage = stage
        self._group = audit_log_group(stage)

    def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Adds records, which have a `time` in ISO form.

        Raises CommandDeclined when the stage is not deployed, Unavailable.

        They go to the log stream of the first one's day.
        """
        stream = str(records[0]["time"])[: len("2026-11-23")]
        lines: list[InputLogEventTypeDef] = [
            {"timestamp": _milliseconds(record["time"]), "message": json.dumps(record, ensure_ascii=False)}
            for record in records
        ]
        with unavailable(f"the audit log of stage {self._stage} could not be written"):
            for start in range(0, len(lines), _LINES_MAX):
                self._put(stream, lines[start : start + _LINES_MAX])

    def read(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        """The records since that moment, oldest first.

        Raises CommandDeclined when the stage is not deployed, Unavailable.
        """
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=self._group, startTime=int(since.timestamp() * 1000)
        )
        with unavailable(f"the audit log of stage {self._stage} could not be read"):
            try:
                for event in (event for page in pages for event in page["events"]):
                    record: Mapping[str, Any] = json.loads(event["message"])
                    yield record
            except ClientError as error:
                if code(error) != "ResourceNotFoundException":
                    raise
                raise self._not_deployed() from error

    def _put(self, stream: str, lines: Sequence["InputLogEventTypeDef"]) -> None:
        """Writes to the stream; creates it when it does not exist yet."""
        try:
            try:
                answer = self._logs.put_log_events(logGroupName=self._group, logStreamName=stream, logEvents=lines)
            except ClientError as error:
                if code(error) != "ResourceNotFoundException":
                    raise
                self._create(stream)
                answer = self._logs.put_log_events(logGroupName=self._group, logStreamName=stream, logEvents=lines)
        except ClientError as error:
            if code(error) != "ResourceNotFoundException":
                raise
            raise self._not_deployed() from error
        if answer.get("rejectedLogEventsInfo"):  # too old or too new for CloudWatch
            message = (
                f"the audit log of stage {self._stage} does not accept lines of this time; "
                "is this computer's clock right?"
            )
            raise Unavailable(message)

    def _create(self, stream: str) -> None:
        try:
            self._logs.create_log_stream(logGroupName=self._group, logStreamName=stream)
        except ClientError as error:
            if code(error) != "ResourceAlreadyExistsException":  # another command created it first
                raise

    def _not_deployed(self) -> CommandDeclined:
        return CommandDeclined(
            f"stage {self._stage} has no audit log: it is not deployed, or an older version is; "
            f"run: make deploy STAGE={self._stage}"
        )


def _milliseconds(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp() * 1000)
