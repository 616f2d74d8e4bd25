"""`python -m tests.scale.command STATE_FILE CALLS_FILE ARGUMENT…`: the command `sms`, whose calls to AWS are counted.

However it ends, it leaves in CALLS_FILE how often it made each request, tries that failed included.
"""

import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from cli.app import app
from cli.context import CommandWorld
from devstack.target import LocalTarget
from operations.stage.names import Stage
from operations.stage.target import Target


@dataclass(frozen=True)
class CountedTargets:
    """Opens stages of a local stack, and counts their requests."""

    state_file: Path
    calls: Counter[str]

    def __call__(self, stage: Stage, *, local: bool) -> Target:
        """The stage on the local stack."""
        assert local
        return CountedTarget(stage, self.state_file, self.calls)


class CountedTarget(LocalTarget):
    """A stage whose requests are counted by the names of service and operation."""

    def __init__(self, stage: Stage, state_file: Path, calls: Counter[str]) -> None:
        super().__init__(stage, state_file)

        def count(event_name: str, **_: object) -> None:
            calls[event_name.removeprefix("before-send.")] += 1

        self._clients.session.events.register("before-send", count)


if __name__ == "__main__":
    _state_file, _calls_file, *_arguments = sys.argv[1:]
    _calls: Counter[str] = Counter()
    try:
        app(
            ["--local", *_arguments],
            prog_name="sms",
            obj=CommandWorld(open_target=CountedTargets(Path(_state_file), _calls)),
        )
    finally:
        Path(_calls_file).write_text(json.dumps(_calls), encoding="utf-8")
