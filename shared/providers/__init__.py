"""The registry of SMS providers: the list that operators choose from.

A new provider is one module that keeps `shared.ports.Provider`, one line here, and a sample in tests/contract.
"""

from shared.ports import Provider
from shared.providers.twilio import Twilio

PROVIDERS: tuple[Provider, ...] = (Twilio(),)
