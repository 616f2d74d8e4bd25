"""The sender's wiring, the only one that imports the providers' REST APIs."""

import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from shared.aws.claims import DynamoClaims
from shared.aws.fifo_queue import FifoQueue
from shared.aws.opt_outs import DynamoOptOuts
from shared.aws.parking import DynamoParking
from shared.aws.reply_records import DynamoReplies
from shared.aws.tries import DynamoTries
from shared.providers.apis import provider_apis
from shared.providers.rules import RULES
from shared.sending.provider_send import ProviderSender
from shared.sending.sender import Sender
from shared.settings import AuthorizerSettings, read
from shared.telemetry import Measurements
from shared.wiring import aws

_JITTER = (0.8, 1.2)


@dataclass(frozen=True)
class SenderSettings(AuthorizerSettings):
    """The settings of the sender."""

    inbound_queue_url: str
    outbound_queue_url: str
    public_base_url: str
    claims_table: str
    state_table: str
    claim_life_seconds: float
    parked_life_seconds: float
    retry_delays_seconds: tuple[float, ...]
    outage_delays_seconds: tuple[float, ...]
    twilio_url: str
    provider_timeout_seconds: float


@cache
def settings() -> SenderSettings:
    """The sender's settings. Raises Configuration."""
    return read(SenderSettings, os.environ)


@cache
def claims() -> DynamoClaims:
    """The claims; call `begin` in each invocation. Raises Configuration."""
    return DynamoClaims(aws.dynamodb(), settings().claims_table, life_seconds=settings().claim_life_seconds)


@cache
def outbound() -> FifoQueue:
    """The queue that the sender consumes. Raises Configuration."""
    return FifoQueue(aws.sqs(), settings().outbound_queue_url)


@cache
def tries() -> DynamoTries:
    """The number of tries of each message. Raises Configuration."""
    return DynamoTries(aws.dynamodb(), settings().state_table)


@cache
def measurements() -> Measurements:
    """The measurements for the sender's log lines."""
    return Measurements()


@cache
def sender() -> Sender:
    """The object that the sender's handler calls. Raises Configuration."""
    configured = settings()
    now = partial(datetime.now, UTC)
    tenants = aws.tenants(configured)
    replies = DynamoReplies(aws.dynamodb(), configured.state_table, life_seconds=configured.claim_life_seconds)
    opt_outs = DynamoOptOuts(aws.dynamodb(), configured.state_table, life_seconds=configured.claim_life_seconds)
    apis = provider_apis(twilio_url=configured.twilio_url, timeout_seconds=configured.provider_timeout_seconds)
    return Sender(
        tenants=tenants,
        provider=ProviderSender(tenants, apis, RULES, replies, opt_outs, now),
        claims=claims(),
        replies=replies,
        parking=DynamoParking(aws.dynamodb(), configured.state_table, life_seconds=configured.parked_life_seconds),
        inbound=FifoQueue(aws.sqs(), configured.inbound_queue_url),
        public_base_url=configured.public_base_url,
        retry_delays=configured.retry_delays_seconds,
        jitter=partial(random.uniform, *_JITTER),
        stage=configured.stage,
        meter=measurements(),
        now=now,
    )
