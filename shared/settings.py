"""The environment, typed and checked once; every problem is in one error. Secrets are never settings.

A setting's variable is its name in upper case; docs/configuration.md lists them all.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from shared.errors import Configuration


@dataclass(frozen=True)
class AuthorizerSettings:
    """What every Lambda that checks API keys is told."""

    stage: str
    tenant_cache_seconds: float
    tenant_reread_seconds: float


@dataclass(frozen=True)
class ReceiverSettings(AuthorizerSettings):
    """What the receiver is told besides."""

    inbound_queue_url: str
    public_base_url: str


S = TypeVar("S", bound=AuthorizerSettings)


def read(kind: type[S], environment: Mapping[str, str]) -> S:
    """The settings of one kind. Raises Configuration, which names every variable that is missing or wrong."""
    values: dict[str, Any] = {}
    problems = []
    for setting in fields(kind):
        variable = setting.name.upper()
        text = environment.get(variable, "")
        if not text:
            problems.append(f"{variable} is not set")
        elif setting.type is float and not _is_duration(text):
            problems.append(f"{variable} must be a number of seconds, zero or more")
        else:
            values[setting.name] = float(text) if setting.type is float else text
    if problems:
        raise Configuration("; ".join(problems))
    return kind(**values)


def _is_duration(text: str) -> bool:
    try:
        return 0 <= float(text) < math.inf
    except ValueError:
        return False
