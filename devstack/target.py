"""A stage on the local stack, as operators' functions work on it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from devstack.aws import LocalAws
from devstack.state import STATE
from operations.stage.target import LOCAL_STACK_NOT_UP, AwsTarget
from shared.errors import CommandDeclined

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class LocalTarget(AwsTarget):
    """A stage on the local stack.

    Args:
        stage: the stage.
        state_file: what `./sms local up` wrote: the endpoint, the twin's address, and the region and base URL of each
            stage.

    Raises CommandDeclined when the file does not exist or cannot be used.
    """

    def __init__(self, stage: str, state_file: Path = STATE) -> None:
        try:
            state = json.loads(state_file.read_text(encoding="utf-8"))
            regions = {name: stage_state["region"] for name, stage_state in state["stages"].items()}
            self._base_urls: dict[str, str] = {
                name: stage_state["base_url"] for name, stage_state in state["stages"].items()
            }
            self.twilio_url = str(state["twin_url"])
            self._aws_endpoint: str = state["aws_endpoint"]
            self._aws = LocalAws(self._aws_endpoint)
            super().__init__(stage, regions, self._aws.session, self._aws_endpoint)
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise CommandDeclined(LOCAL_STACK_NOT_UP) from error

    def whereabouts(self) -> str:
        """As on AWS, with a note that it is the local stack. Raises Unavailable."""
        return f"the local stack, {super().whereabouts()}"

    def base_url(self, stage: str) -> str | None:
        """From the state file."""
        return self._base_urls.get(stage)

    def way_to(self, url: str) -> tuple[str, Mapping[str, str]]:
        """The URL on the local AWS, which finds the API by the header Host."""
        parts = urlsplit(url)
        return f"{self._aws_endpoint}{parts.path}", {"Host": parts.netloc}

    def _secrets(self, region: str) -> "SecretsManagerClient":
        return self._aws.secrets(region)
