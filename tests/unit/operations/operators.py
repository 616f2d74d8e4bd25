"""Operators in memory, without a terminal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from operations.operator import Operator
from operations.stage.names import Stage
from tests.unit.cli.command import Command

T = TypeVar("T")


@dataclass
class FakeProgress:
    """`operations.operator.Progress` over lists."""

    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)

    def warning(self, sentence: str) -> None:
        self.warnings.append(sentence)

    def watched(self, things: Sequence[T], doing: str) -> Iterable[T]:
        assert doing
        return things

    def works_on(self, tenant_id: str) -> None:
        assert tenant_id


def operator(command: Command, *, tenant: str | None = "acme", stage: Stage = "east", local: bool = False) -> Operator:
    """Who works on a stage for a tenant, on the same fakes as the command."""
    return Operator(command.world(), stage, local=local, tenant=tenant, progress=FakeProgress())
