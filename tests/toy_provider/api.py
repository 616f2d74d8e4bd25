"""The toy's API for sending, and the network behind it, which is in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from shared.errors import OptedOut, UpstreamRefused
from shared.messages.outbound import OutboundMessage, SentMessage, StoredMessage
from shared.messages.status import DeliveryOutcome
from shared.reasons import Reason
from shared.tenants.account import Account
from tests.toy_provider import NAME
from tests.toy_provider.rules import OPTED_OUT, ToyRules
from tests.toy_provider.statuses import BUSY, WAITING, ranked


@dataclass
class ToyNetwork:
    """What reached people, with the URL that is to hear of it; `blocked` are people who said STOP."""

    taken: list[tuple[OutboundMessage, str]] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class ToyApi:
    """Keeps `shared.ports.ProviderApi`."""

    network: ToyNetwork
    name = NAME

    def send(self, message: OutboundMessage, account: Account, *, status_url: str) -> SentMessage:
        """Takes what is not too large, for people who did not say STOP."""
        if message.recipient in self.network.blocked:
            raise UpstreamRefused(OptedOut.reason, "the toy answered 480: the person has opted out", code=OPTED_OUT)
        if len(message.text) > ToyRules.text_max or len(message.media_urls) > ToyRules.media_max:
            raise UpstreamRefused(Reason.PROVIDER_REFUSED, "the toy answered 413", code=413)
        assert account.provider == NAME
        self.network.taken.append((message, status_url))
        return self._sent(len(self.network.taken))

    def find(self, message: OutboundMessage, account: Account, *, since: datetime) -> Sequence[SentMessage]:
        """All that look like it: the toy keeps no times."""
        assert account.provider == NAME
        assert since.astimezone(UTC)
        return [
            self._sent(number)
            for number, (taken, _) in enumerate(self.network.taken, start=1)
            if replace(taken, reply_id="") == replace(message, reply_id="")
        ]

    def read(self, message_id: str, account: Account) -> StoredMessage:
        """What it took; all of it may be sent again."""
        assert account.provider == NAME
        taken, _ = self.network.taken[int(message_id[1:]) - 1]
        return StoredMessage(taken.sender, taken.recipient, taken.text, DeliveryOutcome.RETRYABLE, BUSY)

    def _sent(self, number: int) -> SentMessage:
        return SentMessage(f"T{number:033}", ranked(WAITING))
