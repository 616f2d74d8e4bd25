"""The rules of each provider: how the domain finds out what a provider takes and does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from shared.errors import Configuration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.messages.outbound import OptOut, OutboundMessage
    from shared.messages.status import ProviderStatus


class ProviderRules(Protocol):
    """What an SMS provider takes and what it does by itself; no I/O. The list is `shared/providers/rules.py`."""

    @property
    def name(self) -> str:
        """The name that operators choose it by."""

    @property
    def account_command(self) -> str:
        """The operator's command that stores an account of this provider, such as `sms twilio set-account`."""

    @property
    def text_max(self) -> int:
        """How long the text of one message may be, in UTF-16 code units; longer texts are sent in parts."""

    @property
    def media_max(self) -> int:
        """How many links to media one message may have, at least 1; further ones get messages of their own."""

    @property
    def failed_status(self) -> ProviderStatus:
        """Its status of a message that it refused: final, so that no status but a later one of its own replaces it."""

    def unreachable_code(self, address: str) -> int | None:
        """Its error for an address that no message can ever be sent to; None for every other address."""

    @property
    def opted_out_code(self) -> int | None:
        """The provider's number for the error that the person has opted out; None when it has none."""

    def opt_out_word(self, text: str) -> OptOut | None:
        """What a text asks for that is one of the provider's opt-out words and nothing else; else None."""

    def reported_opt_out(self, fields: Mapping[str, Sequence[str]]) -> OptOut | None:
        """What the provider itself reports that a text asked for and that it did; None when it reports nothing.

        Args:
            fields: what it sent with the text, each name with all its values.
        """

    def answers_opt_outs(self, address: str) -> bool:
        """Whether it answers opt-out words at this address of ours, and keeps to them, without reporting it."""

    def received_segments(self, fields: Mapping[str, Sequence[str]]) -> int:
        """How many segments it bills for a text, by what it sent with it; 1 when it does not tell."""

    def expected_segments(self, message: OutboundMessage) -> int:
        """How many segments it will bill for a message, as far as that can be told before it answers; at least 1."""


class RulesByProvider:
    """The rules of the providers that this deployment knows.

    Args:
        rules: of each provider, in the order in which operators see them.
    """

    def __init__(self, *rules: ProviderRules) -> None:
        self._rules = {provider.name: provider for provider in rules}

    @property
    def names(self) -> tuple[str, ...]:
        """The providers' names, in order."""
        return tuple(self._rules)

    @property
    def account_commands(self) -> str:
        """The commands that store an account, one of each provider, for a sentence: `A or B`."""
        return " or ".join(rules.account_command for rules in self._rules.values())

    def of(self, provider: str) -> ProviderRules:
        """The rules of the provider with this name. Raises Configuration when there is none."""
        rules = self._rules.get(provider)
        if rules is None:
            message = f"this deployment knows no such provider; it knows {', '.join(self.names)}"
            raise Configuration(message)
        return rules
