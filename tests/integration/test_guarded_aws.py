"""The local AWS denies what no policy allows, and writes down each decision."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from devstack.aws import AccessKey, LocalAws
from devstack.decisions import Decision, DecisionLog
from devstack.users import OPERATOR, create_user
from operations.stage.clients import StageClients
from operations.stage.deployed_settings import DeployedSettings
from tests.integration.local_aws import guarded

REGION, ACCOUNT = "us-east-1", "000000000000"
TABLE = "sms-receiver-directory"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"


@pytest.fixture
def decisions(tmp_path: Path) -> DecisionLog:
    path = tmp_path / "decisions"
    path.touch()
    return DecisionLog(path)


@pytest.fixture
def aws(tmp_path: Path, decisions: DecisionLog) -> Iterator[LocalAws]:
    """A local AWS of its own as the local stack starts it, with an empty directory."""
    with guarded(tmp_path) as endpoint:
        aws = LocalAws(endpoint)
        aws.dynamodb(REGION).create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )
        yield aws


def user(aws: LocalAws, *statements: dict[str, Any]) -> LocalAws:
    """The local AWS for a user who may do just this."""
    iam = aws.iam()
    iam.create_user(UserName="reader")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}
    iam.put_user_policy(UserName="reader", PolicyName="only", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    return LocalAws(aws.endpoint, AccessKey(key["AccessKeyId"], key["SecretAccessKey"]))


def key(partition: str) -> dict[str, Any]:
    return {"pk": {"S": partition}, "sk": {"S": "tenant"}}


def test_who_has_a_right_may_and_who_has_not_is_denied_and_both_are_recorded(
    aws: LocalAws, decisions: DecisionLog
) -> None:
    dynamodb = user(aws, {"Action": "dynamodb:GetItem", "Resource": TABLE_ARN}).dynamodb(REGION)
    dynamodb.get_item(TableName=TABLE, Key=key("tenant#acme"))
    with pytest.raises(ClientError, match="AccessDenied"):
        dynamodb.put_item(TableName=TABLE, Item=key("tenant#acme"))
    assert decisions.take() == [
        Decision("reader", "dynamodb:GetItem", TABLE_ARN, allowed=True),
        Decision("reader", "dynamodb:PutItem", TABLE_ARN, allowed=False),
    ]


def test_items_of_other_partitions_are_denied_where_a_policy_names_the_partitions(
    aws: LocalAws, decisions: DecisionLog
) -> None:
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["tenant#*", "number#*"]}}
    actions = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"]
    dynamodb = user(aws, {"Action": actions, "Resource": TABLE_ARN, "Condition": condition}).dynamodb(REGION)
    for partition in ("tenant#acme", "number#+12025550111"):
        dynamodb.get_item(TableName=TABLE, Key=key(partition))
        dynamodb.put_item(TableName=TABLE, Item=key(partition))
    both = [key("tenant#acme"), key("operators#acme")]
    for forbidden in (
        lambda: dynamodb.get_item(TableName=TABLE, Key=key("operators#acme")),
        lambda: dynamodb.put_item(TableName=TABLE, Item=key("tenants")),
        lambda: dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": both}}),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            forbidden()
    assert [decision.allowed for decision in decisions.take()] == [True] * 4 + [False] * 3


def test_a_simulation_decides_by_the_partition_that_is_asked_for(aws: LocalAws) -> None:
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["tenant#*"]}}
    user(aws, {"Action": "dynamodb:GetItem", "Resource": TABLE_ARN, "Condition": condition})
    settings = DeployedSettings(StageClients("east", {"east": REGION}, aws.session, aws.endpoint))

    def denied(action: str, leading_key: str) -> set[str]:
        reader = f"arn:aws:iam::{ACCOUNT}:user/reader"
        return settings.denied(reader, [action], TABLE_ARN, leading_key=leading_key)

    assert denied("dynamodb:GetItem", "tenant#acme") == set()
    assert denied("dynamodb:GetItem", "operators#acme") == {"dynamodb:GetItem"}
    assert denied("dynamodb:PutItem", "tenant#acme") == {"dynamodb:PutItem"}


def test_a_wrong_secret_is_nobody_s_and_its_refusal_is_recorded(aws: LocalAws, decisions: DecisionLog) -> None:
    stranger = LocalAws(aws.endpoint, AccessKey(create_user(aws, OPERATOR).id, "wrong"))
    with pytest.raises(ClientError, match="InvalidSignature"):
        stranger.dynamodb(REGION).describe_table(TableName=TABLE)
    [decision] = decisions.take()
    assert (decision.action, decision.allowed) == ("dynamodb:DescribeTable", False)


def test_an_operator_has_the_policy_in_the_documentation_and_nothing_else(
    aws: LocalAws, decisions: DecisionLog
) -> None:
    operator = LocalAws(aws.endpoint, create_user(aws, OPERATOR))
    operator.dynamodb(REGION).describe_table(TableName=TABLE)
    with pytest.raises(ClientError, match="AccessDenied"):
        operator.dynamodb(REGION).delete_table(TableName=TABLE)
    assert [(decision.caller, decision.allowed) for decision in decisions.take()] == [
        (OPERATOR, True),
        (OPERATOR, False),
    ]


def test_the_account_itself_may_everything_and_its_calls_are_not_recorded(
    aws: LocalAws, decisions: DecisionLog
) -> None:
    aws.dynamodb(REGION).delete_table(TableName=TABLE)
    assert decisions.take() == []


def test_a_search_of_several_logs_needs_the_right_to_search_them(aws: LocalAws, decisions: DecisionLog) -> None:
    ours, group = "arn:aws:logs:*:*:log-group:/aws/lambda/sms-receiver-*", "/aws/lambda/sms-receiver-east-sender"
    aws.logs(REGION).create_log_group(logGroupName=group)
    aws.logs(REGION).create_log_group(logGroupName="/other")
    reader = user(aws, {"Action": "logs:StartQuery", "Resource": ours}).logs(REGION)
    request: dict[str, Any] = {"startTime": 0, "endTime": 1, "queryString": "fields @message"}
    decisions.take()
    assert reader.start_query(logGroupNames=[group], **request)["queryId"]
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.start_query(logGroupNames=["/other"], **request)
    assert [(one.resource.rpartition(":")[2], one.allowed) for one in decisions.take()] == [
        (group, True),
        ("/other", False),
    ]
