"""A stage on the local stack, as operators' functions work on it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from devstack.aws import LocalAws
from devstack.figures import LocalFigures
from devstack.state import STATE, StackState, load
from operations.stage.advice import LOCAL_STACK_NOT_UP
from operations.stage.clients import StageClients
from operations.stage.deployed_settings import DeployedSettings
from operations.stage.figures import StageFigures
from operations.stage.names import HOME_STAGE
from operations.stage.target import AwsTarget
from shared.errors import CommandDeclined

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class LocalTarget(AwsTarget):
    """A stage on the local stack, for an operator with docs/operate-policy.json and nothing else.

    Args:
        stage: the stage.
        state_file: what `./sms local up` wrote: the endpoint, the twin's address, and the region and base URL of each
            stage.

    Raises CommandDeclined when the file does not exist or cannot be used.
    """

    def __init__(self, stage: str, state_file: Path = STATE) -> None:
        running = _read(state_file)
        if running is None or stage not in running.stages:
            raise CommandDeclined(LOCAL_STACK_NOT_UP)
        self.twilio_url = running.twin_url
        self._stages = running.stages
        self._aws_endpoint = running.aws_endpoint
        self._aws = LocalAws(running.aws_endpoint, running.operator)
        regions = {name: deployed.region for name, deployed in running.stages.items()}
        super().__init__(StageClients(stage, regions, self._aws.session, running.aws_endpoint))

    @cached_property
    def settings(self) -> DeployedSettings:
        """Read by the account itself, because an operator may not."""
        return DeployedSettings(replace(self._clients, session=LocalAws(self._aws_endpoint).session))

    @cached_property
    def figures(self) -> StageFigures:
        """Read from log lines, by the account itself: the local CloudWatch makes no metrics of them."""
        return LocalFigures(LocalAws(self._aws_endpoint), self._clients.stage)

    @property
    def home_region(self) -> str:
        """The region of the stage that owns the directory here, whatever the environment says."""
        return self._clients.regions[HOME_STAGE]

    def whereabouts(self) -> str:
        """As on AWS, with a note that it is the local stack. Raises Unavailable."""
        return f"the local stack, {super().whereabouts()}"

    def base_url(self, stage: str) -> str | None:
        """From the state file."""
        return self._stages[stage].base_url if stage in self._stages else None

    def send_url(self, stage: str) -> str | None:
        """From the state file: a URL that needs no resolver."""
        return self._stages[stage].send_url(self._aws_endpoint) if stage in self._stages else None

    def way_to(self, url: str) -> tuple[str, Mapping[str, str]]:
        """The URL on the local AWS, which finds the API by the header Host."""
        parts = urlsplit(url)
        return f"{self._aws_endpoint}{parts.path}", {"Host": parts.netloc}

    def redrive(self, name: str) -> None:
        """Raises CommandDeclined: the local AWS has no StartMessageMoveTask."""
        message = (
            f"what crashed on the {name} queue cannot be brought back here: the local AWS has no such task; "
            "./sms local down and ./sms local up begin anew"
        )
        raise CommandDeclined(message)

    def _secrets(self, region: str) -> "SecretsManagerClient":
        return self._aws.secrets(region)


def _read(state_file: Path) -> StackState | None:
    try:
        return load(state_file)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CommandDeclined(LOCAL_STACK_NOT_UP) from error
