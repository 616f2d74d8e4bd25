"""A tenant that sends first, its neighbour, and what its programs ask for."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.journal import Journal
from shared.outbound_queue import Outbound
from shared.submission.body import RawRequest
from shared.submission.origins import Origins
from shared.submission.program_journal import ProgramJournal
from shared.submission.rates import Admission, SendRate
from shared.submission.sessions import SessionPrograms
from shared.submission.submitter import Submitter
from shared.tenants.account import AccountName
from shared.tenants.tenant import Role, Tenant
from tests.fakes import (
    ACCOUNT,
    DESK,
    NOW,
    OUR_NUMBER,
    PERSON,
    PROVIDER,
    FakeAgents,
    FakeClaims,
    FakeQueue,
    FakeRecords,
    FakeTenants,
    credential,
    record,
    tenant,
)
from tests.opt_out_fakes import FakeOptOuts
from tests.promises_fake import FakePromises, FakeReminders
from tests.provider import RULES
from tests.send_limits_fake import FakeSendLimits
from tests.sessions_fake import FakeSessions

WRITER, KEY = credential()
MANAGER, MANAGER_KEY = credential(Role.MANAGER, name="manager")
READER, READER_KEY = credential(Role.READER, name="reader")
ONE_ACCOUNT = (AccountName(ACCOUNT, PROVIDER),)
ACME = tenant(WRITER, MANAGER, READER)
THEIR_NUMBER = "+12025550177"
OTHER_WRITER, OTHER_KEY = credential(tenant_id="other")
OTHER = tenant(OTHER_WRITER, id="other")
JSON = "application/json"
TEXT = "Your table is ready."
RATE = SendRate(most_of_key=40, most_of_tenant=60, per=timedelta(minutes=1))
BODY = {"from": OUR_NUMBER, "to": PERSON, "text": TEXT}


def both_agents(**changes: object) -> FakeAgents:
    """The agents of both tenants; that of acme may be changed."""
    known = FakeAgents({OUR_NUMBER: replace(DESK, **changes)})  # type: ignore[arg-type] # any attribute of an agent
    known.stored["other", THEIR_NUMBER] = replace(DESK, id="Theirs01", name="theirs", stage="south")
    return known


def origins(accounts: Sequence[AccountName] = ONE_ACCOUNT, agents: FakeAgents | None = None) -> Origins:
    """What both tenants' requests are found in; `accounts` are those of acme."""
    records = FakeRecords(record(accounts=tuple(accounts)), record("other", accounts=ONE_ACCOUNT))
    return Origins(records, agents or both_agents(), RULES)


def submitter(  # noqa: PLR0913 - each of them is the point of some test
    queue: FakeQueue,
    *,
    acme: Tenant = ACME,
    accounts: Sequence[AccountName] = ONE_ACCOUNT,
    agents: FakeAgents | None = None,
    claims: FakeClaims | None = None,
    opt_outs: FakeOptOuts | None = None,
    promises: FakePromises | None = None,
    sessions: FakeSessions | None = None,
    journal: FakeReminders | None = None,
    limits: FakeSendLimits | None = None,
    messages_max: int = 40,
    rate: SendRate = RATE,
    now: Callable[[], datetime] = lambda: NOW,
) -> Submitter:
    """The API of two tenants; `accounts` are those of acme."""
    return Submitter(
        tenants=FakeTenants(acme, OTHER),
        origins=origins(accounts, agents),
        outbound=Outbound(queue, RULES, messages_max=messages_max),
        claims=claims or FakeClaims(),
        admission=Admission(limits or FakeSendLimits(), rate, now),
        opt_outs=opt_outs or FakeOptOuts(),
        promises=promises or FakePromises(),
        sessions=sessions or FakeSessions(),
        program_journal=ProgramJournal(Journal(journal or FakeReminders(), "east", now)),
        stage="east",
        now=now,
    )


def session_programs(  # noqa: PLR0913 - each of them is the point of some test
    queue: FakeQueue,
    *,
    accounts: Sequence[AccountName] = ONE_ACCOUNT,
    agents: FakeAgents | None = None,
    claims: FakeClaims | None = None,
    opt_outs: FakeOptOuts | None = None,
    sessions: FakeSessions | None = None,
    journal: FakeReminders | None = None,
    reminders: FakeReminders | None = None,
    limits: FakeSendLimits | None = None,
    now: Callable[[], datetime] = lambda: NOW,
) -> SessionPrograms:
    """The API for sessions of two tenants; `accounts` are those of acme."""
    return SessionPrograms(
        tenants=FakeTenants(ACME, OTHER),
        origins=origins(accounts, agents),
        outbound=Outbound(queue, RULES, messages_max=40),
        claims=claims or FakeClaims(),
        admission=Admission(limits or FakeSendLimits(), RATE, now),
        opt_outs=opt_outs or FakeOptOuts(),
        sessions=sessions or FakeSessions(),
        reminders=reminders or FakeReminders(),
        program_journal=ProgramJournal(Journal(journal or FakeReminders(), "east", now)),
        stage="east",
        now=now,
    )


def request(key: str | None = None, **changes: object) -> RawRequest:
    body = BODY | {name.rstrip("_"): value for name, value in changes.items()}
    return RawRequest(JSON, json.dumps(body).encode(), key)
