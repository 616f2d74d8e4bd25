"""A small part of CloudWatch Logs Insights: which lines a query's filter takes, and which fields a query names.

Source: AWS docs, "CloudWatch Logs Insights query syntax" (filter, stats, sort, display) and "Supported logs and
discovered fields": the fields of a JSON line are its members, with a dot between the names of nested ones; each item of
a list is a field of its own, by its index.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Fields = Mapping[str, object]
Condition = Callable[[Fields], bool]

_SYSTEM = {"@timestamp", "@log", "@message"}
_NAME = r"[@A-Za-z_][\w.]*"
_PRESENT = re.compile(rf"ispresent\(({_NAME})\)")
_EQUAL = re.compile(rf'({_NAME}) = "([^"]*)"')
_ONE_OF = re.compile(rf'({_NAME}) in \[("[^"]*"(?:, "[^"]*")*)\]')
_FUNCTION = re.compile(r"(count|sum|avg|max|pct|bin|ispresent)\(([^)]*)\)")


@dataclass(frozen=True)
class Query:
    """A query of the commands filter, stats, sort, display and limit. Raises ValueError on any other."""

    text: str

    def takes(self, line: str) -> bool:
        """Whether its filters let the line pass."""
        fields = discovered(line)
        return all(condition(fields) for condition in self._filters())

    @property
    def fields(self) -> set[str]:
        """The fields that it reads of a line, without those that every line has and those that it makes itself."""
        named: set[str] = set()
        made: set[str] = set()
        for command, rest in self._commands():
            if command in {"filter", "stats", "display", "sort"}:
                made |= set(re.findall(rf" as ({_NAME})", rest))
                named |= set(_names(rest))
        return named - made - _SYSTEM

    def _commands(self) -> Iterator[tuple[str, str]]:
        for part in self.text.split("\n| "):
            command, _, rest = part.partition(" ")
            if command not in {"filter", "stats", "sort", "display", "limit"}:
                message = f"Insights has no command, or this reader does not know it: {command}"
                raise ValueError(message)
            yield command, rest

    def _filters(self) -> Iterator[Condition]:
        return (_condition(rest) for command, rest in self._commands() if command == "filter")


def discovered(line: str) -> dict[str, object]:
    """The fields that Insights finds in a line."""
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return dict(_flattened(value)) if isinstance(value, dict) else {}


def _flattened(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = {str(index): item for index, item in enumerate(value)}.items()
    else:
        yield name, value
        return
    for key, child in children:
        yield from _flattened(child, f"{name}.{key}" if name else key)


def _condition(text: str) -> Condition:
    """`or` binds less than `and`; there are no parentheses here."""
    if " or " in text:
        either = [_condition(part) for part in text.split(" or ")]
        return lambda fields: any(condition(fields) for condition in either)
    if " and " in text:
        each = [_condition(part) for part in text.split(" and ")]
        return lambda fields: all(condition(fields) for condition in each)
    if present := _PRESENT.fullmatch(text):
        return lambda fields: present[1] in fields
    if equal := _EQUAL.fullmatch(text):
        return lambda fields: fields.get(equal[1]) == equal[2]
    if one_of := _ONE_OF.fullmatch(text):
        return lambda fields: fields.get(one_of[1]) in re.findall(r'"([^"]*)"', one_of[2])
    message = f"this reader does not know the condition {text}"
    raise ValueError(message)


def _names(text: str) -> Iterator[str]:
    """The fields in a condition, in the arguments of functions, or in a list."""
    text = re.sub(r'"[^"]*"', "", text)
    for match in _FUNCTION.finditer(text):
        if match[1] != "bin":
            yield from re.findall(_NAME, match[2])
    rest = re.sub(rf" as {_NAME}", "", _FUNCTION.sub("", text))
    yield from (name for name in re.findall(_NAME, rest) if name not in {"and", "or", "in", "by", "desc", "asc"})
