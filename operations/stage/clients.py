"""boto3's clients for a stage, in its own AWS region or in another one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

CONFIG = Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 3})


@dataclass(frozen=True)
class StageClients:
    """Makes the clients.

    Attributes:
        stage: the stage.
        regions: the AWS region of every stage.
        session: boto3's session, with the credentials.
        endpoint: replaces AWS's own endpoints; None for those.
    """

    stage: str
    regions: Mapping[str, str]
    session: boto3.Session = field(repr=False)
    endpoint: str | None = None

    @property
    def region(self) -> str:
        """The stage's own region."""
        return self.regions[self.stage]

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - any service's
        """A new client of a service such as `sqs`, by default in the stage's own region."""
        make: Callable[..., Any] = self.session.client
        return make(service, region_name=region or self.region, endpoint_url=self.endpoint, config=CONFIG)
