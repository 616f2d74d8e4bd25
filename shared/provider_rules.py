"""The rules of each provider, by its name: how the domain finds out what a provider takes and does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import Configuration

if TYPE_CHECKING:
    from shared.ports import ProviderRules


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
