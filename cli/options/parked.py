"""The options that choose among what is parked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

import typer

from cli.options.gathering import gathering
from operations import durations
from operations.numbers.phone_number import normalise
from operations.parked.replay import Choice
from operations.stage.stack import QUEUES
from shared.errors import InvalidValue


@dataclass(frozen=True)
class Filters:
    """What was said of the parked events that are meant; None for what was not."""

    reason: str | None = None
    number: str | None = field(default=None, repr=False)
    older_than: str | None = None
    newer_than: str | None = None
    queue: str | None = None

    @property
    def given(self) -> bool:
        """Whether anything was said."""
        said = (self.reason, self.number, self.older_than, self.newer_than, self.queue)
        return any(value is not None for value in said)

    def choice(self, now: datetime, ids: Iterable[str] = ()) -> Choice:
        """The events that are meant at this moment, of these ids if there are any. Raises InvalidValue."""
        if self.queue not in (None, *QUEUES):
            message = f"--queue: choose one of {', '.join(QUEUES)}"
            raise InvalidValue(message)
        return Choice(
            ids=frozenset(ids),
            queue=self.queue,
            reason=self.reason,
            number=None if self.number is None else _number(self.number),
            before=None if self.older_than is None else now - durations.read(self.older_than),
            since=None if self.newer_than is None else now - durations.read(self.newer_than),
        )


takes_filters = gathering(
    "filters",
    {
        "reason": Annotated[str | None, typer.Option(help="Only what was parked for this reason, as no_agent.")],
        "number": Annotated[str | None, typer.Option(help="Only what belongs to this number of yours.")],
        "older_than": Annotated[
            str | None, typer.Option(metavar="AGE", help="Only what was parked longer ago than this: 90s, 5m, 2h, 3d.")
        ],
        "newer_than": Annotated[
            str | None, typer.Option(metavar="AGE", help="Only what was parked within this time: 90s, 5m, 2h, 3d.")
        ],
        "queue": Annotated[
            str | None, typer.Option(metavar="NAME", help=f"Only what was on this queue: {', '.join(QUEUES)}.")
        ],
    },
    Filters,
)
"""Gives a command these options; what they say comes to it as its keyword `filters`."""


def _number(typed: str) -> str:
    """As it is kept; what is no phone number, such as a short code, as it was typed."""
    try:
        return normalise(typed)
    except InvalidValue:
        return typed
