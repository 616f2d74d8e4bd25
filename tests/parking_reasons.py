"""Every reason that the code parks something for, refuses a request with or leaves a text alone for, read from it.

A reason gets into a record in two ways: it is handed to a `_park`, or it is an error's. So what counts is what each
`_park(…)` and each `Refused(…)` is called with, and the reason of every class of errors that a consumer may give up on.
What cannot be followed to a word fails the test: then this file has to learn how it is written.
"""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared import errors

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "shared").rglob("*.py"))
GIVEN_UP_ON = (errors.Unavailable, errors.Configuration, errors.Malformed, errors.Defect)

_PARK, _OBSTACLE, _REFUSED = "_park", "Obstacle", "Refused"
_SILENCE = "_reason_for_silence"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One source, and the module that it is."""

    name: str
    tree: ast.Module

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def calls(self) -> Iterator[tuple[ast.Call, Function | None]]:
        """Each call with the innermost function that it stands in."""
        places = {call: function for function in self.functions() for call in ast.walk(function)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, places.get(node)

    def words(self, value: ast.expr, function: Function | None) -> set[str]:
        """What an expression may be; an error's own reason counts as nothing, for each error is looked at by itself."""
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return {value.value}
        if isinstance(value, ast.IfExp):
            return self.words(value.body, function) | self.words(value.orelse, function)
        if isinstance(value, ast.Attribute) and value.attr == "reason":
            return set()
        assert isinstance(value, ast.Name), self._lost(value)
        return self._named(value, function)

    def _named(self, value: ast.Name, function: Function | None) -> set[str]:
        assigned = [
            node.value
            for node in ast.walk(function or self.tree)
            if isinstance(node, ast.Assign) and [getattr(name, "id", "") for name in node.targets] == [value.id]
        ]
        if assigned:
            return set().union(*(self.words(one, function) for one in assigned))
        if function and value.id in (names := _parameters(function)):
            return self.handed_to(function.name, names.index(value.id), value.id)
        constant = getattr(importlib.import_module(self.name), value.id, None)
        assert isinstance(constant, str), self._lost(value)
        return {constant}

    def parked_for(self) -> set[str]:
        """What its `_park`, if it has one, is called with."""
        defined = [_parameters(function).index("reason") for function in self.functions() if function.name == _PARK]
        return set().union(self.handed_to(_OBSTACLE, 0), *(self.handed_to(_PARK, place) for place in defined))

    def refused_for(self) -> set[str]:
        """What its errors of this kind are made with."""
        return self.handed_to(_REFUSED, 0)

    def handed_to(self, called: str, place: int, keyword: str = "reason") -> set[str]:
        """What a function of this name is called with in this module."""
        found: set[str] = set()
        for call, function in self.calls():
            if called != getattr(call.func, "attr", getattr(call.func, "id", "")):
                continue
            by_name = [one.value for one in call.keywords if one.arg == keyword]
            assert by_name or len(call.args) > place, self._lost(call)
            found |= self.words(by_name[0] if by_name else call.args[place], function)
        return found

    def _lost(self, node: ast.AST) -> str:
        return f"{self.name}: what reason is `{ast.unparse(node)}`? Let tests/parking_reasons.py find it"


def in_code() -> set[str]:
    """All that something is parked for, and a few that never lead to parking."""
    handed = (module.parked_for() | module.refused_for() for module in _modules())
    return set().union(*handed, given_up_on())


def given_up_on() -> set[str]:
    """Those of errors that are tried again."""
    return set().union(*(_of_classes(kind) for kind in GIVEN_UP_ON))


def rejecting() -> dict[str, set[str]]:
    """Those that requests are refused with, by the name of the error."""
    modules = _modules()
    found: dict[str, set[str]] = {}
    for kind in errors.Rejected.__subclasses__():
        name = kind.__name__
        own = {kind.reason} - {errors.Rejected.reason}
        found[name] = own or set().union(*(module.handed_to(name, 0) for module in modules))
    return found


def leaving_alone() -> set[str]:
    """Those that a text is left unanswered with."""
    silences = {
        str(node.value.value)
        for module in _modules()
        for function in module.functions()
        if function.name == _SILENCE
        for node in ast.walk(function)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant) and node.value.value
    }
    return silences | {
        call.args[1].value
        for module in _modules()
        for call, _ in module.calls()
        if getattr(call.func, "id", "") == "Done"
        and len(call.args) > 1
        and isinstance(call.args[1], ast.Constant)
        and isinstance(call.args[1].value, str)
    }


def _modules() -> list[Module]:
    return [Module(_name(path), ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES]


def _parameters(function: Function) -> list[str]:
    return [argument.arg for argument in function.args.args if argument.arg != "self"]


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _of_classes(kind: type[errors.SmsReceiverError]) -> set[str]:
    return {kind.reason}.union(*(_of_classes(child) for child in kind.__subclasses__()))
