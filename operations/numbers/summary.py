"""Plans for many numbers in a few lines: numbers of which the same changes are counted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from operations.numbers.connect import Plan
from operations.numbers.drift import Difference

GROUPS_MAX = 20


@dataclass(frozen=True)
class AlikeNumbers:
    """Numbers of which the same changes.

    Attributes:
        numbers: E.164.
        changes: what changes of each.
    """

    numbers: tuple[str, ...] = field(repr=False)
    changes: tuple[Difference, ...]

    @property
    def label(self) -> str:
        """How many they are; for one, its last digits."""
        return f"{len(self.numbers)} numbers" if len(self.numbers) > 1 else f"…{self.numbers[0][-4:]}"


def alike(plans: Mapping[str, Plan]) -> Sequence[AlikeNumbers]:
    """The numbers with changes, those of which the same changes together; the largest groups first."""
    groups: dict[tuple[Difference, ...], list[str]] = {}
    for number, plan in plans.items():
        if plan.changes:
            groups.setdefault(plan.changes, []).append(number)
    alike_numbers = [AlikeNumbers(tuple(numbers), changes) for changes, numbers in groups.items()]
    return sorted(alike_numbers, key=lambda group: -len(group.numbers))


def describe(groups: Sequence[AlikeNumbers]) -> Iterator[Mapping[str, object]]:
    """Changes that are going to be made, as records for the operator: of the largest groups only."""
    for group in groups[:GROUPS_MAX]:
        for change in group.changes:
            yield {"what": f"{group.label}: {change.what}", "is": change.current, "will_be": change.desired}
    rest = sum(len(group.numbers) for group in groups[GROUPS_MAX:])
    if rest:
        yield {"what": f"{rest} more numbers", "is": "each in its own way", "will_be": "shown with --json"}
