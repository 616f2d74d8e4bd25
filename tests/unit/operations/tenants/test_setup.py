"""Setting up a tenant without a terminal: all of it or nothing, and no secret in a repr."""

from dataclasses import replace

import pytest

from operations.tenants.backends import BackendChange
from operations.tenants.setup import TenantSetup, check_agent_name, check_free, set_up
from shared.errors import Conflict, InvalidValue, Unavailable
from shared.tenants import api_keys
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.tenant import Account, Role
from tests import fakes
from tests.fakes import ACCOUNT, OUR_NUMBER, TOKEN
from tests.numbers_fakes import east, south
from tests.unit.cli.command import Command
from tests.unit.operations.operators import operator

BACKEND = BackendChange(kind="http", url="https://agent.example.com/texts").applied(None, local=False)
SETUP = TenantSetup(
    tenant_id="acme",
    account=Account(ACCOUNT, "twilio", (TOKEN,)),
    agent=Agent("desk", AgentKind.SMS, "east", (OUR_NUMBER,), backend=BACKEND),
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
    rig = Command.on(fakes.tenant())
    run = operator(rig)
    with pytest.raises(Conflict):
        set_up(run, run.creating("acme"), SETUP)
    assert rig.store.stored() == fakes.tenant()


def test_only_an_id_that_no_tenant_has_is_free() -> None:
    run = operator(Command.on(fakes.tenant()))
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
