"""Running a Lambda in this process, if you like with a debugger: `python -m devstack.invoke FUNCTION EVENT`.

The function gets the environment of the deployed one, so its queues, tables and tenants are those of the local stack.
docs/debugging.md shows how to use it.
"""

import argparse
import importlib
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from devstack import state
from devstack.aws import ADMINISTRATOR, LocalAws
from devstack.state import StackState
from operations.stage.advice import LOCAL_STACK_NOT_UP
from operations.stage.names import FUNCTIONS, STAGES, part_name

_SECONDS = 3600
"""The time that the function has: long, because somebody may debug it step by step."""


@dataclass(frozen=True)
class Context:
    """The context that AWS gives a function (AWS docs, "Using the Lambda context object for Python")."""

    function_name: str
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))
    ends: float = field(default_factory=lambda: time.monotonic() + _SECONDS)

    def get_remaining_time_in_millis(self) -> int:
        """How long it may still run."""
        return int((self.ends - time.monotonic()) * 1000)


def environment(running: StackState, stage: str, function: str) -> dict[str, str]:
    """The environment of a function that is deployed on the local stack, with the endpoint of its AWS."""
    region = running.stages[stage].region
    configuration = (
        LocalAws(running.aws_endpoint)
        .lambdas(region)
        .get_function_configuration(FunctionName=part_name(stage, function))
    )
    return {
        **configuration["Environment"]["Variables"],
        **ADMINISTRATOR.environment,
        "AWS_ENDPOINT_URL": running.aws_endpoint,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }


def invoke(stage: str, function: str, event: dict[str, Any]) -> object:
    """What the function's handler returns for an event. It runs in this process and its environment."""
    # By its name, as Lambda does: nothing may import the handlers.
    handler = importlib.import_module(f"handlers.{function}").lambda_handler
    answer: object = handler(event, Context(part_name(stage, function)))
    return answer


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    options = argparse.ArgumentParser(
        prog="python -m devstack.invoke", description="Runs a function for an event, and prints what it returns."
    )
    options.add_argument("function", choices=FUNCTIONS)
    options.add_argument("event", type=Path, help="a file with the event, as JSON")
    options.add_argument("--stage", choices=STAGES, default="east")
    return options


def main() -> None:
    """Runs a function for the event in a file, and prints what it returns."""
    options = parser().parse_args()
    running = state.load()
    if running is None or not running.alive:
        sys.exit(LOCAL_STACK_NOT_UP)
    os.environ.update(environment(running, options.stage, options.function))
    event = json.loads(options.event.read_text(encoding="utf-8"))
    print(json.dumps(invoke(options.stage, options.function, event), indent=2))  # noqa: T201 - this is its output


if __name__ == "__main__":
    main()
