"""Reading what a deployment set in AWS: of gateway, triggers, roles, saved queries and directory. It changes nothing.

It is for the check-up after a first deployment, and takes an administrator's credentials: docs/operate-policy.json does
not allow it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore import exceptions

from operations.stage import names
from operations.stage.clients import StageClients
from shared.aws.botocore_errors import code, unavailable
from shared.errors import Unavailable
from shared.telemetry import NAMESPACE
from shared.tenants import directory_items

_EVERY_METHOD = "*/*"
_LEADING_KEYS = "dynamodb:LeadingKeys"
_QUERY_TRIES, _QUERY_SECONDS = 20, 0.5
_RUNNING = {"Scheduled", "Running"}


@dataclass(frozen=True)
class GatewaySettings:
    """What API Gateway does with every request of a stage (API Gateway API, Stage and MethodSetting).

    Attributes:
        access_log: the log group's name; empty when there is none.
        rate: requests a second, over all callers; None when the stage sets no limit of its own.
        burst: how many at once; None when the stage sets none of its own.
        data_trace: whether whole requests are logged, with keys and texts, as soon as there is a log level.
        log_level: OFF, ERROR or INFO.
    """

    tracing: bool
    metrics: bool
    access_log: str
    rate: float | None
    burst: int | None
    data_trace: bool
    log_level: str


@dataclass(frozen=True)
class TriggerSettings:
    """How a queue's messages come to a function (Lambda API, EventSourceMappingConfiguration)."""

    state: str
    batch_size: int
    most_at_once: int | None
    reports_failures: bool


@dataclass(frozen=True)
class Protection:
    """How the directory's table is protected in a region: against deletion, and by restorable backups."""

    from_deletion: bool
    restorable: bool


@dataclass(frozen=True)
class SavedQuery:
    """A question to the logs that the stack saved (CloudWatch Logs API, QueryDefinition)."""

    name: str
    text: str
    log_groups: Sequence[str]


class DeployedSettings:
    """What a deployment set. Each method asks AWS, caches nothing, and raises Unavailable.

    Args:
        clients: makes the clients, and knows the stage.
    """

    def __init__(self, clients: StageClients) -> None:
        self._stage = clients.stage
        self._client = clients.client

    def gateway(self, api_id: str) -> GatewaySettings:
        """The settings of the stage's REST API."""
        with unavailable("the gateway's stage could not be read"):
            stage = self._client("apigateway").get_stage(restApiId=api_id, stageName=self._stage)
        method = stage.get("methodSettings", {}).get(_EVERY_METHOD, {})
        log_arn = stage.get("accessLogSettings", {}).get("destinationArn", "")
        return GatewaySettings(
            tracing=stage.get("tracingEnabled", False),
            metrics=method.get("metricsEnabled", False),
            access_log=log_arn.removesuffix(":*").rpartition(":")[2],
            rate=method.get("throttlingRateLimit"),
            burst=method.get("throttlingBurstLimit"),
            data_trace=method.get("dataTraceEnabled", False),
            log_level=method.get("loggingLevel", "OFF"),
        )

    def triggers(self, function: str) -> Sequence[TriggerSettings]:
        """How messages come to a function; of the queue of journals where the stage may deliver any."""
        with unavailable("the function's triggers could not be read"):
            name = names.part_name(self._stage, function)
            mappings = self._client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        journal = f":{names.queue_name(self._stage, names.JOURNAL)}"
        return [
            TriggerSettings(
                state=mapping["State"],
                batch_size=mapping["BatchSize"],
                most_at_once=mapping.get("ScalingConfig", {}).get("MaximumConcurrency"),
                reports_failures="ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", []),
            )
            for mapping in mappings
            if mapping["State"] != "Disabled" or not mapping.get("EventSourceArn", "").endswith(journal)
        ]

    def protection(self, region: str) -> Protection:
        """How the directory is protected in a region."""
        dynamodb = self._client("dynamodb", region)
        with unavailable(f"the directory's protection in {region} could not be read"):
            table = dynamodb.describe_table(TableName=directory_items.TABLE)["Table"]
            backups = dynamodb.describe_continuous_backups(TableName=directory_items.TABLE)
        description = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        return Protection(
            from_deletion=table.get("DeletionProtectionEnabled", False),
            restorable=description.get("PointInTimeRecoveryStatus") == "ENABLED",
        )

    def metrics(self) -> set[str]:
        """The names of the stage's own metrics that CloudWatch has."""
        with unavailable("the metrics could not be listed"):
            pages = self._client("cloudwatch").get_paginator("list_metrics")
            dimensions = [{"Name": "stage", "Value": self._stage}]
            listing = pages.paginate(Namespace=NAMESPACE, Dimensions=dimensions).build_full_result()
        return {metric["MetricName"] for metric in listing["Metrics"]}

    def access_log(self, since: datetime) -> Sequence[str]:
        """The lines of the gateway's access log since then; none when it has not been written yet."""
        with unavailable("the access log could not be read"):
            try:
                pages = self._client("logs").get_paginator("filter_log_events")
                group, begin = names.access_log_group(self._stage), int(since.timestamp() * 1000)
                events = pages.paginate(logGroupName=group, startTime=begin)
                return [event["message"] for page in events for event in page["events"]]
            except exceptions.ClientError as error:
                if code(error) == "ResourceNotFoundException":
                    return []
                raise

    def saved_queries(self) -> Sequence[SavedQuery]:
        """The stage's saved queries."""
        with unavailable("the saved queries could not be listed"):
            request = {"queryDefinitionNamePrefix": f"{names.stack_name(self._stage)}/"}
            found = self._client("logs").describe_query_definitions(**request)["queryDefinitions"]
        return [SavedQuery(query["name"], query["queryString"], query.get("logGroupNames", [])) for query in found]

    def run_query(self, query: SavedQuery, now: datetime, *, sleep: Callable[[float], object] = time.sleep) -> str:
        """The status with which the query ends on the lines of the last hour; `Complete` is good."""
        logs = self._client("logs")
        with unavailable(f"the query {query.name!r} could not be run"):
            query_id = logs.start_query(
                logGroupNames=list(query.log_groups),
                startTime=int((now - timedelta(hours=1)).timestamp()),
                endTime=int(now.timestamp()),
                queryString=query.text,
            )["queryId"]
            for _ in range(_QUERY_TRIES):
                status: str = logs.get_query_results(queryId=query_id)["status"]
                if status not in _RUNNING:
                    break
                sleep(_QUERY_SECONDS)
        return status

    def role(self, function: str) -> str:
        """The ARN of the role with which a function runs."""
        with unavailable(f"the role of the {function} could not be read"):
            name = names.part_name(self._stage, function)
            role: str = self._client("lambda").get_function_configuration(FunctionName=name)["Role"]
        return role

    def caller(self) -> str | None:
        """The ARN of the user or role that calls, whose rights can be simulated; None for the account's root."""
        with unavailable("the caller's identity could not be read"):
            arn: str = self._client("sts").get_caller_identity()["Arn"]
            kind, _, rest = arn.rpartition(":")[2].partition("/")
            if kind == "root":
                return None
            if kind == "user":
                return arn
            # A session's ARN has no path, and a role's may have one (IAM guide, "IAM identifiers").
            role: str = self._client("iam").get_role(RoleName=rest.partition("/")[0])["Role"]["Arn"]
        return role

    def denied(
        self, principal: str, actions: Sequence[str], resource: str, *, leading_key: str | None = None
    ) -> set[str]:
        """Those of the actions that a user or role may not do on a resource, as IAM says (SimulatePrincipalPolicy).

        Args:
            principal: the ARN of the user or role.
            actions: the actions, such as `dynamodb:GetItem`.
            resource: the resource's ARN.
            leading_key: the partition key of the item that is asked for.
        """
        context = (
            [{"ContextKeyName": _LEADING_KEYS, "ContextKeyType": "stringList", "ContextKeyValues": [leading_key]}]
            if leading_key is not None
            else []
        )
        with unavailable("the rights could not be simulated"):
            pages = self._client("iam").get_paginator("simulate_principal_policy")
            found = pages.paginate(
                PolicySourceArn=principal,
                ActionNames=list(actions),
                ResourceArns=[resource],
                ContextEntries=context,
            )
            results = list(_results(found))
        if len(results) < len(actions):
            message = "the rights could not be simulated: not every action was decided"
            raise Unavailable(message)
        return {result["EvalActionName"] for result in results if result["EvalDecision"] != "allowed"}


def _results(pages: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - boto3's pages
    for page in pages:
        yield from page["EvaluationResults"]
