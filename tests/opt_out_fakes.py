"""A stand-in for what is kept of opt-outs; tests/integration/test_opt_outs.py holds it to what the adapter promises."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.errors import SmsReceiverError
from shared.messages.outbound import StoppedConversation
from tests.fakes import OUR_NUMBER, PERSON


def stop(conversation: str, at: datetime) -> StoppedConversation:
    """A STOP of somebody by WhatsApp; `conversation` is `<tenant>.<conversation id>`."""
    tenant, conversation_id = conversation.split(".")
    return StoppedConversation(tenant, conversation_id, f"whatsapp:{OUR_NUMBER}", f"whatsapp:{PERSON}", at)


@dataclass
class FakeOptOuts:
    """`shared.ports.OptOuts` over a dict."""

    failing: SmsReceiverError | None = None
    kept: dict[str, tuple[datetime, StoppedConversation | None]] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)

    def stop(self, stopped: StoppedConversation) -> None:
        self._fail()
        key = f"{stopped.tenant}.{stopped.conversation}"
        if key not in self.kept or self.kept[key][0] <= stopped.at:
            self.kept[key] = (stopped.at, stopped)

    def start(self, conversation: str, *, at: datetime) -> None:
        self._fail()
        if conversation not in self.kept or self.kept[conversation][0] < at:
            self.kept[conversation] = (at, None)

    def has_stopped(self, conversation: str) -> bool:
        self._fail()
        self.looked_up.append(conversation)
        return conversation in self.kept and self.kept[conversation][1] is not None

    def stopped(self, tenant_id: str) -> Iterator[Sequence[StoppedConversation]]:
        self._fail()
        for _, stopped in self.kept.values():
            if stopped and stopped.tenant == tenant_id:
                yield [stopped]

    def _fail(self) -> None:
        if self.failing:
            raise self.failing
