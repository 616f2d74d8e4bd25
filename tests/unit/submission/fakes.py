"""A tenant that sends first, its neighbour, and what its programs ask for."""

import json
from dataclasses import replace

from shared.outbound_queue import Outbound
from shared.submission.request import RawRequest
from shared.submission.submitter import Submitter
from shared.tenants.agent import Agent, AgentKind
from shared.tenants.tenant import Account, Role, Tenant
from tests.fakes import (
    ACCOUNT,
    NOW,
    OUR_NUMBER,
    PERSON,
    PROVIDER,
    TOKEN,
    FakeClaims,
    FakeQueue,
    FakeTenants,
    credential,
    tenant,
)
from tests.opt_out_fakes import FakeOptOuts
from tests.provider import RULES

WRITER, KEY = credential()
MANAGER, MANAGER_KEY = credential(Role.MANAGER, name="manager")
READER, READER_KEY = credential(Role.READER, name="reader")
ONE_ACCOUNT = (Account(ACCOUNT, PROVIDER, (TOKEN,)),)
ACME = tenant(WRITER, MANAGER, READER, accounts=ONE_ACCOUNT)
THEIR_NUMBER = "+12025550177"
OTHER_WRITER, OTHER_KEY = credential(tenant_id="other")
OTHER = tenant(OTHER_WRITER, id="other", agents=(Agent("theirs", AgentKind.SMS, "south", (THEIR_NUMBER,)),))
AGENTLESS = replace(ACME, agents=())
JSON = "application/json"
TEXT = "Your table is ready."
BODY = {"from": OUR_NUMBER, "to": PERSON, "text": TEXT}


def submitter(
    queue: FakeQueue, *tenants: Tenant, claims: FakeClaims | None = None, opt_outs: FakeOptOuts | None = None
) -> Submitter:
    lookup = FakeTenants(*(tenants or (ACME, OTHER)))
    return Submitter(
        tenants=lookup,
        outbound=Outbound(queue, RULES),
        claims=claims or FakeClaims(),
        opt_outs=opt_outs or FakeOptOuts(),
        rules=RULES,
        stage="east",
        now=lambda: NOW,
    )


def request(key: str | None = None, **changes: object) -> RawRequest:
    body = BODY | {name.rstrip("_"): value for name, value in changes.items()}
    return RawRequest(JSON, json.dumps(body).encode(), key)
