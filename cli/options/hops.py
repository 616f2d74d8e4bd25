"""The options that choose among hops."""

from typing import Annotated

import typer

from cli.options.gathering import gathering
from operations.tracing.selection import HopFilters
from shared.telemetry import LogEvent

takes_hop_filters = gathering(
    "filters",
    {
        "numbers": Annotated[
            list[str] | None,
            typer.Option("--number", metavar="NUMBER", help="Only texts of this person, and messages to them."),
        ],
        "agents": Annotated[
            list[str] | None, typer.Option("--agent", metavar="NAME", help="Only texts and messages of this agent.")
        ],
        "outcomes": Annotated[
            list[LogEvent] | None, typer.Option("--outcome", case_sensitive=False, help="Only what ended like this.")
        ],
        "reasons": Annotated[
            list[str] | None,
            typer.Option("--reason", metavar="REASON", help="Only what has this reason, as invalid_signature."),
        ],
    },
    HopFilters,
)
"""Adds these options to a command, which gets them as its keyword `filters`. Each may be given several times."""
