"""The key of an agent's numbers: read back from whichever webhook has it, or made anew under a free name."""

from dataclasses import replace

import pytest

from operations.numbers import agent_key
from operations.numbers.drift import Key
from shared.errors import Unavailable
from shared.tenants.account import Account
from shared.tenants.connection import Connection, Webhooks
from shared.tenants.tenant import CREDENTIAL_NAME_MAX, Role
from tests import fakes
from tests.fakes import ACCOUNT, DESK, NOW, managed_tenant
from tests.numbers_fakes import ELSEWHERE, agents_credential, east, number_at_twilio, ours, south
from tests.unit.cli.command import Command
from tests.unit.cli.rotation import at_twilio
from tests.unit.operations.operators import operator

OWN, OWN_KEY = agents_credential()
NEWER, NEWER_KEY = agents_credential("agent desk (2)")
MEMBER, KEY = fakes.credential()
TENANT = managed_tenant(MEMBER, OWN, NEWER)


def rig(*webhooks: Webhooks, credential_id: str = OWN.id) -> Command:
    """Numbers that were connected with the agent's key, and what they have at Twilio."""
    command = Command.on(TENANT)
    for last, each in enumerate(webhooks):
        number = at_twilio(f"+1202555{last:04}", each)
        command.numbers.numbers[number.number] = number
        connection = Connection(number.number, number.sid, ACCOUNT, credential_id, ELSEWHERE)
        command.directory.put_connection("acme", connection, instead_of=None)
    return command


def test_looks_first_at_numbers_that_were_read_already() -> None:
    command = rig(ours(OWN_KEY))
    seen = [number_at_twilio(), number_at_twilio(ours(NEWER_KEY))]
    assert agent_key.read_back(operator(command), TENANT, DESK, seen) == Key(NEWER, NEWER_KEY)
    assert command.numbers.looked == []


@pytest.mark.parametrize("webhooks", [ours(OWN_KEY), Webhooks(east(OWN_KEY)), Webhooks(fallback_url=south(OWN_KEY))])
def test_asks_for_connected_numbers_until_one_has_the_key(webhooks: Webhooks) -> None:
    command = rig(ELSEWHERE, ours(KEY), webhooks, ours(OWN_KEY))
    assert agent_key.read_back(operator(command), TENANT, DESK, []) == Key(OWN, OWN_KEY)
    assert len(command.numbers.looked) == 3


def test_a_key_that_no_webhook_has_is_lost() -> None:
    command = rig(ELSEWHERE, ours(KEY))
    assert agent_key.read_back(operator(command), TENANT, DESK, []) is None
    sales = replace(DESK, id="Sales001", name="sales")
    assert agent_key.read_back(operator(rig(ours(OWN_KEY))), TENANT, sales, []) is None


def test_does_not_ask_for_thousands_of_numbers() -> None:
    command = rig(*[ELSEWHERE] * 150)
    assert agent_key.read_back(operator(command), TENANT, DESK, []) is None
    assert len(command.numbers.looked) == 100


def test_a_provider_that_does_not_answer_is_no_lost_key() -> None:
    command = rig(ours(OWN_KEY))

    def fail(account: Account, number_sid: str) -> Webhooks | None:
        assert account.sid
        assert number_sid
        message = "Twilio cannot be reached"
        raise Unavailable(message)

    command.numbers.webhooks = fail  # type: ignore[method-assign] # it is a fake
    with pytest.raises(Unavailable):
        agent_key.read_back(operator(command), TENANT, DESK, [])


def test_a_new_key_is_for_the_agents_numbers_and_may_text() -> None:
    key = agent_key.issue_key(managed_tenant(MEMBER), DESK, NOW)
    assert (key.credential.name, key.credential.agent_id, key.credential.role) == ("agent desk", DESK.id, Role.WRITER)
    assert key.is_new
    assert key.text not in repr(key)


@pytest.mark.parametrize("name", ["desk", "d" * 64, "d" * 53 + " e" + "f" * 9, "d" * 57 + " e"])
def test_its_name_is_free_and_fits_however_many_there_are(name: str) -> None:
    agent = replace(DESK, name=name)
    tenant = managed_tenant(agents=(agent,))
    names = []
    for _ in range(11):
        key = agent_key.issue_key(tenant, agent, NOW)
        tenant = replace(tenant, credentials=(*tenant.credentials, key.credential))
        names.append(key.credential.name)
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= CREDENTIAL_NAME_MAX
    assert names[1].endswith(" (2)")
    assert names[10].endswith(" (11)")
