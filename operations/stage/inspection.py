"""What AWS tells of a stage when it is looked at closely. Nothing is changed."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import boto3
from botocore import exceptions

from operations.stage.stack import CONFIG
from shared.aws.errors import code, unavailable
from shared.aws.tenants import PREFIX
from shared.errors import NotFound

_OLDEST = "ApproximateAgeOfOldestMessage"


@dataclass(frozen=True)
class Queue:
    """A queue: how many messages stand on it and are worked on, and whether what crashes is set aside."""

    waiting: int
    in_flight: int
    redrives: bool


@dataclass(frozen=True)
class Alarm:
    """An alarm: `state` is OK, ALARM or INSUFFICIENT_DATA."""

    name: str
    state: str


@dataclass(frozen=True)
class Consumer:
    """A function on a queue: how many may run at once, None for as many as there are; whether it is switched on."""

    most_at_once: int | None
    enabled: bool


class Inspected:
    """A stage. Each method asks AWS once and raises Unavailable.

    Args:
        stage: the stage.
        regions: the AWS region of every stage.
        session: makes the clients.
        endpoint: takes the place of AWS's own.
    """

    def __init__(
        self, stage: str, regions: Mapping[str, str], session: boto3.Session, endpoint: str | None = None
    ) -> None:
        self._stage = stage
        self._regions = regions
        self._session = session
        self._endpoint = endpoint

    def stack_status(self) -> str | None:
        """CloudFormation's word for the stack; None when there is none."""
        with unavailable("CloudFormation does not tell"):
            try:
                found = self._client("cloudformation").describe_stacks(StackName=f"sms-receiver-{self._stage}")
            except exceptions.ClientError as error:
                if code(error) == "ValidationError":
                    return None
                raise
        status: str = found["Stacks"][0]["StackStatus"]
        return status

    def queue(self, url: str) -> Queue:
        """A queue by its URL. Raises NotFound besides."""
        with unavailable("SQS does not tell"):
            try:
                told = self._client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            except exceptions.ClientError as error:
                if "NonExistentQueue" in code(error):
                    message = "the queue does not exist"
                    raise NotFound(message) from error
                raise
        waiting = int(told.get("ApproximateNumberOfMessages", 0))
        in_flight = int(told.get("ApproximateNumberOfMessagesNotVisible", 0))
        return Queue(waiting, in_flight, "RedrivePolicy" in told)

    def oldest_seconds(self, queue_url: str, now: datetime) -> float | None:
        """The age of a queue's oldest message; None when CloudWatch has no number."""
        with unavailable("CloudWatch does not tell"):
            told = self._client("cloudwatch").get_metric_statistics(
                Namespace="AWS/SQS",
                MetricName=_OLDEST,
                Dimensions=[{"Name": "QueueName", "Value": queue_url.rpartition("/")[2]}],
                StartTime=now - timedelta(minutes=10),
                EndTime=now,
                Period=60,
                Statistics=["Maximum"],
            )["Datapoints"]
        return max(told, key=lambda point: point["Timestamp"])["Maximum"] if told else None

    def alarm_names(self) -> set[str]:
        """The alarms that the stack made."""
        with unavailable("CloudFormation does not tell"):
            pages = self._client("cloudformation").get_paginator("list_stack_resources")
            made = pages.paginate(StackName=f"sms-receiver-{self._stage}").build_full_result()["StackResourceSummaries"]
        return {one["PhysicalResourceId"] for one in made if one["ResourceType"] == "AWS::CloudWatch::Alarm"}

    def alarms(self) -> Sequence[Alarm]:
        """The stage's alarms."""
        with unavailable("CloudWatch does not tell"):
            pages = self._client("cloudwatch").get_paginator("describe_alarms")
            told = pages.paginate(AlarmNamePrefix=f"sms-receiver-{self._stage}-").build_full_result()["MetricAlarms"]
        return [Alarm(one["AlarmName"], one["StateValue"]) for one in told]

    def listeners(self, topic_arn: str) -> int:
        """How many have subscribed to a topic, and confirmed it (SNS API, ListSubscriptionsByTopic)."""
        with unavailable("SNS does not tell"):
            pages = self._client("sns").get_paginator("list_subscriptions_by_topic")
            told = pages.paginate(TopicArn=topic_arn).build_full_result().get("Subscriptions", [])
        return sum(one["SubscriptionArn"].startswith("arn:") for one in told)

    def concurrency(self) -> int:
        """How many Lambdas may run at once in the region."""
        with unavailable("Lambda does not tell"):
            limit: int = self._client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        return limit

    def consumer(self, function: str) -> Consumer | None:
        """What brings a queue's messages to a function; None when nothing does."""
        with unavailable("Lambda does not tell"):
            name = f"sms-receiver-{self._stage}-{function}"
            found = self._client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        if not found:
            return None
        most = [one.get("ScalingConfig", {}).get("MaximumConcurrency") for one in found]
        known = [number for number in most if number is not None]
        return Consumer(max(known) if known else None, any(one["State"].startswith("Enabl") for one in found))

    def log_role(self) -> str | None:
        """The role with which API Gateway writes access logs in the region; None when there is none."""
        with unavailable("API Gateway does not tell"):
            return self._client("apigateway").get_account().get("cloudwatchRoleArn") or None

    def copies(self, tenant_id: str) -> Mapping[str, str | None]:
        """A digest of the tenant's document in each region; None where there is none."""
        return {region: self._copy(tenant_id, region) for region in dict.fromkeys(self._regions.values())}

    def _copy(self, tenant_id: str, region: str) -> str | None:
        with unavailable(f"Secrets Manager in {region} does not tell"):
            try:
                found = self._client("secretsmanager", region).get_secret_value(SecretId=PREFIX + tenant_id)
            except exceptions.ClientError as error:
                if code(error) == "ResourceNotFoundException":
                    return None
                raise
        return hashlib.sha256(found["SecretString"].encode()).hexdigest()

    def _client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - any service's
        make: Callable[..., Any] = self._session.client
        place = region or self._regions[self._stage]
        return make(service, region_name=place, endpoint_url=self._endpoint, config=CONFIG)
