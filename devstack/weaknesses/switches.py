"""The switches for weaknesses, in a file: tests write it, and the local AWS reads it at each call that they concern."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

LOG_SECONDS = 1.0
"""How late a log line can be read, always: CloudWatch shows it some seconds after it was written."""
INDEX_SECONDS = 0.5
"""How late an index has an item, always: its reads are eventually consistent (DynamoDB guide, "Read consistency")."""


@dataclass(frozen=True)
class Weaknesses:
    """What is switched on.

    Attributes:
        throttled: names of functions that Lambda does not run. Deliveries of their queues count as receives all the
            same, and the message stays invisible until its visibility timeout is over (AWS docs, "Handling errors for
            an SQS event source in Lambda").
        expired: names of queues whose receipt handles have expired when a function has done its work: no visibility is
            changed and nothing is deleted any more (SQS API, ChangeMessageVisibility, DeleteMessage).
        away: services that answer every call with an error, as in `dynamodb`.
        log_seconds: how late a log line can be read.
        index_seconds: how late an index has an item.
    """

    throttled: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    log_seconds: float = LOG_SECONDS
    index_seconds: float = INDEX_SECONDS


class Switches:
    """The weaknesses of one local AWS.

    Args:
        path: the file; without it, the harmless weaknesses alone are on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Weaknesses:
        """What is switched on now."""
        try:
            return Weaknesses(**json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Weaknesses()

    @contextmanager
    def on(self, weaknesses: Weaknesses) -> Iterator[None]:
        """Switches weaknesses on until the block ends."""
        before = self.read()
        self._write(weaknesses)
        try:
            yield
        finally:
            self._write(before)

    def _write(self, weaknesses: Weaknesses) -> None:
        written = self._path.with_suffix(".new")
        written.write_text(json.dumps(asdict(weaknesses)), encoding="utf-8")
        written.replace(self._path)  # so that the local AWS never reads half a file
