"""Where agents may have journals: nothing may be reached but what the operator lists, and nothing runs for none."""

import json
from typing import Any

import pytest

from tests.integration.packages import Package, osls
from tests.integration.test_template_queues import mappings

QUEUES = "arn:aws:sqs:us-east-1:111111111111:journal,arn:aws:sqs:eu-west-1:222222222222:journal.fifo"
TOPIC = "arn:aws:sns:us-east-1:111111111111:journal"


def printed(targets: str) -> dict[str, Any]:
    """serverless.yml, everything resolved."""
    done = osls("print", "--stage", "east", "--format", "json", SMS_RECEIVER_JOURNAL_TARGETS=targets)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def enabled(found: dict[str, Any]) -> list[bool]:
    """Whether each queue without a usual switch brings messages."""
    events = found["functions"]["forwarder"]["events"]
    return [event["sqs"]["enabled"] for event in events if "enabled" in event["sqs"]]


def test_without_any_there_is_no_such_right_and_nothing_polls(package: Package) -> None:
    assert not package.resources("IAM::Policy")
    assert package.template["Outputs"]["JournalTargets"]["Value"] == "none"
    assert mappings(package)["JournalQueue"]["Enabled"] is False


def test_the_listed_targets_and_only_those_may_be_reached() -> None:
    found = printed(f"{QUEUES}, {TOPIC}")
    policy = found["resources"]["Resources"]["JournalPolicy"]["Properties"]
    assert policy["Roles"] == [{"Ref": "ForwarderRole"}]
    assert policy["PolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUES.split(",")},
        {"Effect": "Allow", "Action": "sns:Publish", "Resource": [TOPIC]},
    ]
    assert found["resources"]["Outputs"]["JournalTargets"]["Value"] == f"{QUEUES},{TOPIC}"
    assert enabled(found) == [True]


def test_queues_alone_give_no_right_to_topics() -> None:
    found = printed(QUEUES)
    statements = found["resources"]["Resources"]["JournalPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert [statement["Action"] for statement in statements] == ["sqs:SendMessage"]


@pytest.mark.parametrize(
    "wrong",
    [
        "*",
        "arn:aws:sqs:us-east-1:111111111111:*",
        f"{QUEUES},",
        "arn:aws:lambda:us-east-1:111111111111:function:x",
        "https://sqs.us-east-1.amazonaws.com/111111111111/journal",
        f"{TOPIC}/x",
    ],
)
def test_what_is_no_arn_of_one_queue_or_topic_is_refused_with_a_sentence(wrong: str) -> None:
    done = osls("print", "--stage", "east", SMS_RECEIVER_JOURNAL_TARGETS=wrong)
    assert done.returncode != 0
    assert "is not the ARN of a queue or a topic" in done.stdout + done.stderr
