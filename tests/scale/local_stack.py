"""A local AWS with the directory, and the twin of Twilio: all that operators need. No Lambda is deployed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from devstack.aws import ADMINISTRATOR, LocalAws
from devstack.deployment import replicate_directory
from devstack.phones import Phones
from devstack.state import ROOT, DeployedStage, StackState
from devstack.target import LocalTarget
from operations.stage.names import REGIONS, audit_log_group
from tests.integration import local_aws
from tests.integration.directory_table import make_directory_table

_AWS = (str(local_aws.LOCAL_VENV / "bin" / "python"), str(Path(__file__).with_name("ranged_aws.py")))


@dataclass(frozen=True)
class LocalStack:
    """What was started.

    Attributes:
        state_file: tells the command where everything is.
        aws: makes clients.
        aws_endpoint: of the local AWS.
        phones: the twin's control API.
    """

    state_file: Path
    aws: LocalAws
    aws_endpoint: str
    phones: Phones

    @property
    def target(self) -> LocalTarget:
        """Stage `east`, as an operator opens it."""
        return LocalTarget("east", self.state_file)


@contextmanager
def running(scratch: Path) -> Iterator[LocalStack]:
    """A stack of its own, and empty. It takes some seconds."""
    with local_aws.running(scratch, _AWS) as endpoint, _twin(scratch) as twin_url:
        aws = LocalAws(endpoint)
        make_directory_table(aws.dynamodb(REGIONS["east"]))
        replicate_directory(endpoint)
        for stage, region in REGIONS.items():
            aws.logs(region).create_log_group(logGroupName=audit_log_group(stage))
        stages = {
            name: DeployedStage(region, f"https://{name}.example.com/{name}", api_id="", queues={}, tables={})
            for name, region in REGIONS.items()
        }
        state = StackState(endpoint, ADMINISTRATOR, twin_url, stages, fingerprint="", daemons={})
        state_file = scratch / "state.json"
        state_file.write_text(json.dumps(asdict(state)), encoding="utf-8")
        yield LocalStack(state_file, aws, endpoint, Phones(twin_url))


@contextmanager
def _twin(scratch: Path) -> Iterator[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with (
        (scratch / "twin.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "twin", "--port", "0"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as twin,
    ):
        try:
            assert twin.stdout
            twin_url: str = json.loads(twin.stdout.readline())["twin_url"]
            yield twin_url
        finally:
            twin.terminate()
