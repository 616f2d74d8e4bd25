"""Options that belong together, for several commands, given to each of them as one value."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, get_args

Command = Callable[..., None]


def gathering(
    keyword: str, options: Mapping[str, object], build: Callable[..., object]
) -> Callable[[Command], Command]:
    """Gives a command these options besides its own; what `build` makes of them comes to it as this keyword.

    Args:
        keyword: the name of the command's parameter that gets it.
        options: annotations as Typer reads them, by the name that `build` knows them by; a flag is off when it is not
            given, everything else None.
        build: makes one value of them.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def gathered(**values: Any) -> None:  # noqa: ANN401 - whatever options the command has
            said = {name: values.pop(name) for name in options}
            command(**values, **{keyword: build(**said)})

        own = [one for one in inspect.signature(command).parameters.values() if one.name != keyword]
        more = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=annotation,
                default=False if get_args(annotation)[0] is bool else None,
            )
            for name, annotation in options.items()
        ]
        gathered.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined] # what Typer reads
        return gathered

    return decorate
