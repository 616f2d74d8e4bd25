"""The wiring of the receiver of statuses."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from shared.aws.fifo_queue import FifoQueue
from shared.aws.reply_records import DynamoReplies
from shared.aws.usage import DynamoUsage
from shared.providers.webhooks import PROVIDERS
from shared.receiving.status_callbacks import StatusReceiver
from shared.settings import AuthorizerSettings, read
from shared.wiring import aws
from shared.wiring import tenants as wiring


@dataclass(frozen=True)
class StatusesSettings(AuthorizerSettings):
    """The settings of the receiver of statuses."""

    inbound_queue_url: str
    outbound_queue_url: str
    public_base_url: str
    state_table: str
    claim_life_seconds: float
    usage_life_days: int


@cache
def settings() -> StatusesSettings:
    """The settings. Raises Configuration."""
    return read(StatusesSettings, os.environ)


@cache
def status_receiver() -> StatusReceiver:
    """The object that the handler of statuses calls. Raises Configuration."""
    configured = settings()
    return StatusReceiver(
        accounts=wiring.accounts(configured),
        agents=wiring.agents(configured, wiring.records(configured)),
        providers=PROVIDERS,
        replies=DynamoReplies(aws.dynamodb(), configured.state_table, life_seconds=configured.claim_life_seconds),
        usage=DynamoUsage(
            aws.dynamodb(),
            configured.state_table,
            life_days=configured.usage_life_days,
            mark_life_seconds=configured.claim_life_seconds,
        ),
        queue=FifoQueue(aws.sqs(), configured.inbound_queue_url),
        outbound=FifoQueue(aws.sqs(), configured.outbound_queue_url),
        stage=configured.stage,
        now=partial(datetime.now, UTC),
    )
