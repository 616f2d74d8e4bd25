"""The options that choose among parked events."""

from typing import Annotated

import typer

from cli.options.gathering import gathering
from operations.parked.filters import Filters
from operations.stage.names import QUEUES

takes_filters = gathering(
    "filters",
    {
        "reason": Annotated[
            str | None,
            typer.Option(help="Only what was parked for this reason, such as no_agent."),
        ],
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
"""Adds these options to a command, which gets them as its keyword `filters`."""
