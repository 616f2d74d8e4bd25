"""The state of the local stack, stored in `.local/state.json`."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from devstack.aws import AccessKey
from devstack.daemons import Daemon
from shared.public_paths import SEND

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".local"
STATE = FOLDER / "state.json"
DECISIONS = FOLDER / "decisions.jsonl"
"""What the local AWS's IAM decided."""
WEAKNESSES = FOLDER / "weaknesses.json"
"""Which weaknesses of the real AWS are switched on in the local one."""


@dataclass(frozen=True)
class DeployedStage:
    """A deployed stage.

    Attributes:
        base_url: what its webhooks' URLs begin with.
        queues: the queues' URLs by name.
        tables: the tables' names in AWS by name.
    """

    region: str
    base_url: str
    api_id: str
    queues: dict[str, str]
    tables: dict[str, str]

    def send_url(self, aws_endpoint: str) -> str:
        """The URL of its `SmsSend` in ministack's own form; nothing resolves the host of `base_url`."""
        stage = urlsplit(self.base_url).path.strip("/")
        return f"{aws_endpoint}/_aws/execute-api/{self.api_id}/{stage}{SEND}"


@dataclass(frozen=True)
class StackState:
    """A local stack that was started.

    Attributes:
        operator: the access key of a user with the policy for operators.
        fingerprint: the digest of the sources that it was deployed from.
    """

    aws_endpoint: str
    operator: AccessKey
    twin_url: str
    stages: dict[str, DeployedStage]
    fingerprint: str
    daemons: dict[str, Daemon]

    @property
    def alive(self) -> bool:
        """Whether all of its daemons still run."""
        return all(daemon.alive for daemon in self.daemons.values())

    def save(self) -> None:
        """Writes the state file."""
        FOLDER.mkdir(exist_ok=True)
        STATE.write_text(json.dumps(asdict(self), indent=2) + "\n")


def load(path: Path = STATE) -> StackState | None:
    """The state that was saved last; None without one."""
    if not path.exists():
        return None
    saved: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return StackState(
        aws_endpoint=saved["aws_endpoint"],
        operator=AccessKey(**saved["operator"]),
        twin_url=saved["twin_url"],
        stages={name: DeployedStage(**stage) for name, stage in saved["stages"].items()},
        fingerprint=saved["fingerprint"],
        daemons={name: Daemon(**daemon) for name, daemon in saved["daemons"].items()},
    )
