"""What each Lambda looks up for a text, through the caches that its wiring makes."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.settings import AuthorizerSettings, read
from shared.wiring import tenants as wiring
from tests.scale.estate import Estate

LookUp = Callable[[Estate, str], object]
"""Looks up what a text to one of a tenant's numbers needs."""


@dataclass
class Clock:
    """A time that a test sets, in seconds."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def look_ups(clock: Clock) -> Mapping[str, LookUp]:
    """By the name of the Lambda. Each is an environment that was just started."""
    settings = read(AuthorizerSettings, os.environ)

    def authorizer() -> LookUp:
        tenants = wiring.tenants(settings, clock)
        return lambda estate, _: tenants.find(estate.tenant_id, lambda tenant: tenant.credential(estate.used_key))

    def receiver() -> LookUp:
        tenants, accounts = wiring.tenants(settings, clock), wiring.accounts(settings, clock)

        def look_up(estate: Estate, _: str) -> object:
            [account] = estate.managed.accounts
            credential = tenants.find(estate.tenant_id, lambda tenant: tenant.credential(estate.used_key))
            return credential and accounts.find(estate.tenant_id, lambda secrets: secrets.account(account.sid))

        return look_up

    def forwarder() -> LookUp:
        agents = wiring.agents(settings, wiring.records(settings, clock), wiring.signing(settings, clock), clock)
        return lambda estate, number: agents.agent_at(estate.tenant_id, number)

    def sender() -> LookUp:
        accounts = wiring.accounts(settings, clock)
        agents = wiring.agents(settings, wiring.records(settings, clock), clock=clock)

        def look_up(estate: Estate, number: str) -> object:
            [account] = estate.managed.accounts
            found = accounts.find(estate.tenant_id, lambda secrets: secrets.account(account.sid))
            return found and agents.agent_at(estate.tenant_id, number)

        return look_up

    return {made.__name__: made() for made in (authorizer, receiver, forwarder, sender)}
