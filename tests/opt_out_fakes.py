"""A stand-in for what is kept of opt-outs; tests/integration/test_opt_outs.py holds it to what the adapter promises."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.errors import SmsReceiverError


@dataclass
class FakeOptOuts:
    """`shared.ports.OptOuts` over a dict."""

    failing: SmsReceiverError | None = None
    kept: dict[str, tuple[datetime, bool]] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)

    def keep(self, conversation: str, *, stopped: bool, at: datetime) -> None:
        self._fail()
        word = (at, stopped)
        self.kept[conversation] = max(word, self.kept.get(conversation, word))

    def has_stopped(self, conversation: str) -> bool:
        self._fail()
        self.looked_up.append(conversation)
        return conversation in self.kept and self.kept[conversation][1]

    def _fail(self) -> None:
        if self.failing:
            raise self.failing
