"""The queues and bots that agents may have as backends: nothing may be reached but what the operator lists."""

import json
from typing import Any

import pytest

from tests.integration.packages import Package, osls

QUEUES = "arn:aws:sqs:us-east-1:111111111111:orders,arn:aws:sqs:eu-west-1:222222222222:billing.fifo"
BOT = "arn:aws:lex:us-east-1:111111111111:bot-alias/ABCDE12345/TSTALIASID"


def printed(**environment: str) -> dict[str, Any]:
    """The resources and outputs of serverless.yml, everything resolved."""
    done = osls("print", "--stage", "east", "--format", "json", **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["resources"]
    return found


def statements(found: dict[str, Any]) -> list[dict[str, Any]]:
    policy = found["Resources"]["BackendsPolicy"]["Properties"]
    assert policy["Roles"] == [{"Ref": "ForwarderRole"}]
    given: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return given


def test_without_any_there_is_no_such_right(package: Package) -> None:
    assert not package.resources("IAM::Policy")
    outputs = package.template["Outputs"]
    assert (outputs["BackendQueues"]["Value"], outputs["BackendBots"]["Value"]) == ("none", "none")


def test_the_listed_queues_and_bots_and_only_those_may_be_reached() -> None:
    found = printed(SMS_RECEIVER_BACKEND_QUEUES=QUEUES, SMS_RECEIVER_BACKEND_BOTS=BOT)
    assert statements(found) == [
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUES.split(",")},
        {"Effect": "Allow", "Action": "lex:RecognizeText", "Resource": [BOT]},
    ]
    assert found["Outputs"]["BackendQueues"]["Value"] == QUEUES
    assert found["Outputs"]["BackendBots"]["Value"] == BOT


def test_queues_alone_give_no_right_to_bots() -> None:
    found = printed(SMS_RECEIVER_BACKEND_QUEUES=QUEUES.replace(",", " , "))
    assert [statement["Action"] for statement in statements(found)] == ["sqs:SendMessage"]
    assert statements(found)[0]["Resource"] == QUEUES.split(",")
    assert found["Outputs"]["BackendBots"]["Value"] == "none"


@pytest.mark.parametrize(
    ("variable", "wrong"),
    [
        ("SMS_RECEIVER_BACKEND_QUEUES", "*"),
        ("SMS_RECEIVER_BACKEND_QUEUES", "arn:aws:sqs:us-east-1:111111111111:*"),
        ("SMS_RECEIVER_BACKEND_QUEUES", f"{QUEUES},"),
        ("SMS_RECEIVER_BACKEND_QUEUES", BOT),
        ("SMS_RECEIVER_BACKEND_QUEUES", "https://sqs.us-east-1.amazonaws.com/111111111111/orders"),
        ("SMS_RECEIVER_BACKEND_BOTS", "arn:aws:lex:us-east-1:111111111111:bot-alias/*/*"),
        ("SMS_RECEIVER_BACKEND_BOTS", "arn:aws:lex:us-east-1:111111111111:bot/ABCDE12345"),
    ],
)
def test_what_is_no_arn_of_one_queue_or_bot_is_refused_with_a_sentence(variable: str, wrong: str) -> None:
    done = osls("print", "--stage", "east", **{variable: wrong})
    assert done.returncode != 0
    assert "is not an ARN of that kind; give some with commas between them, or 'none'" in done.stdout + done.stderr
