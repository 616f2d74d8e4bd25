"""Queues, what works on them, and tables, as they will be deployed."""

from typing import Any

import pytest

from shared.aws.fifo_queue import BYTES_MAX
from shared.retry import RECEIVES_MAX
from tests.integration.packages import Package

WORKERS = {
    "ForwarderLambdaFunction": ("InboundQueue", "InboundCrashedQueue", 3),
    "SenderLambdaFunction": ("OutboundQueue", "OutboundCrashedQueue", 2),
}


def properties(package: Package, name: str) -> dict[str, Any]:
    found: dict[str, Any] = package.template["Resources"][name]["Properties"]
    return found


def test_every_queue_of_events_is_fifo_fast_encrypted_and_patient(package: Package) -> None:
    queues = package.resources("SQS::Queue")
    reminders = queues.pop("ReminderQueue")["Properties"]
    assert reminders["SqsManagedSseEnabled"] is True
    assert "FifoQueue" not in reminders, "a FIFO queue has no delay for one message"
    journal = queues.pop("JournalQueue")["Properties"]
    assert (journal["SqsManagedSseEnabled"], journal["MessageRetentionPeriod"]) == (True, 14 * 24 * 3600)
    assert "FifoQueue" not in journal, "one target that fails would hold up a conversation's entries for another"
    assert set(queues) == {"InboundQueue", "InboundCrashedQueue", "OutboundQueue", "OutboundCrashedQueue"}
    for name, queue in queues.items():
        given = queue["Properties"]
        assert given["FifoQueue"] is True, name
        assert given["QueueName"].endswith(".fifo"), name
        assert given["DeduplicationScope"] == "messageGroup", name
        assert given["FifoThroughputLimit"] == "perMessageGroupId", name
        assert given["SqsManagedSseEnabled"] is True, name
        assert given["MessageRetentionPeriod"] == 14 * 24 * 3600, name
        assert not given.get("ContentBasedDeduplication"), f"{name}: two equal texts are two"


@pytest.mark.parametrize("queue", ["InboundQueue", "OutboundQueue"])
def test_a_queue_takes_no_more_than_can_be_parked(package: Package, queue: str) -> None:
    assert properties(package, queue)["MaximumMessageSize"] == BYTES_MAX


@pytest.mark.parametrize(("worker", "queue", "crashed"), [(name, *rest[:2]) for name, rest in WORKERS.items()])
def test_what_crashes_goes_to_a_dead_letter_queue_that_somebody_watches(
    package: Package, worker: str, queue: str, crashed: str
) -> None:
    redrive = properties(package, queue)["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [crashed, "Arn"]}
    assert redrive["maxReceiveCount"] == RECEIVES_MAX
    dimensions = [{"Name": "QueueName", "Value": {"Fn::GetAtt": [crashed, "QueueName"]}}]
    (alarm,) = (
        alarm["Properties"]
        for alarm in package.resources("CloudWatch::Alarm").values()
        if alarm["Properties"].get("Dimensions") == dimensions
    )
    assert (alarm["MetricName"], alarm["Namespace"]) == ("ApproximateNumberOfMessagesVisible", "AWS/SQS")
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)


def test_what_is_parked_rings_an_alarm_whatever_the_reason(packages: dict[str, Package]) -> None:
    for stage, made in packages.items():
        (alarm,) = (
            alarm["Properties"]
            for alarm in made.resources("CloudWatch::Alarm").values()
            if alarm["Properties"].get("MetricName") == "Parked"
        )
        assert alarm["Namespace"] == "SmsReceiver"
        assert alarm["Dimensions"] == [{"Name": "stage", "Value": stage}]
        assert (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
            "Sum",
            "GreaterThanThreshold",
            0,
        )


def test_what_crashed_is_not_set_aside_once_more(package: Package) -> None:
    for _, crashed, _ in WORKERS.values():
        assert "RedrivePolicy" not in properties(package, crashed)


def mappings(package: Package) -> dict[str, dict[str, Any]]:
    """What brings queues to functions, by queue."""
    found = [mapping["Properties"] for mapping in package.resources("Lambda::EventSourceMapping").values()]
    return {mapping["EventSourceArn"]["Fn::GetAtt"][0]: mapping for mapping in found}


MAPPINGS = {
    **{queue: (worker, most) for worker, (queue, _, most) in WORKERS.items()},
    "ReminderQueue": ("ForwarderLambdaFunction", 2),
    "JournalQueue": ("ForwarderLambdaFunction", 2),
}


def test_each_queue_has_one_worker(package: Package) -> None:
    assert len(package.resources("Lambda::EventSourceMapping")) == len(MAPPINGS)
    workers = {queue: mapping["FunctionName"]["Fn::GetAtt"][0] for queue, mapping in mappings(package).items()}
    assert workers == {queue: worker for queue, (worker, _) in MAPPINGS.items()}


@pytest.mark.parametrize("queue", MAPPINGS)
def test_messages_come_one_at_a_time_and_only_the_failed_ones_again(package: Package, queue: str) -> None:
    mapping = mappings(package)[queue]
    assert mapping["BatchSize"] == 1  # a group stays locked while any of its messages is in flight
    assert "MaximumBatchingWindowInSeconds" not in mapping
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": MAPPINGS[queue][1]}
    assert "FilterCriteria" not in mapping, "what is filtered out is deleted"


@pytest.mark.parametrize("queue", MAPPINGS)
def test_no_message_comes_again_while_somebody_may_still_be_at_it(package: Package, queue: str) -> None:
    visibility, worker = properties(package, queue)["VisibilityTimeout"], MAPPINGS[queue][0]
    assert int(visibility) == int(properties(package, worker)["Timeout"]) + 15


def test_no_function_reserves_concurrency_which_a_new_account_does_not_have(package: Package) -> None:
    for function in package.resources("Lambda::Function").values():
        assert "ReservedConcurrentExecutions" not in function["Properties"]


def test_each_worker_is_told_its_own_queue_and_the_other(package: Package) -> None:
    for worker in WORKERS:
        told = properties(package, worker)["Environment"]["Variables"]
        assert (told["INBOUND_QUEUE_URL"], told["OUTBOUND_QUEUE_URL"]) == (
            {"Ref": "InboundQueue"},
            {"Ref": "OutboundQueue"},
        )


KEYS = {
    "ClaimsTable": [("id", "HASH")],
    "StateTable": [("pk", "HASH"), ("sk", "RANGE")],
}


def keys(schema: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(key["AttributeName"], key["KeyType"]) for key in schema]


def test_the_tables_have_the_keys_that_the_adapters_use(package: Package) -> None:
    tables = {name: table["Properties"] for name, table in package.resources("DynamoDB::Table").items()}
    assert {name: keys(table["KeySchema"]) for name, table in tables.items()} == KEYS
    types = {key["AttributeType"] for table in tables.values() for key in table["AttributeDefinitions"]}
    assert types == {"S"}


def test_a_reply_is_found_by_the_providers_id(package: Package) -> None:
    (index,) = (
        index
        for index in properties(package, "StateTable")["GlobalSecondaryIndexes"]
        if index["IndexName"] == "message_id-index"
    )
    assert keys(index["KeySchema"]) == [("provider_message_id", "HASH")]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


def test_what_waits_is_listed_by_tenant_and_when_it_is_due(package: Package) -> None:
    (index,) = (
        index
        for index in properties(package, "StateTable")["GlobalSecondaryIndexes"]
        if index["IndexName"] == "waiting-index"
    )
    assert keys(index["KeySchema"]) == [("waiting_tenant", "HASH"), ("due_at", "RANGE")]
    assert index["Projection"] == {"ProjectionType": "ALL"}


@pytest.mark.parametrize(("table", "attribute"), [("ClaimsTable", "expiration"), ("StateTable", "ttl")])
def test_every_table_costs_by_use_is_encrypted_forgets_and_can_be_restored(
    package: Package, table: str, attribute: str
) -> None:
    given = properties(package, table)
    assert given["BillingMode"] == "PAY_PER_REQUEST"
    assert "SSESpecification" not in given  # encrypted at rest all the same, with a key that AWS owns and does not bill
    assert given["TimeToLiveSpecification"] == {"AttributeName": attribute, "Enabled": True}
    assert given["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_the_command_is_told_where_everything_is(package: Package) -> None:
    outputs = {name: output["Value"] for name, output in package.template["Outputs"].items()}
    for name in ("InboundQueue", "InboundCrashedQueue", "OutboundQueue", "OutboundCrashedQueue"):
        assert outputs[f"{name}Url"] == {"Ref": name}
    for name in KEYS:
        assert outputs[f"{name}Name"] == {"Ref": name}
