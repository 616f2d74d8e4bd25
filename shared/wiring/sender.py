"""The sender's wiring: alone imports the providers' REST APIs."""

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
from shared.sending.provider_send import ProviderSender
from shared.sending.sender import Sender
from shared.settings import AuthorizerSettings, read
from shared.telemetry import Measures
from shared.wiring import aws

_JITTER = (0.8, 1.2)


@dataclass(frozen=True)
class SenderSettings(AuthorizerSettings):
    """What the sender is told besides."""

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
    """The claims, which must be told when an invocation begins. Raises Configuration."""
    return DynamoClaims(aws.dynamodb(), settings().claims_table, life_seconds=settings().claim_life_seconds)


@cache
def outbound() -> FifoQueue:
    """The queue that is worked on. Raises Configuration."""
    return FifoQueue(aws.sqs(), settings().outbound_queue_url)


@cache
def tries() -> DynamoTries:
    """How often each message was tried. Raises Configuration."""
    return DynamoTries(aws.dynamodb(), settings().state_table)


@cache
def measures() -> Measures:
    """What the sender measures on its way, for its log lines."""
    return Measures()


@cache
def sender() -> Sender:
    """What the sender's handler calls. Raises Configuration."""
    given = settings()
    now = partial(datetime.now, UTC)
    tenants = aws.tenants(given)
    replies = DynamoReplies(aws.dynamodb(), given.state_table, life_seconds=given.claim_life_seconds)
    opt_outs = DynamoOptOuts(aws.dynamodb(), given.state_table, life_seconds=given.claim_life_seconds)
    apis = provider_apis(twilio_url=given.twilio_url, timeout_seconds=given.provider_timeout_seconds)
    return Sender(
        tenants=tenants,
        provider=ProviderSender(tenants, apis, replies, opt_outs, now),
        claims=claims(),
        replies=replies,
        parking=DynamoParking(aws.dynamodb(), given.state_table, life_seconds=given.parked_life_seconds),
        inbound=FifoQueue(aws.sqs(), given.inbound_queue_url),
        public_base_url=given.public_base_url,
        retry_delays=given.retry_delays_seconds,
        jitter=partial(random.uniform, *_JITTER),
        stage=given.stage,
        meter=measures(),
        now=now,
    )
