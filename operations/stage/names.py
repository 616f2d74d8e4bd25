"""What the stages and their parts are called in AWS: the same as in serverless.yml and infra/, which tests compare."""

import os
from collections.abc import Mapping
from typing import Literal, get_args

Stage = Literal["east", "south"]

STAGES: tuple[Stage, ...] = get_args(Stage)
REGIONS: Mapping[str, str] = {"east": "us-east-1", "south": "us-east-2"}
"""The AWS region of each stage, unless an operator chose another one."""
HOME_STAGE: Stage = "east"
"""The stage that owns the directory of tenants, unless an operator chose another one."""
FUNCTIONS = ("authorizer", "receiver", "statuses", "forwarder", "sender", "api")
CONSUMERS = {"forwarder": "inbound", "sender": "outbound"}
"""The queue of each function that consumes one."""
QUEUES = tuple(CONSUMERS.values())
REMINDERS = "reminders"
"""The queue of reminders of answers and sessions, which the forwarder consumes too; nothing of it is parked."""
JOURNAL = "journal"
"""The queue of journals, which the forwarder consumes too where a stage may deliver any; nothing of it is parked."""


def home_stage() -> str:
    """The stage that owns the directory of tenants. Deploying reads the same variable (serverless.yml, `home`)."""
    return os.environ.get("SMS_RECEIVER_HOME") or HOME_STAGE


def stack_name(stage: str) -> str:
    """The name of a stage's stack."""
    return f"sms-receiver-{stage}"


def part_name(stage: str, part: str) -> str:
    """The name of a function, an alarm or a topic of a stage; of alarms, `part` may be the beginning."""
    return f"{stack_name(stage)}-{part}"


def log_group(stage: str, function: str) -> str:
    """The log group of a function."""
    return f"/aws/lambda/{part_name(stage, function)}"


def function_of(log_group_name: str) -> str:
    """The function whose log group it is, whatever the stage and whether or not the name begins with an account."""
    return log_group_name.rpartition("-")[2]


def access_log_group(stage: str) -> str:
    """The log group of the gateway's access log."""
    return f"/aws/api-gateway/{stack_name(stage)}"


def audit_log_group(stage: str) -> str:
    """The log group of the audit log."""
    return f"/sms-receiver/{stage}/audit"


def queue_name(stage: str, queue: str) -> str:
    """The name of a queue."""
    return part_name(stage, queue if queue in {REMINDERS, JOURNAL} else f"{queue}.fifo")


def queue_output(queue: str) -> str:
    """The stack's output with a queue's URL."""
    return f"{queue.capitalize()}QueueUrl"


def crashed_queue_output(queue: str) -> str:
    """The stack's output with the URL of a queue's dead-letter queue."""
    return f"{queue.capitalize()}CrashedQueueUrl"
