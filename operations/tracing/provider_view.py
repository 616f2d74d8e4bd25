"""What the provider knows of a tenant's texts. When it cannot be asked, the operator hears of it, once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TypeVar

from operations.operator import Operator
from operations.tenants.managed_tenant import ManagedTenant
from operations.tracing.provider_message import ProviderAlert, ProviderMessage, ProviderMessages
from operations.tracing.window import Window
from shared.errors import Configuration, Unavailable, UpstreamRefused
from shared.tenants.account import Account

T = TypeVar("T")
_BEFORE, _AFTER = timedelta(minutes=1), timedelta(minutes=10)
"""How much earlier or later than a text Twilio may say that an alert about it happened."""


@dataclass
class ProviderView:
    """The provider's view.

    Attributes:
        operator: knows how to ask.
        tenant: whose accounts are asked.
        trouble: why accounts could not be asked, in sentences.
    """

    operator: Operator
    tenant: ManagedTenant
    trouble: list[str] = field(default_factory=list)

    def find(self, message_id: str) -> ProviderMessage | None:
        """The message with this id, of whichever account; None when none has it, or none can be asked."""
        answers = self._each(lambda messages, account: messages.find(account, message_id))
        return next((message for message in answers if message), None)

    def inbound(
        self, window: Window, *, senders: Sequence[str | None], recipient: str | None, limit: int
    ) -> list[ProviderMessage]:
        """The latest texts of a person, or to a number, or both; the oldest first.

        Args:
            window: when they came.
            senders: the person's addresses; (None,) for anybody.
            recipient: our number; None for any.
            limit: the most texts of one address.
        """
        answers: list[ProviderMessage] = []
        for sender in senders:
            ask = partial(_inbound, window, sender, recipient, limit)
            answers += [message for listed in self._each(ask) for message in reversed(listed)]
        return sorted(answers, key=lambda message: message.at)

    def alerts(self, message: ProviderMessage) -> list[ProviderAlert]:
        """The failures of a message's webhooks, the oldest first."""
        window = Window(message.at - _BEFORE, message.at + _AFTER)
        answers = self._each(lambda messages, account: messages.alerts(account, window), only=message.account)
        alerts = (alert for listed in answers for alert in listed if alert.message_id == message.id)
        return sorted(alerts, key=lambda alert: alert.at)

    def _each(self, ask: Callable[[ProviderMessages, Account], T], only: str | None = None) -> Iterator[T]:
        """The answers for each of the tenant's accounts, or for one, as far as these can be asked."""
        providers = self.operator.world.messages(self.operator.target.twilio_url)
        for account in self.tenant.accounts:
            messages = providers.get(account.provider)
            if messages is None or only not in {None, account.sid}:
                continue
            try:
                yield ask(messages, account)
            except (Unavailable, UpstreamRefused, Configuration) as error:
                sentence = f"The provider could not be asked: {error}."
                if sentence not in self.trouble:
                    self.trouble.append(sentence)


def _inbound(  # noqa: PLR0913, PLR0917 - the question, and whom it is put to
    window: Window,
    sender: str | None,
    recipient: str | None,
    limit: int,
    messages: ProviderMessages,
    account: Account,
) -> Sequence[ProviderMessage]:
    return messages.inbound(account, window, sender=sender, recipient=recipient, limit=limit)
