"""What each function may do: what it calls, and nothing else."""

from collections.abc import Iterator
from typing import Any

from tests.integration.packages import Package

READ = {"secretsmanager:GetSecretValue"}
TRACE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
MAY = {"AuthorizerRole": READ | TRACE | LOG, "ReceiverRole": READ | TRACE | LOG | {"sqs:SendMessage"}}


def statements(package: Package, role: str) -> Iterator[tuple[set[str], Any]]:
    """The actions and the resource of each statement."""
    for policy in package.template["Resources"][role]["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            assert statement.keys() <= {"Effect", "Action", "Resource"}  # no NotAction, no NotResource
            actions = statement["Action"]
            yield {actions} if isinstance(actions, str) else set(actions), statement["Resource"]


def test_each_function_may_do_what_it_does_and_nothing_else(package: Package) -> None:
    for role, may in MAY.items():
        assert set().union(*(actions for actions, _ in statements(package, role))) == may


def test_there_is_no_wildcard_among_the_actions(package: Package) -> None:
    for role in MAY:
        for actions, _ in statements(package, role):
            assert not any("*" in action for action in actions)


def test_only_tracing_has_no_resource_to_name(package: Package) -> None:
    for role in MAY:
        for actions, resource in statements(package, role):
            assert (resource == "*") == (actions == TRACE), f"{role}: {actions} on {resource}"


def test_secrets_other_than_tenants_are_out_of_reach(package: Package) -> None:
    for role in MAY:
        (resource,) = (resource for actions, resource in statements(package, role) if actions == READ)
        assert resource["Fn::Sub"].endswith(":${AWS::Region}:${AWS::AccountId}:secret:sms-receiver/*")


def test_the_receiver_sends_to_the_inbound_queue_only(package: Package) -> None:
    (resource,) = (
        resource for actions, resource in statements(package, "ReceiverRole") if "sqs:SendMessage" in actions
    )
    assert resource == {"Fn::GetAtt": ["InboundQueue", "Arn"]}


def test_each_function_writes_to_its_own_log_only(package: Package) -> None:
    for role, log in (("AuthorizerRole", "AuthorizerLogGroup"), ("ReceiverRole", "ReceiverLogGroup")):
        (resource,) = (resource for actions, resource in statements(package, role) if actions == LOG)
        assert resource == {"Fn::Sub": f"${{{log}.Arn}}"}


def test_each_function_has_a_role_of_its_own(package: Package) -> None:
    functions = package.resources("Lambda::Function")
    roles = {name: function["Properties"]["Role"]["Fn::GetAtt"][0] for name, function in functions.items()}
    assert roles == {"AuthorizerLambdaFunction": "AuthorizerRole", "ReceiverLambdaFunction": "ReceiverRole"}


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


def test_only_the_gateway_may_call_the_functions(package: Package) -> None:
    permissions = package.resources("Lambda::Permission")
    assert len(permissions) == 2
    for permission in permissions.values():
        assert permission["Properties"]["Principal"] == "apigateway.amazonaws.com"
        assert permission["Properties"]["Action"] == "lambda:InvokeFunction"
        assert "ApiGatewayRestApi" in str(permission["Properties"]["SourceArn"])


def test_no_secret_stands_in_an_environment(package: Package) -> None:
    for function in package.resources("Lambda::Function").values():
        for name in function["Properties"]["Environment"]["Variables"]:
            assert not any(word in name for word in ("TOKEN", "SECRET", "PASSWORD", "API_KEY"))
