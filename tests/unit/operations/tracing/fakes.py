"""What a stage has stored of texts, and what Twilio knows of messages, in memory; each counts what it is asked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from operations.tracing.provider_message import ProviderAlert, ProviderMessage
from operations.tracing.text_record import TextRecord
from operations.tracing.window import Window
from shared.errors import SmsReceiverError
from shared.messages.outbound import Reply, StoppedConversation
from shared.tenants.account import Account


@dataclass
class FakeTextRecords:
    """`operations.tracing.text_record.TextRecords` over dicts; tests/integration/test_text_records.py holds it to it.

    Attributes:
        kept: by tenant and text.
        opted_out: the conversations in which nothing is sent.
        failing: what asking it raises.
        asked: how often it was asked.
    """

    kept: dict[tuple[str, str], TextRecord] = field(default_factory=dict)
    opted_out: list[StoppedConversation] = field(default_factory=list)
    failing: SmsReceiverError | None = None
    asked: int = 0

    def find(self, tenant_id: str, text_id: str) -> TextRecord:
        self._ask()
        return self.kept.get((tenant_id, text_id), TextRecord())

    def owner(self, tenant_id: str, message_id: str) -> Reply | None:
        self._ask()
        replies = (
            reply
            for (tenant, _), record in self.kept.items()
            if tenant == tenant_id
            for reply in record.replies.values()
        )
        return next((reply for reply in replies if reply.message_id == message_id), None)

    def stopped(self, tenant_id: str, conversations: Collection[str]) -> list[StoppedConversation]:
        self._ask()
        return [each for each in self.opted_out if each.tenant == tenant_id and each.conversation in conversations]

    def _ask(self) -> None:
        self.asked += 1
        if self.failing:
            raise self.failing


@dataclass
class FakeMessages:
    """`operations.tracing.provider_message.ProviderMessages` over lists.

    Attributes:
        kept: the messages.
        complaints: the alerts.
        failing: what asking it raises.
        asked: what it was asked for.
    """

    kept: list[ProviderMessage] = field(default_factory=list)
    complaints: list[ProviderAlert] = field(default_factory=list)
    failing: SmsReceiverError | None = None
    asked: list[str] = field(default_factory=list)

    def find(self, account: Account, message_id: str) -> ProviderMessage | None:
        self._ask("find")
        mine = (message for message in self.kept if message.account == account.sid)
        return next((message for message in mine if message.id == message_id), None)

    def inbound(
        self, account: Account, window: Window, *, sender: str | None, recipient: str | None, limit: int
    ) -> Sequence[ProviderMessage]:
        self._ask("inbound")
        matching = [
            message
            for message in sorted(self.kept, key=lambda message: message.at, reverse=True)
            if message.account == account.sid
            and message.is_inbound
            and sender in {None, message.sender}
            and recipient in {None, message.recipient}
            and window.begin <= message.at <= (window.end or message.at)
        ]
        return matching[:limit]

    def alerts(self, account: Account, window: Window) -> Sequence[ProviderAlert]:
        self._ask("alerts")
        assert account.sid
        return [alert for alert in self.complaints if window.begin <= alert.at <= (window.end or alert.at)]

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.failing:
            raise self.failing
