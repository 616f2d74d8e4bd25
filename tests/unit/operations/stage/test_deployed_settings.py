"""What a deployment set, as read from AWS."""

from collections.abc import Callable

import pytest

from operations.stage.deployed_settings import (
    DeployedSettings,
    GatewaySettings,
    Protection,
    SavedQuery,
    TriggerSettings,
)
from shared.errors import Unavailable
from tests.fakes import NOW
from tests.unit.operations.stage.canned_aws import Aws, Document

LOG = "arn:aws:logs:us-east-1:1:log-group:/aws/api-gateway/sms-receiver-east"
ROLE = "arn:aws:iam::111122223333:role/function"
EVERY_METHOD = {
    "metricsEnabled": True,
    "throttlingRateLimit": 200.0,
    "throttlingBurstLimit": 400,
    "dataTraceEnabled": False,
    "loggingLevel": "OFF",
}
QUERY = SavedQuery("sms-receiver-east/what failed", "filter 1", ["a", "b"])


@pytest.mark.parametrize("log", [LOG, f"{LOG}:*"])
def test_tells_what_the_gateway_does(log: str) -> None:
    stage = {
        "tracingEnabled": True,
        "accessLogSettings": {"destinationArn": log},
        "methodSettings": {"*/*": EVERY_METHOD},
    }
    aws = Aws(GetStage=stage)
    assert aws.settings.gateway("api1") == GatewaySettings(
        tracing=True,
        metrics=True,
        access_log="/aws/api-gateway/sms-receiver-east",
        rate=200.0,
        burst=400,
        data_trace=False,
        log_level="OFF",
    )
    assert "/restapis/api1/stages/east" in aws.requests[0]


def test_tells_what_a_gateway_does_of_which_nothing_was_set() -> None:
    assert Aws(GetStage={}).settings.gateway("api1") == GatewaySettings(
        tracing=False, metrics=False, access_log="", rate=None, burst=None, data_trace=False, log_level="OFF"
    )


def test_tells_how_messages_come_to_a_function() -> None:
    mappings = [
        {
            "State": "Enabled",
            "BatchSize": 1,
            "ScalingConfig": {"MaximumConcurrency": 4},
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        },
        {"State": "Disabled", "BatchSize": 10},
    ]
    aws = Aws(ListEventSourceMappings={"EventSourceMappings": mappings})
    assert aws.settings.triggers("forwarder") == [
        TriggerSettings("Enabled", 1, 4, reports_failures=True),
        TriggerSettings("Disabled", 10, None, reports_failures=False),
    ]
    assert "sms-receiver-east-forwarder" in aws.requests[0]


def test_tells_how_the_directory_is_protected() -> None:
    backups: Document = {
        "ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"}}
    }
    table = {"Table": {"DeletionProtectionEnabled": True}}
    aws = Aws(DescribeTable=table, DescribeContinuousBackups=backups)
    assert aws.settings.protection("us-east-2") == Protection(from_deletion=True, restorable=True)
    none = Aws(DescribeTable={"Table": {}}, DescribeContinuousBackups={"ContinuousBackupsDescription": {}})
    assert none.settings.protection("us-east-1") == Protection(from_deletion=False, restorable=False)


def test_tells_the_metrics_of_the_stage() -> None:
    aws = Aws(ListMetrics={"Metrics": [{"MetricName": "Accepted"}, {"MetricName": "Accepted"}, {"MetricName": "Sent"}]})
    assert aws.settings.metrics() == {"Accepted", "Sent"}
    assert "SmsReceiver" in aws.requests[0]


def test_reads_the_access_log_once_there_is_one() -> None:
    aws = Aws(FilterLogEvents={"events": [{"message": "a"}, {"message": "b"}]})
    assert aws.settings.access_log(NOW) == ["a", "b"]
    assert '"/aws/api-gateway/sms-receiver-east"' in aws.requests[0]
    assert Aws(FilterLogEvents="ResourceNotFoundException").settings.access_log(NOW) == []


def test_runs_a_saved_query_until_it_has_ended() -> None:
    definition = {"name": QUERY.name, "queryString": QUERY.text, "logGroupNames": ["a", "b"]}
    waits: list[float] = []
    aws = Aws(
        DescribeQueryDefinitions={"queryDefinitions": [definition]},
        StartQuery={"queryId": "q"},
        GetQueryResults=[{"status": "Scheduled"}, {"status": "Running"}, {"status": "Complete"}],
    )
    assert aws.settings.saved_queries() == [QUERY]
    assert aws.settings.run_query(QUERY, NOW, sleep=waits.append) == "Complete"
    assert len(waits) == 2


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        ("arn:aws:iam::1:root", None),
        ("arn:aws:iam::1:user/team/jane", "arn:aws:iam::1:user/team/jane"),
        ("arn:aws:sts::1:assumed-role/Admin/jane", "arn:aws:iam::1:role/sso/Admin"),
    ],
)
def test_tells_whose_rights_can_be_simulated(arn: str, principal: str | None) -> None:
    role = {"Role": {"Arn": "arn:aws:iam::1:role/sso/Admin"}}
    assert Aws(GetCallerIdentity={"Arn": arn}, GetRole=role).settings.caller() == principal


def test_tells_what_iam_denies() -> None:
    results = [
        {"EvalActionName": "dynamodb:GetItem", "EvalDecision": "allowed"},
        {"EvalActionName": "dynamodb:Query", "EvalDecision": "implicitDeny"},
        {"EvalActionName": "dynamodb:Scan", "EvalDecision": "explicitDeny"},
    ]
    aws = Aws(SimulatePrincipalPolicy={"EvaluationResults": results})
    actions = [result["EvalActionName"] for result in results]
    assert aws.settings.denied(ROLE, actions, "table", leading_key="tenants") == {"dynamodb:Query", "dynamodb:Scan"}
    assert "dynamodb:LeadingKeys" in aws.requests[0]
    with pytest.raises(Unavailable, match="not every action was decided"):
        aws.settings.denied(ROLE, [*actions, "dynamodb:PutItem"], "table")


@pytest.mark.parametrize(
    "ask",
    [
        lambda settings: settings.gateway("api1"),
        lambda settings: settings.triggers("sender"),
        lambda settings: settings.protection("us-east-1"),
        lambda settings: settings.metrics(),
        lambda settings: settings.access_log(NOW),
        lambda settings: settings.saved_queries(),
        lambda settings: settings.run_query(QUERY, NOW),
        lambda settings: settings.role("sender"),
        lambda settings: settings.caller(),
        lambda settings: settings.denied(ROLE, ["sqs:SendMessage"], "queue"),
    ],
)
def test_what_cannot_be_read_is_unavailable_and_quotes_nothing(ask: Callable[[DeployedSettings], object]) -> None:
    operations = (
        "GetStage ListEventSourceMappings DescribeTable ListMetrics FilterLogEvents DescribeQueryDefinitions "
        "StartQuery GetFunctionConfiguration GetCallerIdentity SimulatePrincipalPolicy"
    )
    aws = Aws(**dict.fromkeys(operations.split(), "AccessDenied"))
    with pytest.raises(Unavailable, match="AccessDenied") as raised:
        ask(aws.settings)
    assert "secret details" not in str(raised.value)
