"""Numbers with keys to exchange, and who uses them."""

import json
from dataclasses import replace
from datetime import timedelta

from operations.numbers import webhook_url
from operations.numbers.provider_number import ProviderNumber
from operations.stage.deployed_stack import LogLine
from operations.tenants.managed_tenant import ManagedTenant
from shared.tenants.connection import Webhooks
from shared.tenants.tenant import Credential
from tests import fakes
from tests.fakes import NOW, OUR_NUMBER
from tests.numbers_fakes import FakeNumbers, number_at_twilio, ours
from tests.unit.cli.command import Command

OTHER = "+12025550198"
OWN = "agent desk"
MEMBER, KEY = fakes.credential()
ROTATE = ("credential", "rotate")


def at_twilio(number: str, webhooks: Webhooks) -> ProviderNumber:
    return replace(number_at_twilio(webhooks), number=number, sid="PN" + number[-4:] * 8)


def connected() -> Command:
    """A number with the key of its agent's numbers."""
    command = Command.on(fakes.managed_tenant(MEMBER), numbers=[OUR_NUMBER])
    command.numbers = FakeNumbers.of(number_at_twilio())
    assert command.run("number", "connect", OUR_NUMBER, "--yes").exit_code == 0
    return command


def shared() -> Command:
    """Two numbers that were given the key that programs have as well, one of them pasted by hand."""
    command = Command.on(fakes.managed_tenant(MEMBER), numbers=[OUR_NUMBER, OTHER])
    command.numbers = FakeNumbers.of(number_at_twilio(), at_twilio(OTHER, ours(KEY)))
    connect = ("number", "connect", OUR_NUMBER, "--yes", "--key-from-stdin")
    assert command.run(*connect, typed=f"{KEY}\n").exit_code == 0
    return command


def standing(command: Command, number: str = OUR_NUMBER) -> Credential | None:
    """Whose key stands at Twilio, in webhook and fallback, if it works."""
    has, tenant = command.numbers.numbers[number].webhooks, command.store.stored()
    found = {webhook_url.working_credential(url, tenant) for url in (has.url, has.fallback_url)}
    assert len(found) == 1
    return found.pop()


def names(tenant: ManagedTenant) -> list[str]:
    return [credential.name for credential in tenant.credentials]


def used(credential: Credential, *, ago: float = 0, event: str = "Accepted") -> LogLine:
    told = {"message": event, "tenant": "acme", "correlation_id": "SM1", "credential": credential.id, "stage": "east"}
    return LogLine(f"{event} {ago}", "receiver", NOW - timedelta(seconds=ago), json.dumps(told))
