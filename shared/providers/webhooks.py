"""The providers' webhooks, which only the receiver reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.providers.twilio.webhook import Twilio

if TYPE_CHECKING:
    from shared.ports import Provider

PROVIDERS: tuple[Provider, ...] = (Twilio(),)
