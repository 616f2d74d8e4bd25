"""A stand-in for the tries of messages."""

from dataclasses import dataclass, field

from shared.errors import SmsReceiverError


@dataclass
class FakeTries:
    """`shared.ports.Tries` over a dict; tests/integration/test_tries.py holds it to the port."""

    failing: SmsReceiverError | None = None
    counted: dict[str, set[int]] = field(default_factory=dict)

    def count(self, queue_message_id: str, receives: int) -> int:
        if receives == 1:
            return 1
        if self.failing:
            raise self.failing
        counted = self.counted.setdefault(queue_message_id, set())
        counted.add(receives)
        return 1 + len(counted)
