"""A stand-in for the usage figures."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from operations.usage.figures import DayFigures
from shared.messages.usage import Counted, UsageOwner


@dataclass
class FakeUsage:
    """`shared.usage.Usage` over dicts; tests/integration/test_usage.py holds it to the port.

    Attributes:
        kept: how much, by owner, day and figure.
        life_seconds: how long it is remembered that something was counted.
        clock: gives seconds, from any start; without one, no time passes.
    """

    failing: Exception | None = None
    kept: Counter[tuple[UsageOwner, date, str]] = field(default_factory=Counter)
    life_seconds: float = math.inf
    clock: Callable[[], float] = float
    _marks: dict[tuple[str, str], float] = field(default_factory=dict, init=False)

    def count(self, counted: Counted) -> bool:
        if self.failing:
            raise self.failing
        mark = counted.owner.tenant, counted.key
        if self._marks.get(mark, -math.inf) > self.clock():
            return False
        self._marks[mark] = self.clock() + self.life_seconds
        for figure, count in counted.figures.items():
            self.kept[counted.owner, counted.day, figure] += count
        return True

    @property
    def figures(self) -> dict[str, int]:
        """All figures, of everybody and of all days."""
        total: Counter[str] = Counter()
        for (_, _, figure), count in self.kept.items():
            total[figure] += count
        return dict(total)


@dataclass
class FakeUsageFigures:
    """`operations.usage.figures.UsageFigures` over what a FakeUsage counted; its tests are those of FakeUsage."""

    counted: FakeUsage = field(default_factory=FakeUsage)

    def read(self, tenant_id: str, first: date, last: date) -> list[DayFigures]:
        if self.counted.failing:
            raise self.counted.failing
        return [
            DayFigures(owner, day, {figure: count})
            for (owner, day, figure), count in self.counted.kept.items()
            if owner.tenant == tenant_id and first <= day <= last
        ]
