"""What each function may do: what it calls, and nothing else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from shared.tenants.record import SecretPart
from tests.integration.packages import Package

READ_SECRET, READ_ITEM = {"secretsmanager:GetSecretValue"}, {"dynamodb:GetItem"}
TRACE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
SEND = {"sqs:SendMessage"}
WORK = {"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
CLAIM = {"dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
KEEP = {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
INDEX = "StateTable/index/message_id-index"
ALL = {"*": TRACE, "its log": LOG}

# Each role's rights, by what they are rights to, besides those to read what is known of tenants.
MAY: dict[str, dict[str, set[str]]] = {
    "AuthorizerRole": ALL,
    "ReceiverRole": ALL | {"InboundQueue": SEND},
    "StatusesRole": ALL
    | {"InboundQueue": SEND, "OutboundQueue": SEND, "StateTable": {"dynamodb:GetItem", "dynamodb:UpdateItem"}},
    "ApiRole": ALL
    | {
        "OutboundQueue": SEND,
        "ReminderQueue": SEND,
        "JournalQueue": SEND,
        "ClaimsTable": CLAIM,
        "StateTable": KEEP,
    },
    "ForwarderRole": ALL
    | {
        "InboundQueue": WORK,
        "ReminderQueue": WORK | SEND,
        "JournalQueue": WORK | SEND,
        "OutboundQueue": SEND,
        "ClaimsTable": CLAIM,
        "StateTable": KEEP,
    },
    "SenderRole": ALL
    | {
        "OutboundQueue": WORK,
        "InboundQueue": SEND,
        "JournalQueue": SEND,
        "ClaimsTable": CLAIM,
        "StateTable": KEEP,
        INDEX: {"dynamodb:Query"},
    },
}

# Which secrets of tenants each role may read, and which partitions of the directory.
SECRETS = {
    "AuthorizerRole": {"access"},
    "ReceiverRole": {"access", "accounts"},
    "StatusesRole": {"accounts"},
    "ApiRole": {"access"},
    "ForwarderRole": {"signing"},
    "SenderRole": {"accounts"},
}
AT_HOME_NEVER = {"AuthorizerRole", "ReceiverRole"}  # they ask the directory only for the versions of secrets
ITEMS = {role: ["tenant#*"] if role in AT_HOME_NEVER else ["tenant#*", "number#*"] for role in MAY}
OWN = "${AWS::Region}"
READ_FROM = {"east": {OWN}, "south": {OWN, "us-east-1"}}  # east is at home
_TENANTS = re.compile(
    r"arn:\$\{AWS::Partition\}:(?:secretsmanager|dynamodb):(?P<region>\$\{AWS::Region\}|[a-z0-9-]+):\$\{AWS::AccountId\}:"
    r"(?:secret:sms-receiver/\*/(?P<part>[a-z]+)(?P<end>-\?{6})?|table/sms-receiver-directory)"
)


def named(role: str, resource: Any) -> str:  # noqa: ANN401 - a resource is a string or an intrinsic function
    """A resource as the table above names it."""
    text = resource if isinstance(resource, str) else resource.get("Fn::Sub") or resource["Fn::GetAtt"][0]
    known = {f"${{{role.removesuffix('Role')}LogGroup.Arn}}": "its log"}
    return known.get(text, text.replace("${StateTable.Arn}", "StateTable"))


def statements(package: Package, role: str) -> Iterator[tuple[set[str], Any]]:
    """The actions and the resource of each statement."""
    for policy in package.template["Resources"][role]["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            assert statement.keys() <= {"Effect", "Action", "Resource", "Condition"}  # no NotAction, no NotResource
            actions, resources = statement["Action"], statement["Resource"]
            for resource in resources if isinstance(resources, list) else [resources]:
                yield {actions} if isinstance(actions, str) else set(actions), resource


def of_tenants(resource: Any) -> re.Match[str] | None:  # noqa: ANN401 - a resource is a string or an intrinsic function
    """Where tenants' secrets or the directory are read, if this resource is one of them."""
    return _TENANTS.fullmatch(resource.get("Fn::Sub", "")) if isinstance(resource, dict) else None


def reads(package: Package, role: str) -> list[tuple[re.Match[str], set[str]]]:
    """The resources that are read of tenants, with the actions."""
    every = ((of_tenants(resource), actions) for actions, resource in statements(package, role))
    return [(match, actions) for match, actions in every if match]


@pytest.mark.parametrize("role", MAY)
def test_each_function_may_do_what_it_does_and_nothing_else(package: Package, role: str) -> None:
    given: dict[str, set[str]] = {}
    for actions, resource in statements(package, role):
        if not of_tenants(resource):
            given.setdefault(named(role, resource), set()).update(actions)
    assert given == MAY[role]


@pytest.mark.parametrize("role", MAY)
@pytest.mark.parametrize("stage", READ_FROM)
def test_each_function_reads_its_part_of_tenants_secrets_here_and_at_home(
    packages: dict[str, Package], stage: str, role: str
) -> None:
    secrets = [match for match, actions in reads(packages[stage], role) if actions == READ_SECRET]
    assert {(match["part"], match["region"]) for match in secrets} == {
        (part, region) for part in SECRETS[role] for region in READ_FROM[stage]
    }


@pytest.mark.parametrize("role", MAY)
def test_a_part_is_named_with_its_random_end_and_without_for_one_that_does_not_exist(
    package: Package, role: str
) -> None:
    ends: dict[tuple[str, str], set[str | None]] = {}
    for match, actions in reads(package, role):
        if actions == READ_SECRET:
            ends.setdefault((match["part"], match["region"]), set()).add(match["end"])
    assert all(given == {None, "-??????"} for given in ends.values())


@pytest.mark.parametrize("role", MAY)
@pytest.mark.parametrize("stage", READ_FROM)
def test_each_function_reads_items_of_the_directory_by_key_and_none_that_are_for_operators(
    packages: dict[str, Package], stage: str, role: str
) -> None:
    items = [match for match, actions in reads(packages[stage], role) if actions == READ_ITEM]
    assert sorted(match["region"] for match in items) == sorted({OWN} if role in AT_HOME_NEVER else READ_FROM[stage])
    (conditioned,) = (
        statement
        for policy in packages[stage].template["Resources"][role]["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "Condition" in statement and isinstance(statement["Resource"], list)
    )
    assert any(of_tenants(resource) for resource in conditioned["Resource"])
    assert conditioned["Action"] == "dynamodb:GetItem"
    assert conditioned["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ITEMS[role]}}


def test_the_api_reads_and_changes_only_what_late_answers_sessions_and_ceilings_are_about(package: Package) -> None:
    may = {
        statement["Action"]: statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        for policy in package.template["Resources"]["ApiRole"]["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Resource"] == {"Fn::GetAtt": ["StateTable", "Arn"]}
    }
    assert may == {
        "dynamodb:GetItem": ["optout#*", "promise#*", "session#*"],
        "dynamodb:PutItem": ["session#*"],
        "dynamodb:UpdateItem": ["promise#*", "sends#*", "session#*"],
    }


def test_the_parts_that_are_read_are_those_that_there_are() -> None:
    assert set[str]().union(*SECRETS.values()) == set(SecretPart)


def test_there_is_no_wildcard_among_the_actions(package: Package) -> None:
    for role in MAY:
        for actions, _ in statements(package, role):
            assert not any("*" in action for action in actions)


def test_only_tracing_has_no_resource_to_name(package: Package) -> None:
    for role in MAY:
        for actions, resource in statements(package, role):
            assert (resource == "*") == (actions == TRACE), f"{role}: {actions} on {resource}"


def test_each_function_has_a_role_of_its_own(package: Package) -> None:
    functions = package.resources("Lambda::Function")
    roles = {name: function["Properties"]["Role"]["Fn::GetAtt"][0] for name, function in functions.items()}
    assert roles == {f"{role.removesuffix('Role')}LambdaFunction": role for role in MAY}


def test_only_lambda_may_take_the_roles_and_nothing_further_is_attached(package: Package) -> None:
    for role in MAY:
        properties = package.template["Resources"][role]["Properties"]
        (trust,) = properties["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
        assert properties.keys() <= {"AssumeRolePolicyDocument", "Policies"}


def test_there_are_no_further_roles(package: Package) -> None:
    assert set(package.resources("IAM::Role")) == {*MAY, "GatewayLogRole"}
    assert not package.resources("IAM::Policy")
    assert not package.resources("IAM::ManagedPolicy")


def test_only_the_gateway_may_call_the_functions_that_it_serves_and_nobody_the_others(package: Package) -> None:
    permissions = [permission["Properties"] for permission in package.resources("Lambda::Permission").values()]
    assert sorted(permission["FunctionName"]["Fn::GetAtt"][0] for permission in permissions) == [
        "ApiLambdaFunction",
        "AuthorizerLambdaFunction",
        "ReceiverLambdaFunction",
        "StatusesLambdaFunction",
    ]
    for permission in permissions:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert permission["Action"] == "lambda:InvokeFunction"
        assert "ApiGatewayRestApi" in str(permission["SourceArn"])


def test_nobody_else_is_let_to_the_queues_the_tables_or_the_functions_urls(package: Package) -> None:
    for kind in ("SQS::QueuePolicy", "Lambda::Url", "IAM::User", "IAM::AccessKey"):
        assert not package.resources(kind)
    for table in (package.resources("DynamoDB::Table") | package.resources("DynamoDB::GlobalTable")).values():
        assert "ResourcePolicy" not in table["Properties"]


def test_no_secret_stands_in_an_environment(package: Package) -> None:
    for function in package.resources("Lambda::Function").values():
        for name in function["Properties"]["Environment"]["Variables"]:
            assert not any(word in name for word in ("TOKEN", "SECRET", "PASSWORD", "API_KEY"))
