"""Setting up a tenant without a terminal: all of it or nothing, and no secret in a repr."""

from dataclasses import replace

import pytest

from operations.tenants.backends import BackendChange
from operations.tenants.managed_tenant import ManagedTenant
from operations.tenants.setup import TenantSetup, check_agent_name, check_free, set_up
from shared.errors import Conflict, InvalidValue, Unavailable
from shared.tenants import api_keys
from shared.tenants.account import Account
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.tenant import Role
from tests import fakes
from tests.fakes import ACCOUNT, OUR_NUMBER, TOKEN
from tests.numbers_fakes import east, south
from tests.unit.cli.command import Command
from tests.unit.operations.operators import FakeProgress, operator

BACKEND = BackendChange(kind="http", url="https://agent.example.com/texts").applied(None, local=False)
SETUP = TenantSetup(
    tenant_id="acme",
    account=Account(ACCOUNT, "twilio", (TOKEN,)),
    agent=Agent("Desk0001", "desk", AgentKind.SMS, "east", backend=BACKEND),
    number=OUR_NUMBER,
    credential_name="twilio",
    role=Role.WRITER,
)


def test_a_tenant_is_stored_with_all_that_a_first_text_needs() -> None:
    rig = Command.on()
    run = operator(rig)
    new = set_up(run, run.creating("acme"), SETUP)
    stored = rig.store.stored()
    assert (stored.agents, stored.accounts) == ((SETUP.agent,), (SETUP.account,))
    assert api_keys.texting_credential(stored, new.key).name == "twilio"
    assert (new.webhook.url, new.webhook.fallback_url) == (east(new.key), south(new.key))
    assert new.signing_secret == BACKEND.secrets[0]
    assert new.has_number
    assert rig.store.numbers_of("desk") == [OUR_NUMBER]


def test_what_comes_of_it_has_no_secret_in_its_repr() -> None:
    run = operator(Command.on())
    new = set_up(run, run.creating("acme"), SETUP)
    for secret in (new.key, TOKEN, BACKEND.secrets[0], OUR_NUMBER):
        assert secret not in repr(new)


def test_an_echoing_agent_has_no_signing_secret_to_show() -> None:
    run = operator(Command.on())
    echo = replace(SETUP.agent, backend=BackendChange(kind="echo").applied(None, local=False))
    assert set_up(run, run.creating("acme"), replace(SETUP, agent=echo)).signing_secret is None


def test_a_stage_that_is_not_deployed_has_no_url() -> None:
    rig = Command.on()
    rig.base_urls.clear()
    run = operator(rig)
    assert set_up(run, run.creating("acme"), SETUP).webhook.url is None


def test_a_tenant_that_somebody_made_meanwhile_is_not_overwritten() -> None:
    rig = Command.on(fakes.managed_tenant())
    run = operator(rig)
    with pytest.raises(Conflict):
        set_up(run, run.creating("acme"), SETUP)
    assert rig.store.stored() == fakes.managed_tenant()


def test_nothing_is_made_for_a_number_that_another_tenant_has() -> None:
    rig = Command.on(fakes.managed_tenant(id="globex"), numbers=[OUR_NUMBER])
    run = operator(rig)
    with pytest.raises(Conflict, match="tenant 'globex' has this number") as refusal:
        set_up(run, run.creating("acme"), SETUP)
    assert OUR_NUMBER not in str(refusal.value)
    assert rig.store.tenants.keys() == {"globex"}


def test_the_key_is_not_lost_when_somebody_gets_the_number_at_the_same_moment() -> None:
    rig = Command.on(fakes.managed_tenant(id="globex"))
    run = operator(rig)
    create = rig.store.create

    def create_and_lose_the_number(tenant: ManagedTenant) -> None:
        create(tenant)
        rig.store.hold(OUR_NUMBER, tenant_id="globex")

    rig.store.create = create_and_lose_the_number  # type: ignore[method-assign] # somebody else, in between
    new = set_up(run, run.creating("acme"), SETUP)
    assert not new.has_number
    assert api_keys.texting_credential(rig.store.stored(), new.key)
    assert isinstance(run.progress, FakeProgress)
    [warning] = run.progress.warnings
    assert warning.startswith("The tenant is made, but its agent has no number: ")
    assert warning.endswith("Later: sms --tenant acme number assign NUMBER --agent 'desk'")
    assert OUR_NUMBER not in warning
    assert "number.assign" not in [record["what"] for record in rig.audit.kept]


def test_only_an_id_that_no_tenant_has_is_free() -> None:
    run = operator(Command.on(fakes.managed_tenant()))
    assert check_free(run, "globex") == "globex"
    with pytest.raises(Conflict):
        check_free(run, "acme")
    with pytest.raises(InvalidValue):
        check_free(run, "No Id")


def test_an_id_is_not_free_as_long_as_nobody_could_look() -> None:
    rig = Command.on()
    rig.store.failing = Unavailable("Secrets Manager does not answer")
    with pytest.raises(Unavailable):
        check_free(operator(rig), "globex")


def test_an_agent_needs_a_name() -> None:
    assert check_agent_name("desk") == "desk"
    with pytest.raises(InvalidValue):
        check_agent_name("")
