"""The local AWS has the weaknesses that AWS documents: the harmless ones always, the others when they are on."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from botocore.exceptions import ClientError

from devstack.aws import AccessKey, LocalAws
from devstack.weaknesses.switches import Switches, Weaknesses
from tests.integration.local_aws import guarded, make_state_table

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

EAST, SOUTH = "us-east-1", "us-east-2"
ECHO = """
import json
def handler(event, context):
    told = {name: event.get(name) for name in ("body", "isBase64Encoded", "path")}
    told["context"] = {name: event["requestContext"].get(name) for name in ("path", "domainName")}
    return {"statusCode": 401, "headers": {"WWW-Authenticate": "Basic"}, "body": json.dumps(told)}
"""
CONSUMER = "def handler(event, context):\n    return {'batchItemFailures': []}\n"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("aws")


@pytest.fixture(scope="module")
def aws(scratch: Path) -> Iterator[LocalAws]:
    with guarded(scratch) as endpoint:
        yield LocalAws(endpoint)


@pytest.fixture(scope="module")
def switches(scratch: Path) -> Switches:
    return Switches(scratch / "weaknesses")


@pytest.fixture(scope="module")
def role(aws: LocalAws) -> str:
    made = aws.iam().create_role(RoleName="function", AssumeRolePolicyDocument="{}")
    arn: str = made["Role"]["Arn"]
    return arn


@pytest.fixture(scope="module")
def somebody(aws: LocalAws) -> LocalAws:
    """The local AWS for a user who may do everything, but is not the account itself."""
    iam = aws.iam()
    iam.create_user(UserName="somebody")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="somebody", PolicyName="all", PolicyDocument=json.dumps(everything))
    key = iam.create_access_key(UserName="somebody")["AccessKey"]
    return LocalAws(aws.endpoint, AccessKey(key["AccessKeyId"], key["SecretAccessKey"]))


def make_function(aws: LocalAws, region: str, name: str, source: str, role: str) -> str:
    """A function; its ARN."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("module.py", source)
    made = aws.lambdas(region).create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="module.handler",
        Code={"ZipFile": package.getvalue()},
    )
    return made["FunctionArn"]


@dataclass(frozen=True)
class Api:
    """A REST API with one method, `POST /here`, which tells what it was given."""

    endpoint: str
    region: str
    host: str
    domain: str

    def request(self, path: str, *, host: str = "", **headers: str) -> httpx.Response:
        return httpx.post(
            self.endpoint + path, headers={"Host": host or self.host, **headers}, content="a=b", trust_env=False
        )


@pytest.fixture(scope="module", params=[EAST, SOUTH])
def api(request: pytest.FixtureRequest, aws: LocalAws, role: str) -> Api:
    region: str = request.param
    function = make_function(aws, region, "echo", ECHO, role)
    gateway = aws.apigateway(region)
    api_id = gateway.create_rest_api(name="echo")["id"]
    [root] = gateway.get_resources(restApiId=api_id)["items"]
    resource = gateway.create_resource(restApiId=api_id, parentId=root["id"], pathPart="here")["id"]
    gateway.put_method(restApiId=api_id, resourceId=resource, httpMethod="POST", authorizationType="NONE")
    gateway.put_integration(
        restApiId=api_id,
        resourceId=resource,
        httpMethod="POST",
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations",
    )
    gateway.create_deployment(restApiId=api_id, stageName="live")
    domain = f"{region}.example.test"
    gateway.create_domain_name(domainName=domain, regionalCertificateArn="arn:aws:acm:x:1:certificate/1")
    gateway.create_base_path_mapping(domainName=domain, restApiId=api_id, stage="live")
    return Api(aws.endpoint, region, f"{api_id}.execute-api.{aws.endpoint.removeprefix('http://')}", domain)


def test_a_challenge_of_a_lambda_is_renamed(api: Api) -> None:
    answer = api.request("/live/here")
    assert answer.status_code == 401
    assert answer.headers["x-amzn-Remapped-WWW-Authenticate"] == "Basic"
    assert "www-authenticate" not in answer.headers


def test_an_unknown_path_is_not_found_by_the_gateway_response_unless_there_are_credentials(api: Api) -> None:
    bare = api.request("/live/there")
    keyed = api.request("/live/there", Authorization="Basic YXBpa2V5Om9uZQ==")
    assert bare.json()["message"] == "Missing Authentication Token"
    assert keyed.status_code == 403
    assert keyed.headers["x-amzn-ErrorType"] == "IncompleteSignatureException"
    assert keyed.json()["message"].endswith("Authorization=Basic YXBpa2V5Om9uZQ==")
    assert api.request("/live/here", Authorization="Basic YXBpa2V5Om9uZQ==").status_code == 401  # this path is known


def test_bodies_are_base64_in_one_region_and_text_in_the_other(api: Api) -> None:
    told = api.request("/live/here").json()
    expected = {EAST: ("a=b", False), SOUTH: ("YT1i", True)}
    assert (told["body"], told["isBase64Encoded"]) == expected[api.region]


def test_the_path_has_no_stage_on_a_custom_domain(api: Api) -> None:
    own, custom = api.request("/live/here").json(), api.request("/here", host=api.domain).json()
    assert own["context"] == {"path": "/live/here", "domainName": api.host.partition(":")[0]}
    assert custom["context"] == {"path": "/here", "domainName": api.domain}
    assert own["path"] == custom["path"] == "/here"


@dataclass(frozen=True)
class Work:
    """A queue whose messages a function takes, and the queue for those that were received twice in vain."""

    sqs: "SQSClient"
    url: str
    crashed_url: str

    def send(self) -> None:
        deduplication = str(time.monotonic())
        self.sqs.send_message(
            QueueUrl=self.url, MessageBody="x", MessageGroupId="g", MessageDeduplicationId=deduplication
        )

    def is_empty(self) -> bool:
        return not _count(self.sqs, self.url)

    def has_crashed(self) -> bool:
        return _count(self.sqs, self.crashed_url) == 1


def _count(sqs: "SQSClient", url: str) -> int:
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    waiting, in_flight = (
        attributes["ApproximateNumberOfMessages"],
        attributes["ApproximateNumberOfMessagesNotVisible"],
    )
    return int(waiting) + int(in_flight)


@pytest.fixture
def work(aws: LocalAws, role: str) -> Iterator[Work]:
    sqs, lambdas = aws.sqs(EAST), aws.lambdas(EAST)
    crashed_url = sqs.create_queue(QueueName="crashed.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    crashed = sqs.get_queue_attributes(QueueUrl=crashed_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": crashed, "maxReceiveCount": 2})
    url = sqs.create_queue(
        QueueName="work.fifo", Attributes={"FifoQueue": "true", "VisibilityTimeout": "1", "RedrivePolicy": redrive}
    )["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    make_function(aws, EAST, "worker", CONSUMER, role)
    mapping = lambdas.create_event_source_mapping(EventSourceArn=arn, FunctionName="worker", BatchSize=1)["UUID"]
    yield Work(sqs, url, crashed_url)
    lambdas.delete_event_source_mapping(UUID=mapping)
    lambdas.delete_function(FunctionName="worker")
    sqs.delete_queue(QueueUrl=url)
    sqs.delete_queue(QueueUrl=crashed_url)


def holds(condition: Callable[[], object], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not (is_met := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return bool(is_met)


def test_a_delivery_that_is_taken_leaves_both_queues_empty(work: Work) -> None:
    work.send()
    assert holds(work.is_empty)
    assert not work.has_crashed()


def test_throttled_deliveries_run_nothing_and_count_as_receives(switches: Switches, work: Work) -> None:
    with switches.on(Weaknesses(throttled=("worker",))):
        work.send()
        assert holds(work.has_crashed)


def test_with_an_expired_receipt_handle_nothing_is_deleted_or_postponed(switches: Switches, work: Work) -> None:
    with switches.on(Weaknesses(expired=("work.fifo",))):
        work.send()
        with pytest.raises(ClientError, match="The receipt handle has expired"):
            work.sqs.change_message_visibility(QueueUrl=work.url, ReceiptHandle="handle", VisibilityTimeout=0)
        assert holds(work.has_crashed), "it was taken, and came again all the same"


def test_a_dynamodb_that_is_away_answers_everybody_with_an_error_but_the_account(
    aws: LocalAws, somebody: LocalAws, switches: Switches
) -> None:
    somebody.dynamodb(EAST).list_tables()
    with switches.on(Weaknesses(away=("dynamodb",))):
        with pytest.raises(ClientError, match="InternalServerError"):
            somebody.dynamodb(EAST).list_tables()
        aws.dynamodb(EAST).list_tables()
    somebody.dynamodb(EAST).list_tables()


def test_an_index_has_an_item_later_than_its_table(aws: LocalAws, switches: Switches) -> None:
    dynamodb = aws.dynamodb(EAST)
    make_state_table(dynamodb, "state")

    def found() -> int:
        return dynamodb.query(
            TableName="state",
            IndexName="message_id-index",
            KeyConditionExpression="provider_message_id = :id",
            ExpressionAttributeValues={":id": {"S": "SM1"}},
        )["Count"]

    with switches.on(Weaknesses(index_seconds=2)):
        dynamodb.update_item(
            TableName="state",
            Key={"pk": {"S": "reply"}, "sk": {"S": "reply"}},
            UpdateExpression="SET #id = :id",
            ExpressionAttributeNames={"#id": "provider_message_id"},
            ExpressionAttributeValues={":id": {"S": "SM1"}},
        )
        assert found() == 0
        assert holds(lambda: found() == 1, seconds=5)


def test_a_log_line_can_be_read_later_by_everybody_but_the_account(
    aws: LocalAws, somebody: LocalAws, switches: Switches
) -> None:
    logs = aws.logs(EAST)
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="stream")

    def lines(caller: LocalAws) -> int:
        return len(caller.logs(EAST).filter_log_events(logGroupName="group")["events"])

    def found(caller: LocalAws) -> int:
        query = caller.logs(EAST).start_query(
            logGroupName="group", queryString="fields @message", startTime=0, endTime=int(time.time()) + 60
        )
        return len(caller.logs(EAST).get_query_results(queryId=query["queryId"])["results"])

    with switches.on(Weaknesses(log_seconds=2)):
        logs.put_log_events(
            logGroupName="group",
            logStreamName="stream",
            logEvents=[{"timestamp": int(time.time() * 1000), "message": "here"}],
        )
        assert (lines(aws), lines(somebody), found(aws), found(somebody)) == (1, 0, 1, 0)
        assert holds(lambda: lines(somebody) == found(somebody) == 1, seconds=5)
