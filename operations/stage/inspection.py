"""Reading the state of a stage's parts from AWS: queues, alarms, triggers, copies of tenants. It changes nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from botocore import exceptions

from operations.stage import names
from operations.stage.clients import StageClients
from operations.stage.tenant_copy import SecretCopy, TenantCopy
from shared.aws.botocore_errors import code, unavailable
from shared.aws.directory import DynamoDirectory
from shared.aws.tenant_secrets import read_secret, secret_name
from shared.errors import NotFound
from shared.tenants import directory_items
from shared.tenants.record import SecretPart

_OLDEST = "ApproximateAgeOfOldestMessage"


@dataclass(frozen=True)
class Queue:
    """A queue: how many messages wait on it, how many are being worked on, and whether it has a dead-letter queue."""

    waiting: int
    in_flight: int
    redrives: bool


@dataclass(frozen=True)
class Alarm:
    """An alarm. `state` is OK, ALARM or INSUFFICIENT_DATA (CloudWatch API, MetricAlarm)."""

    name: str
    state: str


@dataclass(frozen=True)
class Listeners:
    """How many subscriptions a topic has: confirmed ones, and others (SNS API, ListSubscriptionsByTopic)."""

    confirmed: int
    pending: int


@dataclass(frozen=True)
class Trigger:
    """What brings a queue's messages to a function.

    Attributes:
        most_at_once: how many invocations it may run at once; None for no limit.
        enabled: whether it is switched on.
    """

    most_at_once: int | None
    enabled: bool


@dataclass(frozen=True)
class DirectoryTable:
    """The directory's table in one region.

    Attributes:
        status: the table's status, ACTIVE when it can be used (DynamoDB API, TableDescription).
        replicas: the status of the table's replicas as this region knows them, by region; ACTIVE when one is ready for
            use (DynamoDB API, ReplicaDescription).
    """

    status: str
    replicas: Mapping[str, str]


def method_name(key: str) -> str:
    """The path and the verb in a key of a stage's method settings, which has ~1 for each slash of the path."""
    return key.replace("~1", "/")


class StageInspection:
    """The state of a stage. Each method asks AWS, caches nothing, and raises Unavailable.

    Args:
        clients: makes the clients, and knows the stage.
    """

    def __init__(self, clients: StageClients) -> None:
        self._stage = clients.stage
        self._client = clients.client
        self._regions = list(dict.fromkeys(clients.regions.values()))

    @property
    def regions(self) -> Sequence[str]:
        """The AWS regions of all stages, each once."""
        return self._regions

    def stack_status(self) -> str | None:
        """The stack's status as CloudFormation names it; None when there is no stack."""
        with unavailable("the stack could not be read"):
            try:
                answer = self._client("cloudformation").describe_stacks(StackName=names.stack_name(self._stage))
            except exceptions.ClientError as error:
                if code(error) == "ValidationError":
                    return None
                raise
        status: str = answer["Stacks"][0]["StackStatus"]
        return status

    def queue(self, url: str) -> Queue:
        """The queue at a URL. Raises also NotFound."""
        with unavailable("the queue could not be read"):
            try:
                answer = self._client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
            except exceptions.ClientError as error:
                if "NonExistentQueue" in code(error):
                    message = "the queue does not exist"
                    raise NotFound(message) from error
                raise
        attributes = answer["Attributes"]
        waiting = int(attributes.get("ApproximateNumberOfMessages", 0))
        in_flight = int(attributes.get("ApproximateNumberOfMessagesNotVisible", 0))
        return Queue(waiting, in_flight, "RedrivePolicy" in attributes)

    def oldest_seconds(self, queue_url: str, now: datetime) -> float | None:
        """The age of a queue's oldest message in the last ten minutes; None when CloudWatch has no value."""
        with unavailable("the age of the oldest message could not be read"):
            points = self._client("cloudwatch").get_metric_statistics(
                Namespace="AWS/SQS",
                MetricName=_OLDEST,
                Dimensions=[{"Name": "QueueName", "Value": queue_url.rpartition("/")[2]}],
                StartTime=now - timedelta(minutes=10),
                EndTime=now,
                Period=60,
                Statistics=["Maximum"],
            )["Datapoints"]
        return max(points, key=lambda point: point["Timestamp"])["Maximum"] if points else None

    def alarm_names(self) -> set[str]:
        """The names of the alarms that the stack made."""
        with unavailable("the stack's resources could not be read"):
            pages = self._client("cloudformation").get_paginator("list_stack_resources")
            listing = pages.paginate(StackName=names.stack_name(self._stage)).build_full_result()
        resources = listing["StackResourceSummaries"]
        return {
            resource["PhysicalResourceId"]
            for resource in resources
            if resource["ResourceType"] == "AWS::CloudWatch::Alarm"
        }

    def alarms(self) -> Sequence[Alarm]:
        """The alarms whose names begin as the stage's do."""
        with unavailable("the alarms could not be read"):
            pages = self._client("cloudwatch").get_paginator("describe_alarms")
            listing = pages.paginate(AlarmNamePrefix=names.part_name(self._stage, "")).build_full_result()
        return [Alarm(alarm["AlarmName"], alarm["StateValue"]) for alarm in listing["MetricAlarms"]]

    def listeners(self, topic_arn: str) -> Listeners:
        """Who is subscribed to a topic."""
        with unavailable("the topic's subscriptions could not be read"):
            pages = self._client("sns").get_paginator("list_subscriptions_by_topic")
            subscriptions = pages.paginate(TopicArn=topic_arn).build_full_result().get("Subscriptions", [])
        arns = [subscription["SubscriptionArn"] for subscription in subscriptions]
        return Listeners(sum(arn.startswith("arn:") for arn in arns), arns.count("PendingConfirmation"))

    def concurrency(self) -> int:
        """How many Lambdas may run at once in the stage's region."""
        with unavailable("the limit of concurrent Lambdas could not be read"):
            limit: int = self._client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        return limit

    def trigger(self, function: str, queue: str) -> Trigger | None:
        """What brings a queue's messages to a function; None when nothing does."""
        with unavailable("the function's trigger could not be read"):
            name = names.part_name(self._stage, function)
            mappings = self._client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        ending = f":{names.queue_name(self._stage, queue)}"
        mappings = [mapping for mapping in mappings if mapping["EventSourceArn"].endswith(ending)]
        if not mappings:
            return None
        maximums = [mapping.get("ScalingConfig", {}).get("MaximumConcurrency") for mapping in mappings]
        limits = [maximum for maximum in maximums if maximum is not None]
        is_enabled = any(mapping["State"].startswith("Enabl") for mapping in mappings)  # Enabling, too
        return Trigger(max(limits) if limits else None, is_enabled)

    def log_role(self) -> str | None:
        """The ARN of the role with which API Gateway writes access logs in the region; None when it is not set."""
        with unavailable("API Gateway's log role could not be read"):
            return self._client("apigateway").get_account().get("cloudwatchRoleArn") or None

    def throttles(self, rest_api_id: str) -> Mapping[str, tuple[float, int]]:
        """The throttles of the stage's methods: requests a second, and at once; `*/*` stands for every other method.

        Methods are named by their path and verb, as in `/sms.receiver/SmsRecv/POST`. Only those with settings of their
        own are here (API Gateway API, Stage, methodSettings).
        """
        with unavailable("the settings of API Gateway's stage could not be read"):
            stage = self._client("apigateway").get_stage(restApiId=rest_api_id, stageName=self._stage)
        return {
            method_name(method): (settings["throttlingRateLimit"], settings["throttlingBurstLimit"])
            for method, settings in stage.get("methodSettings", {}).items()
        }

    def copies(self, tenant_id: str) -> Mapping[str, TenantCopy]:
        """What each region has of the tenant, read strictly consistently from the directory. Raises also Configuration.

        Raises Unavailable also when a region has no directory.
        """
        return {region: self.copy(tenant_id, region) for region in self.regions}

    def copy(self, tenant_id: str, region: str) -> TenantCopy:
        """What one region has of the tenant, read in the same way. Raises also Configuration."""
        secrets = self._client("secretsmanager", region)
        versions = {part: read_secret(secrets, tenant_id, part) for part in SecretPart}
        return TenantCopy(
            record=DynamoDirectory(self._client("dynamodb", region), consistent=True).record(tenant_id),
            secrets={
                part: SecretCopy(
                    version=secret.version,
                    digest=hashlib.sha256(secret.text.encode()).hexdigest(),
                    size=len(secret.text.encode()),
                )
                for part, secret in versions.items()
                if secret is not None
            },
        )

    def versions_since(self, tenant_id: str, part: SecretPart, since: datetime, *, region: str) -> int:
        """How many versions of a part of the tenant's secrets were written since then, those without a label included.

        Args:
            tenant_id: the tenant.
            part: the part.
            since: the moment to count from.
            region: the region in which the secret is written.
        """
        with unavailable(f"the versions of the {part} secret of tenant {tenant_id!r} could not be counted"):
            secrets = self._client("secretsmanager", region)
            request = {"SecretId": secret_name(tenant_id, part), "IncludeDeprecated": True}
            page = secrets.list_secret_version_ids(**request)
            versions = page["Versions"]
            while token := page.get("NextToken"):
                page = secrets.list_secret_version_ids(**request, NextToken=token)
                versions += page["Versions"]
        return sum(version["CreatedDate"] >= since for version in versions)

    def directory(self, region: str) -> DirectoryTable | None:
        """The directory's table in a region; None when there is none."""
        with unavailable(f"the directory in {region} could not be read"):
            try:
                table = self._client("dynamodb", region).describe_table(TableName=directory_items.TABLE)["Table"]
            except exceptions.ClientError as error:
                if code(error) == "ResourceNotFoundException":
                    return None
                raise
        replicas = {replica["RegionName"]: replica["ReplicaStatus"] for replica in table.get("Replicas", [])}
        return DirectoryTable(table["TableStatus"], replicas)
