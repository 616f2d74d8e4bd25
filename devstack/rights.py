"""The rights that IAM policies give, and which of them nobody used."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from devstack.decisions import Decision


@dataclass(frozen=True, order=True)
class Right:
    """One action on one resource, either with IAM's wildcards `*` and `?`."""

    holder: str
    action: str
    resource: str

    def covers(self, decision: Decision) -> bool:
        """Whether this is the right, or one of several, by which the holder was allowed that call."""
        return (
            decision.allowed
            and decision.caller == self.holder
            and _matches(self.action.lower(), decision.action.lower())
            and _matches(self.resource, decision.resource)
        )


def rights(holder: str, policy: Mapping[str, Any]) -> Iterator[Right]:
    """Each right that a policy's document gives, without its conditions."""
    for statement in policy["Statement"]:
        for action in _several(statement["Action"]):
            for resource in _several(statement["Resource"]):
                yield Right(holder, action, resource)


def unused(every: Iterable[Right], decisions: Iterable[Decision]) -> set[Right]:
    """The rights without which every call would have been decided alike."""
    calls = {decision for decision in decisions if decision.allowed}
    return {right for right in every if not any(right.covers(call) for call in calls)}


def _several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _matches(pattern: str, value: str) -> bool:
    """Like IAM: `*` is any characters, `?` is one, and all others are themselves."""
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None
