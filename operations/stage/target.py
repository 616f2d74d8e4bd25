"""What operators' functions work on: a stage in AWS.

In operations/, only this folder, operations/audit/log.py, operations/numbers/directory.py and the store of tenants know
AWS's libraries.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import boto3

from operations.numbers.directory import DynamoNumberDirectory
from operations.ports import NumberDirectory, TenantStore
from operations.stage.clients import StageClients
from operations.stage.deployed_settings import DeployedSettings
from operations.stage.deployed_stack import DeployedStack, LineSearch, LogLine
from operations.stage.figures import CloudWatchFigures, StageFigures
from operations.stage.inspection import StageInspection
from operations.stage.names import FUNCTIONS, REGIONS, Stage, home_stage
from operations.tenants.store import AwsTenantStore
from operations.tracing.text_record import TextRecords
from operations.usage.figures import UsageFigures
from shared.aws.botocore_errors import unavailable
from shared.errors import CommandDeclined
from shared.ports import DelayedQueue, MessageQueue, OptOuts, Parking, Promises, Sessions
from shared.public_paths import SEND

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import GetCallerIdentityResponseTypeDef


class Audit(Protocol):
    """The log of who changed what on a stage.

    Both methods raise Unavailable, and CommandDeclined without such a log.
    """

    def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Adds records. Each has its `time`, in ISO 8601 form."""

    def read(self, since: datetime) -> Iterable[Mapping[str, Any]]:
        """The records since then, the oldest first."""


class Target(Protocol):
    """A stage: its tenants, its stack and what is in it."""

    @property
    def region(self) -> str:
        """The stage's AWS region."""

    @property
    def store(self) -> TenantStore:
        """The tenants. Raises CommandDeclined when the home stage is set wrongly."""

    @property
    def numbers_directory(self) -> NumberDirectory:
        """The numbers of all tenants. Raises CommandDeclined when the home stage is set wrongly."""

    @property
    def home_region(self) -> str:
        """The region where tenants are written. Raises CommandDeclined when the home stage is set wrongly."""

    @property
    def inspected(self) -> StageInspection:
        """The state of the stage's parts."""

    @property
    def settings(self) -> DeployedSettings:
        """What its deployment set."""

    @property
    def figures(self) -> StageFigures:
        """What the stage measured."""

    def way_to(self, url: str) -> tuple[str, Mapping[str, str]]:
        """The URL and the headers with which to request a webhook's URL: no DNS knows the local stack's host names."""

    def whereabouts(self) -> str:
        """Account, region and stage, in words. Raises Unavailable."""

    def caller(self) -> str:
        """The caller's identity in AWS: the ARN of a user or of a role's session. Raises Unavailable."""

    @property
    def audit(self) -> Audit:
        """The log of who changed what on this stage."""

    def base_url(self, stage: str) -> str | None:
        """The URL that the webhooks of a stage begin with; None when it is not deployed. Raises Unavailable."""

    def send_url(self, stage: str) -> str | None:
        """The URL of a stage's `SmsSend`, for any HTTP client; None when it is not deployed. Raises Unavailable."""

    @property
    def twilio_url(self) -> str | None:
        """The URL that replaces Twilio's own; None for those."""

    def outputs(self, stage: str) -> Mapping[str, str] | None:
        """The outputs of a stage's stack; None when it is not deployed. Raises Unavailable."""

    @property
    def parking(self) -> Parking:
        """The parked messages of this stage. Raises CommandDeclined when it is not deployed, Unavailable."""

    @property
    def promises(self) -> Promises:
        """The stage's texts that are answered later. Raises CommandDeclined when it is not deployed, Unavailable."""

    @property
    def opt_outs(self) -> OptOuts:
        """Who has opted out at this stage. Raises CommandDeclined when it is not deployed, Unavailable."""

    @property
    def journal(self) -> DelayedQueue:
        """This stage's queue of journals. Raises CommandDeclined when it is not deployed, Unavailable."""

    @property
    def usage(self) -> UsageFigures:
        """The usage figures of this stage. Raises CommandDeclined when it is not deployed, Unavailable."""

    @property
    def sessions(self) -> Sessions:
        """The sessions of this stage. Raises CommandDeclined when it is not deployed, Unavailable."""

    def queue(self, name: str) -> MessageQueue:
        """This stage's queue `inbound` or `outbound`. Raises CommandDeclined when it is not deployed, Unavailable."""

    def crashed(self, name: str) -> int:
        """How many messages of a queue crashed before they could be parked, roughly.

        Raises CommandDeclined, Unavailable.
        """

    def redrive(self, name: str) -> None:
        """Starts to move crashed messages back to their queue. Raises CommandDeclined, Unavailable."""

    def log(self, function: str, since: datetime, containing: str | None = None) -> Iterable[LogLine]:
        """A function's log lines since a near time, all or those with a certain word. Raises Unavailable."""

    def search_log(
        self, words: Sequence[str], since: datetime, until: datetime, functions: Sequence[str] = FUNCTIONS
    ) -> LineSearch:
        """Begins to search the functions' logs for lines with one of the words, however long they are.

        Raises Unavailable.
        """

    @property
    def text_records(self) -> TextRecords:
        """What this stage has stored of texts. Raises CommandDeclined when it is not deployed, Unavailable."""


class AwsTarget(DeployedStack):
    """A stage in AWS, with whatever credentials and endpoint boto3 finds."""

    twilio_url: str | None = None

    @cached_property
    def inspected(self) -> StageInspection:
        """The state of the stage's parts."""
        return StageInspection(self._clients)

    @cached_property
    def settings(self) -> DeployedSettings:
        """What its deployment set."""
        return DeployedSettings(self._clients)

    @cached_property
    def figures(self) -> StageFigures:
        """What the stage measured."""
        return CloudWatchFigures(self._clients)

    def way_to(self, url: str) -> tuple[str, Mapping[str, str]]:
        """The URL itself."""
        return url, {}

    @cached_property
    def store(self) -> TenantStore:
        """The tenants. Raises CommandDeclined when the home stage is set wrongly."""
        home = self.home_region
        return AwsTenantStore(
            self._dynamodb_in(home), self._secrets(home), replicas=sorted({*self._clients.regions.values()} - {home})
        )

    @cached_property
    def numbers_directory(self) -> NumberDirectory:
        """The numbers of all tenants. Raises CommandDeclined when the home stage is set wrongly."""
        return DynamoNumberDirectory(self._dynamodb_in(self.home_region))

    @property
    def home_region(self) -> str:
        """The home stage's region, where tenants are written. Raises CommandDeclined when there is no such stage."""
        home, regions = home_stage(), self._clients.regions
        if home not in regions:
            message = f"SMS_RECEIVER_HOME: choose one of {', '.join(regions)}, the one that was deployed with"
            raise CommandDeclined(message)
        return regions[home]

    def whereabouts(self) -> str:
        """Account, region and stage. Raises Unavailable."""
        return f"AWS account {self._identity['Account']}, region {self.region}, stage {self._stage}"

    def caller(self) -> str:
        """Who operates the stage: the ARN of a user or of a role's session. Raises Unavailable."""
        return self._identity["Arn"]

    def base_url(self, stage: str) -> str | None:
        """From the outputs of the stage's stack. Raises Unavailable."""
        return (self.outputs(stage) or {}).get("WebhookBaseUrl")

    def send_url(self, stage: str) -> str | None:
        """From the outputs of the stage's stack. Raises Unavailable."""
        base_url = self.base_url(stage)
        return base_url and base_url.rstrip("/") + SEND

    @cached_property
    def _identity(self) -> "GetCallerIdentityResponseTypeDef":
        sts: STSClient = self._clients.client("sts")
        with unavailable("the caller's identity could not be read"):
            return sts.get_caller_identity()

    def _dynamodb_in(self, region: str) -> "DynamoDBClient":
        client: DynamoDBClient = self._clients.client("dynamodb", region)
        return client

    def _secrets(self, region: str) -> "SecretsManagerClient":
        client: SecretsManagerClient = self._clients.client("secretsmanager", region)
        return client


def open_target(stage: Stage) -> Target:
    """The stage in AWS. It makes no call to AWS yet. Raises Unavailable."""
    regions = {
        name: os.environ.get(f"SMS_RECEIVER_{name.upper()}_REGION") or region for name, region in REGIONS.items()
    }
    with unavailable("AWS cannot be used"):
        return AwsTarget(StageClients(stage, regions, boto3.Session()))
