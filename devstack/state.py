"""What the local stack is made of, as `.local/state.json` keeps it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from devstack.daemons import Daemon

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".local"
STATE = FOLDER / "state.json"
REGIONS = {"east": "us-east-1", "south": "us-east-2"}


@dataclass(frozen=True)
class Stage:
    """One deployed stage. `base_url` is what the provider is told; `queues` are URLs by name, `tables` names."""

    region: str
    base_url: str
    api_id: str
    queues: dict[str, str]
    tables: dict[str, str]


@dataclass(frozen=True)
class State:
    """A local stack that is up. `fingerprint` tells which sources it was deployed from."""

    aws_endpoint: str
    twin_url: str
    stages: dict[str, Stage]
    fingerprint: str
    daemons: dict[str, Daemon]

    @property
    def alive(self) -> bool:
        """Whether all that it is made of still runs."""
        return all(daemon.alive for daemon in self.daemons.values())

    def save(self) -> None:
        """Writes the state file."""
        FOLDER.mkdir(exist_ok=True)
        STATE.write_text(json.dumps(asdict(self), indent=2) + "\n")


def load() -> State | None:
    """The state that was saved last, or None."""
    if not STATE.exists():
        return None
    saved: dict[str, Any] = json.loads(STATE.read_text())
    return State(
        aws_endpoint=saved["aws_endpoint"],
        twin_url=saved["twin_url"],
        stages={name: Stage(**stage) for name, stage in saved["stages"].items()},
        fingerprint=saved["fingerprint"],
        daemons={name: Daemon(**daemon) for name, daemon in saved["daemons"].items()},
    )
