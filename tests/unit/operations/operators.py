"""An operator without a terminal, on the world of a test's `Command`; it remembers what progress it heard of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from operations.operator import Operator
from operations.stage.target import Stage
from tests.unit.cli.command import Command

T = TypeVar("T")


@dataclass
class HeardProgress:
    """`operations.operator.Progress` that keeps the sentences."""

    sentences: list[str] = field(default_factory=list)
    tenants: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def warning(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def watched(self, things: Sequence[T], doing: str) -> Iterable[T]:
        assert doing
        return things

    def works_on(self, tenant_id: str) -> None:
        self.tenants.append(tenant_id)


def operator(
    command: Command, *, tenant: str | None = "acme", stage: Stage = "east", local: bool = False
) -> tuple[Operator, HeardProgress]:
    """The operator, and what it heard."""
    progress = HeardProgress()
    return Operator(command.world(), stage, local, tenant, progress), progress
