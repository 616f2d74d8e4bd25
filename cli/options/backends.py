"""The options by which a command is told of an agent's backends, the first and the second one."""

from functools import partial
from typing import Annotated, Any

import typer

from cli.backends import PLACES, BackendOptions, Backends
from cli.options.gathering import gathering
from shared.tenants.agent import TIMEOUT_SECONDS_MAX

_PANELS = {
    "": ("Backend", "Who answers", "Take it away, and the second one too: texts are parked."),
    "second-": ("Second backend", "Who is asked when the first is unavailable", "Take it away."),
}


def _options(prefix: str) -> dict[str, object]:
    """The attributes of `BackendOptions`, each with the option that gives it."""
    panel, who, none = _PANELS[prefix]
    begin, kinds = f"--{prefix}backend", ", ".join(PLACES)
    option = partial(typer.Option, rich_help_panel=panel)
    statuses = partial(typer.Option, rich_help_panel="What became of replies")
    return {
        "kind": Annotated[str | None, option(begin, metavar="KIND", help=f"{who}: {kinds}.")],
        "url": Annotated[str | None, option(f"{begin}-url", metavar="URL", help="With http: its URL, https://…")],
        "queue": Annotated[str | None, option(f"{begin}-queue", metavar="ARN", help="With queue: the SQS queue.")],
        "bot": Annotated[str | None, option(f"{begin}-bot", metavar="ARN", help="With lex: the bot's alias.")],
        "locale": Annotated[
            str | None, option(f"{begin}-locale", metavar="LANG", help="With lex: its language, as en_US.")
        ],
        "timeout": Annotated[
            float | None,
            option(
                f"{begin}-timeout",
                metavar="SECONDS",
                help=f"How long an answer may take, up to {TIMEOUT_SECONDS_MAX}. [30]",
            ),
        ],
        "statuses": Annotated[
            bool | None,
            statuses(f"--{prefix}statuses/--no-{prefix}statuses", help=f"Tell the {panel.lower()}, or do not."),
        ],
        "none": Annotated[bool, option(f"--no-{prefix}backend", help=none)],
    }


def _build(**said: Any) -> Backends:  # noqa: ANN401 - each option has its own type
    first = {name.removeprefix("first_"): value for name, value in said.items() if name.startswith("first_")}
    second = {name.removeprefix("second_"): value for name, value in said.items() if name.startswith("second_")}
    return Backends(BackendOptions("", **first), BackendOptions("second-", **second))


takes_backends = gathering(
    "backends",
    {f"first_{name}": kind for name, kind in _options("").items()}
    | {f"second_{name}": kind for name, kind in _options("second-").items()},
    _build,
)
"""Gives a command all these options; what they say comes to it as its keyword `backends`."""
