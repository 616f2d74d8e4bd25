"""A tenant for the demonstration, with a number on each stage, made the way an operator makes one."""

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from devstack.backend import Backend
from devstack.phones import Phones
from devstack.state import State
from devstack.target import LocalTarget
from operations.numbers.webhook_url import webhook_url
from operations.tenants import agent_edits, edits
from operations.tenants.editor import Administration
from shared.tenants import api_keys
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.tenant import Account, Role

PERSON = "+12025550147"
NUMBERS = {"east": "+12025550101", "south": "+12025550102"}
UNASSIGNED = "+12025550103"
SECOND = "/second"


@dataclass(frozen=True)
class Line:
    """What the demonstration texts: one tenant, `demo…`, whose number on each stage has the other one as fallback.

    Its account has one number more, which no agent holds.
    """

    tenant: str
    account: str
    key: str = field(repr=False)
    reader_key: str = field(repr=False)


def open_line(present: State, phones: Phones, backend: Backend) -> Line:
    """Makes the tenant, its credentials, account, agents and numbers. Each run has a tenant of its own."""
    tenant_id, now = f"demo{secrets.token_hex(4)}", datetime.now(UTC)
    writer, key = api_keys.issue(tenant_id, "twilio", Role.WRITER, now)
    reader, reader_key = api_keys.issue(tenant_id, "dashboard", Role.READER, now)
    token, sid = secrets.token_hex(16), "AC" + secrets.token_hex(16)
    target = LocalTarget("east")
    Administration(target.store, sleep=time.sleep).create(
        tenant_id,
        primary_region=target.region,
        edits=[
            edits.add_credential(writer),
            edits.add_credential(reader),
            edits.add_account(Account(sid=sid, provider="twilio", auth_tokens=(token,))),
            *(
                agent_edits.add_agent(
                    Agent(
                        name=f"agent {stage}",
                        kind=AgentKind.SMS,
                        stage=stage,
                        numbers=(to,),
                        backend=backend.settings(statuses=True),
                        second_backend=backend.settings(path=SECOND),
                    )
                )
                for stage, to in NUMBERS.items()
            ),
        ],
    )
    line = Line(tenant=tenant_id, account=sid, key=key, reader_key=reader_key)
    phones.own_account(sid, auth_token=token)
    for stage in NUMBERS:
        connect(line, stage, key, present, phones)
    phones.own_number(UNASSIGNED, account=sid, webhook=webhook_url(present.stages["east"].base_url, key))
    return line


def connect(line: Line, stage: str, key: str, present: State, phones: Phones) -> None:
    """Pastes the webhook's URL, with this key, into a stage's number, and the other stage's as its fallback."""
    [other] = [name for name in NUMBERS if name != stage]
    phones.own_number(
        NUMBERS[stage],
        account=line.account,
        webhook=webhook_url(present.stages[stage].base_url, key),
        fallback=webhook_url(present.stages[other].base_url, key),
    )
