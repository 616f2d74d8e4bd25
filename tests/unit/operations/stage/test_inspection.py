"""The state of a stage as read from AWS."""

from datetime import timedelta
from typing import Any

import pytest

from operations.stage.inspection import Alarm, DirectoryTable, Listeners, Queue, Trigger
from operations.stage.tenant_copy import in_agreement
from shared.errors import NotFound, Unavailable
from shared.tenants import directory_items
from shared.tenants.record import SecretPart, TenantRecord
from tests.fakes import NOW
from tests.unit.operations.stage.canned_aws import Aws, Document


def test_tells_the_stacks_status() -> None:
    aws = Aws(DescribeStacks={"Stacks": [{"StackStatus": "UPDATE_COMPLETE"}]})
    assert aws.inspected.stack_status() == "UPDATE_COMPLETE"
    assert "sms-receiver-east" in aws.requests[0]


def test_a_stack_that_does_not_exist_has_no_status() -> None:
    assert Aws(DescribeStacks="ValidationError").inspected.stack_status() is None


def test_counts_a_queues_messages_and_tells_whether_it_redrives() -> None:
    attributes = {
        "ApproximateNumberOfMessages": "4",
        "ApproximateNumberOfMessagesNotVisible": "1",
        "RedrivePolicy": "{}",
    }
    assert Aws(GetQueueAttributes={"Attributes": attributes}).inspected.queue("u") == Queue(4, 1, redrives=True)
    assert Aws(GetQueueAttributes={"Attributes": {}}).inspected.queue("u") == Queue(0, 0, redrives=False)


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist.NonExistentQueue"])
def test_a_queue_that_does_not_exist_is_told_apart(code: str) -> None:
    with pytest.raises(NotFound):
        Aws(GetQueueAttributes=code).inspected.queue("u")


def test_tells_the_age_of_the_oldest_message_as_it_is_now() -> None:
    points = [{"Timestamp": NOW - timedelta(minutes=minutes), "Maximum": 100.0 + minutes} for minutes in (3, 1, 2)]
    aws = Aws(GetMetricStatistics={"Datapoints": points})
    assert aws.inspected.oldest_seconds("https://sqs/1/sms-receiver-east-inbound.fifo", NOW) == 101
    assert '"sms-receiver-east-inbound.fifo"' in aws.requests[0]
    assert Aws(GetMetricStatistics={"Datapoints": []}).inspected.oldest_seconds("u", NOW) is None


def test_tells_the_alarms() -> None:
    alarms = [{"AlarmName": "a", "StateValue": "OK"}, {"AlarmName": "b", "StateValue": "ALARM"}]
    aws = Aws(DescribeAlarms={"MetricAlarms": alarms})
    assert aws.inspected.alarms() == [Alarm("a", "OK"), Alarm("b", "ALARM")]
    assert "sms-receiver-east-" in aws.requests[0]


def test_counts_the_subscriptions_of_the_alarms_topic_that_are_confirmed_and_that_are_not() -> None:
    subscriptions = [{"SubscriptionArn": "arn:aws:sns:us-east-1:1:t:2"}, {"SubscriptionArn": "PendingConfirmation"}]
    assert Aws(ListSubscriptionsByTopic={"Subscriptions": subscriptions}).inspected.listeners("arn:t") == Listeners(
        confirmed=1, pending=1
    )
    assert Aws(ListSubscriptionsByTopic={}).inspected.listeners("arn:t") == Listeners(0, 0)


def test_tells_which_alarms_the_stack_made() -> None:
    resources = [
        {"ResourceType": "AWS::CloudWatch::Alarm", "PhysicalResourceId": "a"},
        {"ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": "q"},
    ]
    assert Aws(ListStackResources={"StackResourceSummaries": resources}).inspected.alarm_names() == {"a"}


def test_tells_how_many_lambdas_may_run() -> None:
    limit = {"AccountLimit": {"ConcurrentExecutions": 10}}
    assert Aws(GetAccountSettings=limit).inspected.concurrency() == 10


def test_tells_the_trigger_of_a_function() -> None:
    inbound, reminders, outbound = (
        {"EventSourceArn": f"arn:aws:sqs:us-east-1:111122223333:sms-receiver-east-{name}"}
        for name in ("inbound.fifo", "reminders", "outbound.fifo")
    )
    mappings = [
        {**inbound, "State": "Enabled", "ScalingConfig": {"MaximumConcurrency": 4}},
        {**inbound, "State": "Disabled"},
        {**reminders, "State": "Disabled", "ScalingConfig": {"MaximumConcurrency": 9}},
    ]
    aws = Aws(ListEventSourceMappings={"EventSourceMappings": mappings})
    assert aws.inspected.trigger("forwarder", "inbound") == Trigger(4, enabled=True)
    assert "sms-receiver-east-forwarder" in aws.requests[0]
    other = Aws(ListEventSourceMappings={"EventSourceMappings": mappings})
    assert other.inspected.trigger("forwarder", "reminders") == Trigger(9, enabled=False)
    off = Aws(ListEventSourceMappings={"EventSourceMappings": [{**outbound, "State": "Disabled"}]})
    assert off.inspected.trigger("sender", "outbound") == Trigger(None, enabled=False)
    assert Aws(ListEventSourceMappings={"EventSourceMappings": []}).inspected.trigger("sender", "outbound") is None


def test_tells_the_gateways_log_role() -> None:
    assert Aws(GetAccount={"cloudwatchRoleArn": "arn:role"}).inspected.log_role() == "arn:role"
    assert Aws(GetAccount={}).inspected.log_role() is None


def test_tells_the_throttles_of_the_stages_methods_by_path_and_verb() -> None:
    every = {"throttlingRateLimit": 200.0, "throttlingBurstLimit": 400, "metricsEnabled": True}
    of_one = {"throttlingRateLimit": 100.0, "throttlingBurstLimit": 200}
    aws = Aws(GetStage={"methodSettings": {"*/*": every, "~1a~1{b}/POST": of_one}})
    assert aws.inspected.throttles("api") == {"*/*": (200.0, 400), "/a/{b}/POST": (100.0, 200)}
    assert "stages/east" in aws.requests[0] or '"stageName": "east"' in aws.requests[0]
    assert Aws(GetStage={}).inspected.throttles("api") == {}


def secret(text: str, version: str = "v1") -> Document:
    return {"SecretString": text, "VersionId": version}


def item(record: TenantRecord) -> Document:
    return {"Item": {"document": {"S": directory_items.dump_record(record)}}}


PARTS = [secret("one"), secret("two"), secret("three")]
RECORD = TenantRecord("acme", versions=dict.fromkeys(SecretPart, "v1"))


def test_tells_what_each_region_has_of_a_tenant_without_the_texts() -> None:
    aws = Aws(GetSecretValue=[*PARTS, *PARTS], GetItem=item(RECORD))
    copies = aws.inspected.copies("acme")
    assert list(copies) == ["us-east-1", "us-east-2"]
    assert in_agreement(copies.values())
    for copy in copies.values():
        assert copy.record == RECORD
        assert {part: (secret.version, secret.size) for part, secret in copy.secrets.items()} == {
            SecretPart.ACCESS: ("v1", 3),
            SecretPart.ACCOUNTS: ("v1", 3),
            SecretPart.SIGNING: ("v1", 5),
        }
    assert "three" not in str(copies)
    for service, count in (("secretsmanager", 3), ("dynamodb", 1)):
        for region in copies:
            assert sum(f"{service}.{region}" in request for request in aws.requests) == count
    consistent = [request for request in aws.requests if request.startswith("GetItem")]
    assert all('"ConsistentRead": true' in request for request in consistent)


def test_a_region_that_lacks_a_part_or_the_record_is_not_in_agreement() -> None:
    missing = Aws(GetSecretValue="ResourceNotFoundException", GetItem=item(RECORD)).inspected.copies("acme")
    assert [copy.secrets for copy in missing.values()] == [{}, {}]
    assert not in_agreement(missing.values())
    unlisted = Aws(GetSecretValue=[*PARTS, *PARTS], GetItem={}).inspected.copies("acme")
    assert [copy.record for copy in unlisted.values()] == [None, None]
    assert not in_agreement(unlisted.values())


def test_regions_with_other_texts_or_records_are_not_in_agreement() -> None:
    other_text = Aws(GetSecretValue=[*PARTS, *PARTS[:2], secret("3")], GetItem=item(RECORD)).inspected.copies("acme")
    assert not in_agreement(other_text.values())
    records = [item(RECORD), item(TenantRecord("acme"))]
    assert not in_agreement(Aws(GetSecretValue=[*PARTS, *PARTS], GetItem=records).inspected.copies("acme").values())
    other_versions = [*PARTS, *(secret(part["SecretString"], "v2") for part in PARTS)]
    assert in_agreement(Aws(GetSecretValue=other_versions, GetItem=item(RECORD)).inspected.copies("acme").values())


def test_counts_the_versions_of_a_secret_page_by_page() -> None:
    def page(*ages: int, **more: str) -> Document:
        return {"Versions": [{"CreatedDate": NOW - timedelta(hours=age)} for age in ages], **more}

    aws = Aws(ListSecretVersionIds=[page(1, 30, NextToken="more"), page(2, 24, 25)])
    since = NOW - timedelta(days=1)
    assert aws.inspected.versions_since("acme", SecretPart.ACCESS, since, region="us-east-2") == 3
    assert "sms-receiver/acme/access" in aws.requests[0]
    assert all('"IncludeDeprecated": true' in request for request in aws.requests)
    assert all("secretsmanager.us-east-2" in request for request in aws.requests)
    assert '"NextToken": "more"' in aws.requests[1]


def test_tells_the_directory_of_a_region_and_its_replicas() -> None:
    replicas = [{"RegionName": "us-east-2", "ReplicaStatus": "CREATING"}]
    aws = Aws(DescribeTable={"Table": {"TableStatus": "UPDATING", "Replicas": replicas}})
    assert aws.inspected.directory("us-east-1") == DirectoryTable("UPDATING", {"us-east-2": "CREATING"})
    assert "sms-receiver-directory" in aws.requests[0]
    assert "dynamodb.us-east-1" in aws.requests[0]
    assert Aws(DescribeTable="ResourceNotFoundException").inspected.directory("us-east-2") is None
    alone = Aws(DescribeTable={"Table": {"TableStatus": "ACTIVE"}})
    assert alone.inspected.directory("us-east-1") == DirectoryTable("ACTIVE", {})


@pytest.mark.parametrize(
    ("operation", "ask"),
    [
        ("DescribeStacks", lambda aws: aws.stack_status()),
        ("GetQueueAttributes", lambda aws: aws.queue("u")),
        ("GetMetricStatistics", lambda aws: aws.oldest_seconds("u", NOW)),
        ("DescribeAlarms", lambda aws: aws.alarms()),
        ("ListStackResources", lambda aws: aws.alarm_names()),
        ("GetAccountSettings", lambda aws: aws.concurrency()),
        ("ListEventSourceMappings", lambda aws: aws.trigger("sender", "inbound")),
        ("GetAccount", lambda aws: aws.log_role()),
        ("GetStage", lambda aws: aws.throttles("api")),
        ("GetSecretValue", lambda aws: aws.copies("acme")),
        ("ListSecretVersionIds", lambda aws: aws.versions_since("acme", SecretPart.ACCESS, NOW, region="us-east-1")),
        ("DescribeTable", lambda aws: aws.directory("us-east-1")),
    ],
)
def test_a_refusal_of_aws_is_unavailable_and_its_details_are_not_quoted(operation: str, ask: Any) -> None:  # noqa: ANN401
    aws = Aws(**{operation: "AccessDeniedException"})
    with pytest.raises(Unavailable, match="AWS answered AccessDeniedException") as failed:
        ask(aws.inspected)
    assert "secret details" not in str(failed.value)
