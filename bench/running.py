"""Runs a contestant in a new process, with local services of its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.building import Built
from bench.roster import Contestant
from bench.webhook_events import LocalServices
from tests.integration.lambda_runtime import Packaged, started

_SECONDS = 30


@contextmanager
def running(
    contestant: Contestant,
    built: Built,
    *,
    under: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    seconds: float = _SECONDS,
) -> Iterator[tuple[Packaged, LocalServices]]:
    """A contestant that has just been started, and its local services.

    Args:
        contestant: What to start.
        built: The zip to start it from.
        under: A command that runs the contestant's command, such as valgrind; empty for none.
        variables: Further environment variables.
        seconds: How long each answer may take.
    """
    with TemporaryDirectory(prefix="bench-") as folder, contestant.services() as services:
        environment = {**contestant.environment, **services.environment, **(variables or {})}
        command = [*under, *contestant.command]
        with started(command, built.task, folder=Path(folder), environment=environment, seconds=seconds) as function:
            yield function, services
