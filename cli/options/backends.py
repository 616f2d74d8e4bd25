"""Options about an agent's backends, the first and the second one."""

from functools import partial
from typing import Annotated, Any

import typer

from cli.context import Invocation
from cli.options.gathering import gathering
from cli.secret_lines import SecretLine
from operations.tenants.backends import PLACES, BackendChange, BackendChanges, check_password
from shared.tenants.agent import TIMEOUT_SECONDS_MAX

_PANELS = {
    "": ("Backend", "Who answers", "Remove it, and the second one too: texts are parked."),
    "second-": ("Second backend", "Who answers when the first is unavailable", "Remove it."),
}


def _options(prefix: str) -> dict[str, object]:
    """The attributes of `BackendChange`, each with the option that sets it."""
    panel, who, none = _PANELS[prefix]
    begin, kinds = f"--{prefix}backend", ", ".join(PLACES)
    option = partial(typer.Option, rich_help_panel=panel)
    statuses = partial(typer.Option, rich_help_panel="What became of replies")
    return {
        "kind": Annotated[str | None, option(begin, metavar="KIND", help=f"{who}: {kinds}.")],
        "url": Annotated[
            str | None, option(f"{begin}-url", metavar="URL", help="With http, soe or watson: its URL, https://…")
        ],
        "queue": Annotated[str | None, option(f"{begin}-queue", metavar="ARN", help="With queue: the SQS queue.")],
        "bot": Annotated[str | None, option(f"{begin}-bot", metavar="ARN", help="With lex: the bot's alias.")],
        "locale": Annotated[
            str | None, option(f"{begin}-locale", metavar="LANG", help="With lex: its language, as en_US.")
        ],
        "user": Annotated[
            str | None,
            option(f"{begin}-user", metavar="NAME", help="With soe: its user. The password is asked for."),
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


def _build(**values: Any) -> BackendChanges:  # noqa: ANN401 - each option has its own type
    first = {name.removeprefix("first_"): value for name, value in values.items() if name.startswith("first_")}
    second = {name.removeprefix("second_"): value for name, value in values.items() if name.startswith("second_")}
    return BackendChanges(BackendChange(**first), BackendChange(second=True, **second))


def with_passwords(run: Invocation, backends: BackendChanges) -> BackendChanges:
    """The changes with the passwords that they need: asked for, or from standard input, a line each.

    Raises CommandDeclined.
    """
    lines = [SecretLine(name, check_password) for name in backends.password_names]
    return backends.with_passwords(run.secrets(*lines))


takes_backends = gathering(
    "backends",
    {f"first_{name}": kind for name, kind in _options("").items()}
    | {f"second_{name}": kind for name, kind in _options("second-").items()},
    _build,
)
"""Gives a command all these options; it gets their values as its keyword argument `backends`."""
