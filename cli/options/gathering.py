"""Options that belong together: several commands have them, and get them as one value."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, get_args

Command = Callable[..., None]


def gathering(
    keyword: str, options: Mapping[str, object], build: Callable[..., object]
) -> Callable[[Command], Command]:
    """A decorator that adds these options to a command, which gets them as one value.

    Args:
        keyword: the command's parameter for the value.
        options: annotations as Typer reads them, by the names of the parameters of `build`. A flag that is not used is
            False, any other option None.
        build: makes the value of the options.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def gathered(**values: Any) -> None:  # noqa: ANN401 - whatever options the command has
            gathered_values = {name: values.pop(name) for name in options}
            command(**values, **{keyword: build(**gathered_values)})

        parameters = inspect.signature(command).parameters.values()
        others = [parameter for parameter in parameters if parameter.name != keyword]
        gathered_parameters = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=annotation,
                default=False if get_args(annotation)[0] is bool else None,
            )
            for name, annotation in options.items()
        ]
        gathered.__signature__ = inspect.Signature([*others, *gathered_parameters])  # type: ignore[attr-defined] # what Typer reads
        return gathered

    return decorate
