"""A tenant for the demonstration, with a number on each stage, created the way an operator does it."""

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from devstack.backend import LocalBackend
from devstack.phones import Phones
from devstack.state import StackState
from devstack.target import LocalTarget
from operations.numbers.webhook_url import webhook_url
from operations.ports import NumberDirectory
from operations.tenants import agent_edits, edits
from operations.tenants.editor import Administration
from shared.tenants import api_keys
from shared.tenants.account import Account
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.tenant import Role

PERSON = "+12025550147"
NUMBERS = {"east": "+12025550111", "south": "+12025550112"}
UNASSIGNED = "+12025550113"
SECOND = "/second"


@dataclass(frozen=True)
class DemoTenant:
    """The tenant of a run, whose id is `demo…`.

    It has a number on each stage, with the other stage as fallback. Its account also has `UNASSIGNED`, a number that no
    agent has.

    Attributes:
        agents: the id of each stage's agent.
    """

    id: str
    account: str
    agents: dict[str, str]
    key: str = field(repr=False)
    reader_key: str = field(repr=False)


def create_demo_tenant(stack: StackState, phones: Phones, backend: LocalBackend) -> DemoTenant:
    """A new tenant with its credentials, account, agents and numbers, one for each run.

    It gets the numbers also when another tenant on the local stack has them, as that of the run before.
    """
    tenant_id, now = f"demo{secrets.token_hex(4)}", datetime.now(UTC)
    writer, key = api_keys.issue(tenant_id, "twilio", Role.WRITER, now)
    reader, reader_key = api_keys.issue(tenant_id, "dashboard", Role.READER, now)
    token, sid = secrets.token_hex(16), "AC" + secrets.token_hex(16)
    agents = {
        stage: Agent(
            id=secrets.token_hex(4),
            name=f"agent {stage}",
            kind=AgentKind.SMS,
            stage=stage,
            backend=backend.settings(statuses=True),
            second_backend=backend.settings(path=SECOND),
        )
        for stage in NUMBERS
    }
    target = LocalTarget("east")
    Administration(target.store, sleep=time.sleep).create(
        tenant_id,
        edits=[
            edits.add_credential(writer),
            edits.add_credential(reader),
            edits.add_account(Account(sid=sid, provider="twilio", auth_tokens=(token,))),
            *(agent_edits.add_agent(agent) for agent in agents.values()),
        ],
    )
    for number in (*NUMBERS.values(), UNASSIGNED):
        _release(target.numbers_directory, number)
    for stage, number in NUMBERS.items():
        target.numbers_directory.assign(tenant_id, agents[stage].id, number)
    ids = {stage: agent.id for stage, agent in agents.items()}
    tenant = DemoTenant(id=tenant_id, account=sid, agents=ids, key=key, reader_key=reader_key)
    phones.set_account(sid, auth_token=token)
    for stage in NUMBERS:
        set_webhooks(tenant, stage, key, stack, phones)
    phones.set_number(UNASSIGNED, account=sid, webhook=webhook_url(stack.stages["east"].base_url, key))
    return tenant


def _release(directory: NumberDirectory, number: str) -> None:
    held = directory.find(number)
    if held:
        directory.release(held)


def set_webhooks(tenant: DemoTenant, stage: str, key: str, stack: StackState, phones: Phones) -> None:
    """Sets the webhook of a stage's number to the stage's URL with this key, and its fallback to the other stage's."""
    [other] = [name for name in NUMBERS if name != stage]
    phones.set_number(
        NUMBERS[stage],
        account=tenant.account,
        webhook=webhook_url(stack.stages[stage].base_url, key),
        fallback=webhook_url(stack.stages[other].base_url, key),
    )
