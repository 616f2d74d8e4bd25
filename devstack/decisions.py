"""What the local AWS's IAM decided, call by call: what devstack/guarded_aws.py wrote."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, order=True)
class Decision:
    """A call that somebody made, and whether it was allowed.

    Attributes:
        caller: a user's name, or for a role's session that session's name, which is for a Lambda the function's.
        resource: the ARN; `*` for an action that is on none.
    """

    caller: str
    action: str
    resource: str
    allowed: bool


class DecisionLog:
    """The decisions in a file, read in order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = path.stat().st_size

    def take(self) -> list[Decision]:
        """The decisions since the last call, or at the first call since this object was made."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            written = file.read()
        complete = written[: written.rfind(b"\n") + 1]
        self._offset += len(complete)
        return [_decision(json.loads(line)) for line in complete.splitlines()]


def _decision(line: dict[str, Any]) -> Decision:
    return Decision(line["principal"].rpartition("/")[2], line["action"], line["resource"], allowed=line["allowed"])
