"""What operators read from a stage's stack. botocore lets a handler answer instead of the network."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from operations.stage.clients import StageClients
from operations.stage.deployed_stack import DeployedStack, LogLine
from shared.errors import CommandDeclined, Unavailable
from tests.fakes import NOW
from tests.unit.operations.stage.test_target import OUTPUT, STACK, Raw

OUTPUTS = {
    "InboundQueueUrl": "https://sqs.us-east-1.amazonaws.com/1/in.fifo",
    "OutboundQueueUrl": "https://sqs.us-east-1.amazonaws.com/1/out.fifo",
    "InboundCrashedQueueUrl": "https://sqs.us-east-1.amazonaws.com/1/in-crashed.fifo",
    "StateTableName": "state",
}


class Aws:
    """Answers each operation with a canned document, and records the requests."""

    def __init__(self, outputs: dict[str, str], **answers: dict[str, Any] | list[dict[str, Any]]) -> None:
        self.session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")
        self.session.events.register("before-send", self._answer)
        self._stack = STACK.format(outputs="".join(OUTPUT.format(*output) for output in outputs.items()))
        self._answers = answers
        self.requests: list[tuple[str, dict[str, Any]]] = []

    @property
    def deployed(self) -> DeployedStack:
        return DeployedStack(StageClients("east", {"east": "us-east-1", "south": "us-east-2"}, self.session))

    def _answer(self, request: AWSPreparedRequest, **_: object) -> Any:  # noqa: ANN401 - the stubs know of no answer
        target = request.headers.get("X-Amz-Target")
        if target is None:
            return AWSResponse(request.url, 200, HTTPHeaders(), Raw(self._stack))
        operation = str(target).rstrip("'").rpartition(".")[2]  # botocore makes bytes of it
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        self.requests.append((operation, json.loads(body)))
        answer = self._answers[operation]
        answer = answer.pop(0) if isinstance(answer, list) else answer
        status = answer.pop("status") if isinstance(answer.get("status"), int) else 200
        return AWSResponse(request.url, status, HTTPHeaders(), Raw(json.dumps(answer)))


def test_sends_to_the_queue_that_the_stack_names() -> None:
    aws = Aws(OUTPUTS, SendMessage={"MessageId": "1", "MD5OfMessageBody": "0fd3dbec9730101bff92acc820befc34"})
    aws.deployed.queue("outbound").send({"a": 1}, group="g", deduplication="d")
    [(_, request)] = aws.requests
    assert (request["QueueUrl"], request["MessageGroupId"]) == (OUTPUTS["OutboundQueueUrl"], "g")


def test_reads_what_is_parked_from_the_table_that_the_stack_names() -> None:
    aws = Aws(OUTPUTS, Query={"Items": [], "Count": 0})
    assert list(aws.deployed.parking.parked("acme")) == []
    assert aws.requests[0][1]["TableName"] == "state"


def test_counts_and_moves_what_crashed() -> None:
    counted = {"Attributes": {"ApproximateNumberOfMessages": "3"}}
    named = {"Attributes": {"QueueArn": "arn:aws:sqs:us-east-1:1:in-crashed.fifo"}}
    aws = Aws(OUTPUTS, GetQueueAttributes=[counted, named], StartMessageMoveTask={"TaskHandle": "t"})
    assert aws.deployed.crashed("inbound") == 3
    aws.deployed.redrive("inbound")
    assert aws.requests[0][1]["QueueUrl"] == OUTPUTS["InboundCrashedQueueUrl"]
    assert aws.requests[-1] == ("StartMessageMoveTask", {"SourceArn": "arn:aws:sqs:us-east-1:1:in-crashed.fifo"})


@pytest.mark.parametrize("outputs", [{}, {"WebhookBaseUrl": "https://an.older.deployment"}])
def test_says_what_to_do_when_the_stack_has_no_such_thing(outputs: dict[str, str]) -> None:
    deployed = Aws(outputs).deployed
    for ask in (lambda: deployed.parking, lambda: deployed.queue("inbound"), lambda: deployed.crashed("inbound")):
        with pytest.raises(CommandDeclined, match="make deploy STAGE=east"):
            ask()


def test_a_refusal_of_aws_is_unavailable_and_quotes_nothing() -> None:
    aws = Aws(OUTPUTS, GetQueueAttributes={"status": 403, "__type": "AccessDenied", "message": "secret details"})
    with pytest.raises(Unavailable, match="AWS answered AccessDenied") as caught:
        aws.deployed.crashed("inbound")
    assert "secret details" not in str(caught.value)


def test_reads_all_pages_of_a_functions_log() -> None:
    first = {"eventId": "1", "timestamp": 1795435200000, "message": "one"}
    second = {"eventId": "2", "timestamp": 1795435201500, "message": "two"}
    aws = Aws({}, FilterLogEvents=[{"events": [first], "nextToken": "more"}, {"events": [second]}])
    assert list(aws.deployed.log("sender", NOW)) == [
        LogLine("1", "sender", datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC), "one"),
        LogLine("2", "sender", datetime(2026, 11, 23, 12, 0, 1, 500000, tzinfo=UTC), "two"),
    ]
    request = aws.requests[0][1]
    assert request == {"logGroupName": "/aws/lambda/sms-receiver-east-sender", "startTime": 1795435200000}


def test_tells_the_lines_of_an_aws_apart_that_gives_them_no_ids() -> None:
    events = [{"logStreamName": stream, "timestamp": 1795435200000, "message": "one"} for stream in ("a", "b")]
    aws = Aws({}, FilterLogEvents={"events": events})
    assert len({line.id for line in aws.deployed.log("sender", NOW)}) == 2


def test_a_function_that_never_ran_has_no_log() -> None:
    aws = Aws({}, FilterLogEvents={"status": 400, "__type": "ResourceNotFoundException"})
    assert list(aws.deployed.log("api", NOW)) == []


def test_does_not_take_a_refusal_for_an_empty_log() -> None:
    aws = Aws({}, FilterLogEvents={"status": 400, "__type": "AccessDeniedException"})
    with pytest.raises(Unavailable):
        list(aws.deployed.log("api", NOW))
