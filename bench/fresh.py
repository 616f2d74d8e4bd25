"""A fresh process of a contestant, in a world of its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.building import Built
from bench.roster import Contestant
from bench.texts import World
from tests.integration.lambda_runtime import Packaged, started

_SECONDS = 30


@contextmanager
def fresh(
    contestant: Contestant,
    built: Built,
    *,
    under: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    seconds: float = _SECONDS,
) -> Iterator[tuple[Packaged, World]]:
    """It has just been started, `under` a command that runs commands, if one is given."""
    with TemporaryDirectory(prefix="bench-") as folder, contestant.world() as world:
        environment = {**contestant.environment, **world.environment, **(variables or {})}
        command = [*under, *contestant.command]
        with started(command, built.task, folder=Path(folder), environment=environment, seconds=seconds) as function:
            yield function, world
