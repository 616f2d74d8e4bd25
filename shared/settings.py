"""Settings from environment variables. All problems are reported in one error. Secrets are never settings.

The variable of a setting is its name in upper case; docs/configuration.md lists all of them. The settings of a single
Lambda are in its wiring.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar, get_type_hints

from shared.errors import Configuration


@dataclass(frozen=True)
class AuthorizerSettings:
    """The settings of every Lambda."""

    stage: str
    home_region: str
    tenant_cache_seconds: float
    tenant_reread_seconds: float
    metrics_agents: str


S = TypeVar("S", bound=AuthorizerSettings)


def read(kind: type[S], environment: Mapping[str, str]) -> S:
    """The settings of a class. Raises Configuration, which names every variable that is missing or wrong.

    Args:
        kind: the class of settings.
        environment: the environment variables.
    """
    values: dict[str, Any] = {}
    problems = []
    types = get_type_hints(kind)  # with postponed annotations, the type of a field is a string
    for setting in fields(kind):
        variable = setting.name.upper()
        text = environment.get(variable, "")
        if not text:
            problems.append(f"{variable} is not set")
            continue
        parse, expected = _PARSERS[types[setting.name]]
        try:
            values[setting.name] = parse(text)
        except ValueError:
            problems.append(f"{variable} must be {expected}")
    if problems:
        raise Configuration("; ".join(problems))
    return kind(**values)


def _duration(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < math.inf:
        raise ValueError
    return seconds


def _durations(text: str) -> tuple[float, ...]:
    return tuple(_duration(part) for part in text.split(","))


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError
    return count


_PARSERS: dict[object, tuple[Callable[[str], object], str]] = {
    str: (str, "a text"),
    float: (_duration, "a number of seconds, zero or more"),
    int: (_count, "a whole number, one or more"),
    tuple[float, ...]: (_durations, "numbers of seconds, zero or more, with commas between them"),
}
