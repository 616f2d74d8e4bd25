"""What each function may do: what it calls, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.packages import Package

READ = {"secretsmanager:GetSecretValue"}
TRACE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
SEND = {"sqs:SendMessage"}
WORK = {"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
CLAIM = {"dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
KEEP = {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
INDEX = "StateTable/index/message_id-index"
ALL = {"tenants": READ, "*": TRACE, "its log": LOG}

# Each role's rights, by what they are rights to.
MAY: dict[str, dict[str, set[str]]] = {
    "AuthorizerRole": ALL,
    "ReceiverRole": ALL | {"InboundQueue": SEND, "StateTable": {"dynamodb:UpdateItem"}},
    "ApiRole": ALL | {"OutboundQueue": SEND, "ClaimsTable": CLAIM, "StateTable": {"dynamodb:GetItem"}},
    "ForwarderRole": ALL | {"InboundQueue": WORK, "OutboundQueue": SEND, "ClaimsTable": CLAIM, "StateTable": KEEP},
    "SenderRole": ALL
    | {
        "OutboundQueue": WORK,
        "InboundQueue": SEND,
        "ClaimsTable": CLAIM,
        "StateTable": KEEP,
        INDEX: {"dynamodb:Query"},
    },
}
TENANTS = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:sms-receiver/*"


def named(role: str, resource: Any) -> str:  # noqa: ANN401 - a resource is a string or an intrinsic function
    """A resource as the table above names it."""
    text = resource if isinstance(resource, str) else resource.get("Fn::Sub") or resource["Fn::GetAtt"][0]
    known = {TENANTS: "tenants", f"${{{role.removesuffix('Role')}LogGroup.Arn}}": "its log"}
    return known.get(text, text.replace("${StateTable.Arn}", "StateTable"))


def statements(package: Package, role: str) -> Iterator[tuple[set[str], Any]]:
    """The actions and the resource of each statement."""
    for policy in package.template["Resources"][role]["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            assert statement.keys() <= {"Effect", "Action", "Resource"}  # no NotAction, no NotResource
            actions = statement["Action"]
            yield {actions} if isinstance(actions, str) else set(actions), statement["Resource"]


@pytest.mark.parametrize("role", MAY)
def test_each_function_may_do_what_it_does_and_nothing_else(package: Package, role: str) -> None:
    given: dict[str, set[str]] = {}
    for actions, resource in statements(package, role):
        given.setdefault(named(role, resource), set()).update(actions)
    assert given == MAY[role]


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
    ]
    for permission in permissions:
        assert permission["Principal"] == "apigateway.amazonaws.com"
        assert permission["Action"] == "lambda:InvokeFunction"
        assert "ApiGatewayRestApi" in str(permission["SourceArn"])


def test_nobody_else_is_let_to_the_queues_the_tables_or_the_functions_urls(package: Package) -> None:
    for kind in ("SQS::QueuePolicy", "Lambda::Url", "IAM::User", "IAM::AccessKey"):
        assert not package.resources(kind)
    for table in package.resources("DynamoDB::Table").values():
        assert "ResourcePolicy" not in table["Properties"]


def test_no_secret_stands_in_an_environment(package: Package) -> None:
    for function in package.resources("Lambda::Function").values():
        for name in function["Properties"]["Environment"]["Variables"]:
            assert not any(word in name for word in ("TOKEN", "SECRET", "PASSWORD", "API_KEY"))
