"""The forwarder's wiring."""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from shared.aws.claims import DynamoClaims
from shared.aws.fifo_queue import FifoQueue
from shared.aws.limits import DynamoLimits
from shared.aws.opt_outs import DynamoOptOuts
from shared.aws.parking import DynamoParking
from shared.aws.sessions import DynamoSessions
from shared.aws.tries import DynamoTries
from shared.forwarding.backend_call import BackendCaller
from shared.forwarding.forwarder import Forwarder, ForwarderPolicy
from shared.outbound_queue import Outbound
from shared.providers.rules import RULES
from shared.settings import AuthorizerSettings, read
from shared.telemetry import Measurements
from shared.wiring import aws
from shared.wiring.backends import opener


@dataclass(frozen=True)
class ForwarderSettings(AuthorizerSettings):
    """The settings of the forwarder."""

    inbound_queue_url: str
    outbound_queue_url: str
    claims_table: str
    state_table: str
    claim_life_seconds: float
    parked_life_seconds: float
    retry_delays_seconds: tuple[float, ...]
    outage_delays_seconds: tuple[float, ...]
    status_retry_delays_seconds: tuple[float, ...]
    failure_reply_seconds: float
    limit_texts: int
    limit_seconds: float
    backend_addresses: str


@cache
def settings() -> ForwarderSettings:
    """The forwarder's settings. Raises Configuration."""
    return read(ForwarderSettings, os.environ)


@cache
def claims() -> DynamoClaims:
    """The claims; call `begin` in each invocation. Raises Configuration."""
    return DynamoClaims(aws.dynamodb(), settings().claims_table, life_seconds=settings().claim_life_seconds)


@cache
def inbound() -> FifoQueue:
    """The queue that the forwarder consumes. Raises Configuration."""
    return FifoQueue(aws.sqs(), settings().inbound_queue_url)


@cache
def tries() -> DynamoTries:
    """The number of tries of each message. Raises Configuration."""
    return DynamoTries(aws.dynamodb(), settings().state_table)


@cache
def measurements() -> Measurements:
    """The measurements for the forwarder's log lines."""
    return Measurements()


@cache
def forwarder() -> Forwarder:
    """The object that the forwarder's handler calls. Raises Configuration."""
    configured = settings()
    return Forwarder(
        tenants=aws.tenants(configured),
        backends=BackendCaller(claims(), opener(configured.backend_addresses), measurements(), time.monotonic),
        sessions=DynamoSessions(aws.dynamodb(), configured.state_table),
        limits=DynamoLimits(aws.dynamodb(), configured.state_table),
        opt_outs=DynamoOptOuts(aws.dynamodb(), configured.state_table, life_seconds=configured.claim_life_seconds),
        rules=RULES,
        parking=DynamoParking(aws.dynamodb(), configured.state_table, life_seconds=configured.parked_life_seconds),
        outbound=Outbound(FifoQueue(aws.sqs(), configured.outbound_queue_url), RULES),
        policy=ForwarderPolicy(
            retry_delays=configured.retry_delays_seconds,
            status_retry_delays=configured.status_retry_delays_seconds,
            failure_reply_every=timedelta(seconds=configured.failure_reply_seconds),
            limit_texts=configured.limit_texts,
            limit_per=timedelta(seconds=configured.limit_seconds),
        ),
        stage=configured.stage,
        now=partial(datetime.now, UTC),
    )
