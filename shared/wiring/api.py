"""The API's wiring."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from shared.aws.claims import DynamoClaims
from shared.aws.delayed_queue import StandardQueue
from shared.aws.fifo_queue import FifoQueue
from shared.aws.opt_outs import DynamoOptOuts
from shared.aws.promises import DynamoPromises
from shared.aws.send_limits import DynamoSendLimits
from shared.aws.sessions import DynamoSessions
from shared.journal import Journal
from shared.outbound_queue import Outbound
from shared.providers.rules import RULES
from shared.settings import AuthorizerSettings, read
from shared.submission.origins import Origins
from shared.submission.program_journal import ProgramJournal
from shared.submission.rates import Admission, SendRate
from shared.submission.sessions import SessionPrograms
from shared.submission.submitter import Submitter
from shared.tenants.cache import Cache
from shared.tenants.tenant import Tenant
from shared.wiring import aws
from shared.wiring import tenants as wiring


@dataclass(frozen=True)
class ApiSettings(AuthorizerSettings):
    """The settings of the API."""

    outbound_queue_url: str
    reminder_queue_url: str
    journal_queue_url: str
    claims_table: str
    state_table: str
    claim_life_seconds: float
    answer_messages_max: int
    send_limit_credential: int
    send_limit_tenant: int
    send_limit_seconds: float


@cache
def settings() -> ApiSettings:
    """The API's settings. Raises Configuration."""
    return read(ApiSettings, os.environ)


@cache
def claims() -> DynamoClaims:
    """The claims for idempotency keys; call `begin` in each invocation. Raises Configuration."""
    return DynamoClaims(aws.dynamodb(), settings().claims_table, life_seconds=settings().claim_life_seconds)


@cache
def _tenants() -> Cache[str, Tenant]:
    return wiring.tenants(settings())


@cache
def _sessions() -> DynamoSessions:
    return DynamoSessions(aws.dynamodb(), settings().state_table)


@cache
def _origins() -> Origins:
    records = wiring.records(settings())
    return Origins(records, wiring.agents(settings(), records), RULES)


@cache
def _outbound() -> Outbound:
    return Outbound(FifoQueue(aws.sqs(), settings().outbound_queue_url), RULES, settings().answer_messages_max)


@cache
def _opt_outs() -> DynamoOptOuts:
    return DynamoOptOuts(aws.dynamodb(), settings().state_table, life_seconds=settings().claim_life_seconds)


@cache
def _admission() -> Admission:
    configured = settings()
    rate = SendRate(
        most_of_key=configured.send_limit_credential,
        most_of_tenant=configured.send_limit_tenant,
        per=timedelta(seconds=configured.send_limit_seconds),
    )
    return Admission(DynamoSendLimits(aws.dynamodb(), configured.state_table), rate, partial(datetime.now, UTC))


@cache
def _program_journal() -> ProgramJournal:
    queue = StandardQueue(aws.sqs(), settings().journal_queue_url)
    return ProgramJournal(Journal(queue, settings().stage, partial(datetime.now, UTC)))


@cache
def submitter() -> Submitter:
    """The object that the API's handler calls for a message. Raises Configuration."""
    configured = settings()
    return Submitter(
        tenants=_tenants(),
        origins=_origins(),
        outbound=_outbound(),
        claims=claims(),
        admission=_admission(),
        opt_outs=_opt_outs(),
        promises=DynamoPromises(aws.dynamodb(), configured.state_table, life_seconds=configured.claim_life_seconds),
        sessions=_sessions(),
        program_journal=_program_journal(),
        stage=configured.stage,
        now=partial(datetime.now, UTC),
    )


@cache
def session_programs() -> SessionPrograms:
    """The object that the API's handler calls for a session. Raises Configuration."""
    configured = settings()
    return SessionPrograms(
        tenants=_tenants(),
        origins=_origins(),
        outbound=_outbound(),
        claims=claims(),
        admission=_admission(),
        opt_outs=_opt_outs(),
        sessions=_sessions(),
        reminders=StandardQueue(aws.sqs(), configured.reminder_queue_url),
        program_journal=_program_journal(),
        stage=configured.stage,
        now=partial(datetime.now, UTC),
    )
