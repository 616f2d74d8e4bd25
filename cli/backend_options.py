"""The options by which a command is told of an agent's backends, the first and the second one."""

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Annotated, Any

import typer

from cli.backends import PLACES, BackendOptions, Backends
from shared.agent import TIMEOUT_SECONDS_MAX

_PREFIXES = {"first": "", "second": "second-"}


def takes_backends(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command all these options besides its own; what they say comes to it as the keyword `backends`."""
    names = {which: _options(prefix) for which, prefix in _PREFIXES.items()}

    @wraps(command)
    def taking(**values: Any) -> None:  # noqa: ANN401 - whatever options the command has
        said = {
            which: BackendOptions(_PREFIXES[which], **{name: values.pop(f"{which}_{name}") for name in options})
            for which, options in names.items()
        }
        command(**values, backends=Backends(**said))

    own = [one for one in inspect.signature(command).parameters.values() if one.name != "backends"]
    more = [
        inspect.Parameter(
            f"{which}_{name}",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=kind,
            default=False if name == "none" else None,
        )
        for which, options in names.items()
        for name, kind in options.items()
    ]
    taking.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined] # what Typer reads
    return taking


def _options(prefix: str) -> dict[str, object]:
    """The attributes of `BackendOptions`, each with the option that gives it."""
    panel, who, none = _PANELS[prefix]
    begin, kinds = f"--{prefix}backend", ", ".join(PLACES)
    option = partial(typer.Option, rich_help_panel=panel)
    statuses = partial(typer.Option, rich_help_panel="What became of replies")
    return {
        "kind": Annotated[str | None, option(begin, metavar="KIND", help=f"{who}: {kinds}.")],
        "url": Annotated[str | None, option(f"{begin}-url", metavar="URL", help="Of http: its URL, https://…")],
        "queue": Annotated[str | None, option(f"{begin}-queue", metavar="ARN", help="Of queue: an SQS queue.")],
        "bot": Annotated[str | None, option(f"{begin}-bot", metavar="ARN", help="Of lex: a bot's alias.")],
        "locale": Annotated[str | None, option(f"{begin}-locale", metavar="LANG", help="Of lex: as en_US.")],
        "timeout": Annotated[
            float | None,
            option(f"{begin}-timeout", metavar="SECONDS", help=f"For one answer, at most {TIMEOUT_SECONDS_MAX}. [30]"),
        ],
        "statuses": Annotated[
            bool | None,
            statuses(f"--{prefix}statuses/--no-{prefix}statuses", help=f"The {panel.lower()} hears of it, or not."),
        ],
        "none": Annotated[bool, option(f"--no-{prefix}backend", help=none)],
    }


_PANELS = {
    "": ("Backend", "Who answers", "Let nobody answer; the second backend goes as well."),
    "second-": ("Second backend", "Who is asked when the first is unavailable", "Ask nobody else."),
}
