"""The API's wiring."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from shared.aws.claims import DynamoClaims
from shared.aws.fifo_queue import FifoQueue
from shared.aws.opt_outs import DynamoOptOuts
from shared.aws.promises import DynamoPromises
from shared.aws.send_limits import DynamoSendLimits
from shared.aws.sessions import DynamoSessions
from shared.outbound_queue import Outbound
from shared.providers.rules import RULES
from shared.settings import AuthorizerSettings, read
from shared.submission.submitter import SendRate, Submitter
from shared.wiring import aws
from shared.wiring import tenants as wiring


@dataclass(frozen=True)
class ApiSettings(AuthorizerSettings):
    """The settings of the API."""

    outbound_queue_url: str
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
def submitter() -> Submitter:
    """The object that the API's handler calls. Raises Configuration."""
    configured = settings()
    records = wiring.records(configured)
    return Submitter(
        tenants=wiring.tenants(configured),
        records=records,
        agents=wiring.agents(configured, records),
        outbound=Outbound(FifoQueue(aws.sqs(), configured.outbound_queue_url), RULES, configured.answer_messages_max),
        claims=claims(),
        limits=DynamoSendLimits(aws.dynamodb(), configured.state_table),
        rate=SendRate(
            most_of_key=configured.send_limit_credential,
            most_of_tenant=configured.send_limit_tenant,
            per=timedelta(seconds=configured.send_limit_seconds),
        ),
        opt_outs=DynamoOptOuts(aws.dynamodb(), configured.state_table, life_seconds=configured.claim_life_seconds),
        rules=RULES,
        promises=DynamoPromises(aws.dynamodb(), configured.state_table, life_seconds=configured.claim_life_seconds),
        sessions=DynamoSessions(aws.dynamodb(), configured.state_table),
        stage=configured.stage,
        now=partial(datetime.now, UTC),
    )
