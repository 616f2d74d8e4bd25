"""The policies for who deploys, operates or only looks: they cover the stack, and what the command calls."""

import json
import re
from fnmatch import fnmatchcase

import botocore.session
import pytest
from botocore import xform_name

from operations.stage.names import JOURNAL, QUEUES, audit_log_group
from tests.unit.docs.test_docs import ROOT

NAMES = ("deploy", "operate", "look")
TEXTS = {name: (ROOT / "docs" / f"{name}-policy.json").read_text(encoding="utf-8") for name in NAMES}
POLICIES = {name: json.loads(text) for name, text in TEXTS.items()}


def actions(policy: str = "operate") -> set[str]:
    given: set[str] = set()
    for statement in POLICIES[policy]["Statement"]:
        given |= {statement["Action"]} if isinstance(statement["Action"], str) else set(statement["Action"])
    return given


def test_the_policy_covers_every_kind_of_resource() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "infra").iterdir())
    frameworks_own = {"cloudformation", "lambda", "logs", "s3"}
    kinds = {kind.lower() for kind in re.findall(r"AWS::(\w+)::\w+", sources)} | frameworks_own
    missing = kinds - {action.partition(":")[0] for action in actions("deploy")}
    assert not missing, f"docs/deploy-policy.json allows nothing of {sorted(missing)}"


CALLS = [
    ("secretsmanager", "shared/aws/tenant_secrets.py", set[str]()),
    ("dynamodb", "shared/aws/directory.py", set[str]()),
    ("dynamodb", "shared/aws/parking.py", {"PutItem"}),  # only the Lambdas park
    ("sqs", "operations/stage/deployed_stack.py", set[str]()),
    ("logs", "operations/stage/deployed_stack.py", set[str]()),
    ("logs", "operations/audit/log.py", set[str]()),
    ("cloudformation", "operations/stage/deployed_stack.py", set[str]()),
    ("sts", "operations/stage/target.py", set[str]()),
    ("secretsmanager", "operations/stage/inspection.py", set[str]()),
    ("sqs", "operations/stage/inspection.py", set[str]()),
    ("cloudwatch", "operations/stage/inspection.py", set[str]()),
    ("lambda", "operations/stage/inspection.py", set[str]()),
    ("sns", "operations/stage/inspection.py", set[str]()),
    ("cloudformation", "operations/stage/inspection.py", set[str]()),
]


def test_the_policy_lets_queues_reach_functions_of_ours_only() -> None:
    assert {f"lambda:{what}EventSourceMapping" for what in ("Create", "Update", "Delete", "Get")} <= actions("deploy")
    (statement,) = (s for s in POLICIES["deploy"]["Statement"] if "lambda:CreateEventSourceMapping" in s["Action"])
    assert statement["Condition"] == {"ArnLike": {"lambda:FunctionArn": "arn:aws:lambda:*:*:function:sms-receiver-*"}}


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policy_gives_nothing_that_is_not_ours_but_looks(policy: str) -> None:
    for statement in POLICIES[policy]["Statement"]:
        resources = [statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"]
        if "*" in resources and "Condition" not in statement:
            assert statement["Sid"] == "Look"
        assert not any(action.endswith(":*") or action == "*" for action in statement["Action"])


@pytest.mark.parametrize(("service", "path", "besides"), CALLS)
def test_the_policy_covers_every_call_of_the_command(service: str, path: str, besides: set[str]) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    operations = botocore.session.get_session().get_service_model(service).operation_names
    called = {name for name in operations if re.search(rf"\b{xform_name(name)}\b", source)} - besides
    assert called
    assert {f"{service}:{name}" for name in called} <= actions()


def test_the_policy_lets_the_doctor_look_at_the_gateways_account_and_stages() -> None:
    assert "get_account()" in (ROOT / "operations" / "stage" / "inspection.py").read_text(encoding="utf-8")
    (statement,) = (s for s in POLICIES["operate"]["Statement"] if "apigateway:GET" in s["Action"])
    assert statement["Resource"] == ["arn:aws:apigateway:*::/account", "arn:aws:apigateway:*::/restapis/*/stages/*"]


def test_who_operates_may_change_nothing_of_the_stack() -> None:
    stack = ("iam:", "lambda:Create", "lambda:Update", "cloudformation:Create", "cloudformation:Update", "apigateway:P")
    assert not [action for action in actions("operate") if action.startswith(stack)]


def test_the_policy_lets_a_replay_reach_the_queues() -> None:
    """Who moves what crashed needs all of these (AWS docs, "Configuring a dead-letter queue redrive")."""
    moving = {"StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "SendMessage"}
    assert {f"sqs:{name}" for name in moving} <= actions()


def test_who_operates_takes_no_message_from_a_queue_that_is_worked_on() -> None:
    taking = {"sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage"}
    statements = [statement for statement in POLICIES["operate"]["Statement"] if taking & {*statement["Action"]}]
    assert [statement["Resource"] for statement in statements] == ["arn:aws:sqs:*:*:sms-receiver-*-crashed.fifo"]


def test_who_operates_puts_messages_on_queues_that_are_worked_on_and_lines_into_the_audit_log() -> None:
    resources = {
        action: statement["Resource"]
        for statement in POLICIES["operate"]["Statement"]
        for action in statement["Action"]
        if action in {"sqs:SendMessage", "logs:PutLogEvents", "logs:CreateLogStream"}
    }
    queues = [
        *(f"arn:aws:sqs:*:*:sms-receiver-*-{name}.fifo" for name in QUEUES),
        f"arn:aws:sqs:*:*:sms-receiver-*-{JOURNAL}",
    ]
    audit = "arn:aws:logs:*:*:log-group:/sms-receiver/*/audit*"
    assert resources == {"sqs:SendMessage": queues, "logs:PutLogEvents": audit, "logs:CreateLogStream": audit}
    assert fnmatchcase(f"arn:aws:logs:us-east-1:1:log-group:{audit_log_group('east')}:log-stream:x", audit)


READS = re.compile(r"\w+:(Get|GET|Describe|List|Filter|Query|BatchGet|StartQuery)")


def test_who_only_looks_may_read_all_that_who_operates_may_and_change_nothing() -> None:
    statements = [
        {**statement, "Action": reads}
        for statement in POLICIES["operate"]["Statement"]
        if (reads := [action for action in statement["Action"] if READS.match(action)])
    ]
    assert POLICIES["look"]["Statement"] == statements


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policy_is_no_longer_than_aws_takes(policy: str) -> None:
    """6,144 characters for a managed policy, spaces not counted (AWS docs, "IAM and AWS STS quotas")."""
    assert len("".join(TEXTS[policy].split())) <= 6144
