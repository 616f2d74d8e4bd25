"""The registry of SMS providers: the list that operators choose from.

A new provider is one module that keeps `shared.ports.Provider`, one line here, and a sample in tests/contract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.providers.twilio.webhook import Twilio

if TYPE_CHECKING:
    from shared.ports import Provider

PROVIDERS: tuple[Provider, ...] = (Twilio(),)
