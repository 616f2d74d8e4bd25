"""boto3's clients for a stage, in its own AWS region or in another one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

CONFIG = Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 3})


@dataclass(frozen=True)
class StageClients:
    """Makes the clients, each once.

    Threads may share clients (boto3 docs, "Clients", "Multithreading or multiprocessing with clients").

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
    _made: dict[tuple[str, str], Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _making: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    @property
    def region(self) -> str:
        """The stage's own region."""
        return self.regions[self.stage]

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - any service's
        """The client of a service such as `sqs`, by default in the stage's own region."""
        where = region or self.region
        with self._making:  # a session must not make two at the same time (the same page of boto3's)
            if (service, where) not in self._made:
                make: Callable[..., Any] = self.session.client
                made = make(service, region_name=where, endpoint_url=self.endpoint, config=CONFIG)
                self._made[service, where] = made
            return self._made[service, where]
